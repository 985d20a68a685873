"""All rooms of this process, and what everybody outside asks of sessions: finds or wakes a room, passes on what media
reports.

Owns the map from session to `Room` and the engine's single stream of events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from journal import SYSTEM, Actor, Event, Journal
from journal.clock import Clock
from journal.refusals import Busy, DomainError, NotAllowed, Unanswered, UnknownSession
from media import engine as m
from media.engine import Measurement
from rooms import DiskReserve, NotInRoom, OtherNode, Restarting, UnknownSeat
from rooms.agreement.rules import preview
from rooms.agreement.state import ClausePhrasing
from rooms.commands import Command, Resume
from rooms.events import history, stream
from rooms.floor.rules import (
    NO_TEXTS,
    ArticleFinder,
    CardFinder,
    CaseFinder,
    ShownTexts,
    catalogue_leaf,
    no_cards,
    no_cases,
)
from rooms.floor.state import Chat
from rooms.live import Subscription
from rooms.live.audience import chat_page
from rooms.live.room import Closed, ReadContext, Room
from rooms.media.diagnosis import SeatReport
from rooms.media.forwarding import report_command
from rooms.seats import BEST
from rooms.session import Session, fold
from rooms.view import LineView
from rooms.view.seat_view import RoomContext
from rooms.vocabulary import SENDING, SHARING, Role, Term

log = logging.getLogger(__name__)

RECOVERED_AT_ONCE = 32
"""Sessions folded from their journals side by side after a restart."""


NOTED_AGAIN = 2.0
"""Seconds until what media reported of a room that is another's is told to its owner again."""
MOST_NOTED = 30
"""Times. What is not noted by then is found beside the recordings at the next start."""
LEAVING = 4
"""Rooms that are handed over side by side."""
MOVES = 3
"""How often a command follows a room that is taken by one server after another."""


async def _no_context(session: Session) -> RoomContext:
    return RoomContext()


