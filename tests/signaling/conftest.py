"""The namespace on a real aiohttp server on a port of the kernel's choice, and real Socket.IO clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import socketio
from aiohttp import web

from media.engine import Turn, TurnCredentials
from rooms import commands as c
from rooms.vocabulary import Role
from server.app.rehearsal.person import WholeView
from signaling import Viewer
from signaling.namespace import NAMESPACE, RoomNamespace, create_socketio
from tests.rooms.house import House, X, house
from tests.rooms.scene import MEDIATOR, SEATS, START, M, party, scheduling

PATIENCE = 5.0
ROLES = {seat.id: seat.role for seat in SEATS}


class Client:
    """One person's browser: remembers every message, waits for the one that is wanted."""

    def __init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False)
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self._whole = WholeView()
        self._news = asyncio.Condition()
        self._ended = asyncio.Event()
        self.refused: dict[str, Any] = {}
        self.socket.on("*", self._on_message, namespace=NAMESPACE)
        self.socket.on("disconnect", self._on_end, namespace=NAMESPACE)
        self.socket.on("connect_error", self._on_refusal, namespace=NAMESPACE)

    async def _on_message(self, name: str, body: dict[str, Any]) -> None:
        """A view is remembered with its parts."""
        if name == "part":
            self._whole.part(body)
        elif name == "view":
            told = {"lines": body["view"]["lines"]} if "lines" in body["view"] else {}
            body = {**body, "view": self._whole.view(body) | told}
        async with self._news:
            self.messages.append((name, body))
            self._news.notify_all()

    async def _on_end(self, reason: str) -> None:
        self._ended.set()

    async def _on_refusal(self, why: dict[str, Any]) -> None:
        self.refused = why

    async def ask(self, name: str, body: Any = None) -> dict[str, Any]:
        answer = await self.socket.call(name, body, namespace=NAMESPACE, timeout=PATIENCE)
        assert isinstance(answer, dict)
        assert len(answer) == 1
        assert set(answer) <= {"ok", "error"}
        return answer

    async def heard(self, name: str, **wanted: Any) -> dict[str, Any]:
        """The first message of that name whose body has these values."""

        def found() -> dict[str, Any] | None:
            for kind, body in self.messages:
                if kind == name and all(body.get(key) == value for key, value in wanted.items()):
                    return body
            return None

        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: found() is not None), PATIENCE)
        body = found()
        assert body is not None
        return body

    async def sees(self, kind: str) -> dict[str, Any]:
        """The first view that came with an announcement of this type."""

        def found() -> dict[str, Any] | None:
            for name, body in self.messages:
                if name == "view" and any(event["type"] == kind for event in body["events"]):
                    return body
            return None

        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: found() is not None), PATIENCE)
        body = found()
        assert body is not None
        return body

    async def cut_off(self) -> None:
        await asyncio.wait_for(self._ended.wait(), PATIENCE)


class Line:
    """The server's address, who is behind it, and everybody's clients."""

    def __init__(self, built: House) -> None:
        self.house = built
        self.url = ""
        self.server: Any = None
        self.turn: Turn | None = None
        self.now = START
        self.clients: list[Client] = []
        self.ended: dict[str, str] = {}  # seat -> why whoever came in by its cookie may stay no longer
        self.resolving: asyncio.Event | None = None  # set once a handshake has been read, which then waits for `go`
        self.go = asyncio.Event()

    @property
    def namespace(self) -> RoomNamespace:
        found = self.server.namespace_handlers[NAMESPACE]
        assert isinstance(found, RoomNamespace)
        return found

    async def why_ended(self, viewer: Viewer) -> str:
        return self.ended.get(viewer.seat, "")

    async def resolve(self, environ: Mapping[str, Any], auth: Mapping[str, Any]) -> Viewer | str:
        """The cookie says who; here it simply is the seat."""
        seat = environ.get("HTTP_X_SEAT", "")
        if self.resolving is not None:
            self.resolving.set()
            await self.go.wait()
        if seat == M:
            return Viewer(str(auth.get("session", X)), M, MEDIATOR, True)
        return Viewer(X, seat, replace(party(seat), role=ROLES.get(seat, Role.COMPANION)), False) if seat else "sign_in"

    def relay(self, session: str, seat: str) -> TurnCredentials | None:
        return self.turn.grant(session, seat, self.now) if self.turn is not None else None

    async def connect(self, seat: str, **auth: str) -> Client:
        client = Client()
        self.clients.append(client)
        await client.socket.connect(
            self.url,
            headers={"X-Seat": seat} if seat else {},
            auth=auth or None,
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=5,
        )
        return client

    async def enter(self, seat: str) -> Client:
        """Connected and in the room."""
        if seat == M:
            client = await self.connect(M, session=X)
            assert await client.ask("arrive") == {"ok": {}}
            return client
        await self.house.prepare(seat)
        client = await self.connect(seat)
        assert await client.ask("arrive") == {"ok": {}}
        await self.house.ask(c.Admit(seat))
        await client.sees("Admitted")
        return client


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with house() as built:
        line = Line(built)
        line.server = create_socketio(built.rooms, line.resolve, None, line.relay, ended=line.why_ended, recheck=0.05)
        app = web.Application()
        line.server.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        line.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await built.ask(scheduling())
        yield line
        for client in line.clients:
            await client.socket.disconnect()
        await line.namespace.stop()
        await runner.cleanup()
