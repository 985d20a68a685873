"""Moments of a record a review points to, and what reviewers and mediators are asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journal.clock import Span
from journal.numbers import ascii_digits, is_number, narrow
from rooms import events as e
from rooms.codec import SessionEntry
from rooms.session import Session
from rooms.supervision import reviewing as r
from rooms.supervision.reviews import Evidence, Reply, Review
from rooms.timing import Timing
from web import words as office_words
from web.audit.audience import Voice
from web.audit.player import Player
from web.audit.sentences import sentence
from web.field_form import Form
from web.i18n import N_

LEFT: Final = 8  # of a picture 720 wide
RIGHT: Final = 712
MOST: Final = 60
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")
_SIGNED: Final = (e.Signed, e.DocumentSealed, e.SigningRefused)
_OBJECTED: Final = (e.ExhibitDisputed, e.ConsentWithdrawn, e.SigningRefused)


@dataclass(frozen=True, slots=True)
class Bar:
    """`kind`: phase | caucus; x and width in the picture's units, `seconds` into the recording."""

    kind: str
    x: float
    width: float
    seconds: float
    text: str
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """`kind`: sign | object."""

    kind: str
    x: float
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class MomentMap:
    bars: Sequence[Bar]
    points: Sequence[Point]
    seconds: float


def draw_moments(history: Sequence[SessionEntry], timing: Timing, player: Player, voice: Voice) -> MomentMap:
    """Of a session that was recorded; what came before or after the recording is at its ends."""

    def x(seconds: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(1.0, seconds / max(player.seconds, 0.001)), 1)

    def bar(kind: str, span: Span, text: str, odd: bool = False) -> Bar:
        start, end = player.second(span.start), player.second(span.end)
        return Bar(kind, x(start), max(2.0, round(x(end) - x(start), 1)), start, text, odd)

    bars = [
        bar("phase", span, voice.gettext(office_words.PHASES[phase]), n % 2 == 1)
        for n, (phase, span) in enumerate(timing.phase_spans)
    ]
    private = voice.gettext("Private talk")
    sides = {side: voice.gettext(text) for side, text in office_words.SIDES.items()}
    bars += [bar("caucus", span, f"{private}, {sides[side.value]}") for side, span in timing.caucuses]
    points: list[Point] = []
    for entry in history:
        kind = "object" if _objects(entry.event) else "sign" if isinstance(entry.event, _SIGNED) else ""
        if kind and len(points) < MOST:
            seconds = player.second(entry.at)
            points.append(Point(kind, x(seconds), seconds, sentence(entry.event, voice)))
    return MomentMap(bars, points, player.seconds)


def _objects(event: e.SessionEvent) -> bool:
    if isinstance(event, e.ClauseAnswered | e.FactAnswered):
        return not event.agrees
    return isinstance(event, _OBJECTED)


def second_of(evidence: Evidence, session: Session, player: Player | None) -> float | None:
    """Of the recording; None without one."""
    if evidence.kind != "second" or session.opened is None or player is None:
        return None
    return player.second(session.opened + timedelta(milliseconds=evidence.at))


