"""Supervisors' notes beside a record: a note is a further entry of the journal, and so is its correction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rooms.commands import AddNote
from rooms.record.rules import LONGEST_MS
from rooms.session import RecordNote, Session
from web.audit.player import Player
from web.i18n import N_
from web.office.forms import Form

BAD_TIME: Final = N_("Write the moment as minutes and seconds of the recording, for example 23:40, or leave it empty.")
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A note as the page lists it; `seconds` into the recording, `by` the notes that correct it."""

    note: RecordNote
    seconds: float | None
    corrected_by: RecordNote | None
    corrects: RecordNote | None


def listed(session: Session, player: Player | None) -> Sequence[Shown]:
    """By the moment they are about, those about the whole last; a correction stands behind what it corrects."""
    notes = {note.n: note for note in session.notes}
    later = {note.corrects: note for note in session.notes if note.corrects}

    def first(note: RecordNote) -> RecordNote:
        while note.corrects in notes:
            note = notes[note.corrects]
        return note

    def place(note: RecordNote) -> tuple[bool, int, int, int]:
        begun = first(note)
        return begun.at_ms is None, begun.at_ms or 0, begun.n, note.n

    return [
        Shown(note, _second(session, player, note), later.get(note.n), notes.get(note.corrects))
        for note in sorted(session.notes, key=place)
    ]


def _second(session: Session, player: Player | None, note: RecordNote) -> float | None:
    if note.at_ms is None or session.opened is None or player is None:
        return None
    return player.second(session.opened + timedelta(milliseconds=note.at_ms))


def command(form: Form, session: Session, player: Player | None) -> AddNote:
    """What was typed, as a command; look at `form.good` before it is sent."""
    text = form.text("text", needed=True)
    corrects = form.values.get("corrects", "")
    origin = player.origin if player else session.opened
    return AddNote(
        text, _at(form, origin, session.opened), int(corrects) if corrects.isascii() and corrects.isdigit() else 0
    )


def _at(form: Form, origin: datetime | None, opened: datetime | None) -> int | None:
    typed = form.text("at").replace("：", ":")
    if not typed:
        return None
    found = _CLOCK.fullmatch(typed)
    if found is None or origin is None or opened is None:
        form.errors["at"] = BAD_TIME
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    moment = origin + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    at_ms = max(0, (moment - opened) // timedelta(milliseconds=1))
    if at_ms > LONGEST_MS:
        form.errors["at"] = BAD_TIME
        return None
    return at_ms
