"""What a room makes of what its media does: reports of the engine, measured quality, and what does not come.

Decides nothing: what is worth noting is asked of the room, in its turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from journal.clock import Clock
from media import engine as m
from rooms import commands as c, events as e, network, reports
from rooms.audience import Audience
from rooms.forwarding import Forwarding
from rooms.network import Steadiness
from rooms.session import Session
from rooms.waits import Waits

Note = Callable[[c.Command], Awaitable[Any]]
"""Has the room decide and append, by the system."""


class MediaWatch:
    """Of one room, and called in its turn only. `known` is the session now; RoomError when there is none."""

    def __init__(
        self, forwarding: Forwarding, audience: Audience, clock: Clock, known: Callable[[], Session], note: Note
    ) -> None:
        self._forwarding, self._audience, self._clock = forwarding, audience, clock
        self._known, self._note = known, note
        self._waits = Waits()
        self._steadiness: dict[str, Steadiness] = {}

    async def reported(self, event: m.MediaEvent) -> None:
        session = self._known()
        match event:
            case m.Connection(participant=seat):
                noted = self._forwarding.connection(event, seat in self._audience) if not session.over else None
                if noted is not None:
                    await self._note(noted)
            case m.Offer(participant=seat):
                if seat in self._forwarding:
                    self._audience.send(seat, "media_offer", {"sdp": event.sdp, "tracks": reports.tracks(event)})
            case m.Sending(participant=seat, state=state):
                await self._sending(seat, state)
            case m.Quality(participant=seat, level=level):
                await self.judged(seat, "engine", level)
            case m.RoomClosed():
                self._forwarding.told()
            case m.RoomLost():
                await self._worker_lost(session)
            case _:
                if isinstance(event, m.Recording) and event.on:
                    await self._sending(event.participant, "connected")
                if (command := reports.command(event)) is not None:
                    await self._note(command)

    async def judged(self, seat: str, by: str, level: int) -> None:
        """Shown at once; noted once it has lasted."""
        self._audience.measured(seat, by, level, self._known())
        worst = self._audience.quality(seat)
        steadiness = self._steadiness.setdefault(seat, Steadiness())
        if worst is not None and not self._known().over and steadiness.due(worst, self._clock.now()):
            await self._note(c.NoteQuality(seat, worst))

    def turn_away(self, seat: str) -> None:
        """The mediator is told, once; whoever it is about knows from the answer to their own page."""
        session = self._known()
        if self._forwarding.turn_away(seat) and seat != session.mediator_seat:
            self._audience.send(session.mediator_seat, "media_full", {"seat": seat})

    # ------------------------------------------------------------ what does not come

    async def note_waits(self, session: Session | None) -> None:
        if session is not None and not session.over:
            for awaited in self._waits.due(session, self._forwarding, self._clock.now()):
                await self._note(awaited)

    def look(self, session: Session | None) -> None:
        """After everything that may have begun a wait, or ended one."""
        self._waits.look(session, self._forwarding, self._clock.now())

    def next_wait(self, session: Session | None) -> datetime | None:
        """When the next is to be noted."""
        return self._waits.next(session)

    async def _sending(self, seat: str, state: m.SendingState) -> None:
        self._forwarding.sending(seat, state)
        if state == "connected" and not self._known().over:
            await self._note(c.NoteMediaConnected(seat))

    async def _worker_lost(self, session: Session) -> None:
        """Of whom nothing was written yet, only the worker knew why."""
        heard, now = self._forwarding.lost(), self._clock.now()
        for seat in session.seats.values():
            if seat.recording:
                await self._note(c.NoteRecording(e.RecordingStopped(seat.id, "server")))
            elif seat.id in heard and seat.id in session.routed.recorded and not session.over:
                await self._note(c.NoteMediaAwaited(seat.id, now, "server"))
        for resting in network.resumed(self._known().seats.values()):
            await self._note(c.NotePictures(resting.seat, resting.way, False))
        self._audience.send_inside("media_lost", {}, self._known())
