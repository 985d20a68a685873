"""Real Chromium pages in a conversation through a real worker process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import WSMsgType, web
from playwright.async_api import Page, async_playwright

from media.engine import Connection, MediaEngine, MediaEvent, Offer, RouteMatrix
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.media.relay import Relay
from tests.media.stage import embedded, full
from tests.tools.bench.media.network import Network

pytestmark = [pytest.mark.browser, pytest.mark.media]

PAGE = Path(__file__).with_name("page.html")
ROOM = "r"


class Scripted(Protocol):
    """A page of whatever browser."""

    async def evaluate(self, expression: str, /) -> Any: ...


class Hall:
    """The page's server: hands messages between pages and the engine."""

    def __init__(self, engine: MediaEngine) -> None:
        self.engine = engine
        self.url = ""  # of the page, once it is served
        self.relays: dict[str, Relay | Network] = {}  # whose media goes through a network of ours
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.events: list[MediaEvent] = []
        self.recorded: frozenset[str] = frozenset()

    async def read(self) -> None:
        async for event in self.engine.events():
            self.events.append(event)
            if isinstance(event, Offer):
                tracks = [asdict(track) for track in event.tracks]
                sdp = await self.routed(event.participant, event.sdp)
                await self.sockets[event.participant].send_json({"type": "offer", "sdp": sdp, "tracks": tracks})

    async def routed(self, name: str, sdp: str) -> str:
        """The same description with the relay's port in the place of the worker's."""
        if name in self.relays:
            found = re.search(r"127\.0\.0\.1 (\d+) typ host", sdp)
            assert found is not None
            await self.relays[name].lead_to(int(found[1]))
            return sdp.replace(found[0], f"127.0.0.1 {self.relays[name].port} typ host")
        return sdp

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        name = request.query["name"]
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.sockets[name] = ws
        await self.engine.admit(ROOM, name)
        await self.engine.route(ROOM, full(self.sockets, self.recorded))
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                await self.take(name, json.loads(message.data))
        return ws

    async def take(self, name: str, message: dict[str, Any]) -> None:
        match message["type"]:
            case "publish":
                sdp = await self.engine.publish(ROOM, name, message["sdp"], message["sources"])
                await self.sockets[name].send_json({"type": "published", "sdp": await self.routed(name, sdp)})
            case "answer":
                await self.engine.answer(ROOM, name, message["sdp"])
            case "restart":
                await self.engine.restart(ROOM, name)


@contextlib.asynccontextmanager
async def hall(folder: Path, pages: int, engine: MediaEngine | None = None) -> AsyncIterator[tuple[Hall, list[Page]]]:
    """A running engine, the page's server on a free port, and that many open pages."""
    engine = engine or embedded(folder)
    await engine.start()
    one = Hall(engine)
    reader = asyncio.create_task(one.read())
    app = web.Application()
    app.router.add_get("/ws", one.socket)

    async def page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
            opened = []
            for _ in range(pages):
                opened.append(await (await chromium.new_context()).new_page())
                await opened[-1].goto(one.url)
            yield one, opened
            await chromium.close()
    finally:
        await runner.cleanup()
        await engine.stop()
        await reader


async def until(holds: Callable[[], Awaitable[bool]], what: str, seconds: float = 90.0) -> None:
    """Ask a page again until it says yes: it has no other way to tell us."""
    try:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - another process cannot set an event of ours
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"in vain for {what}") from None


async def advances(page: Scripted, names: set[str]) -> None:
    """Every named video element plays on, and every named sound has energy."""
    before: dict[str, Any] = await page.evaluate("({...playing(), r: null})")
    heard: dict[str, Any] = await page.evaluate("received()")

    async def further() -> bool:
        now = await page.evaluate("playing()")
        sound = await page.evaluate("received()")
        seen = {n for n in now if now[n][0] > (before.get(n) or [0, 0])[0] + 0.5 and now[n][1] > 0}
        loud = {n for n in sound if sound[n]["energy"] > (heard.get(n) or {"energy": 0})["energy"]}
        return names <= seen | loud

    await until(further, f"{names} to advance")


async def test_three_pages_see_and_hear_each_other(tmp_path: Path) -> None:
    async with hall(tmp_path, 3) as (one, pages):
        names = ["ann", "bob", "cho"]
        for name, page in zip(names, pages, strict=True):
            await page.evaluate(f"join({name!r})")
        everything = {f"{name}-{source}" for name in names for source in ("camera", "mic")}
        own = [{f"{name}-camera", f"{name}-mic"} for name in names]
        await asyncio.gather(*(advances(page, everything - mine) for page, mine in zip(pages, own, strict=True)))
        for name in names:
            assert Connection(ROOM, name, "connected") in one.events

        # An ICE restart on both connections leaves the conversation running.
        await pages[0].evaluate("restart()")
        await asyncio.gather(
            advances(pages[0], {"bob-camera", "bob-mic", "cho-camera"}), advances(pages[1], {"ann-camera", "ann-mic"})
        )

        # A shared screen is one more source, and ends as one.
        await pages[0].evaluate("share()")
        await advances(pages[1], {"ann-screen", "ann-camera"})
        await pages[0].evaluate("unshare()")
        await until(
            lambda: pages[1].evaluate("Object.values(carries).every(t => t.source !== 'screen' || !t.active)"),
            "the screen's end",
        )
        await advances(pages[2], {"ann-camera", "bob-camera"})

        # Who is routed to nobody is seen and heard by nobody, at once.
        await one.engine.route(ROOM, RouteMatrix({}, {}, frozenset()))
        before = await pages[1].evaluate("received()")
        await asyncio.sleep(0.5)  # what was on its way has arrived by then
        later = await pages[1].evaluate("received()")
        await asyncio.sleep(0.5)
        assert {k: v["packets"] for k, v in later.items()} == {
            k: v["packets"] for k, v in (await pages[1].evaluate("received()")).items()
        }, before
        await one.engine.route(ROOM, full(names))
        await advances(pages[1], {"ann-camera", "ann-mic", "cho-camera", "cho-mic"})
        for page in pages:
            assert [entry for entry in await page.evaluate("log") if "error" in entry[0]] == []


