"""What pages weigh and how fast they come: the way of a party from the link into the room, and the mediator's desk.

Weights are bytes on the wire to a browser that takes gzip and keeps files as it is told, each file once. Times are
round trips over loopback on a kept connection, so they contain the asking side; it runs on the same cores.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from server.rehearsal.command import throw_away
from server.rehearsal.report import RehearsalReport
from server.rehearsal.story import MEDIATOR, Story
from server.rehearsal.visitor import Page, Visitor
from tests.tools.figures import Figures, quantile

DESK_REQUESTS = 200
ASKERS = 8
SECONDS, SECONDS_QUICK = 10.0, 3.0
MOST_KB = 150.0
_LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_IMPORTED = re.compile(r'(?:from|import\()\s*"(\./[\w.-]+\.js)"|import"(\./[\w.-]+\.js)"')


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    asyncio.run(_measure(figures, SECONDS_QUICK if quick else SECONDS))
    figures.at_most("join_pages_kb", MOST_KB)
    figures.at_most("desk_ms_p95", 200.0)
    return figures.json()


async def _measure(figures: Figures, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        async with throw_away(Path(folder), "--workers", "1") as venue, Scales() as scales:
            walk = _Walk(venue.url, venue.password, scales)
            try:
                await walk.measure(figures, seconds)
            finally:
                await walk.end()


class Scales:
    """Weighs answers as they come over the wire: packed, without headers. Every static file counts once."""

    def __init__(self) -> None:
        self.pages: dict[str, int] = {}  # address -> bytes
        self.files: dict[str, int] = {}
        self._http = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())

    async def __aenter__(self) -> Scales:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    @property
    def kb(self) -> float:
        return round((sum(self.pages.values()) + sum(self.files.values())) / 1000, 1)

    async def weigh(self, page: Page, cookies: str) -> None:
        """A page, and everything it needs that no page before it needed."""
        _, raw = await self._get(page.url, cookies)
        self.pages[page.url] = raw
        for address in _LINKED.findall(page.text):
            await self._file(urljoin(page.url, address))

    async def _file(self, url: str) -> None:
        if url in self.files:
            return
        text, self.files[url] = await self._get(url, "")
        if urlsplit(url).path.endswith(".js"):
            for plain, bare in _IMPORTED.findall(text):
                await self._file(urljoin(url, plain or bare))

    async def _get(self, url: str, cookies: str) -> tuple[str, int]:
        """Its text and how many bytes came."""
        headers = {"Accept-Encoding": "gzip", **({"Cookie": cookies} if cookies else {})}
        async with self._http.get(url, headers=headers) as response:
            response.raise_for_status()
            size = len(await response.read())
        async with self._http.get(url, headers={**headers, "Accept-Encoding": "identity"}) as response:
            return await response.text(), size


class _Walk(Story):
    """The story up to the room's door, put on the scales page by page."""

    def __init__(self, base: str, password: str, scales: Scales) -> None:
        super().__init__(base, password, RehearsalReport(), ("127.0.0.1",))
        self._scales = scales

    async def measure(self, figures: Figures, seconds: float) -> None:
        desk = self._visitor()
        await self.sign_in(desk, MEDIATOR)
        await self.schedule(desk)
        invitation = self.links["consumer"]
        visitor = self._visitor()
        await self._scales.weigh(await visitor.get(urlsplit(invitation).path), visitor.cookies)
        figures.values["invitation_kb"] = self._scales.kb
        await self.arrive(desk, "consumer")
        figures.values["join_pages"] = len(self._scales.pages)
        figures.values["join_pages_kb"] = self._scales.kb
        consumer = self.callers["consumer"].person.visitor
        await self._scales.weigh(await consumer.get("/room"), consumer.cookies)
        figures.values["to_the_room_kb"] = self._scales.kb
        figures.values["of_it_pages_kb"] = round(sum(self._scales.pages.values()) / 1000, 1)
        figures.values["of_it_scripts_kb"] = self._files(".js")
        figures.values["of_it_styles_kb"] = self._files(".css")
        await _desk(figures, self.base, desk)
        figures.values["invitation_requests_per_s"] = await _rate(self.links["business"], seconds)  # not used up

    async def seen_on_the_way(self, page: Page, visitor: Visitor) -> None:
        await self._scales.weigh(page, visitor.cookies)

    def _files(self, ending: str) -> float:
        sizes = [size for url, size in self._scales.files.items() if urlsplit(url).path.endswith(ending)]
        return round(sum(sizes) / 1000, 1)

    async def end(self) -> None:
        for caller in self.callers.values():
            await caller.person.hang_up()
        for visitor in self._visitors:
            await visitor.__aexit__()


async def _desk(figures: Figures, base: str, desk: Visitor) -> None:
    times = []
    async with aiohttp.ClientSession(headers={"Cookie": desk.cookies, "Accept-Encoding": "gzip"}) as http:
        for _ in range(DESK_REQUESTS):
            times.append(await _seconds(http, f"{base}/desk"))
    figures.values["desk_ms_p50"] = round(quantile(times, 0.5) * 1000, 2)
    figures.values["desk_ms_p95"] = round(quantile(times, 0.95) * 1000, 2)


async def _rate(url: str, seconds: float) -> float:
    """Answers a second to a few who ask as fast as they are answered."""
    until, answers = time.perf_counter() + seconds, 0

    async def ask(http: aiohttp.ClientSession) -> None:
        nonlocal answers
        while time.perf_counter() < until:
            await _seconds(http, url)
            answers += 1

    async with aiohttp.ClientSession() as http:
        began = time.perf_counter()
        await asyncio.gather(*(ask(http) for _ in range(ASKERS)))
        return round(answers / (time.perf_counter() - began), 1)


async def _seconds(http: aiohttp.ClientSession, url: str) -> float:
    began = time.perf_counter()
    async with http.get(url, allow_redirects=False) as response:
        await response.read()
        if response.status != 200:
            raise RuntimeError(f"{url} answered {response.status}")
    return time.perf_counter() - began
