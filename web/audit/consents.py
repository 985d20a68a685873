"""What each person answered to the two questions, and when: the last answer counts, all are in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rooms import events as e
from rooms.codec import SessionEntry
from rooms.vocabulary import Consent, Role, Seat
from web.consents import kept

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
