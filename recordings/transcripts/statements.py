"""What a record quotes: sentences as the rules propose and the mediator chose them, and how they are printed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from recordings.transcripts.condensing import ProposedLine, StatementDraft
from rooms.agreement.state import canonical
from rooms.record.minutes import PHASES, ROLES, SIDES
from rooms.session import Session, StatementAnswer, Statements
from rooms.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """A line, and what the record does with it. `own`: `text` is the mediator's words; `model`: the language model that
    proposed it; `answers`: by seat, to this very wording. `objected`: the newest answer that it is not right, to
    whatever wording."""

    line: ProposedLine
    taken: bool
    text: str
    own: bool = False
    model: str = ""
    answers: Mapping[str, StatementAnswer] | None = None
    objected: StatementAnswer | None = None

    @property
    def wording(self) -> str:
        """Which one it is: what was confirmed counts for no other."""
        said = {"line": self.line.line, "text": self.text, "own": self.own}
        return hashlib.sha256(canonical(said)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """`heard`: there is a transcript; what was written is among the rows without one. `undoable`: choices that can be
    taken back. `stage`: preparing, signing or sealed. `model`: the language model that may be asked, "" for none."""

    rows: tuple[RecordStatement, ...]
    heard: bool
    private: int
    undoable: int
    stage: str
    model: str = ""


def stated(draft: StatementDraft, statements: Statements) -> list[RecordStatement]:
    """Every line of the draft, as it was chosen where somebody did."""
    choices, models = statements.choices, statements.models
    found = []
    for line in draft.lines:
        choice = choices.get(line.line)
        made = RecordStatement(line, line.taken, line.quote)
        if choice is not None:
            made = RecordStatement(line, choice.taken, choice.text or line.quote, choice.own, models.get(line.line, ""))
        answers = statements.answers.get(line.line, {})
        current = {seat: answer for seat, answer in answers.items() if answer.of == made.wording}
        wrong = max((one for one in answers.values() if not one.right), key=lambda one: one.at, default=None)
        found.append(replace(made, answers=current, objected=wrong))
    return found


def film_origin(session: Session) -> datetime | None:
    """When the recording begins, as its player counts; without one when the session was opened."""
    if session.composed is not None:
        return session.composed.origin
    return min((one.started for one in session.segments), default=session.opened)


def second(session: Session, at: datetime) -> float:
    origin = film_origin(session)
    return 0.0 if origin is None else max(0.0, round((at - origin).total_seconds(), 1))


def clock(seconds: float) -> str:
    """03:20, 1:03:20."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


HEADINGS: Final[Mapping[Phase, str]] = {
    Phase.OPENING: "告知与确认",
    Phase.CONSUMER_STATEMENT: "投诉人陈述",
    Phase.BUSINESS_STATEMENT: "被投诉人陈述",
    Phase.DISCUSSION: "讨论",
    Phase.PROPOSAL: "商议方案",
    Phase.CLOSING: "结束前的确认",
}
"""Parts of the record, by the phase in which it was said."""
assert HEADINGS.keys() == PHASES.keys()


def printed(session: Session, statements: Sequence[RecordStatement], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """(style, text) for the paper: a heading for each part, a sentence a paragraph, and where they come from."""
    order = list(HEADINGS)
    taken = sorted((one for one in statements if one.taken), key=lambda one: order.index(one.line.phase))
    part: Phase | None = None
    for one in taken:
        if one.line.phase is not part:
            part = one.line.phase
            yield "heading", HEADINGS[part]
        yield "text", sentence(session, one, zone)
    if taken:
        yield "note", origin_note(session, taken)


def sentence(session: Session, one: RecordStatement, zone: ZoneInfo) -> str:
    if one.line.written:
        sent = one.line.begins.astimezone(zone)
        at = f"{sent.year}年{sent.month}月{sent.day}日{sent:%H:%M}书面"
    else:
        at = f"录像{clock(second(session, one.line.begins))}"
    who = speaker(session, one.line)
    if one.own:
        return f"{who}：{stopped(one.text)}（调解员整理，见{at}）"
    return f"{who}：“{one.text}”（{at}）"


def stopped(text: str) -> str:
    """With the stop that a sentence without quotation marks ends with."""
    text = text.rstrip("。；，")
    return text if text.endswith(("？", "！", "……")) else f"{text}。"


def speaker(session: Session, line: ProposedLine) -> str:
    """投诉人丁小禾; 投诉人一方的律师吴青; 调解员周敏."""
    seat = session.seats[line.seat]
    of = ROLES[seat.role]
    called = seat.seat.organisation if seat.seat.organisation and of == "被投诉人" else ""
    beside = line.side is not None and of not in SIDES.values()
    whose = f"{SIDES[line.side]}一方的" if beside and line.side is not None else ""
    return f"{whose}{of}{called}{'（' + seat.name + '）' if called else seat.name}"


def origin_note(session: Session, taken: Sequence[RecordStatement]) -> str:
    """Where the quotations come from, and who answers for them."""
    mediator = session.seats[session.mediator_seat].name
    models = list(dict.fromkeys(one.model for one in taken if one.model))
    written, heard = any(one.line.written for one in taken), any(not one.line.written for one in taken)
    said = ""
    if heard:
        said += (
            f"引号内{'注明录像时间' if written else ''}的陈述摘自本次调解录音的机器转写，由调解员{mediator}核对，"
            "转写有误的，以其更正后的为准；"
        )
    if written:
        said += f"{'' if heard else '引号内'}注明“书面”的陈述摘自本次调解中发给各方的书面内容，由调解员{mediator}选取；"
    times = "或者".join([*(["录像的时间"] if heard else []), *(["发送的时间"] if written else [])])
    said += f"括号内是{times}，“……”处有省略。标明“调解员整理”的不是原话。单独谈的内容和为达成协议作出的让步不在其中。"
    if models:
        said += f"其中部分陈述的取舍由语言模型（{'、'.join(models)}）提出，经调解员核对。"
    return said
