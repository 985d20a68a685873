"""Decisions about a record: held, erased, corrected, and noted beside by supervisors.

Nothing that happened is taken back by it: the journal says that there was something, who erased it, when and why.
"""

from __future__ import annotations

from typing import assert_never

from rooms import commands as c, events as e
from rooms.errors import BadValue, Held, WrongState
from rooms.events import SessionEvent
from rooms.record import viewings
from rooms.session import Session
from rooms.texts import MOST_LINE, MOST_TEXT, line
from rooms.vocabulary import Status

ERASED = "erased"


def decided(command: c.RecordCommand, session: Session) -> list[SessionEvent]:
    match command:
        case c.AddNote():
            return add_note(command, session)
        case c.CorrectEntry():
            return correct_entry(command, session)
        case c.NoteExport(kind=kind, export=export, sha256=digest, size=size):
            return [e.Exported(kind, export, digest, size)]
        case c.NoteView():
            return [e.Viewed(command.part)]
        case c.GrantViewing():
            return viewings.grant_viewing(command, session)
        case c.NoteViewing():
            return viewings.note_viewing(command, session)
        case c.PlaceHold():
            return place_hold(command, session)
        case c.LiftHold():
            return lift_hold(command, session)
        case c.OrderErasure():
            return order_erasure(command, session)
        case c.NoteErased():
            return note_erased(command, session)
        case _:
            assert_never(command)


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
        raise Held
    if session.status is not Status.CLOSED:
        raise WrongState(status=session.status.value)
    return [e.ErasureOrdered(reason, command.due, command.years, command.rule)]


def note_erased(command: c.NoteErased, session: Session) -> list[SessionEvent]:
    if session.erasure is None:
        raise WrongState(status=session.status.value)
    return [] if session.erasure.done is not None else [e.RecordErased(command.files, command.bytes, command.entries)]


# Decisions about what supervisors note beside a record. A note is corrected by a further one; both stay.


LONGEST_MS = 24 * 60 * 60 * 1000
"""No session is longer than a day: a later moment is a slip of the keyboard."""


def add_note(command: c.AddNote, session: Session) -> list[SessionEvent]:
    if session.opened is None:
        raise WrongState(status=session.status.value)
    if command.at_ms is not None and not 0 <= command.at_ms <= LONGEST_MS:
        raise BadValue(field="at_ms")
    if command.corrects and not any(note.n == command.corrects for note in session.notes):
        raise BadValue(field="corrects")
    return [e.NoteAdded(line(command.text, "text", MOST_TEXT), command.at_ms, command.corrects)]
