"""A mediation under way in the real program, which these tests hurt: three people, their media, and its record."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from journal import Event, verify
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.events import stream
from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.aftermath import eventually, pictures_of, sound_of
from server.app.rehearsal.command import Venue
from server.app.rehearsal.person import Caller, Person, View, seat_of
from server.app.rehearsal.story import MEDIATOR, PATTERNS, SUPERVISOR, Story
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.server.app.application import demo_program

PARTIES = ("consumer", "business")
OUTCOME = {"outcome": {"kind": "settled", "terms": [{
    "who": "business", "action": "退还剩余积分对应的部分款项", "amount": "2000.00", "due": None,
    "how": "原支付方式退回", "performance": "on_the_spot",
}]}}  # fmt: skip


def seat_in(callers: Mapping[str, Caller], role: str) -> str:
    """Of the person with this role; the same before and after whatever happens."""
    return str(seat_of(callers["mediator"].person.view, role)["id"])


async def all_meet(callers: Mapping[str, Caller], seconds: float = 45) -> None:
    """Until each has received fresh picture and sound of each other, from now."""

    async def one(role: str) -> None:
        peer = callers[role].peer
        others = [seat_in(callers, other) for other in callers if other != role]
        before = {seat: (peer.of(seat, "camera").frames, peer.of(seat, "mic").loud) for seat in others}
        await peer.until(
            lambda: all(
                peer.of(seat, "camera").frames > frames + 5 and peer.of(seat, "mic").loud > loud + 0.3
                for seat, (frames, loud) in before.items()
            ),
            seconds,
        )

    await asyncio.gather(*(one(role) for role in callers))


@dataclass
class Sitting:
    """`desk` is the mediator's browser. Roles name people."""

    venue: Venue
    story: Story
    desk: Visitor
    callers: dict[str, Caller] = field(default_factory=dict)

    def person(self, role: str) -> Person:
        return self.callers[role].person

    def seat(self, role: str) -> str:
        return seat_in(self.callers, role)

    def take_over(self, role: str, person: Person) -> None:
        """From now on this connection is the role's; media are joined anew with it."""
        self.callers[role] = Caller(person, PATTERNS[role], self.story.addresses)

    # ------------------------------------------------------------ in the room

    async def all_meet(self, seconds: float = 45) -> None:
        await all_meet(self.callers, seconds)

    async def all_recorded(self) -> View:
        return await self.person("mediator").until(
            lambda view: len(view["recording"]["seats"]) == len(self.callers), "recording of everybody", 45
        )

    async def come_back(self, role: str) -> None:
        """As a page whose connection was cut does: a new socket with the same cookies, then media."""
        caller = self.callers[role]
        await caller.leave(silently=True)
        await caller.person.hang_up()
        await caller.person.connect(self.story.session if role == "mediator" else "")
        await caller.person.until(lambda view: seat_of(view, role)["status"] == "present", "the same seat")
        await caller.come_back()

    async def settle(self) -> None:
        """Up to the moment before closing: everybody has seen the outcome."""
        mediator = self.person("mediator")
        for item in ("identity", "rights", "recusal", "sham"):
            await mediator.ask("cover_opening", {"item": item, "done": True})
        await mediator.ask("enter_phase", {"phase": "closing"})
        await mediator.ask("propose_outcome", OUTCOME)
        for role in PARTIES:
            await self.person(role).until(lambda view: view["outcome"] is not None, "the outcome")
            await self.person(role).ask("see_outcome", {"number": 1})

    # ------------------------------------------------------------ afterwards

    async def journal(self) -> list[Event]:
        """The session's stream as it lies on disk, its chain checked."""
        elsewhere = os.environ.get("YUNTIAO_DATABASE_URL")
        database = Database(elsewhere or f"sqlite+aiosqlite:///{self.venue.data / 'yuntiao.db'}")
        try:
            events = await SqlJournal(database).read(stream(self.story.session))
        finally:
            await database.close()
        verify(events)
        return events

    async def until_journaled(self, kind: str, seconds: float = 30, **data: Any) -> Event:
        found: list[Event] = []

        async def there() -> bool:
            found[:] = [e for e in await self.journal() if e.type == kind and data.items() <= e.data.items()]
            return bool(found)

        await eventually(there, f"{kind} {data} in the journal", seconds)
        return found[-1]

    async def complaint_followed(self) -> None:
        async def done() -> bool:
            page = await self.desk.get(f"/complaints/{self.story.complaint}")
            return "2,000.00" in page.words and self.story.session in page.text

        await eventually(done, "the complaint to show what was recovered", 10)

    async def film(self, seconds: float = 120) -> Film:
        """What the supervisor's player gets, once it is composed."""
        async with Visitor(self.venue.url) as supervisor:
            await self.story.sign_in(supervisor, SUPERVISOR)
            place = f"/audit/{self.story.session}"

            async def ready() -> bool:
                state = (await supervisor.json(f"{place}/recording.json"))["state"]
                assert state != "failed"
                return bool(state == "ready")

            await eventually(ready, "the film", seconds)
            status, content = await supervisor.download(f"{place}/recording.mp4")
        assert status == 200
        composed = await self.until_journaled("RecordingComposed")
        return Film(content, datetime.fromisoformat(composed.data["origin"]).timestamp())

    def segments(self, events: list[Event], role: str | None = None) -> list[Event]:
        """Finished files, each checked against the disk: what lies there, and what it holds."""
        shelf = EncryptedFileStore(self.venue.data / "recordings", case_keys(self.venue.data))
        sealed = [event for event in events if event.type == "SegmentSealed"]
        for event in sealed:
            assert shelf.stored(event.data["path"]).stat().st_size == event.data["stored_size"]
            shelf.identify(self.story.session, event.data["path"], event.data["sha256"])
        return [event for event in sealed if role is None or event.data["seat"] == self.seat(role)]

    def loose_files(self) -> list[Path]:
        """Recording files without a seal."""
        return list((self.venue.data / "recordings").glob("*/*/*.part"))


