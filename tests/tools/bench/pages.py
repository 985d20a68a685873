"""What pages weigh and how fast they come: the way of a party from the link into the room, the mediator's desk, and the
queue with ten thousand open complaints.

Weights are bytes on the wire to a browser that takes gzip and keeps files as it is told, each file once. Times are
round trips over loopback on a kept connection, so they contain the asking side; it runs on the same cores.
"""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from complaints.channels.mapping import builtin
from complaints.sample import samples
from journal import SYSTEM
from server.app.demo import OFFICE
from server.app.parts import PARTS, Parts
from server.app.rehearsal import Page, RehearsalReport, Visitor
from server.app.rehearsal.command import throw_away
from server.app.rehearsal.story import MEDIATOR, Story
from server.identity import digest, fresh_token
from server.imports.batches import Batches
from server.imports.store import IntakeStore
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.tools import lighthouse
from tests.tools.figures import Figures, quantile
from web.http import cookies

DESK_REQUESTS = 200
ASKERS = 8
SECONDS, SECONDS_QUICK = 10.0, 3.0
MOST_KB = 150.0
ROOM_KB = 160.0  # the room by itself, as for somebody who comes back to it; no optional model is among it
OPEN, OPEN_QUICK = 10_000, 1_000  # complaints that nobody has accepted
PRESSES, PRESSES_QUICK = 1_000, 100  # of which one in twenty says what 95 % take
SEED = 11
HEADS = (
    "工单编号",
    "来电时间",
    "来电人",
    "来电号码",
    "诉求类型",
    "企业名称",
    "企业地址",
    "标题",
    "诉求内容",
    "诉求目的",
)
_LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_LATER = re.compile(r'"later": \[([^\]]*)\]')
_QUOTED = re.compile(r'"([^"]+)"')
_IMPORTED = re.compile(r'(?:from|import\()\s*"(\./[\w.-]+\.js)"|import"(\./[\w.-]+\.js)"')


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    asyncio.run(_measure(figures, SECONDS_QUICK if quick else SECONDS))
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        asyncio.run(_queue(figures, Path(folder), quick))
    figures.at_most("join_pages_kb", MOST_KB)
    figures.at_most("room_kb", ROOM_KB)
    for name in [one for one in figures.values if one.startswith("lighthouse_")]:
        figures.at_least(name, lighthouse.LEAST)
    figures.at_most("desk_ms_p95", 200.0)
    figures.at_most("press_ms_p95", 150.0)
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

    async def weigh_later(self, page: Page) -> None:
        """What it fetches only when it is wanted."""
        for address in _QUOTED.findall(_LATER.findall(page.text)[0]):
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
        room = await consumer.get("/room")
        await self._scales.weigh(room, consumer.cookies)
        async with Scales() as alone:
            await alone.weigh(room, consumer.cookies)
            figures.values["room_kb"] = alone.kb
            await alone.weigh_later(room)
            figures.values["room_later_kb"] = round(alone.kb - figures.values["room_kb"], 1)
        figures.values["to_the_room_kb"] = self._scales.kb
        figures.values["of_it_pages_kb"] = round(sum(self._scales.pages.values()) / 1000, 1)
        figures.values["of_it_scripts_kb"] = self._files(".js")
        figures.values["of_it_styles_kb"] = self._files(".css")
        await self._judged(figures, urlsplit(invitation).path, consumer)
        await _desk(figures, self.base, desk)
        figures.values["invitation_requests_per_s"] = await _rate(self.links["business"], seconds)  # not used up

    async def _judged(self, figures: Figures, invitation: str, consumer: Visitor) -> None:
        """By Lighthouse, where it is: the link, the same seat while it waits, and once it is let in."""
        if (command := lighthouse.command()) is None:
            return
        figures.values["lighthouse_invitation"] = await lighthouse.score(command, self.base + invitation, "")
        figures.values["lighthouse_waiting"] = await lighthouse.score(command, f"{self.base}/room", consumer.cookies)
        desk = self._visitor()
        await self.sign_in(desk, MEDIATOR)
        await self.open_room(desk)
        mediator, person = self.callers["mediator"].person, self.callers["consumer"].person
        await mediator.ask("admit", {"seat": person.seat})
        figures.values["lighthouse_room"] = await lighthouse.score(command, f"{self.base}/room", consumer.cookies)

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


