"""A person with camera and microphone: the room's wire and a synthetic peer joined together, with stop watches."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from server.rehearsal.peer import Pattern, Peer
from server.rehearsal.person import Person


@dataclass
class Tap:
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

    def first(self) -> Tap:
        """Stop-watch readings; 0 where nothing came."""
        audio = [r.first for (_, source), r in self.peer.received.items() if source == "mic" and r.first]
        frame = [r.first for (_, source), r in self.peer.received.items() if source == "camera" and r.first]
        return Tap(
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
