"""Those who listen to one room: a subscription per seat, and what each of them is told.

Owns the latest connection qualities, which are shown and not remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rooms import events as e
from rooms.codec import Happened
from rooms.exhibits import sees_showing
from rooms.moments import moment
from rooms.session import Session
from rooms.subscription import Subscription
from rooms.telling import announcement, changes_nothing_seen, visible
from rooms.timing import Timing
from rooms.view import Extras, Surroundings, view
from rooms.vocabulary import SeatStatus

_ANOTHER_PAGE = (e.ExhibitShown, e.ExhibitPutAway, e.ExhibitPageTurned)


class Audience:
    """Never waits: a listener that cannot keep up is dropped by its own subscription."""

    def __init__(self) -> None:
        self._listeners: dict[str, Subscription] = {}
        self._levels: dict[str, dict[str, int]] = {}  # seat -> who measured -> connection quality
        self._extras = Extras()

    def __contains__(self, seat: str) -> bool:
        return seat in self._listeners

    @property
    def empty(self) -> bool:
        return not self._listeners

    @property
    def suspended(self) -> bool:
        return self._extras.surroundings.suspended

    def surround(self, surroundings: Surroundings) -> None:
        self._extras = replace(self._extras, surroundings=surroundings)

    def give_way(self, seat: str) -> None:
        """Somebody newer takes the seat."""
        if (older := self._listeners.pop(seat, None)) is not None:
            older.end("elsewhere")

    def welcome(self, subscription: Subscription, session: Session, timing: Timing, now: datetime) -> None:
        """From now on they hear; first of all their view."""
        seat = subscription.seat
        self._listeners[seat] = subscription
        self._show(subscription, [], session, timing, now)
        if session.over:
            subscription.end("closed")
        elif session.seats[seat].status is SeatStatus.REMOVED:
            subscription.end("removed")

    def part(self, subscription: Subscription) -> bool:
        """Whether the seat is without a listener now: not when a newer one has it."""
        if self._listeners.get(subscription.seat) is not subscription:
            return False
        del self._listeners[subscription.seat]
        return True

    def tell(self, entries: Sequence[Happened], session: Session, timing: Timing, now: datetime) -> None:
        """What happened, to each what they may know; whoever it puts out hears why, last."""
        if any(isinstance(entry.event, _ANOTHER_PAGE) for entry in entries):
            self._extras = replace(self._extras, looking=None)
        for listener in self._listeners.values():
            self._show(listener, entries, session, timing, now)
        for entry in entries:
            match entry.event:
                case e.Removed(seat=seat) if seat in self._listeners:
                    self._listeners[seat].end("removed")
                case e.SentBack(seat=seat) if seat in self._listeners:
                    self._listeners[seat].end("sent_back")
                case e.SessionClosed() | e.SessionCancelled():
                    for listener in self._listeners.values():
                        listener.end("closed")

    def _show(
        self, listener: Subscription, entries: Sequence[Happened], session: Session, timing: Timing, now: datetime
    ) -> None:
        seat = listener.seat
        told = [announcement(session, entry, seat) for entry in entries if visible(session, entry, seat)]
        if entries and not told and all(changes_nothing_seen(entry) for entry in entries):
            return
        body = view(session, timing, seat, now, self._extras)
        listener.send("view", {"version": session.version, "now": moment(now), "view": body, "events": told})

    def measured(self, seat: str, by: str, level: int, session: Session) -> None:
        """The worse of what the engine and the seat's own client measure is what counts."""
        levels = self._levels.setdefault(seat, {})
        levels[by] = level
        worst = min(levels.values())
        if self._extras.quality.get(seat) != worst:
            self._extras = replace(self._extras, quality={**self._extras.quality, seat: worst})
            self.send_inside("quality", {"seat": seat, "level": worst}, session)

    def look(self, seat: str, looking: Mapping[str, Any], exhibit: str, session: Session) -> None:
        """Where `seat` looks at what is shown, to those others who see it; the newest place is enough."""
        showing = session.exhibits.showing
        self._extras = replace(self._extras, looking={**looking, "seat": seat})
        for other, listener in self._listeners.items():
            inside = session.seats[other].in_room and showing is not None and sees_showing(session, showing, other)
            if inside and other != seat:
                listener.send_latest("exhibit_look", {"exhibit": exhibit, "seat": seat, **looking})

    def quality(self, seat: str) -> int | None:
        return self._extras.quality.get(seat)

    @property
    def qualities(self) -> Sequence[int]:
        return list(self._extras.quality.values())

    def forget_quality(self, seat: str) -> None:
        self._levels.pop(seat, None)
        self._extras = replace(
            self._extras, quality={other: level for other, level in self._extras.quality.items() if other != seat}
        )

    def send(self, seat: str, name: str, body: dict[str, Any]) -> None:
        if seat in self._listeners:
            self._listeners[seat].send(name, body)

    def send_inside(self, name: str, body: dict[str, Any], session: Session) -> None:
        """To everybody in the room."""
        for seat, listener in self._listeners.items():
            if session.seats[seat].in_room:
                listener.send(name, body)