# Notes when the newest picture and packet of each source came to this page.
LAST = """() => {
  window.last = {};
  const before = {};
  setInterval(async () => {
    for (const [name, now] of Object.entries(await received())) {
      if (now.packets !== before[name]) last[name] = Date.now();
      before[name] = now.packets;
    }
  }, 20);
}"""
QUIET = 0.2 + 0.15  # seconds: the rule, and what looking from inside a busy page takes


async def test_in_a_caucus_the_other_sides_page_goes_silent_and_dark_at_once(tmp_path: Path) -> None:
    async with hall(tmp_path, 3) as (one, pages):
        names = ["mediator", "consumer", "business"]
        for name, page in zip(names, pages, strict=True):
            await page.evaluate(f"join({name!r})")
        business = pages[2]
        theirs = {f"{name}-{source}" for name in ("mediator", "consumer") for source in ("mic", "camera")}
        await advances(business, theirs)
        await business.evaluate(LAST)
        await advances(business, theirs)
        both = {"mediator": frozenset({"consumer"}), "consumer": frozenset({"mediator"})}
        await one.engine.route(ROOM, RouteMatrix(both, both, frozenset()))
        parted = time.time()
        await advances(pages[0], {"consumer-camera", "consumer-mic"})
        await advances(pages[1], {"mediator-camera", "mediator-mic"})
        last = await business.evaluate("last")
        assert set(last) == theirs
        late = {name: at / 1000 - parted for name, at in last.items() if at / 1000 - parted > QUIET}
        assert late == {}


async def test_a_page_with_two_layers_is_seen_in_the_better_one(tmp_path: Path) -> None:
    async with hall(tmp_path, 2) as (_, (ann, bob)):
        await ann.evaluate("join('ann', {simulcast: true})")
        await bob.evaluate("join('bob')")
        await advances(bob, {"ann-camera", "ann-mic"})

        async def wide() -> bool:
            return bool((await bob.evaluate("received()"))["ann-camera"]["width"] == 640)

        await until(wide, "the high layer")


async def test_a_closed_page_is_missed_at_once_and_its_place_is_taken_by_the_next(tmp_path: Path) -> None:
    async with hall(tmp_path, 3) as (one, (ann, bob, cho)):
        await ann.evaluate("join('ann')")
        await bob.evaluate("join('bob')")
        await advances(bob, {"ann-camera"})
        await ann.evaluate("hangUp()")

        async def missed() -> bool:
            return Connection(ROOM, "ann", "disconnected") in one.events

        await until(missed, "the engine to notice", 3.5)
        await one.engine.remove(ROOM, "ann")
        await until(lambda: bob.evaluate("Object.values(carries).every(t => !t.active)"), "the m-lines to be free")
        await cho.evaluate("join('cho')")
        await advances(bob, {"cho-camera", "cho-mic"})
        assert len(await bob.evaluate("Object.keys(carries)")) == 2
        assert [entry for entry in await bob.evaluate("log") if "error" in entry[0]] == []


async def test_a_page_on_a_bad_network_stays_in_the_conversation(tmp_path: Path) -> None:
    async with hall(tmp_path, 2) as (one, (ann, bob)):

        async def both_advance() -> None:
            await asyncio.gather(advances(bob, {"ann-camera", "ann-mic"}), advances(ann, {"bob-camera", "bob-mic"}))

        relay = one.relays["ann"] = Relay()
        await ann.evaluate("join('ann')")
        await bob.evaluate("join('bob')")
        await both_advance()

        # Another address from one packet to the next, as when a phone changes masts: nobody has to do anything.
        relay.move()
        await both_advance()

        # Five in a hundred packets lost both ways: asked for again, and the pictures go on.
        relay.loss = 0.05
        before = await bob.evaluate("received()")
        await advances(bob, {"ann-camera", "ann-mic"})
        await advances(ann, {"bob-camera", "bob-mic"})
        seen = await bob.evaluate("received()")
        assert relay.lost > 0
        assert seen["ann-camera"]["frames"] > before["ann-camera"]["frames"]
        relay.loss = 0.0

        # Nothing at all: noticed soon, and forgiven when it is over.
        since, started = len(one.events), time.monotonic()
        relay.blocked = True

        async def told(state: str) -> bool:
            return any(
                isinstance(e, Connection) and (e.participant, e.state) == ("ann", state) for e in one.events[since:]
            )

        await until(lambda: told("disconnected"), "the engine to notice")
        assert time.monotonic() - started < 4.5  # 3.5 s, and what this machine takes to look
        relay.blocked = False
        await until(lambda: told("connected"), "the engine to forgive")
        await advances(bob, {"ann-camera", "ann-mic"})
        relay.close()
