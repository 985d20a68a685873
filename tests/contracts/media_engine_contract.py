"""What every media engine promises about the end of a room. A suite per implementation subclasses this."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator

import pytest

from media.engine import MediaEngine, MediaEvent, RoomClosed, Segment

WITHIN = 30.0  # seconds


class MediaEngineContract:
    @pytest.fixture
    @abstractmethod
    def engine(self) -> AsyncIterator[MediaEngine] | MediaEngine:
        """Started; two people are being recorded in room "r"."""

    async def told(self, engine: MediaEngine, room: str) -> list[MediaEvent]:
        """What is said of a room up to the engine's last word on it."""
        said: list[MediaEvent] = []
        async with asyncio.timeout(WITHIN):
            async for event in engine.events():
                if event.room == room:
                    said.append(event)
                if event == RoomClosed(room):
                    return said
        raise AssertionError(f"the events ended without a word on {room}")

    async def test_a_rooms_last_word_comes_behind_all_its_recordings(self, engine: MediaEngine) -> None:
        closing = asyncio.create_task(engine.close_room("r"))
        said = await self.told(engine, "r")
        await closing
        assert sorted(event.participant for event in said if isinstance(event, Segment)) == ["ann", "bob"]
        assert [event for event in said if isinstance(event, RoomClosed)] == [RoomClosed("r")]

    async def test_the_last_word_does_not_wait_for_somebody_to_listen(self, engine: MediaEngine) -> None:
        await asyncio.wait_for(engine.close_room("r"), WITHIN)
        assert len([event for event in await self.told(engine, "r") if isinstance(event, Segment)]) == 2

    async def test_a_room_that_never_had_media_is_closed_too(self, engine: MediaEngine) -> None:
        await engine.close_room("never opened")
        assert await self.told(engine, "never opened") == [RoomClosed("never opened")]
