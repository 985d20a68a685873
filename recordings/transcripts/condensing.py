"""Which sentences a record of mediation quotes, and why: chosen by rules, never written anew. Pure.

They are those of a transcript, and what was written to everybody, in a room or without meeting. A quotation is what was
heard or written, or less of it where "……" says so. Nothing of a private talk is looked at. What was offered so as to
agree is recognised and left out: both sides were told that concessions are not written down.

The rules' words are data (`condensing.toml`). What finds moments for a review goes by the same words (`moments`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from recordings.speech import ModelIdentity
from recordings.transcripts import WRITTEN, Line, Transcript, written_lines
from rooms import events as e
from rooms.events import SessionEntry
from rooms.seats import SeatState, side_of
from rooms.session import fold
from rooms.vocabulary import WATCHING, Phase, Role, Side

OMITTED: Final = "……"
"""Stands in a quotation for what is left out of it."""
ANSWERS_WITHIN: Final = timedelta(seconds=20)
"""Of a question's end: later it is no answer to it."""
UNSURE: Final = 0.5
"""A line that its engine was less sure of is offered, and not taken by itself."""
ALIKE: Final = 0.7
"""Of two sentences' pairs of characters, the share of the shorter one's that both have: said again."""
MOST: Final[Mapping[Phase, int]] = {
    Phase.OPENING: 10,
    Phase.CONSUMER_STATEMENT: 12,
    Phase.BUSINESS_STATEMENT: 12,
    Phase.DISCUSSION: 16,
    Phase.PROPOSAL: 6,
    Phase.CLOSING: 6,
}
"""Sentences taken of a phase."""


class Rule(StrEnum):
    """Why a sentence is taken, or left."""

    TOLD = "told"  # what the mediator has to say: rights, recusal …
    CLAIM = "claim"
    FACT = "fact"
    AMOUNT = "amount"
    DATE = "date"
    ADMISSION = "admission"
    DENIAL = "denial"
    REFUSAL = "refusal"
    ACCOUNT = "account"  # a whole sentence about the matter, of which no other rule speaks
    QUESTION = "question"  # what the next answer belongs to
    ANSWER = "answer"

    OFFER = "offer"
    GREETING = "greeting"
    FEELING = "feeling"
    PROCEDURE = "procedure"
    REPEATED = "repeated"
    NOTHING = "nothing"  # no rule speaks for it
    OTHER = "other"  # by somebody who speaks for no side
    UNSURE = "unsure"  # the machine was not sure what was said
    BOUND = "bound"  # the phase has its number of sentences already


KEEPING: Final = frozenset(
    {
        Rule.CLAIM, Rule.FACT, Rule.AMOUNT, Rule.DATE, Rule.ADMISSION, Rule.DENIAL, Rule.REFUSAL,
        Rule.QUESTION, Rule.ANSWER, Rule.TOLD, Rule.ACCOUNT,
    }
)  # fmt: skip
WEIGHED: Final = (Rule.CLAIM, Rule.FACT, Rule.AMOUNT, Rule.DATE, Rule.ADMISSION, Rule.DENIAL, Rule.REFUSAL)
_STRONG: Final = frozenset({Rule.CLAIM, Rule.FACT, Rule.ADMISSION, Rule.DENIAL, Rule.REFUSAL})
"""A date or a sum alone, as in what a mediator arranges, is not yet a statement."""


class Moment(StrEnum):
    """What a review looks for, as words show it."""

    RIGHTS = "rights"
    RECUSAL = "recusal"
    SHAM = "sham"
    IDENTITY = "identity"
    VOLUNTARY = "voluntary"
    CONCESSION = "concession"
    PRESSURE = "pressure"


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A line of the transcript, or one that was written, with what the record would quote of it. `rules`: why it is
    taken or left, the strongest first. `side` None: the mediator, or somebody of neither side."""

    line: str
    seat: str
    side: Side | None
    phase: Phase
    begins: datetime
    ends: datetime
    heard: str
    quote: str
    rules: tuple[Rule, ...]
    taken: bool
    sure: float = 1.0

    @property
    def written(self) -> bool:
        """By them, not heard by a machine: `begins` is when they sent it."""
        return self.line.startswith(WRITTEN)


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """In the order as said. `private`: how many lines of private talks were not looked at."""

    lines: tuple[ProposedLine, ...]
    private: int = 0

    @property
    def taken(self) -> tuple[ProposedLine, ...]:
        return tuple(line for line in self.lines if line.taken)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Words that a review may want to hear: `moment`, and the line they are in."""

    moment: Moment
    line: Line
    text: str