class Film:
    """A composed video and when, on the wall clock, its people are to be seen and heard in it."""

    def __init__(self, content: bytes, origin: float) -> None:
        self._origin = origin
        self._times, self._pictures = pictures_of(content)
        self._sound = sound_of(content)

    def seen(self, role: str) -> list[float]:
        """Times of the pictures with this person's colour."""
        near = np.abs(self._pictures - np.array(PATTERNS[role].colour, np.int16)).max(axis=3) < 45
        shown = near.mean(axis=(1, 2)) > 0.02
        return [float(t) + self._origin for t in self._times[shown]]

    def heard(self, role: str) -> list[float]:
        """Times of the windows of 0.1 s with this person's tone."""
        size = 4800
        tone = PATTERNS[role].tone
        wave = np.exp(-2j * np.pi * tone * np.arange(size) / 48_000) * np.hanning(size)
        windows = self._sound[: len(self._sound) // size * size].reshape(-1, size)
        power = np.abs(windows @ wave)
        loud = np.flatnonzero(power > power.max() * 0.3)
        return [float(n) * size / 48_000 + self._origin for n in loud]


@contextlib.asynccontextmanager
async def sitting(
    folder: Path,
    *options: str,
    media: bool = True,
    program: Callable[..., contextlib.AbstractAsyncContextManager[Venue]] = demo_program,
) -> AsyncIterator[Sitting]:
    """Everybody is in the room; with `media` they see and hear each other and are being recorded."""
    async with program(folder, *options) as venue:
        story = Story(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
        async with contextlib.AsyncExitStack() as stack, Visitor(venue.url) as desk:
            await story.sign_in(desk, MEDIATOR)
            await story.schedule(desk)
            here = Sitting(venue, story, desk, story.callers)
            stack.push_async_callback(_go_home, here)
            for role in PARTIES:
                await story.arrive(desk, role)
            await story.open_room(desk)
            await story.admit()
            if media:
                await here.all_recorded()
                await here.all_meet()
            try:
                yield here
            except BaseException:
                sys.stderr.write(venue.last_words())  # pytest shows it beside what failed
                raise


async def _go_home(here: Sitting) -> None:
    for caller in here.callers.values():
        await caller.leave()
        await caller.person.hang_up()
        if caller.person is not here.callers["mediator"].person:
            await caller.person.visitor.__aexit__()
