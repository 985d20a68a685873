"""A room's sound and pictures at the media engine: who was admitted, whose transport is up, which routes are in force.

A room outlives its media: what the engine cannot do is logged, and the session goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence

from media import engine as m
from rooms import commands as c, events as e
from rooms.codec import Happened
from rooms.errors import NotInRoom
from rooms.routing import matrix
from rooms.session import Session

MEDIA_TIMEOUT = 5.0
"""Seconds a room waits for the media engine before it goes on without."""
CLOSE_TIMEOUT = 60.0
"""Seconds the recordings get to be finished when a session closes."""
TOLD_TIMEOUT = 10.0
"""Seconds the engine's last word on a room may take to its mailbox, once its recordings are finished."""

log = logging.getLogger(__name__)


class Forwarding:
    def __init__(self, room: str, engine: m.MediaEngine) -> None:
        self._room, self._engine = room, engine
        self._joined: set[str] = set()  # admitted to media
        self._turned_away: set[str] = set()  # for whose media the server has no room
        self._up: set[str] = set()  # whose media transport has been up since they joined
        self._sending: dict[str, m.SendingState] = {}  # what there is of their way to us
        self._told = asyncio.Event()  # the engine has said its last word

    def __contains__(self, seat: str) -> bool:
        return seat in self._joined

    async def join(self, session: Session, seat: str, done: bool) -> None:
        """Before and after the engine admits a seat; NotInRoom when it may not, or may no longer."""
        inside = session.under_way and seat in session.seats and session.seats[seat].in_room
        if not inside or (done and seat not in self._joined):  # put out meanwhile
            if done:
                await self._ask(self._engine.remove(self._room, seat))
            raise NotInRoom(seat=seat)
        self._joined.add(seat)
        if done:
            self._turned_away.discard(seat)
            await self._ask(self._engine.route(self._room, engine_matrix(session)))
        else:
            self._forget(seat)

    async def end(self, seat: str) -> None:
        """The seat's media goes, the seat stays."""
        self._joined.discard(seat)
        self._forget(seat)
        await self._ask(self._engine.remove(self._room, seat))

    def left(self, session: Session) -> Sequence[str]:
        """Who was admitted and is in the room no more."""
        return [seat for seat in self._joined if not session.seats[seat].in_room]

    async def follow(self, session: Session, entries: Sequence[Happened]) -> bool:
        """Whether the engine took the routes that are in force after these entries."""
        for seat in self.left(session):
            self._joined.discard(seat)
            self._forget(seat)
            await self._ask(self._engine.remove(self._room, seat))
        if any(isinstance(entry.event, e.Routed) for entry in entries):
            return await self._ask(self._engine.route(self._room, engine_matrix(session)))
        return True

    def connection(self, event: m.Connection, listens: bool) -> c.NoteConnection | None:
        """What of a seat's transport counts; `listens`: it has a socket too."""
        seat = event.participant
        if seat not in self._joined:
            return None
        if event.state == "connected":
            self._up.add(seat)
            return c.NoteConnection(seat, True) if listens else None  # media alone, without a socket, is not being here
        if seat not in self._up:
            return None
        self._up.discard(seat)
        return c.NoteConnection(seat, False, "media")

    def sending(self, seat: str, state: m.SendingState) -> None:
        if seat in self._joined:
            self._sending[seat] = state

    def sends(self, seat: str) -> bool:
        """Whether what this seat says and shows can reach us."""
        return self._sending.get(seat) == "connected"

    def why_not(self, seat: str) -> str:
        """A cause of `rooms.events.MediaAwaited`."""
        if seat in self._turned_away:
            return "full"
        # Only a device that receives has shown that it could have offered something.
        return "nothing" if seat in self._up and seat not in self._sending else "connection"

    def turn_away(self, seat: str) -> bool:
        """The server has no room for its media. Whether that is news."""
        news = seat not in self._turned_away
        self._turned_away.add(seat)
        return news

    def lost(self) -> Sequence[str]:
        """The worker died: nobody is admitted any more. Who could be heard and seen until then."""
        heard = [seat for seat in self._sending if self.sends(seat)]
        self._joined.clear()
        self._up.clear()
        self._sending.clear()
        return heard

    def told(self) -> None:
        """Every segment of the closed room has been reported."""
        self._told.set()

    async def finish(self) -> None:
        """Close the room at the engine, and wait until its recordings are finished and on their way to the mailbox."""
        self._told.clear()
        try:
            await asyncio.wait_for(self._engine.close_room(self._room), CLOSE_TIMEOUT)
            await asyncio.wait_for(self._told.wait(), TOLD_TIMEOUT)
        except (m.MediaError, TimeoutError, OSError):
            log.exception("room %s: recordings not finished in order", self._room)

    def _forget(self, seat: str) -> None:
        self._up.discard(seat)
        self._sending.pop(seat, None)

    async def _ask(self, doing: Awaitable[None]) -> bool:
        try:
            await asyncio.wait_for(doing, MEDIA_TIMEOUT)
        except (m.MediaError, TimeoutError, OSError):
            log.exception("room %s: the media engine did not follow", self._room)
            return False
        return True


def engine_matrix(session: Session) -> m.Matrix:
    """Who receives whom, as the engine is told it."""
    routes = matrix(session)
    return m.Matrix(
        {seat: frozenset(others) for seat, others in routes.hears.items()},
        {seat: frozenset(others) for seat, others in routes.sees.items()},
        frozenset(routes.recorded),
    )
