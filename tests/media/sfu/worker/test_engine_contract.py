"""The embedded engine's end of a room, with a real worker process and people who send."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.engine import MediaEngine, MediaEvent, Offer, Recording, RoomClosed, RoomLost
from media.sfu.engine import EmbeddedEngine
from server.app.rehearsal.peer import Peer
from tests.contracts.media_engine_contract import WITHIN, MediaEngineContract
from tests.media.stage import PATTERNS, embedded, full

pytestmark = pytest.mark.media


class TestEmbeddedEngine(MediaEngineContract):
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> AsyncIterator[MediaEngine]:
        engine, people = embedded(tmp_path), dict[str, Peer]()
        await engine.start()
        await engine.route("r", full(["ann", "bob"], ["ann", "bob"]))
        for name, pattern in zip(("ann", "bob"), PATTERNS, strict=False):
            people[name] = Peer(
                lambda sdp, mids, name=name: engine.publish("r", name, sdp, mids),  # type: ignore[misc]
                lambda sdp, name=name: engine.answer("r", name, sdp),  # type: ignore[misc]
                pattern,
                ["127.0.0.1"],
            )
            await engine.admit("r", name)
            await people[name].start(["mic", "camera"])
        try:
            await self._recorded(engine)
            yield engine
        finally:
            for peer in people.values():
                await peer.hang_up()
            await engine.stop()

    async def _recorded(self, engine: MediaEngine) -> None:
        on: set[MediaEvent] = set()
        async with asyncio.timeout(WITHIN):
            async for event in engine.events():
                on |= {event} if isinstance(event, Recording) and event.on else set()
                if len(on) == 2:
                    return

    async def test_a_room_whose_worker_is_killed_while_it_closes_is_closed_too(self, engine: EmbeddedEngine) -> None:
        closing = asyncio.create_task(engine.close_room("r"))
        os.kill(engine.pids[0], signal.SIGKILL)
        said = await self.told(engine, "r")
        await closing
        assert said[-1] == RoomClosed("r")
        assert not any(isinstance(event, (Offer, RoomLost)) for event in said)  # it was given up before
