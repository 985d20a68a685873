"""What is true of a session's asynchronous mediation: since when, until when, who came when, and the offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Side


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    seat: str
    accepts: bool
    slip: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """Asked of the sides in `to`. `slip`: the one it passes on, 0 for the mediator's own words."""

    number: int
    text: str
    amount: Decimal | None
    to: tuple[Side, ...]
    slip: int
    at: datetime
    answers: Mapping[Side, OfferAnswer] = field(default_factory=dict)
    taken_back: bool = False

    @property
    def accepted(self) -> bool:
        """By every side that was asked."""
        return all(side in self.answers and self.answers[side].accepts for side in self.to)

    def open_for(self, side: Side | None) -> bool:
        """Whether this side is still to answer."""
        return side in self.to and side not in self.answers and not self.taken_back


@dataclass(frozen=True, slots=True)
class SentWord:
    """A message about it: rooms.apart.rules.WORDS; `message` is its id in the outbox, `until` the end date then, and
    `meeting` what was called."""

    seat: str
    kind: str
    message: str
    at: datetime
    until: datetime
    meeting: datetime | None = None


@dataclass(frozen=True, slots=True)
class Apart:
    """`on`: nobody has to be there at one time just now. `done`: earlier stretches of it.
    `meeting`: as it was called at `called`, by the `calls`th word about it (another time and calling it off count);
    `called_off`: the one that was, while none is called."""

    on: bool
    since: datetime
    until: datetime
    meeting: datetime | None = None
    called_off: datetime | None = None
    called: datetime | None = None
    calls: int = 0
    done: tuple[tuple[datetime, datetime], ...] = ()
    read: frozenset[str] = frozenset()  # seats that read their rights
    visits: Mapping[str, datetime] = field(default_factory=dict)  # the last of each seat
    offers: Mapping[int, Offer] = field(default_factory=dict)
    sent: tuple[SentWord, ...] = ()

    def ended(self, at: datetime) -> Apart:
        """With the session, or as the room opens."""
        if not self.on:
            return self
        return replace(self, on=False, meeting=None, called_off=None, done=(*self.done, (self.since, at)))

    def stretches(self, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
        return (*self.done, (self.since, now)) if self.on else self.done


def apart_after(before: Apart | None, event: e.ApartEvent, entry: SessionEntry) -> Apart | None:
    if isinstance(event, e.ApartBegun):
        if before is None:
            return Apart(True, entry.at, event.until)
        return replace(before, on=True, since=entry.at, until=event.until, meeting=None)
    if before is None:
        return None  # a code that was checked before it went apart
    match event:
        case e.EndMoved(until=until):
            return replace(before, until=until)
        case e.MeetingCalled(starts=starts):
            off = before.meeting if starts is None else None
            return replace(before, meeting=starts, called_off=off, called=entry.at, calls=before.calls + 1)
        case e.RoomOpened():
            return before.ended(entry.at)
        case e.Visited(seat=seat):
            return replace(before, visits={**before.visits, seat: entry.at})
        case e.RightsRead(seat=seat):
            return replace(before, read=before.read | {seat})
        case e.OfferPut():
            put = Offer(event.number, event.text, event.amount, event.to, event.slip, entry.at)
            return replace(before, offers={**before.offers, put.number: put})
        case e.OfferTakenBack(number=number):
            return _with(before, replace(before.offers[number], taken_back=True))
        case e.OfferAnswered(number=number, side=side):
            known = before.offers[number]
            said = OfferAnswer(event.seat, event.accepts, event.slip, entry.at)
            return _with(before, replace(known, answers={**known.answers, side: said}))
        case e.WordSent():
            word = SentWord(event.seat, event.kind, event.message, entry.at, before.until, before.meeting)
            return replace(before, sent=(*before.sent, word))


def _with(before: Apart, offer: Offer) -> Apart:
    return replace(before, offers={**before.offers, offer.number: offer})