def condense(transcript: Transcript | None, history: Sequence[SessionEntry]) -> StatementDraft:
    """What of a session's words its record would quote; without a transcript of what was written alone. Empty of a
    session that there is not."""
    session = fold(history)
    if session is None:
        return StatementDraft(())
    private, phases, judged = _private(history), _phases(history), list[ProposedLine]()
    heard = [] if transcript is None else list(transcript.lines)
    open_lines = [line for line in heard if not _within(line, private)]
    if transcript is not None:
        judged += _judged(transcript, open_lines, session.seats, lambda line: _phase(phases, line.begins))
    written = written_lines(history, session.seats)
    if written:
        parts = dict(written)
        whole = Transcript(session.id, ModelIdentity("", "", ""), history[-1].at, tuple(parts))
        judged += _judged(whole, whole.lines, session.seats, lambda line: parts[line] or _phase(phases, line.begins))
        judged.sort(key=lambda line: line.begins)
    judged = _questions(_repeated(judged))
    return StatementDraft(tuple(_bounded(judged)), len(heard) - len(open_lines))


def moments(transcript: Transcript, history: Sequence[SessionEntry]) -> list[Sighting]:
    """Where the mediator says what has to be said, or anybody presses anybody; of private talks nothing."""
    session = fold(history)
    if session is None:
        return []
    private, found = _private(history), []
    for line in transcript.lines:
        seat = session.seats.get(line.seat)
        if seat is None or _within(line, private):
            continue
        text = transcript.text(line)
        said = [one for one in Moment if _matches(one.value, text)]
        if seat.role is not Role.MEDIATOR:
            said = [one for one in said if one is Moment.PRESSURE]
        found += [Sighting(one, line, text) for one in said]
    return found


_NUMBER: Final = re.compile("[0-9０-９.．一二两三四五六七八九十百千万零半]{2}")


def _cuts(text: str, at: int) -> bool:
    return _NUMBER.fullmatch(text[max(0, at - 1) : at + 1]) is not None


_NOT: Final = re.compile("[不没无未别非否莫勿]")


def faithful(quote: str, heard: str) -> bool:
    """Whether a quotation is nothing but what was heard, in its order, with "……" for what is not there. What leaves a
    "not" out says the opposite, what cuts a number another one: neither is a quotation."""
    if len(_NOT.findall(quote)) != len(_NOT.findall(heard)):
        return False
    pieces = quote.split(OMITTED)
    if not any(piece.strip() for piece in pieces):
        return False
    if not quote.startswith(OMITTED) and not heard.startswith(pieces[0]):
        return False
    at = 0
    for piece in pieces:
        found = heard.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
        if piece and (_cuts(heard, found) or _cuts(heard, at)):
            return False
    return quote.endswith(OMITTED) or heard.endswith(pieces[-1])


def trimmed(heard: str) -> str:
    """Without what only fills; "……" stands where it was. A sentence of nothing else stays as it is."""
    made = re.sub(rf"(?<![，,、 ])[，,、 ]*+(?:{OMITTED}[，,、 ]*+)+", OMITTED, _fillers().sub(OMITTED, heard)).strip()
    return made if re.search(r"\w", made) and faithful(made, heard) else heard


def omitting(short: str, heard: str) -> str:
    """A shortened sentence as a quotation: "……" where words of what was heard are not in it. "" where it is none: a
    word that was not said, another order, or crumbs."""
    wanted, made, at = short.replace(OMITTED, "").replace("...", "").strip(), "", 0
    while wanted:
        size = next((n for n in range(len(wanted), 1, -1) if heard.find(wanted[:n], at) >= 0), 0)
        if not size:
            bare = re.sub(r"^[\W_]+", "", wanted)  # stops are put where words are left out
            if bare == wanted:
                return ""
            wanted = bare
            continue
        found = heard.find(wanted[:size], at)
        made += (OMITTED if found > at else "") + heard[found : found + size]
        at, wanted = found + size, wanted[size:]
    made += OMITTED if re.search(r"\w", heard[at:]) else heard[at:]
    return made if faithful(made, heard) else ""


# ------------------------------------------------------------ words


@cache
def _words() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(files("recordings.transcripts").joinpath("condensing.toml").read_text("utf-8"))


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    found = _words()[name]["patterns"]
    assert isinstance(found, list)
    return tuple(re.compile(one) for one in found)


@cache
def _weight(rule: Rule) -> int:
    found = _words()[rule.value].get("weight", 0)
    assert isinstance(found, int)
    return found


@cache
def _fillers() -> re.Pattern[str]:
    """At a sentence's beginning or after a stop, where they are no part of what is said."""
    words = _words()["fillers"]["words"]
    assert isinstance(words, list)
    some = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:(?<=[，,、。！？!? ])|^)(?:{some})(?:(?:{some})|[，,、 ])*(?=[\w，,、])")


