"""Many rooms at once, of light people: real pages, sockets, checks and SRTP, and nothing encoded.

Each comes back as a page does: when its socket breaks, when the room says that its media are lost, and when nobody
answers its connections' checks any more and its socket says nothing either. A look every `LOOK` seconds notes of each
room since when somebody does not hear whom they should.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import socketio
from aiortc.rtcdtlstransport import RTCCertificate
from sqlalchemy.engine import URL

from journal import Actor
from server.app import demo
from server.app.rehearsal import Page, RehearsalReport, Visitor
from server.app.rehearsal.person import Person, RoomFault, arrived, seat_of
from server.app.rehearsal.story import MEDIATOR, Story
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import installation_seal
from tests.tools.bench.media.guest import Guest

ROLES: Final = ("mediator", "consumer", "business")
PARTIES: Final = ROLES[1:]
AGAIN: Final = (0.5, 1.0)
"""Seconds before the first and before every other try, as `web/frontend/src/room/signal.ts` has them."""
SILENT: Final = 4.0
"""Seconds without an answer to its checks after which a browser says that it is disconnected, about."""
DOUBT: Final = 2.0
"""Seconds in which a socket that is doubted must answer."""
PATIENCE: Final = 8.0
"""Seconds in which what the room offered must stand."""
BUSY: Final = 1.5
"""Seconds after which media are asked for again."""
LOOK: Final = 0.25
HEARD: Final = 0.75
"""Seconds within which the last packet of somebody who is heard came."""
WAIT: Final = 10.0
WITHIN: Final = 60.0

Broken = (aiohttp.ClientError, socketio.exceptions.SocketIOError, RoomFault, OSError, TimeoutError, ConnectionError)


class Seat:
    """One person in one room."""

    def __init__(self, role: str, person: Person, session: str, certificate: RTCCertificate) -> None:
        self.role, self.person = role, person
        self.expects = 2  # others whose sound should come
        self.leaked = 0  # packets of sound that came while none was to
        self.refused: list[str] = []  # by what the room sent them away for good
        self.returns = 0
        self._session = session if role == "mediator" else ""
        self._certificate = certificate
        self._guest: Guest | None = None
        self._lost = asyncio.Event()  # the room says its media are
        self._task: asyncio.Task[None] | None = None
        self._offered = 0.0  # when the room first did, since media were joined
        self._closed = 0  # packets of connections that are closed

    # ------------------------------------------------------------ what came

    @property
    def packets(self) -> int:
        """Of sound, ever."""
        return self._closed + (self._guest.rtp if self._guest is not None else 0)

    def hears(self) -> int:
        """How many others."""
        now = time.monotonic()
        return 0 if self._guest is None else sum(now - at < HEARD for at in self._guest.heard.values())

    # ------------------------------------------------------------ being there

    def stay(self) -> None:
        """Be there until `go`, whatever happens. The socket is up."""
        self._task = asyncio.create_task(self._stay(), name=f"{self.role} of {self._session}")

    async def go(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hang_up()

    async def say(self, words: str) -> None:
        """It is acknowledged. One of `Broken`: not, or nobody knows."""
        await self._while_connected(self.person.ask("say", {"text": words, "to": ""}))

    async def _stay(self) -> None:
        up = True
        while not self.refused:
            try:
                if not up:
                    await asyncio.wait_for(self.person.connect(self._session), WAIT)
                    self.returns += 1
                    await self.person.until(
                        lambda view: seat_of(view, self.role)["status"] == "present", "the same seat"
                    )
                await self._talk()
            except Broken:
                pass
            await self._hang_up()
            await asyncio.sleep(AGAIN[not up])
            up = False

    async def _talk(self) -> None:
        """As long as the socket lives."""
        person = self.person
        while person.connected and not person.gone:
            self._lost.clear()
            try:
                await self._while_connected(self._join())
            except (RoomFault, TimeoutError):
                await asyncio.sleep(BUSY)
                continue
            while not self._lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._lost.wait(), 0.5)
                if person.gone:
                    self.refused.append(person.gone)
                if person.gone or not person.connected:
                    return
                assert self._guest is not None
                if self._guest.silent_for() > SILENT:
                    await asyncio.wait_for(self.person.ask("read_lines", {"after": 1_000_000}), DOUBT)
                    break
                if self._offered and not self._guest.connected and time.monotonic() - self._offered > PATIENCE:
                    break

    async def _while_connected(self, doing: Coroutine[Any, Any, None]) -> None:
        """ConnectionError when the socket ends before: nobody is going to answer then, as pages know."""
        task = asyncio.ensure_future(doing)
        try:
            while not (await asyncio.wait({task}, timeout=LOOK))[0]:
                if not self.person.connected:
                    raise ConnectionError
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _join(self) -> None:
        await self._end_media()
        person = self.person
        guest = self._guest = Guest(
            self._certificate,
            lambda sdp, sources: _sdp(person, sdp, sources),
            lambda sdp: person.ask("media_answer", {"sdp": sdp}),
        )

        self._offered = 0.0

        async def offered(body: dict[str, Any]) -> None:
            self._offered = self._offered or time.monotonic()
            try:
                await asyncio.wait_for(guest.offer(body["sdp"]), WAIT)
            except Broken:
                await self._ask_again(guest)

        async def lost() -> None:
            self._lost.set()

        person.on_offer, person.on_media_lost = offered, lost
        async with asyncio.timeout(WAIT):
            await person.ask("media_join")
            await guest.start(pictures=False)

    async def _ask_again(self, guest: Guest) -> None:
        """For an offer, as one was not answered."""
        while self._guest is guest and self.person.connected:
            await asyncio.sleep(BUSY)
            with contextlib.suppress(*Broken):
                await self.person.ask("media_restart")
                return

    async def _end_media(self) -> None:
        if self._guest is not None:
            self._closed += self._guest.rtp
            guest, self._guest = self._guest, None
            with contextlib.suppress(*Broken):
                await asyncio.wait_for(guest.leave(), DOUBT)

    async def _hang_up(self) -> None:
        await self._end_media()
        with contextlib.suppress(Exception):  # its server does not answer
            await asyncio.wait_for(self.person.hang_up(), DOUBT)


async def _sdp(person: Person, sdp: str, sources: dict[str, str]) -> str:
    return str((await person.ask("media_publish", {"sdp": sdp, "sources": sources}))["sdp"])


@dataclass
class Room:
    """`quiet`: since when somebody does not hear whom they should; None: all do."""

    complaint: str
    session: str
    seats: dict[str, Seat]
    apart: bool = False
    begun: bool = False  # all have heard each other
    quiet: float | None = None
    outages: list[tuple[float, float]] = field(default_factory=list)  # from and until, of time.monotonic()
    _counted: int = 0

    @property
    def whole(self) -> bool:
        return all(seat.hears() >= seat.expects for seat in self.seats.values())

    @property
    def silent(self) -> bool:
        """Nobody hears anybody."""
        return not any(seat.hears() for seat in self.seats.values())

    @property
    def leaked(self) -> int:
        """Packets of a private talk that came to who is outside."""
        return self.seats["consumer"].packets - self._counted if self.apart else 0

    def look(self, now: float) -> None:
        if self.whole:
            self.begun = True
            if self.quiet is not None:
                self.outages.append((self.quiet, now))
            self.quiet = None
        elif self.quiet is None and self.begun:
            self.quiet = now - HEARD

    async def again(self, role: str, message: str, body: Mapping[str, Any] | None = None) -> None:
        """Ask for it, again while the room is on its way or busy. TimeoutError tells what was answered, how often."""
        unknown = False  # whether it was done
        answers: Counter[str] = Counter()
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    try:
                        await self.seats[role].person.ask(message, body)
                        return
                    except Broken as no:
                        answers[str(no) or type(no).__name__] += 1
                        if not isinstance(no, RoomFault):
                            unknown = True
                        elif not re.search("busy|not connected", str(no)):
                            if unknown:
                                return
                            raise
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            raise TimeoutError(f"{message}: {dict(answers)}") from None

    async def part(self) -> None:
        """The mediator talks to the business alone."""
        await self.seats["mediator"].person.ask("start_caucus", {"side": "business"})
        await asyncio.sleep(HEARD)  # what was on its way
        self._counted = self.seats["consumer"].packets
        self.apart = True
        for role, others in zip(ROLES, (1, 0, 1), strict=True):
            self.seats[role].expects = others


class Writer:
    """Says one line after another in a room, and notes which were acknowledged and how others were refused."""

    def __init__(self, room: Room) -> None:
        self.acknowledged: list[str] = []
        self.refused: Counter[str] = Counter()
        self.room = room
        self._next = asyncio.Event()
        self._task = asyncio.create_task(self._write())

    async def more(self, count: int, seconds: float = 90) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(seconds):
            while len(self.acknowledged) < wanted:
                self._next.clear()
                await self._next.wait()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        for n in range(100_000):
            words, role = f"{self.room.session[:6]} {n}", ROLES[n % len(ROLES)]  # nobody may write very much
            try:
                await self.room.seats[role].say(words)
            except Broken as no:
                code = re.search(r"was refused: (\w+)", str(no)) if isinstance(no, RoomFault) else None
                self.refused[code[1] if code else "away"] += 1
            else:
                self.acknowledged.append(words)
                self._next.set()
            await asyncio.sleep(0.1)  # as fast as somebody may


@contextlib.asynccontextmanager
async def writing(rooms: list[Room]) -> AsyncIterator[list[Writer]]:
    writers = [Writer(room) for room in rooms]
    try:
        yield writers
    finally:
        for writer in writers:
            await writer.stop()


class Rooms:
    """`base`: where the edge leads to whichever node answers. Use as a context; each room is opened in turn."""

    def __init__(self, base: str, here: str, password: str) -> None:
        self._story = Story(base, password, RehearsalReport(), (here,))
        self._base = base
        self._desk = Visitor(base)
        self._certificate = RTCCertificate.generateCertificate()
        self._looking: asyncio.Task[None] | None = None
        self.all: list[Room] = []

    async def __aenter__(self) -> Rooms:
        await self._story.sign_in(self._desk, MEDIATOR)
        self._looking = asyncio.create_task(self._look(), name="looking")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await asyncio.gather(*(seat.go() for room in self.all for seat in room.seats.values()))
        await self._story.end()
        await self._desk.__aexit__()

    async def open(self, complaint: str) -> Room:
        """Everybody is in the room and on the way to hearing each other."""
        desk = self._desk
        page = await desk.get(f"/complaints/{complaint}/schedule")
        page = await desk.submit(page, page.form("schedule"), at="now", send="yes")
        session = urlsplit(page.url).path.rsplit("/", 1)[1]
        links = list(dict.fromkeys(value for value in page.values if "/j/" in value and value.startswith("http")))
        people: dict[str, Person] = {}
        for role, link in zip(PARTIES, links, strict=False):
            people[role] = await arrived(self._story._visitor(), desk, urlsplit(link).path, role, _seen)
            await people[role].ask("arrive")
        mediator = people["mediator"] = Person("mediator", desk)
        await mediator.connect(session)
        await mediator.ask("arrive")
        await mediator.until(lambda view: view["session"]["status"] == "live", "the session to be live")
        for role in PARTIES:
            await mediator.ask("admit", {"seat": seat_of(mediator.view, role)["id"]})
        seats = {role: Seat(role, people[role], session, self._certificate) for role in ROLES}
        room = Room(complaint, session, seats)
        for seat in seats.values():
            seat.stay()
        self.all.append(room)
        return room

    async def until_whole(self, seconds: float) -> None:
        """Everybody hears everybody they should. TimeoutError."""
        await self.until(lambda: all(room.quiet is None and room.whole for room in self.all), seconds)

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - packets tell nobody
                await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            now = time.monotonic()
            for room in self.all:
                room.look(now)

    async def close(self, room: Room) -> None:
        """Without an agreement."""
        if room.apart:
            await room.again("mediator", "end_caucus")
        await room.again("mediator", "enter_phase", {"phase": "closing"})
        await room.again("mediator", "propose_outcome", {"outcome": {"kind": "not_settled", "terms": []}})
        for role in PARTIES:
            view = await room.seats[role].person.until(lambda view: view["outcome"] is not None, "the outcome", WITHIN)
            await room.again(role, "see_outcome", {"number": view["outcome"]["number"]})
        await room.again("mediator", "close", {"anyway": ""})


async def _seen(_page: Page, _visitor: Visitor) -> None:
    return None


async def complaints(url: URL, data: Path, count: int) -> Sequence[str]:
    """So many more of the demo office, each of other people. `data`: a folder with its keys."""
    database, seal = Database(url), installation_seal(data)
    journal = SqlJournal(database, projectors(None))
    names = [f"many-{n:03}" for n in range(count)]
    officer = Actor("officer", "many", "周敏", "mediator", demo.OFFICE.id)
    try:
        for n, name in enumerate(names):
            like = demo.CASES[0]
            case = replace(
                like,
                id=name,
                title=f"{like.title}（{n}）",
                consumer=like.consumer._replace(phone=f"1380001{n:04}"),
                business=like.business._replace(phone=f"1390002{n:04}"),
            )
            await demo._file(journal, seal, case, datetime.now(UTC), officer)
    finally:
        await database.close()
    return names
