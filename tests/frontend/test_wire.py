"""A page's wire between servers of which one has its room: the page's own script in Node, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import web

import assets
from tests import ROOT

BUNDLE = """
import * as esbuild from "esbuild";
await esbuild.build({
  entryPoints: ["../../tests/frontend/wire.ts"], outfile: process.env.WIRE, bundle: true,
  platform: "node", format: "cjs", alias: { "@": "./src" }, logLevel: "warning",
});
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assets.build(ROOT)
    node, made = assets.Node(), tmp_path_factory.mktemp("wire") / "wire.cjs"
    node.run([*node.node, "--input-type=module", "-e", BUNDLE], ROOT / "web" / "frontend", WIRE=str(made))
    return made


class Server(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no types
    """Takes a page's socket, or says where its room is."""

    def __init__(self, path: str) -> None:
        super().__init__("/room")
        self.path = path
        self.elsewhere: Server | None = None
        self.away = False  # whoever comes now does not get through to it
        self.turned_away = asyncio.Semaphore(0)
        self.sockets: list[str] = []
        self.lines: list[asyncio.Transport] = []
        self.socket = socketio.AsyncServer(async_mode="aiohttp")
        self.socket.register_namespace(self)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        if self.elsewhere is not None:
            told = {"code": "other_node", "path": self.elsewhere.path}
            raise socketio.exceptions.ConnectionRefusedError("other_node", told)
        self.sockets.append(sid)

    async def on_disconnect(self, sid: str, reason: str) -> None:
        self.sockets.remove(sid)

    async def on_arrive(self, sid: str, body: object) -> dict[str, Any]:
        return {"ok": {}}

    def die(self) -> None:
        self.away = True
        for one in self.lines:
            one.abort()


@dataclass
class Building:
    """Any server, by the address that every page knows; and one by its own."""

    page: asyncio.StreamReader
    any: Server = field(default_factory=lambda: Server("/socket.io/"))
    other: Server = field(default_factory=lambda: Server("/n/a/socket.io/"))

    tries: list[int] = field(default_factory=list)

    async def told(self) -> str:
        """What the page says next, besides which try it is."""
        while True:
            said, _, number = (await asyncio.wait_for(self.page.readline(), 15)).decode().strip().partition(" ")
            if said != "try":
                return f"{said} {number}".strip()
            self.tries.append(int(number))


@contextlib.asynccontextmanager
async def building(script: Path, *, room_at_other: bool) -> AsyncIterator[Building]:
    found = Building(asyncio.StreamReader())
    if room_at_other:
        found.any.elsewhere = found.other

    @web.middleware
    async def through(request: web.Request, handler: Any) -> web.StreamResponse:
        server = next(one for one in (found.any, found.other) if request.path.startswith(one.path))
        if server.away:
            server.turned_away.release()
            raise web.HTTPBadGateway
        assert request.transport is not None
        server.lines.append(request.transport)
        answer: web.StreamResponse = await handler(request)
        return answer

    app = web.Application(middlewares=[through])
    for server in (found.any, found.other):
        server.socket.attach(app, server.path.strip("/"))
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    page = await asyncio.create_subprocess_exec(
        *assets.Node().node, str(script), str(port), stdout=asyncio.subprocess.PIPE
    )
    assert page.stdout is not None
    found.page = page.stdout
    try:
        yield found
    finally:
        page.kill()
        await page.wait()
        await runner.cleanup()


async def test_a_page_goes_where_its_room_is_and_back_when_that_server_dies(script: Path) -> None:
    async with building(script, room_at_other=True) as there:
        assert await there.told() == "up"
        assert there.other.sockets
        there.any.elsewhere = None
        there.other.die()
        assert [await there.told(), await there.told()] == ["down", "up"]
        assert there.any.sockets


async def test_a_page_that_is_sent_to_a_dead_server_goes_on_trying(script: Path) -> None:
    async with building(script, room_at_other=True) as there:
        there.other.away = True
        for _ in range(3):
            await asyncio.wait_for(there.other.turned_away.acquire(), 15)
        there.any.elsewhere = None
        assert await there.told() == "up"
        assert len(there.tries) > 4
        assert there.tries == sorted(set(there.tries)), "every one is counted, at whichever server"


async def test_a_connection_that_lives_is_not_given_up_for_one_that_does_not_come_about(script: Path) -> None:
    async with building(script, room_at_other=True) as there:
        assert await there.told() == "up"
        there.other.away = True
        await there.other.emit("restart", {"at": ""})
        for _ in range(2):  # the second socket is tried again, at the server that has the room
            await asyncio.wait_for(there.other.turned_away.acquire(), 15)
        await there.other.emit("media_lost")
        assert await there.told() == "answered"
        there.other.away = False
        assert await there.told() == "up"


async def test_a_page_whose_room_moved_says_that_it_is_without_a_connection(script: Path) -> None:
    async with building(script, room_at_other=False) as there:
        assert await there.told() == "up"
        there.any.elsewhere = there.other
        await there.any.emit("restart", {"at": ""})
        assert [await there.told(), await there.told()] == ["down", "up"]
        assert (len(there.other.sockets), len(there.any.sockets)) == (1, 0)