def _matches(name: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns(name))


# ------------------------------------------------------------ when


@dataclass(frozen=True, slots=True)
class _Private:
    """`seats`: whose words it covers; None: everybody's."""

    begins: datetime
    ends: datetime | None
    seats: frozenset[str] | None = None


def _private(history: Iterable[SessionEntry]) -> list[_Private]:
    """Talks of the mediator with one side, and of two who whisper. Nothing of them is recorded; a line that reaches
    into one is left alone for all that."""
    begun: dict[str, _Private] = {}
    found: list[_Private] = []
    for entry in history:
        match entry.event:
            case e.CaucusStarted():
                begun["caucus"] = _Private(entry.at, None)
            case e.CaucusEnded() if "caucus" in begun:
                found.append(replace(begun.pop("caucus"), ends=entry.at))
            case e.ConsultingStarted(seat=one, other=other):
                begun[f"{one} {other}"] = _Private(entry.at, None, frozenset({one, other}))
            case e.ConsultingEnded(seat=one, other=other) if f"{one} {other}" in begun:
                found.append(replace(begun.pop(f"{one} {other}"), ends=entry.at))
            case _:
                pass
    return [*found, *begun.values()]


def _within(line: Line, private: Sequence[_Private]) -> bool:
    return any(
        line.ends > one.begins
        and (one.ends is None or line.begins < one.ends)
        and (one.seats is None or line.seat in one.seats)
        for one in private
    )


def _phases(history: Iterable[SessionEntry]) -> list[tuple[datetime, Phase]]:
    return [(entry.at, entry.event.phase) for entry in history if isinstance(entry.event, e.PhaseEntered)]


def _phase(phases: Sequence[tuple[datetime, Phase]], at: datetime) -> Phase:
    return next((phase for since, phase in reversed(phases) if since <= at), Phase.OPENING)


# ------------------------------------------------------------ one line


def _judged(
    transcript: Transcript,
    lines: Iterable[Line],
    seats: Mapping[str, SeatState],
    part: Callable[[Line], Phase],
) -> Iterator[ProposedLine]:
    told: set[tuple[Phase, Moment]] = set()
    for line in lines:
        seat = seats.get(line.seat)
        text = transcript.text(line).strip()
        if seat is None or not text:
            continue
        phase = part(line)
        if seat.role is Role.MEDIATOR:
            rules = _of_the_mediator(text, phase, told)
        elif seat.role in WATCHING or seat.role is Role.COMPANION:
            rules = (Rule.OTHER,)
        else:
            rules = rules_of(text, phase)
        if line.sure < UNSURE and line.id not in transcript.corrected and set(rules) & KEEPING:
            rules = (Rule.UNSURE, *rules)
        taken = rules[0] in KEEPING and rules[0] is not Rule.QUESTION
        side = None if seat.role is Role.INTERPRETER else side_of(seat)
        yield ProposedLine(
            line.id, line.seat, side, phase, line.begins, line.ends, text, trimmed(text), rules, taken, line.sure
        )


def rules_of(text: str, phase: Phase) -> tuple[Rule, ...]:
    """Which rules speak of a party's sentence, the one that decides first."""
    found = [rule for rule in WEIGHED if _matches(rule.value, text)]
    found.sort(key=lambda rule: (rule not in _STRONG, -_weight(rule)))
    if _is_offer(text, phase, found):
        return (Rule.OFFER, *found)
    if found and (found[0] in _STRONG or len(found) > 1 or _is_sum(found, text)):
        return tuple(found)
    for rule in (Rule.GREETING, Rule.PROCEDURE, Rule.FEELING):
        if _matches(rule.value, text):
            return (rule, *found)
    if phase in (Phase.PROPOSAL, Phase.CLOSING) or not _matches(Rule.ACCOUNT.value, text):
        return (Rule.NOTHING, *found)
    return (Rule.ACCOUNT, *found)


def _is_offer(text: str, phase: Phase, found: Sequence[Rule]) -> bool:
    """While a solution is sought a sum is an offer; before, a claim is a claim however it is put."""
    if phase in (Phase.PROPOSAL, Phase.CLOSING) and Rule.AMOUNT in found:
        return True
    if not _matches(Rule.OFFER.value, text) or _matches("reported", text):
        return False
    return Rule.CLAIM not in found or phase not in (Phase.CONSUMER_STATEMENT, Phase.OPENING)


def _is_sum(found: Sequence[Rule], text: str) -> bool:
    return Rule.AMOUNT in found and len(text) >= 6


