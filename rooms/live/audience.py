"""Those who listen to one room: a subscription per seat, and what each of them is told.

Owns the latest connection qualities, which are shown and not remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journal.refusals import NotAllowed
from rooms import events as e
from rooms.codec import SessionEntry, encode_json, merge_json, wire_time
from rooms.errors import NotInRoom
from rooms.exhibits.state import Showing
from rooms.exhibits.view import sees_showing
from rooms.floor.state import Chat, remarked
from rooms.live.subscription import Message, MessageName, Subscription
from rooms.session import Session
from rooms.view import seat_view
from rooms.view.messages import LineView
from rooms.view.parts import Holding
from rooms.view.seat_view import ClockTimes, RoomContext, ViewExtras, audience, reads_chat
from rooms.view.telling import announcements, changes_nothing_seen
from rooms.vocabulary import SeatStatus

_ANOTHER_PAGE = (e.ExhibitShown, e.ExhibitPutAway, e.ExhibitPageTurned)


@dataclass(frozen=True, slots=True)
class RoomMoment:
    """A room at a moment: what everybody's view is cut from."""

    session: Session
    times: ClockTimes
    chat: Chat
    at: datetime


class Audience:
    """Never waits: a listener that cannot keep up is dropped by its own subscription."""

    def __init__(self) -> None:
        self._listeners: dict[str, Subscription] = {}
        self._levels: dict[str, dict[str, int]] = {}  # seat -> who measured -> connection quality
        self._extras = ViewExtras()
        self._looking: Mapping[str, Any] | None = None  # where whoever shows an exhibit has zoomed to
        self._holdings: dict[str, Holding] = {}

    def __contains__(self, seat: str) -> bool:
        return seat in self._listeners

    @property
    def empty(self) -> bool:
        return not self._listeners

    @property
    def suspended(self) -> bool:
        return self._extras.context.suspended

    def set_context(self, context: RoomContext) -> None:
        self._extras = replace(self._extras, context=context)

    def give_way(self, seat: str) -> None:
        """Somebody newer takes the seat."""
        if (older := self._listeners.pop(seat, None)) is not None:
            older.end("elsewhere")

    def welcome(self, subscription: Subscription, now: RoomMoment) -> None:
        """From now on they hear; first of all their parts and their view."""
        seat = subscription.seat
        self._listeners[seat] = subscription
        self._holdings[seat] = Holding(seat)
        self._show(subscription, [], now, {})
        showing = now.session.exhibits.showing
        if self._looking is not None and showing is not None and self._sees(showing, seat, now.session):
            subscription.send("exhibit_look", {"exhibit": showing.exhibit, **self._looking})
        if now.session.over:
            subscription.end("closed")
        elif now.session.seats[seat].status is SeatStatus.REMOVED:
            subscription.end("removed")

    def part(self, subscription: Subscription) -> bool:
        """Whether the seat is without a listener now: not when a newer one has it."""
        if self._listeners.get(subscription.seat) is not subscription:
            return False
        del self._listeners[subscription.seat], self._holdings[subscription.seat]
        return True

    def tell(self, entries: Sequence[SessionEntry], now: RoomMoment) -> None:
        """What happened, to each what they may know; whoever it puts out hears why, last."""
        if any(isinstance(entry.event, _ANOTHER_PAGE) for entry in entries):
            self._looking = None
        shared: dict[str, str] = {}
        for listener in self._listeners.values():
            self._show(listener, entries, now, shared)
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
        self, listener: Subscription, entries: Sequence[SessionEntry], now: RoomMoment, shared: dict[str, str]
    ) -> None:
        """`shared`: what was made for others who see the same."""
        seat, session = listener.seat, now.session
        reads = reads_chat(session, seat)
        lines = [entry for entry in entries if reads and (said := remarked(entry)) is not None and said.read_by(seat)]
        told: list[Message] = []
        for n, _ in enumerate(lines, now.chat.last(seat) - len(lines) + 1):
            told += [("line", encode_json(now.chat.line(seat, n)))]
        events = announcements(session, entries, seat)
        if not entries or events != "[]" or not all(changes_nothing_seen(entry) for entry in entries):
            told += self._holdings[seat].news(session, self._extras)
            told.append(("view", self._view(seat, reads, events, now, shared)))
        listener.send_all(told)

    def _view(self, seat: str, reads: bool, events: str, now: RoomMoment, shared: dict[str, str]) -> str:
        session = now.session
        seen_by = audience(session, seat)
        if seen_by not in shared:
            shared[seen_by] = encode_json(seat_view.shared(session, now.times, seat, self._extras))
        own = seat_view.own(session, seat) | {"parts": self._holdings[seat].editions}
        if reads:
            own["lines"] = now.chat.last(seat)
        seen = merge_json(shared[seen_by], encode_json(own))
        head = encode_json({"version": session.version, "now": wire_time(now.at)})
        return merge_json(head, f'{{"view":{seen},"events":{events}}}')

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
        self._looking = {**looking, "seat": seat}
        for other, listener in self._listeners.items():
            if showing is not None and other != seat and self._sees(showing, other, session):
                listener.send_latest("exhibit_look", {"exhibit": exhibit, "seat": seat, **looking})

    @staticmethod
    def _sees(showing: Showing, seat: str, session: Session) -> bool:
        return session.seats[seat].in_room and sees_showing(session, showing, seat)

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

    def send(self, seat: str, name: MessageName, body: dict[str, Any]) -> None:
        if seat in self._listeners:
            self._listeners[seat].send(name, body)

    def send_inside(self, name: MessageName, body: dict[str, Any], session: Session) -> None:
        """To everybody in the room."""
        for seat, listener in self._listeners.items():
            if session.seats[seat].in_room:
                listener.send(name, body)


def chat_page(session: Session, chat: Chat, seat: str, after: int | None, before: int | None) -> list[LineView]:
    """Of the chat, as this seat may read it: what follows a number, or leads up to one (to the end without either).

    NotAllowed for a supervisor, NotInRoom at the door.
    """
    if not reads_chat(session, seat):
        raise NotAllowed if session.seats[seat].in_room else NotInRoom(seat=seat)
    if after is not None:
        return chat.after(seat, after)
    return chat.before(seat, chat.last(seat) + 1 if before is None else before)