async def _queue(figures: Figures, folder: Path, quick: bool) -> None:
    """One officer presses without thinking; what was held is done meanwhile, in the same process. A press is the posted
    form and the page that follows."""
    app = demo_app(Settings(data=folder / "data", demo=True, demo_password=SecretStr(PASSWORD)))
    server = TestServer(app)
    await server.start_server()
    try:
        parts = app[PARTS]
        await _imported(parts, folder, OPEN_QUICK if quick else OPEN)
        cookie = {"Cookie": f"{cookies.OFFICER}={await _signed_in(parts)}", "Accept-Encoding": "gzip"}
        async with aiohttp.ClientSession(headers=cookie, cookie_jar=aiohttp.DummyCookieJar()) as http:
            await _press(figures, http, str(server.make_url("/queue")), PRESSES_QUICK if quick else PRESSES)
    finally:
        await server.close()


async def _press(figures: Figures, http: aiohttp.ClientSession, queue: str, presses: int) -> None:
    gc.collect()
    gc.freeze()  # as a server does once it is loaded
    accepting, skipping = [], []
    base = queue.removesuffix("/queue")
    async with http.get(queue) as answer:
        page = await answer.text()
    figures.values["open"] = int(next(iter(re.findall(r"<h1>\D*([\d,]+)", page))).replace(",", ""))
    used = time.process_time()
    for _ in range(presses):
        begun = time.perf_counter()
        if 'data-press="Enter"' in page:
            path, form = _form(page)
            async with http.post(base + path, data=form) as answer:  # follows to the next
                page = await answer.text()
            accepting.append(time.perf_counter() - begun)
        else:
            after = re.findall(r'href="(/queue\?after=[^"]+)"', page)[0]
            async with http.get(base + after) as answer:
                page = await answer.text()
            skipping.append(time.perf_counter() - begun)
        answer.raise_for_status()
    figures.values["press_cpu_ms"] = round(
        (time.process_time() - used) / presses * 1000, 1
    )  # with what was held and is done
    figures.values["accepted"], figures.values["skipped"] = len(accepting), len(skipping)
    for name, times in (("accept", accepting), ("skip", skipping), ("press", [*accepting, *skipping])):
        figures.values[f"{name}_ms_p50"] = round(quantile(times, 0.5) * 1000, 1)
        figures.values[f"{name}_ms_p95"] = round(quantile(times, 0.95) * 1000, 1)


def _form(page: str) -> tuple[str, list[tuple[str, str]]]:
    """As the browser posts it: what is suggested."""
    card = page[page.index('id="queue-card"') :]
    path = re.findall(r'action="(/queue/[^"]+/accept)"', card)[0]
    sent = re.findall(r'<input type="hidden" name="(csrf|after)" value="([^"]*)"', card)[:2]
    for name in ("industry_code", "problem_class", "jurisdiction"):
        chosen = re.search(rf'name="{name}".*?</select>', card, re.DOTALL)
        value = re.search(r'value="([^"]*)" selected', chosen[0]) if chosen else None
        sent.append((name, value[1] if value else ""))
    sent += re.findall(r'name="(requests|urgency)" value="([^"]+)" checked', card)
    sent += re.findall(r'name="(division)" value="([^"]*)"', card)
    return path, sent


def hotline_export(count: int) -> bytes:
    """A hotline's file of invented complaints, some of them told twice."""
    out = io.StringIO()
    made = csv.writer(out)
    made.writerow(HEADS)
    for n, one in enumerate(samples(count, SEED)):
        received = one.received.strftime("%Y-%m-%d %H:%M:%S")
        who = (one.consumer_name, one.consumer_phone, "投诉", one.business_name, "")
        made.writerow((f"GD{n:012}", received, *who, one.title, one.facts, one.request))
    return out.getvalue().encode()


async def _imported(parts: Parts, folder: Path, count: int) -> None:
    path = folder / "export.csv"
    path.write_bytes(hotline_export(count))
    batches = Batches(
        parts.complaints, parts.journal, IntakeStore(parts.database), parts.seal, folder, lambda: datetime.now(UTC)
    )
    batch = await batches.begin(OFFICE, SYSTEM, builtin("hotline"), path, path.name)
    await batches.run(batch, OFFICE)


async def _signed_in(parts: Parts) -> str:
    account = await parts.store.user_by_login(MEDIATOR)
    assert account is not None
    token, now = fresh_token(), datetime.now(UTC)
    await parts.store.add_session(digest(token), account.id, now, now + timedelta(hours=2))
    return token
