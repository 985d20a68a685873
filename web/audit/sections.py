"""Parts of a record: clauses, consents, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from rooms import events as e
from rooms.agreement import consent
from rooms.agreement.state import SIDES, Clause
from rooms.codec import SessionEntry
from rooms.commands import AddNote
from rooms.joining.consents import kept
from rooms.record.rules import LONGEST_MS
from rooms.session import RecordNote, Session
from rooms.vocabulary import Consent, Role, Seat, Side
from web.audit.player import Player
from web.field_form import Form
from web.i18n import N_


@dataclass(frozen=True, slots=True)
class SaidClause:
    """One side's answer. `seconds` into the recording, None where there is none of that moment."""

    side: Side
    seat: str
    agrees: bool
    at: datetime
    version: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ClauseLine:
    clause: Clause
    said: tuple[SaidClause, ...]


def agreed_clauses(session: Session, film: Player | None) -> list[ClauseLine]:
    return [ClauseLine(clause, tuple(_said(session, clause, film))) for clause in session.draft.clauses]


def _said(session: Session, clause: Clause, film: Player | None) -> Iterator[SaidClause]:
    for side in SIDES:
        stance = consent.stance(session, clause, side)
        if stance is None:
            continue
        seat, answer = stance
        second = None if film is None else film.second(answer.at)
        inside = second is not None and film is not None and 0 <= second < film.seconds
        yield SaidClause(side, seat, answer.agrees, answer.at, answer.version, second if inside else None)


Answer = Literal["given", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Answered:
    kind: Consent
    answer: Answer
    at: datetime
    text: str  # version of the text shown; "" for a withdrawal
    entry: int = 0  # in the journal
    handler: str = ""  # who answers for the data, as they were named

    @property
    def kept(self) -> bool:
        """The text can still be read."""
        return kept(self.text)

    @property
    def text_kind(self) -> str:
        return "notice" if self.kind is Consent.PARTICIPATE else "recording"


@dataclass(frozen=True, slots=True)
class Person:
    seat: Seat
    name: str
    answers: tuple[Answered, ...]
    confirmed: datetime | None  # identity
    by_voice: str  # the officer who knew it, "" when a code did


def people(history: Iterable[SessionEntry]) -> list[Person]:
    """Everybody with a seat, in seat order."""
    seats: dict[str, Seat] = {}
    names: dict[str, str] = {}
    answers: dict[tuple[str, Consent], Answered] = {}
    confirmed: dict[str, tuple[datetime, str]] = {}
    for entry in history:
        match entry.event:
            case e.SessionScheduled(seats=invited):
                seats.update((seat.id, seat) for seat in invited)
            case e.SeatAdded(seat=added):
                seats[added.id] = added
            case e.NameChosen(seat=seat, name=name):
                names[seat] = name
            case e.ConsentGiven(seat=seat, kind=kind, text=text, handler=handler):
                answers[seat, kind] = Answered(kind, "given", entry.at, text, entry.version, handler)
            case e.ConsentRefused(seat=seat, kind=kind, text=text, handler=handler):
                answers[seat, kind] = Answered(kind, "refused", entry.at, text, entry.version, handler)
            case e.ConsentWithdrawn(seat=seat, kind=kind):
                answers[seat, kind] = Answered(kind, "withdrawn", entry.at, "", entry.version)
            case e.IdentityConfirmed(seat=seat):
                confirmed[seat] = entry.at, ""
            case e.IdentityConfirmedByVoice(seat=seat):
                confirmed[seat] = entry.at, entry.actor.name
            case _:
                pass
    return [
        Person(
            seat,
            names.get(seat.id, seat.name),
            tuple(answers[seat.id, kind] for kind in Consent if (seat.id, kind) in answers),
            *confirmed.get(seat.id, (None, "")),
        )
        for seat in seats.values()
        if seat.role is not Role.MEDIATOR or (seat.id, Consent.RECORD) in answers
    ]


BAD_TIME: Final = N_("Write the moment as minutes and seconds of the recording, for example 23:40, or leave it empty.")
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note as the page lists it; `seconds` into the recording, `by` the notes that correct it."""

    note: RecordNote
    seconds: float | None
    corrected_by: RecordNote | None
    corrects: RecordNote | None


def listed_notes(session: Session, player: Player | None) -> Sequence[ShownNote]:
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
        ShownNote(note, _second(session, player, note), later.get(note.n), notes.get(note.corrects))
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
