"""Somebody in the room, with camera and microphone: a visitor's cookies, a Socket.IO connection, a synthetic peer, the
latest view of the room as a page puts it together from messages, and stop watches.

The way in is theirs, too: from a personal link to the room, each page of it answered as its form.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import socketio

from server.app.rehearsal import Page, PageFault, Visitor, expect
from server.app.rehearsal.peer import Pattern, Peer


@dataclass
class _PagedPart:
    edition: int = 0
    members: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # path -> key -> field -> value
    order: dict[str, list[str]] = field(default_factory=dict)
    slices: dict[tuple[str, ...], str] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any]) -> None:
        if (piece := body.get("slice")) is not None:
            at = tuple(piece["at"])
            self.slices[at] = self.slices.get(at, "") + piece["text"]
        self.members.update(body.get("members", {}))
        for path, items in body.get("items", {}).items():
            for key, fields in items.items():
                self._item(path, key).update(fields)
        self.order.update(body.get("order", {}))
        if "edition" in body:
            self._finish(body["edition"])

    def _finish(self, edition: int) -> None:
        for at, text in self.slices.items():
            target = self.members if len(at) == 1 else self._item(at[0], at[1])
            target[at[-1]] = json.loads(text)
        self.slices.clear()
        self.edition = edition

    def _item(self, path: str, key: str) -> dict[str, Any]:
        return self.items.setdefault(path, {}).setdefault(key, {})

    def whole(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(json.dumps(self.members))
        for path, keys in self.order.items():
            *way, last = path.split(".")
            holder: Any = members
            for step in way:
                holder = None if holder is None else holder[step]
            if holder is None or holder.get(last) is None:
                continue
            items = self.items.get(path, {})
            keyed = isinstance(holder[last], dict)
            holder[last] = {key: items[key] for key in keys} if keyed else [items[key] for key in keys]
        return members


class WholeView:
    """Of one connection. AssertionError when a view goes with another edition of a part than the one that came."""

    def __init__(self) -> None:
        self.lines: dict[int, dict[str, Any]] = {}
        self._parts: dict[str, _PagedPart] = {}

    def part(self, body: Mapping[str, Any]) -> None:
        self._parts.setdefault(body["name"], _PagedPart()).take(body)

    def line(self, body: dict[str, Any]) -> None:
        self.lines[body["n"]] = body

    def view(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The message's view with everything that belongs to it."""
        seen = dict(body["view"])
        editions = seen.pop("parts")
        self._parts = {name: part for name, part in self._parts.items() if name in editions}
        for name, edition in editions.items():
            part = self._parts.get(name)
            assert part is not None, name
            assert part.edition == edition, name
            seen.update(part.whole())
        if seen.pop("lines", None) is not None:
            seen["chat"] = self.chat
        return seen

    @property
    def chat(self) -> list[dict[str, Any]]:
        return [self.lines[n] for n in sorted(self.lines)]


NAMESPACE = "/room"
OTHER_NODE: Final = "other_node"
MOST_MOVES: Final = 3
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
        self.restart = asyncio.Event()
        """The room has told them that the program restarts."""
        self._changed = asyncio.Condition()
        self._whole = WholeView()
        self._socket: socketio.AsyncClient | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def seat(self) -> str:
        return str(self.view["you"]["seat"])

    @property
    def connected(self) -> bool:
        return self._socket is not None and self._socket.connected

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
        socket.on("restart", self._on_restart, namespace=NAMESPACE)
        socket.on("gone", self._on_gone, namespace=NAMESPACE)
        refusals: list[dict[str, Any]] = []

        def refused(why: Any) -> None:
            refusals.append(why["data"] if isinstance(why, dict) and why.get("data") else {})

        socket.on("connect_error", refused, namespace=NAMESPACE)
        self._socket = socket
        before = len(self.events)
        self.view = {}
        path = "/socket.io/"
        while True:
            try:
                await socket.connect(
                    self.visitor.base,
                    headers={"Cookie": self.visitor.cookies, "Origin": self.visitor.base},
                    auth={"session": session} if session else {},
                    namespaces=[NAMESPACE],
                    transports=["websocket"],
                    socketio_path=path,
                    wait_timeout=10,
                )
            except socketio.exceptions.ConnectionError:
                if len(refusals) > MOST_MOVES or not refusals or refusals[-1].get("code") != OTHER_NODE:
                    raise
                path = refusals[-1]["path"]
            else:
                break
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

    async def _on_restart(self, _: object) -> None:
        self.restart.set()

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


@dataclass
class TapTimes:
    """Seconds from the tap that lets somebody in to the first decoded sound and picture of somebody else."""

    audio: float = 0.0
    frame: float = 0.0