def _of_the_mediator(text: str, phase: Phase, told: set[tuple[Phase, Moment]]) -> tuple[Rule, ...]:
    """What has to be said is quoted once a phase; a question waits for its answer."""
    said = {(phase, one) for one in Moment if one is not Moment.PRESSURE and _matches(one.value, text)}
    asks = _matches(Rule.QUESTION.value, text)
    if said - told:
        told |= said
        return (Rule.TOLD, Rule.QUESTION) if asks else (Rule.TOLD,)
    if said:
        return (Rule.QUESTION, Rule.REPEATED) if asks else (Rule.REPEATED,)
    if asks:
        return (Rule.QUESTION,)
    for rule in (Rule.GREETING, Rule.PROCEDURE):
        if _matches(rule.value, text):
            return (rule,)
    return (Rule.NOTHING,)


# ------------------------------------------------------------ beside others


def _questions(lines: Sequence[ProposedLine]) -> list[ProposedLine]:
    """What a side answers at once belongs to what was asked: both are taken, or neither."""
    made = list(lines)
    for n, asked in enumerate(made):
        if asked.side is not None or Rule.QUESTION not in asked.rules:
            continue
        answered = False
        for m in range(n + 1, len(made)):
            line = made[m]
            if line.side is None or line.begins - asked.ends > ANSWERS_WITHIN:
                break
            short = _answers(line)
            if _only_arranges(asked):
                break
            if short:
                made[m] = replace(line, rules=(Rule.ANSWER, *_without_nothing(line.rules)), taken=True)
            answered = answered or made[m].taken
        if answered and not asked.taken:
            made[n] = replace(asked, taken=True)
    return made


def _answers(line: ProposedLine) -> bool:
    """Few words that say something only after a question. What is said about offers is none of it."""
    if line.rules[0] is Rule.NOTHING:
        return line.phase is not Phase.PROPOSAL
    return line.rules[0] in (Rule.PROCEDURE, Rule.FEELING) and _matches(Rule.ANSWER.value, line.heard)


def _only_arranges(asked: ProposedLine) -> bool:
    """Whether somebody can be heard is no question about the matter."""
    return Rule.TOLD not in asked.rules and _matches(Rule.PROCEDURE.value, asked.heard)


def _without_nothing(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule not in (Rule.NOTHING, Rule.PROCEDURE, Rule.FEELING))


def _pairs(text: str) -> frozenset[str]:
    bare = re.sub(r"\W", "", text)
    return frozenset(bare[n : n + 2] for n in range(len(bare) - 1))


def _repeated(lines: Sequence[ProposedLine]) -> list[ProposedLine]:
    """Of what one person says twice, the fuller stays."""
    made = list(lines)
    pairs = [_pairs(line.heard) for line in made]
    for n, line in enumerate(made):
        if not line.taken or line.side is None:
            continue
        for m in range(n):
            if not made[m].taken or made[m].seat != line.seat or not pairs[n] or not pairs[m]:
                continue
            shared = len(pairs[n] & pairs[m]) / min(len(pairs[n]), len(pairs[m]))
            if shared >= ALIKE:
                lesser = n if _worth(line) <= _worth(made[m]) else m
                made[lesser] = replace(made[lesser], rules=(Rule.REPEATED, *made[lesser].rules), taken=False)
                if lesser == n:
                    break
    return made


def _worth(line: ProposedLine) -> float:
    if Rule.TOLD in line.rules:
        return 100.0
    weighed = (rule for rule in (*WEIGHED, Rule.ANSWER, Rule.ACCOUNT) if rule in line.rules)
    return sum(map(_weight, weighed)) + min(len(line.heard), 60) / 100


def _bounded(lines: Sequence[ProposedLine]) -> Iterator[ProposedLine]:
    """The weightiest of each phase; what answers a question goes with it."""
    left: set[int] = set()
    for phase, most in MOST.items():
        taken = [n for n, line in enumerate(lines) if line.taken and line.phase is phase]
        weighed = [n for n in taken if Rule.QUESTION not in lines[n].rules or Rule.TOLD in lines[n].rules]
        weighed.sort(key=lambda n: (-_worth(lines[n]), n))
        left |= set(weighed[most:])
        left |= {n for n in taken if n not in weighed and not _answer_kept(lines, n, left)}
    for n, line in enumerate(lines):
        yield replace(line, rules=(Rule.BOUND, *line.rules), taken=False) if n in left else line


def _answer_kept(lines: Sequence[ProposedLine], asked: int, left: set[int]) -> bool:
    for n in range(asked + 1, len(lines)):
        if lines[n].side is None:
            return False
        if lines[n].taken and n not in left:
            return True
    return False
