"""Decisions about a record (what it quotes, held, erased, corrected, shown to who took part), who may see it, how long.

Nothing that happened is taken back by it: the journal says that there was something, who erased it, when and why.

Owns `ACCESS`: who may see a record and what they may do with it. Every way to a record asks it
(`server.complaints.store`), and what people are told before they agree is made from it (`web.join.invitation`):
whoever changes a line changes what is promised, and owes a new edition.

A record is kept so many years from the end, by how it ended, never longer than was promised. A rule that comes into
force later counts for what there is already; what it alone makes due is due `GRACE` after it came into force at the
earliest: time to put a hold on a record, or to take the change back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from journal.refusals import WrongState
from rooms import (
    MOST_LINE,
    MOST_TEXT,
    BadSeat,
    BadValue,
    DraftSealed,
    NotSigning,
    OtherText,
    UnderHold,
    commands as c,
    events as e,
    line,
    optional,
)
from rooms.events import SessionEvent
from rooms.seats import SeatState
from rooms.session import Asker, Session
from rooms.signing.state import FAILURE, RECORD
from rooms.vocabulary import Status

ERASED = "erased"
LONGEST_MS = 24 * 60 * 60 * 1000
"""No session is longer than a day: a later moment is a slip of the keyboard."""


def decide_record(command: c.RecordCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.AddNote():
            return add_note(command, session)
        case c.CorrectEntry():
            return correct_entry(command, session)
        case c.CorrectTranscript():
            return correct_transcript(command, session)
        case c.NoteExport(kind=kind, export=export, sha256=digest, size=size):
            return [e.Exported(kind, export, digest, size)]
        case c.NoteView():
            return [e.Viewed(command.part)]
        case c.GrantViewing():
            return grant_viewing(command, session)
        case c.NoteViewing():
            return note_viewing(command, session)
        case c.PlaceHold():
            return place_hold(command, session)
        case c.LiftHold():
            return lift_hold(command, session)
        case c.OrderErasure():
            return order_erasure(command, session)
        case c.NoteErased():
            return note_erased(command, session)
        case c.DecideStatements():
            return decide_statements(command, session)
        case c.TakeBackStatements():
            _preparing(session)
            decided = session.statements.decided
            return [e.StatementsTakenBack(decided[-1][0])] if decided else []
        case c.AnswerStatement():
            return answer_statement(command, session, who.seat)
        case _:
            assert_never(command)


MOST_CHOICES: Final = 400  # at once
MOST_DECIDED: Final = 2_000  # of a session
MOST_ID: Final = 64


def _preparing(session: Session) -> None:
    """What the record quotes is chosen between the end and the seal. WrongState, DraftSealed."""
    if session.status is not Status.CLOSED or session.outcome is None or session.held is not None:
        raise WrongState(status=session.status.value)
    if session.erasure is not None:
        raise WrongState(status=ERASED)
    if any(one.sealed.kind in (RECORD, FAILURE) for one in session.documents):
        raise DraftSealed


def decide_statements(command: c.DecideStatements, session: Session) -> list[SessionEvent]:
    """What changes nothing adds nothing."""
    _preparing(session)
    if not 0 < len(command.choices) <= MOST_CHOICES or len(session.statements.decided) >= MOST_DECIDED:
        raise BadValue(field="choices")
    known = session.statements.choices
    made = []
    for choice in command.choices:
        text = optional(choice.text, "text", MOST_LINE)
        if choice.own and not text:
            raise BadValue(field="text")
        made.append(e.StatementChoice(line(choice.line, "line", MOST_ID), choice.taken, text, choice.own))
    fresh = tuple(choice for choice in made if known.get(choice.line) != choice)
    return [e.StatementsDecided(fresh, optional(command.model, "model", MOST_ID))] if fresh else []


def answer_statement(command: c.AnswerStatement, session: Session, own: str) -> list[SessionEvent]:
    """NotSigning, OtherText; BadValue of a line that does not quote them."""
    signing = session.signing
    if signing is None or not signing.open or not signing.of_record:
        raise NotSigning
    if signing.text != command.text:
        raise OtherText
    of = signing.statements.get(own, {}).get(command.line)
    if of is None:
        raise BadValue(field="line")
    words = "" if command.right else optional(command.words, "words", MOST_LINE)
    known = session.statements.answers.get(command.line, {}).get(own)
    if known is not None and (known.of, known.right, known.words) == (of, command.right, words):
        return []
    return [e.StatementAnswered(own, command.line, of, command.right, words)]


def correct_entry(command: c.CorrectEntry, session: Session) -> list[SessionEvent]:
    """Nothing is taken back: what was written stays, with what is true beside it. The same again adds nothing."""
    if not session.over or session.erasure is not None:
        raise WrongState(status=ERASED if session.erasure is not None else session.status.value)
    if not 1 <= command.entry <= session.version:
        raise BadValue(field="entry")
    event = e.EntryCorrected(
        command.entry,
        line(command.wrong, "wrong", MOST_LINE),
        line(command.right, "right", MOST_LINE),
        line(command.reason, "reason", MOST_LINE),
        line(command.agreed_by, "agreed_by"),
    )
    return [] if session.entries_corrected.get(command.entry) == event else [event]


def correct_transcript(command: c.CorrectTranscript, session: Session) -> list[SessionEvent]:
    """Whether there is such a line, whoever asks has looked: the lines are in a sealed file."""
    if session.transcript is None or session.erasure is not None:
        raise WrongState(status=ERASED if session.erasure is not None else session.status.value)
    text = line(command.text, "text", MOST_LINE) if command.text.strip() else ""
    known = session.transcript_corrections.get(command.line, "")
    return [] if text == known else [e.TranscriptCorrected(line(command.line, "line"), text)]


def place_hold(command: c.PlaceHold, session: Session) -> list[SessionEvent]:
    reason = line(command.reason, "reason", MOST_LINE)
    if session.erasure is not None:
        raise WrongState(status=ERASED)
    return [] if session.hold is not None and session.hold.reason == reason else [e.HoldPlaced(reason)]


def lift_hold(command: c.LiftHold, session: Session) -> list[SessionEvent]:
    reason = line(command.reason, "reason", MOST_LINE)
    return [] if session.hold is None else [e.HoldLifted(reason)]


def order_erasure(command: c.OrderErasure, session: Session) -> list[SessionEvent]:
    reason = line(command.reason, "reason", MOST_LINE)
    if session.erasure is not None:
        return []
    if session.hold is not None:
        raise UnderHold
    if session.status is not Status.CLOSED:
        raise WrongState(status=session.status.value)
    return [e.ErasureOrdered(reason, command.due, command.years, command.rule)]


def note_erased(command: c.NoteErased, session: Session) -> list[SessionEvent]:
    if session.erasure is None:
        raise WrongState(status=session.status.value)
    return [] if session.erasure.done is not None else [e.RecordErased(command.files, command.bytes, command.entries)]


def watchable(session: Session) -> bool:
    """Not before the end, not without a recording, and not once it is erased."""
    return session.over and session.erasure is None and bool(session.segments)


def took_part(seat: SeatState) -> bool:
    return seat.been_inside and not seat.signs_in


def grant_viewing(command: c.GrantViewing, session: Session) -> list[SessionEvent]:
    """WrongState of what cannot be watched, BadSeat of who took no part."""
    if not watchable(session):
        raise WrongState(status=session.status.value)
    seat = session.seats.get(command.seat)
    if seat is None or not took_part(seat):
        raise BadSeat(problem="viewing")
    request = line(command.request, "request", MOST_LINE)
    known = session.viewings.get(seat.id)
    return [] if known is not None and known.request == request else [e.ViewingGranted(seat.id, request)]


def note_viewing(command: c.NoteViewing, session: Session) -> list[SessionEvent]:
    if command.seat not in session.viewings or session.erasure is not None:
        raise WrongState(status="not_granted")
    return [e.ViewingHeld(command.seat)]


def add_note(command: c.AddNote, session: Session) -> list[SessionEvent]:
    """Note something beside the record. A note is corrected by a further one; both stay."""
    if session.opened is None:
        raise WrongState(status=session.status.value)
    if command.at_ms is not None and not 0 <= command.at_ms <= LONGEST_MS:
        raise BadValue(field="at_ms")
    if command.corrects and not any(note.n == command.corrects for note in session.notes):
        raise BadValue(field="corrects")
    return [e.NoteAdded(line(command.text, "text", MOST_TEXT), command.at_ms, command.corrects)]


class RecordReader(StrEnum):
    """As whom somebody comes to a record. Whoever is none of these has no way to it."""

    MEDIATOR = "mediator"  # who conducts this mediation, or another one of the same complaint
    SUPERVISOR = "supervisor"  # of the office, or overseeing it
    PERSON = "person"  # who took part, once a supervisor granted what they asked for


class RecordUse(StrEnum):
    """What can be done with a record. Each is written into its journal."""

    READ = "read"  # what happened: the record's page, its journal, captions, texts that were signed
    WATCH = "watch"  # the recording, composed or each person's own
    TAKE = "take"  # a copy: of the recording, an exhibit's original, the journal, a sealed document
    EXPORT = "export"  # an evidence package


ACCESS: Final[Mapping[RecordReader, frozenset[RecordUse]]] = {
    RecordReader.MEDIATOR: frozenset(RecordUse),
    RecordReader.SUPERVISOR: frozenset(RecordUse),
    RecordReader.PERSON: frozenset({RecordUse.WATCH}),
}


def reader(role: str, conducts: bool) -> RecordReader | None:
    """An officer, whose offices reach as far as the session: as whom they come. `conducts`: they are, or were, the
    mediator of a session of its complaint."""
    if role == "supervisor":
        return RecordReader.SUPERVISOR
    return RecordReader.MEDIATOR if role == "mediator" and conducts else None


def may(who: RecordReader | None, use: RecordUse) -> bool:
    return who is not None and use in ACCESS[who]


GRACE: Final = timedelta(days=7)


def _nothing(text: str) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Retention:
    """`by_kind`: by how a mediation ended, and of what is no mediation; the others `years`. `promised` reads the years
    out of the version of a text that somebody agreed to be recorded by. `version`: of the entry that says this rule;
    `since` when it came into force, and what was in force `before`."""

    years: int
    by_kind: Mapping[str, int] = field(default_factory=dict)
    promised: Callable[[str], int | None] = _nothing
    version: int = 0
    since: datetime | None = None
    before: Retention | None = None

    @property
    def least(self) -> int:
        """No record is due earlier. An earlier program may have promised as little as a year."""
        return 1

    def until(self, session: Session) -> datetime | None:
        """When it is due to be erased, unless it is held; None for what has not ended, or never took place."""
        if session.status is not Status.CLOSED or session.closed_at is None or session.outcome is None:
            return None
        return self.due(session.closed_at, session.outcome.kind.value, self.promise(session))

    def promise(self, session: Session) -> int | None:
        """The fewest years that somebody agreed to; None where nobody agreed to be recorded."""
        return self.fewest(seat.record_text for seat in session.seats.values() if seat.record)

    def fewest(self, texts: Iterable[str]) -> int | None:
        told = (self.promised(text) for text in texts)
        return min((years for years in told if years is not None), default=None)

    def due(self, end: datetime, kind: str, promise: int | None = None) -> datetime:
        """Of what ended then. What only this rule makes due, not the one before, is due when its grace is over."""
        own = later(end, self.kept(kind, promise))
        if self.before is None or self.since is None:
            return own
        return max(own, min(self.before.due(end, kind, promise), self.since + GRACE))

    def kept(self, kind: str, promise: int | None = None) -> int:
        """Years."""
        return min(self.ruled(kind), promise or self.ruled(kind))

    def ruled(self, kind: str) -> int:
        """Years, by the kind alone."""
        return self.by_kind.get(kind, self.years)


def later(at: datetime, years: int) -> datetime:
    """The same day so many years later; the 28th where there is no 29th of February."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)