class Caller:
    """Owns one person's media in the room; `tapped` is when they asked to join."""

    def __init__(self, person: Person, pattern: Pattern, addresses: tuple[str, ...] | None) -> None:
        self.person = person
        self.pattern = pattern
        self.tapped = 0.0
        self.peer = self._peer(addresses)
        self._addresses = addresses
        person.on_offer = self._on_offer
        self._offers: asyncio.Queue[dict[str, Any]] = asyncio.Queue(32)
        self._answering: asyncio.Task[None] | None = None

    def _peer(self, addresses: tuple[str, ...] | None) -> Peer:
        async def publish(sdp: str, sources: dict[str, str]) -> str:
            return str((await self.person.ask("media_publish", {"sdp": sdp, "sources": sources}))["sdp"])

        async def answer(sdp: str) -> object:
            return await self.person.ask("media_answer", {"sdp": sdp})

        return Peer(publish, answer, self.pattern, addresses)

    async def join(self) -> None:
        """Join the room's media as the page does right after the tap."""
        self.tapped = time.monotonic()
        self._answering = asyncio.create_task(self._answer_offers())
        await self.person.ask("media_join")
        await self.peer.start()

    async def leave(self, silently: bool = False) -> None:
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
            self._answering = None
        await self.peer.hang_up(silently)

    async def come_back(self) -> None:
        """After a lost connection: a new peer, as a reloaded page has."""
        heard = self.peer.received
        self.peer = self._peer(self._addresses)
        self.peer.received = heard
        await self.join()

    def first(self) -> TapTimes:
        """Stop-watch readings; 0 where nothing came."""
        audio = [r.first for (_, source), r in self.peer.received.items() if source == "mic" and r.first]
        frame = [r.first for (_, source), r in self.peer.received.items() if source == "camera" and r.first]
        return TapTimes(
            max(0.0, min(audio) - self.tapped) if audio else 0.0,
            max(0.0, min(frame) - self.tapped) if frame else 0.0,
        )

    async def until_received(self, seats: list[str], seconds: float = 15) -> None:
        """Until picture and sound of all these seats have arrived, enough of it to tell whose it is."""

        def arrived(seat: str) -> bool:
            picture, sound = self.peer.of(seat, "camera"), self.peer.of(seat, "mic")
            return picture.frames > 5 and sound.loud > 0.3 and sound.hz > 0

        await self.peer.until(lambda: all(map(arrived, seats)), seconds)

    async def _on_offer(self, body: dict[str, Any]) -> None:
        await self._offers.put(body)

    async def _answer_offers(self) -> None:
        while True:
            body = await self._offers.get()
            await self.peer.offer(body["sdp"], body["tracks"])


Seen = Callable[[Page, Visitor], Awaitable[None]]
PREVIEWS: Final = 3  # by messengers: they use nothing up
PAGES: Final = 12  # at the most, before somebody is stuck


async def arrived(visitor: Visitor, desk: Visitor, link: str, role: str, seen: Seen) -> Person:
    """Through invitation, notice, recording, code, name and device check. `desk`: where the code is read; `seen`: is
    shown every page before it is answered. PageFault."""
    for _ in range(PREVIEWS):
        await visitor.get(link)
    page = await visitor.get(link)
    page = await visitor.submit(page, page.form("/start"))
    for _ in range(PAGES):
        place = urlsplit(page.url).path
        if place.startswith("/room"):
            break
        await seen(page, visitor)
        page = await answered(visitor, desk, page, place)
    expect(urlsplit(page.url).path.startswith("/room"), f"{role} got stuck at {page.url}")
    person = Person(role, visitor)
    await person.connect()
    return person


async def answered(visitor: Visitor, desk: Visitor, page: Page, place: str) -> Page:
    """One page on the way in, as somebody who agrees to everything. PageFault for any other page."""
    match place.rsplit("/", 1)[1]:
        case "age":
            return await visitor.submit(page, page.form("/join/age"), age="adult")
        case "notice":
            return await visitor.submit(page, page.form("notice"), answer="yes")
        case "recording":
            return await visitor.submit(page, page.form("recording"), answer="yes")
        case "code":
            if not any("code" in form.names for form in page.forms):
                page = await visitor.submit(page, page.form("code/send"))
            return await visitor.submit(page, page.form("code", "code"), code=await _code(desk))
        case "name":
            return await visitor.submit(page, page.form("name", "name"))
        case "device":
            return await visitor.submit(page, page.form("device", "mode"), mode="video")
    raise PageFault(f"no answer to {place}")


async def _code(desk: Visitor) -> str:
    """The newest one-time code in the demo office's outbox, as the newcomer reads it there."""
    words = (await desk.get("/outbox")).words
    codes = re.findall(r"(?<!\d)(\d{6})(?!\d)", words)
    expect(codes, "no one-time code in the outbox")
    return str(codes[0])
