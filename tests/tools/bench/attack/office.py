"""The office that is attacked: a live room whose people see and hear each other, and a watch over how it fares."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from server.app.demo import CASES
from server.app.rehearsal import Failed, PageFault, aftermath
from server.app.rehearsal.command import Venue
from server.app.rehearsal.person import arrived, seat_of
from server.app.rehearsal.story import MEDIATOR, SUPERVISOR, Story
from tests.tools.bench.attack.outcome import Target
from tests.tools.bench.media.accounts import command_of, family_of
from tests.tools.bench.media.sitting import resident

WATCHED: Final = ("mediator", "consumer")
HOSTILE: Final = "business"
LOOK_EVERY: Final = 0.25  # seconds
STILL: Final = 2.0  # seconds without a picture: more than a lost key frame
PAGES: Final = ("/sign-in", "/public", "/healthz")
OTHER: Final = next(case for case in CASES if case.id == "demo-0920")


class Office(Story):
    """The story up to a live room: mediator and consumer seen and heard, the business neither, and hostile."""

    async def begin(self) -> None:
        self.desk, self.supervisor = self._visitor(), self._visitor()
        await self.sign_in(self.desk, MEDIATOR)
        await self.sign_in(self.supervisor, SUPERVISOR)  # guesses make the login rest for whoever comes later
        await self.schedule(self.desk)
        for role in ("consumer", "business"):
            await self.arrive(self.desk, role)
        await self.open_room(self.desk)
        for role in ("consumer", "business"):
            person = self.callers[role].person
            await self.callers["mediator"].person.ask("admit", {"seat": self._seat(role)})
            await person.until(lambda view, role=role: seat_of(view, role)["status"] == "present", "being admitted")  # type: ignore[misc]
        await self.callers["consumer"].join()
        for role in WATCHED:
            await self.callers[role].until_received([self._seat(other) for other in WATCHED if other != role])
        await self.callers[HOSTILE].person.hang_up()  # the attacker has the cookies now
        await self._invite_another()

    async def _invite_another(self) -> None:
        """A second mediation, whose people have not come yet: somebody found the business's link and knows the
        consumer's number."""
        page = await self.desk.get(f"/complaints/{OTHER.id}")
        if any(value.endswith("/decide/accept") for value in page.values):
            page = await self.desk.get(f"/complaints/{OTHER.id}/decide/accept")
            await self.desk.submit(page, page.form("/decide/accept"))
        page = await self.desk.get(f"/complaints/{OTHER.id}/schedule")
        page = await self.desk.submit(page, page.form("schedule"), at="now", send="yes")
        links = dict.fromkeys(value for value in page.values if "/j/" in value and value.startswith("http"))
        self.own, self.found, *_ = (urlsplit(link).path for link in links)

    async def locked_out(self) -> str:
        """Why the person whose number was attacked cannot come in; empty: they can."""
        try:
            person = await arrived(self._visitor(), self.desk, self.own, "consumer", self.seen_on_the_way)
        except (Failed, PageFault) as no:
            return str(no)
        await person.hang_up()
        return ""

    def target(self, media: tuple[str, int], seconds: float) -> Target:
        """What the attacker is given; `media`: address and port of the worker."""
        party = self.callers[HOSTILE].person.visitor.cookies
        return Target(
            self.base, media, self.session, party, self.desk.cookies, self.found, OTHER.consumer.phone, seconds
        )

    async def settled(self) -> tuple[set[str], list[str]]:
        """End it; the first word of every line that the journal has, and what the package's checks found amiss."""
        mediator = self.callers["mediator"].person
        await mediator.ask("propose_outcome", {"outcome": {"kind": "ended", "ground": 3, "terms": []}})
        await mediator.ask("close", {"anyway": "the other side attacked the office"})
        supervisor = self.supervisor
        journal = await supervisor.json(f"/audit/{self.session}/journal.json")
        said = {str(event["data"].get("text", "")).partition(" ")[0] for event in journal["events"]}
        _, key = await supervisor.download("/log/key")
        package = await aftermath.export(supervisor, self.session, "package")
        found = await aftermath.verified(package, key.decode().strip())
        return said, [f"{check.code}: {check.text('en')} {check.details}" for check in found.amiss]


@dataclass
class Watch:
    """How the office fares, looked at all the time. Seconds and bytes.

    `stills`: times somebody in the room got no picture for a while. `refused`: pages that were not answered with 200.
    """

    office: Office
    venue: Venue
    pages: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    stills: int = 0
    refused: list[str] = field(default_factory=list)

    async def go_on(self) -> None:
        await asyncio.gather(self._pages(), self._numbers(), self._pictures())

    async def _pages(self) -> None:
        """As a new visitor does, each on a connection of its own."""
        while True:
            for path in PAGES:
                began = time.monotonic()
                try:
                    async with (
                        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http,
                        http.get(self.venue.url + path) as response,
                    ):
                        await response.read()
                        if response.status != 200:
                            self.refused.append(f"{path} answered {response.status}")
                except (aiohttp.ClientError, OSError, TimeoutError) as fault:
                    self.refused.append(f"{path}: {type(fault).__name__} {fault}")
                self.pages.append(time.monotonic() - began)
                await asyncio.sleep(LOOK_EVERY)

    async def _numbers(self) -> None:
        while True:
            with contextlib.suppress(OSError):  # one that ended meanwhile
                self.memory.append(sum(resident(pid) for pid in family(self.venue)))
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                self.lags.append((await self.metrics()).get("yuntiao_loop_lag_seconds", 0.0))
            await asyncio.sleep(1.0)

    async def _pictures(self) -> None:
        while True:
            before = [self._frames(role) for role in WATCHED]
            await asyncio.sleep(STILL)
            self.stills += sum(now <= then for now, then in zip(map(self._frames, WATCHED), before, strict=True))

    def _frames(self, role: str) -> int:
        return sum(received.frames for received in self.office.callers[role].peer.received.values())

    async def metrics(self) -> dict[str, float]:
        """Every sample of `/metrics`, by its name and labels."""
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http,
            http.get(f"{self.venue.url}/metrics") as response,
        ):
            text = await response.text()
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}


def family(venue: Venue) -> list[int]:
    """The program's processes: web, workers, jobs and whatever stays; the children that read one file and end have a
    limit of their own."""
    assert venue.process is not None
    pid = venue.process.pid
    return [one for one in (pid, *family_of(pid)) if (command := command_of(one)) and "confinement" not in command]