def typed(text: str, session: Session, player: Player | None) -> list[Evidence] | None:
    """Moments with spaces or commas between them; None when one of them is none."""
    origin: datetime | None = player.origin if player else session.opened
    found: list[Evidence] = []
    for word in re.split(r"[\s,，、;；]+", narrow(text).strip()):
        if not word:
            continue
        clock = _CLOCK.fullmatch(word)
        if clock is None or origin is None or session.opened is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        at = origin + timedelta(hours=hours, minutes=minutes, seconds=seconds) - session.opened
        found.append(Evidence("second", max(0, at // timedelta(milliseconds=1))))
    return found


def written(evidence: Sequence[Evidence], session: Session, player: Player | None) -> str:
    """As it is typed: since the recording begins, without one since the opening."""
    moments = [one for one in evidence if one.kind == "second"]
    seconds = [second_of(one, session, player) if player else one.at / 1000 for one in moments]
    return " ".join(f"{int(at) // 60:02}:{int(at) % 60:02}" for at in seconds if at is not None)


LONGEST: Final = r.MOST_TEXT
BAD_MOMENTS: Final = N_("Write moments as minutes and seconds with spaces between them, for example 03:20 23:40.")
NO_EVIDENCE: Final = N_("Name a moment of the recording or tick an entry of the journal: an answer rests on something.")
NO_REASON: Final = N_("Say why it does not apply here.")
_ENTRY: Final = re.compile(r"entry_([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Around:
    """What a form is read against."""

    session: Session
    player: Player | None
    review: Review | None


Reader = Callable[[Form, Around], r.ReviewCommand]


def evidence(form: Form, around: Around) -> tuple[Evidence, ...]:
    """Moments as they are typed, and the entries that are ticked."""
    found = typed(form.text("moments", longest=200), around.session, around.player)
    if found is None:
        form.errors["moments"] = BAD_MOMENTS
        return ()
    last = around.session.version
    if is_number(typed_number := ascii_digits(form.text("entry", longest=9))) and 0 < int(typed_number) <= last:
        found.append(Evidence("entry", int(typed_number)))
    for name in form.values:
        ticked = _ENTRY.fullmatch(name)
        if ticked and 0 < int(ticked[1]) <= last:
            found.append(Evidence("entry", int(ticked[1])))
    return tuple(found[: r.MOST_EVIDENCE])


def _item(form: Form, around: Around) -> r.ReviewCommand:
    answer = form.choice("answer", ("yes", "no", "none"))
    note, rests_on = form.text("note", longest=LONGEST), evidence(form, around)
    if answer == "none" and not note and form.good:
        form.errors["note"] = NO_REASON
    elif answer in ("yes", "no") and not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.AnswerItem(form.text("item", longest=32), answer, note, rests_on)


def _finding(form: Form, around: Around) -> r.ReviewCommand:
    severity = form.choice("severity", ("praise", "minor", "major", "grave"))
    text, remedy = form.text("text", needed=True, longest=LONGEST), form.text("remedy", longest=LONGEST)
    rests_on = evidence(form, around)
    if not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.NoteFinding(severity, form.text("item", longest=32), text, rests_on, remedy)


def _number(form: Form) -> int:
    text = form.values.get("finding", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _replies(form: Form, around: Around) -> r.ReviewCommand:
    asked = around.review.asking if around.review else ()
    replies = []
    for one in asked:
        accepts = form.choice(f"accepts_{one.n}", ("yes", "no"))
        text = form.text(f"reply_{one.n}", needed=accepts == "no", longest=LONGEST)
        replies.append(Reply(one.n, accepts == "yes", text))
    return r.AnswerFindings(tuple(replies))


READERS: Final[Mapping[str, Reader]] = {
    "item": _item,
    "finding": _finding,
    "drop": lambda form, around: r.DropFinding(_number(form)),
    "undo": lambda form, around: r.Undo(),
    "opinion": lambda form, around: r.AskOpinion(
        form.text("of", needed=True, longest=64), "", form.text("question", needed=True, longest=LONGEST)
    ),
    "opine": lambda form, around: r.GiveOpinion(
        form.choice("agrees", ("yes", "no")) == "yes", form.text("opinion", needed=True, longest=LONGEST)
    ),
    "waive": lambda form, around: r.WaiveOpinion(form.text("why_waived", needed=True, longest=LONGEST)),
    "hand_on": lambda form, around: r.HandOn(form.text("summary", longest=LONGEST)),
    "reply": _replies,
    "decide": lambda form, around: r.DecideFinding(
        _number(form), form.choice("stands", ("yes", "no")) == "yes", form.text("decided", needed=True, longest=LONGEST)
    ),
    "remedy": lambda form, around: r.NoteRemedy(_number(form), form.text("done", needed=True, longest=LONGEST)),
    "close": lambda form, around: r.CloseReview(form.text("note", longest=LONGEST)),
    "take_over": lambda form, around: r.TakeOver(form.text("why_taken", needed=True, longest=LONGEST)),
    "training": lambda form, around: r.MarkTraining(
        form.values.get("kept") == "yes", form.text("training_note", longest=LONGEST)
    ),
}
MEDIATORS: Final = frozenset({"reply", "training"})
DRAFTED: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("answer", "note", "moments"),
    "finding": ("severity", "item", "text", "remedy", "moments"),
    "hand_on": ("summary",),
    "opinion": ("question",),
    "close": ("note",),
}
"""Fields whose typing is kept on the server until they are sent."""


def draft_names(what: str, form: Form) -> list[str]:
    key = form.values.get("item", "") if what == "item" else what
    return [f"{key}.{name}" for name in DRAFTED.get(what, ())]
