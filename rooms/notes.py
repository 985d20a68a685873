"""Decisions about what supervisors note beside a record. A note is corrected by a further one; both stay."""

from __future__ import annotations

from rooms import commands as c, events as e
from rooms.errors import BadValue, WrongState
from rooms.events import SessionEvent
from rooms.session import Session
from rooms.texts import MOST_TEXT, line

LONGEST_MS = 24 * 60 * 60 * 1000
"""No session is longer than a day: a later moment is a slip of the keyboard."""


def add(command: c.AddNote, session: Session) -> list[SessionEvent]:
    if session.opened is None:
        raise WrongState(status=session.status.value)
    if command.at_ms is not None and not 0 <= command.at_ms <= LONGEST_MS:
        raise BadValue(field="at_ms")
    if command.corrects and not any(note.n == command.corrects for note in session.notes):
        raise BadValue(field="corrects")
    return [e.NoteAdded(line(command.text, "text", MOST_TEXT), command.at_ms, command.corrects)]
