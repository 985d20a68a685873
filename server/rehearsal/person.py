"""Somebody in the room: a visitor's cookies, a Socket.IO connection and the latest view of the room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import socketio

from server.rehearsal.visitor import Visitor
from server.rehearsal.whole_view import WholeView

NAMESPACE = "/room"
View = dict[str, Any]


class RoomFault(Exception):
    """The room refused a message, or did not come to the state the story waits for."""


class Person:
    """Joins over the wire of docs/wire.md. `on_offer` gets each media offer's body, in order."""

    def __init__(self, name: str, visitor: Visitor) -> None:
        self.name = name
        self.visitor = visitor
        self.view: View = {}
        self.gone = ""
        self.events: list[dict[str, Any]] = []
        self.on_offer: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self.on_media_lost: Callable[[], Awaitable[None]] | None = None
        self._changed = asyncio.Condition()
        self._whole = WholeView()
        self._socket: socketio.AsyncClient | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def seat(self) -> str:
        return str(self.view["you"]["seat"])

    async def connect(self, session: str = "") -> None:
        """Open the socket and wait for the first view; officers name the session, guests' cookies do."""
        self.gone = ""
        self._http = aiohttp.ClientSession(connector=self.visitor.connector())
        socket = socketio.AsyncClient(reconnection=False, http_session=self._http)
        self._whole = WholeView()
        socket.on("view", self._on_view, namespace=NAMESPACE)
        socket.on("part", self._on_part, namespace=NAMESPACE)
        socket.on("line", self._on_line, namespace=NAMESPACE)
        socket.on("media_offer", self._on_offer, namespace=NAMESPACE)
        socket.on("media_lost", self._on_media_lost, namespace=NAMESPACE)
        socket.on("gone", self._on_gone, namespace=NAMESPACE)
        self._socket = socket
        before = len(self.events)
        self.view = {}
        await socket.connect(
            self.visitor.base,
            headers={"Cookie": self.visitor.cookies, "Origin": self.visitor.base},
            auth={"session": session} if session else {},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=10,
        )
        await self.until(lambda view: bool(view), "the first view")
        del self.events[:before]

    async def hang_up(self) -> None:
        """Drop the socket, as a closed tab does."""
        if self._socket is not None:
            await self._socket.disconnect()
            self._socket = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def ask(self, message: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a message and return what its acknowledgement's `ok` holds; RoomFault carries the error code."""
        if self._socket is None:
            raise RoomFault(f"{self.name} is not connected")
        answer = await self._socket.call(message, dict(body or {}), namespace=NAMESPACE, timeout=10)
        if not isinstance(answer, dict) or "error" in answer:
            code = answer["error"]["code"] if isinstance(answer, dict) else answer
            raise RoomFault(f"{self.name}: {message} was refused: {code}")
        return answer["ok"]

    async def until(self, holds: Callable[[View], bool], what: str, seconds: float = 10) -> View:
        """The first view for which `holds` is true; RoomFault after `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: holds(self.view))
        except TimeoutError:
            raise RoomFault(f"{self.name} waited {seconds} s in vain for {what}") from None
        return self.view

    async def until_gone(self, seconds: float = 10) -> str:
        """The code the room said goodbye with."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(self.gone))
        except TimeoutError:
            raise RoomFault(f"{self.name} was never told that the room closed") from None
        return self.gone

    async def lines(self) -> list[dict[str, Any]]:
        """The whole chat, page by page."""
        while page := (await self.ask("read_lines", {"after": max(self._whole.lines, default=0)}))["lines"]:
            for line in page:
                self._whole.line(line)
        return self._whole.chat

    # python-socketio gives every message a task of its own: what these do before their first await is done in order.

    async def _on_part(self, body: dict[str, Any]) -> None:
        self._whole.part(body)

    async def _on_line(self, body: dict[str, Any]) -> None:
        self._whole.line(body)
        async with self._changed:
            if "chat" in self.view:
                self.view = {**self.view, "chat": self._whole.chat}
            self._changed.notify_all()

    async def _on_view(self, body: dict[str, Any]) -> None:
        whole = self._whole.view(body)
        async with self._changed:
            if body["version"] >= self.view.get("_version", 0):
                self.view = {**whole, "_version": body["version"]}
            self.events += body["events"]
            self._changed.notify_all()

    async def _on_offer(self, body: dict[str, Any]) -> None:
        if self.on_offer is not None:
            await self.on_offer(body)

    async def _on_media_lost(self, _: object = None) -> None:
        if self.on_media_lost is not None:
            await self.on_media_lost()

    async def _on_gone(self, body: dict[str, Any]) -> None:
        async with self._changed:
            self.gone = str(body["code"])
            self._changed.notify_all()


def seat_of(view: View, role: str) -> dict[str, Any]:
    """The seat with this role in a view; RoomFault when nobody has it."""
    for seat in view.get("seats", ()):
        if seat["role"] == role:
            return dict(seat)
    raise RoomFault(f"no {role} in the room")