class Ownership(Protocol):
    """Which rooms are this server's, where several serve one database."""

    def mine(self, session: str) -> bool:
        """At this moment."""
        ...

    async def take(self, session: str, here: bool = False) -> None:
        """Have it, when nobody has; unless `here` OtherNode too where another has more room for it. OtherNode, Busy."""
        ...

    def left(self, session: str) -> bool:
        """Whether the server that had the room before left without ending it in order; told once."""
        ...

    def give(self, session: str) -> None:
        """Give the room up: any server may take it."""
        ...

    async def others(self) -> bool:
        """Whether another server would take rooms. OSError when nobody can tell."""
        ...

    async def leave(self, session: str) -> None:
        """Give the room up with whoever is in it: another server takes it soon, also when nobody asks. OSError."""
        ...

    async def forward(self, node: str, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """As `Sessions.submit`, at the server that has it; OtherNode when that has not."""
        ...


class Rooms:
    """Implements `Sessions`. Use between `start()` and `stop()`.

    `read_context` tells a room its office and complaint. Every callable in `on_closed` is awaited, in order, after a
    session closed and its recordings were finished. Every callable in `on_lost` hears at once of a session whose
    media worker died, every callable in `on_measured` of what a client reports of its connection, in `on_reported` of
    what its room made of it. `lag` says how many seconds the loops are late that a room rests on. `space` says whether
    the disk has room for the recordings of one more session: without, none is opened, and those under way go on.
    `owner` says whose a room is, where several servers share the database; None: all are ours.
    `articles` finds an article that the mediator wants to show, `cases` a typical case, `cards` the script card of a
    kind of dispute. `shown` are the editions of what people agree to in a room.
    """

    def __init__(
        self,
        journal: Journal,
        engine: m.MediaEngine,
        clock: Clock,
        read_context: ReadContext = _no_context,
        space: Callable[[], bool] = lambda: True,
        articles: ArticleFinder = catalogue_leaf,
        cases: CaseFinder = no_cases,
        shown: ShownTexts = NO_TEXTS,
        cards: CardFinder = no_cards,
        owner: Ownership | None = None,
    ) -> None:
        self._owner = owner
        self._noting: set[asyncio.Task[None]] = set()
        self._articles, self._cases, self._cards, self._shown = articles, cases, cards, shown
        self._space = space
        self._restarts: datetime | None = None
        self._leaving: set[str] = set()  # those that are being handed over
        self._journal, self._engine, self._clock, self._read_context = journal, engine, clock, read_context
        self._rooms: dict[str, Room] = {}
        self._pump: asyncio.Task[None] | None = None
        self._stopped = False
        self.on_closed: list[Closed] = []
        self.on_lost: list[Callable[[str], None]] = []
        self.on_measured: list[Callable[[Measurement], None]] = []
        self.on_reported: list[Callable[[str, SeatReport], None]] = []
        self.lag: Callable[[str], float] = lambda room: 0.0

    @property
    def awake(self) -> int:
        """Rooms with a task."""
        return len(self._rooms)

    def open_sessions(self) -> list[str]:
        """Whose rooms are awake."""
        return list(self._rooms)

    def qualities(self) -> Mapping[str, int]:
        """How many people in rooms have which connection quality: "1" (bad) to "4"."""
        found = Counter(level for room in self._rooms.values() for level in room.qualities)
        return {str(level): found[level] for level in range(1, BEST + 1)}

    def resting(self) -> Mapping[str, int]:
        """How many people's pictures rest for the sound, "to" and "from" them."""
        found = Counter(way for room in self._rooms.values() for way in room.resting)
        return {way: found[way] for way in ("from", "to")}

    async def start(self) -> None:
        self._pump = asyncio.get_running_loop().create_task(self._listen(), name="media events")

    async def stop(self) -> None:
        self._stopped = True
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for task in self._noting:
            task.cancel()
        await asyncio.gather(*(room.stop() for room in self._rooms.values()))
        self._rooms.clear()

    async def lapse(self) -> None:
        """None of the rooms is this server's any more: whoever is in one comes back to the server that has it then."""
        rooms, self._rooms = list(self._rooms.values()), {}
        for room in rooms:
            room.cut()
        await asyncio.gather(*(room.stop() for room in rooms))

    def drain(self, at: datetime) -> None:
        """Open no more sessions; tell everybody in a room that the program restarts, at that moment at the latest."""
        self._restarts = at
        for room in self._rooms.values():
            room.tell_restart(at)

    @property
    def drains(self) -> bool:
        return self._restarts is not None

    @property
    def occupied(self) -> int:
        """Sessions under way that somebody is in."""
        return sum(room.occupied for room in self._rooms.values())

    async def hand_over(self, all_of_them: bool = False) -> None:
        """To other servers, if there are any: rooms in which nothing goes on just now, since nobody was let in yet or
        there is a recess; or each that is not over. Their people come back by themselves, at the server that has it."""
        if (owner := self._owner) is None or not await owner.others():
            return
        turn = asyncio.Semaphore(LEAVING)

        async def leave(room: Room) -> None:
            async with turn:
                try:
                    await self._leave(room, owner)
                except (DomainError, OSError) as no:  # it is tried again as long as there is time
                    log.warning("room %s was not handed over: %s", room.id, no)

        await asyncio.gather(*(leave(room) for room in list(self._rooms.values()) if room.movable(all_of_them)))

    async def _leave(self, room: Room, owner: Ownership) -> None:
        """Its media end, what was recorded is noted, and then it is another's."""
        self._leaving.add(room.id)
        try:
            await room.ask(Resume(), SYSTEM)  # from now on everybody is on the way back
            room.cut()
            await room.end_recordings()
            await room.stop()
            if self._rooms.get(room.id) is room:
                del self._rooms[room.id]
            await owner.leave(room.id)
        finally:
            self._leaving.discard(room.id)

    async def recover(self, sessions: Sequence[str]) -> None:
        """After a restart: everybody who was there is reconnecting, and sessions go on where they were. Those of
        another server are left to it."""
        turn = asyncio.Semaphore(RECOVERED_AT_ONCE)

        async def resume(session: str) -> None:
            async with turn:
                try:
                    await self.own(session, here=True)
                    await self.post(session, Resume(), SYSTEM)
                except OtherNode:
                    return
                except (DomainError, Unanswered):
                    log.exception("session %s was not resumed", session)

        await asyncio.gather(*map(resume, sessions))

    # ------------------------------------------------------------ sessions

    def post(self, session: str, command: Command, actor: Actor) -> asyncio.Future[list[Event]]:
        """Enqueue now, decide later: whoever posts first is decided first."""
        return self._room(session).ask(command, actor)

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        for _ in range(MOVES):
            try:
                await self.own(session)
            except OtherNode as other:
                assert self._owner is not None
                with contextlib.suppress(OtherNode):
                    return await self._owner.forward(other.params["node"], session, command, actor)
            else:
                return await self.post(session, command, actor)
        raise Busy

    async def submit_here(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """For another server, which takes this one for the owner. OtherNode."""
        await self.own(session, here=True)
        return await self.post(session, command, actor)

    async def own(self, session: str, here: bool = False) -> None:
        """Have its room here. OtherNode says who has it, or unless `here` who should; Busy that nobody can tell."""
        if session in self._leaving:
            raise Busy
        if self._owner is not None and not self._owner.mine(session):
            await self._owner.take(session, here)

    async def state(self, session: str) -> Session:
        """The state of a session; of one without a room in this process, as the journal has it: to be looked at
        opens no room, which would read the complaint and all who belong to it."""
        if session in self._rooms and self._here(session):
            return await self._room(session).look()
        found = fold(history(await self._journal.read(stream(session))))
        if found is None:
            raise UnknownSession(session=session)
        return found

    async def preview(self, session: str, term: Term) -> ClausePhrasing:
        """How a promise would read as a clause of this session's agreement. DomainError as for putting it."""
        return preview(term, await self.state(session), self._clock.now())

    def attach(self, session: str, seat: str) -> asyncio.Future[Subscription]:
        """Listen as this seat; the first message is its view. UnknownSession, UnknownSeat."""
        return self._room(session).attach(seat)

    async def read_lines(
        self, session: str, seat: str, after: int | None = None, before: int | None = None
    ) -> list[LineView]:
        """A page of the chat as this seat may read it, in order: what follows a number, or leads up to one (to the end
        without either). NotAllowed, NotInRoom."""
        if self._here(session):
            return await self._room(session).read_lines(seat, after, before)
        entries = history(await self._journal.read(stream(session)))
        if (found := fold(entries)) is None:
            raise UnknownSession(session=session)
        return chat_page(found, Chat(entries), seat, after, before)

    # ------------------------------------------------------------ media, for seats in the room

    async def media_join(self, session: str, seat: str) -> m.Admission:
        """NotInRoom unless admitted; media.engine.WorkerFull."""
        room = self._room(session)
        await room.join(seat, False)
        try:
            admission = await self._engine.admit(session, seat)
        except m.WorkerFull:
            room.turned_away(seat)
            raise
        await room.join(seat, True)  # who was removed meanwhile is put out again
        return admission

    async def media_publish(self, session: str, seat: str, sdp: str, sources: Mapping[str, m.Source]) -> str:
        """Our answer. NotAllowed for a source this role does not have; media errors."""
        state = await self._inside(session, seat)
        role = state.seats[seat].role
        if role not in SENDING and (sources or role is Role.SUPERVISOR):
            raise NotAllowed  # who oversees has nothing to offer, not even nothing
        if "screen" in sources.values() and role not in SHARING:
            raise NotAllowed
        return await self._engine.publish(session, seat, sdp, sources)

    async def media_answer(self, session: str, seat: str, sdp: str) -> None:
        await self._inside(session, seat)
        await self._engine.answer(session, seat, sdp)

    async def media_restart(self, session: str, seat: str) -> None:
        await self._inside(session, seat)
        await self._engine.restart(session, seat)

    async def media_look(self, session: str, seat: str, at: str) -> None:
        """Whom this seat's page shows large ("": nobody). UnknownSeat; whom they may not see it changes nothing for."""
        state = await self._inside(session, seat)
        if at and at not in state.seats:
            raise UnknownSeat(seat=at)
        await self._engine.pin(session, seat, at)

    async def report_quality(
        self, session: str, seat: str, measurement: Measurement, client: str = "", network: str = ""
    ) -> int:
        """What the seat's own client measures; the quality (1-4) that makes. `client`: its browser and system;
        `network`: the address it comes from, which is kept nowhere."""
        await self._inside(session, seat)
        self._room(session).measured(seat, measurement, client, network)
        for note in self.on_measured:
            note(measurement)
        return measurement.level

    def point(self, session: str, seat: str, looking: Mapping[str, Any]) -> None:
        """Where whoever shows an exhibit looks: told to those who see it, and kept nowhere."""
        self._room(session).pointed(seat, looking)

    def carries(self, session: str, seat: str) -> bool:
        """Whether the seat's sound and pictures are admitted."""
        room = self._rooms.get(session)
        return room is not None and room.carries(seat)

    async def end_media(self, session: str, seat: str) -> None:
        """Whoever sends and receives for the seat may do so no longer: the engine lets go of them."""
        if (room := self._rooms.get(session)) is not None:
            await room.end_media(seat)

    async def _inside(self, session: str, seat: str) -> Session:
        state = await self.state(session)
        if not (state.under_way and seat in state.seats and state.seats[seat].in_room):
            raise NotInRoom(seat=seat)
        return state

    # ------------------------------------------------------------ rooms

    def _here(self, session: str) -> bool:
        return self._owner is None or self._owner.mine(session)

    def _room(self, session: str) -> Room:
        room = self._rooms.get(session)
        if not self._here(session):
            raise Busy
        if room is None:
            if self._stopped:
                raise Busy
            room = Room(
                session,
                self._journal,
                self._engine,
                self._clock,
                self._read_context,
                self.on_closed,
                self._forget,
                self._may_open,
                self._articles,
                self._cases,
                self._shown,
                self._cards,
                lambda room: self.lag(room),
                self._pass_on,
            )
            self._rooms[session] = room
            room.left_behind = self._owner is not None and self._owner.left(session)
            room.start()
            if self._restarts is not None:
                room.tell_restart(self._restarts)
        return room

    def _may_open(self) -> None:
        if self._restarts is not None:
            raise Restarting
        if not self._space():
            raise DiskReserve

    def _pass_on(self, session: str, report: SeatReport) -> None:
        for note in self.on_reported:
            note(session, report)

    def _forget(self, room: Room) -> None:
        if self._rooms.get(room.id) is room:
            del self._rooms[room.id]
            if self._owner is not None:
                self._owner.give(room.id)

    async def _listen(self) -> None:
        async for event in self._engine.events():
            if isinstance(event, m.RoomClosed) and event.room not in self._rooms:
                continue  # nobody waits for it any more
            if self._here(event.room):
                await self._room(event.room).report(event)
            elif isinstance(event, m.Segment | m.Unrecorded):
                task = asyncio.get_running_loop().create_task(self._note(event), name=f"noting {event.room}")
                self._noting.add(task)
                task.add_done_callback(self._noting.discard)
            if isinstance(event, m.RoomLost):
                for tell in self.on_lost:
                    tell(event.room)

    async def _note(self, event: m.Segment | m.Unrecorded) -> None:
        """What was recorded here until the room became another server's."""
        command = report_command(event)
        assert command is not None
        for _ in range(MOST_NOTED):
            try:
                await self.submit(event.room, command, SYSTEM)
            except (Busy, Unanswered):
                await asyncio.sleep(NOTED_AGAIN)
            except DomainError:
                log.exception("room %s: a recording was not noted", event.room)
                return
            else:
                return


class Sessions(Protocol):
    """Live and past sessions; implemented by rooms.live.registry.Rooms."""

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """Decide in the session's mailbox and append. rooms.DomainError says why not."""
        ...

    async def state(self, session: str) -> Session:
        """rooms.UnknownSession."""
        ...
