"""What is decided on a history is appended to that history, and to no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from journal import SYSTEM, TRIES, Draft, Event, MemoryJournal, append_decided, append_next
from journal.refusals import Busy

AT = datetime(2026, 11, 26, tzinfo=UTC)


def next_number(entries: list[Event]) -> list[Draft]:
    return [Draft("Counted", {"number": len(entries) + 1}, AT, SYSTEM)]


class Shared(MemoryJournal):
    """Between reading and appending others have their turn."""

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        await asyncio.sleep(0)
        return await super().append(stream, expected, drafts)


class Contested(MemoryJournal):
    """Somebody is always quicker."""

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        await super().append(stream, expected, next_number(await self.read(stream)))
        return await super().append(stream, expected, drafts)


async def test_many_at_once_each_decide_on_what_the_others_wrote() -> None:
    journal = Shared()
    await asyncio.gather(*(append_decided(journal, "count/1", next_number) for _ in range(8)))
    assert [event.data["number"] for event in await journal.read("count/1")] == list(range(1, 9))


async def test_nothing_decided_appends_nothing() -> None:
    journal = MemoryJournal()
    assert await append_decided(journal, "count/1", lambda _entries: []) == []
    assert await journal.read("count/1") == []


async def test_who_is_overtaken_at_every_try_is_told() -> None:
    asked: list[int] = []

    def decide(entries: list[Event]) -> list[Draft]:
        asked.append(len(entries))
        return next_number(entries)

    with pytest.raises(Busy):
        await append_decided(Contested(), "count/1", decide)
    assert asked == list(range(TRIES))


async def test_what_holds_anyway_goes_behind_whatever_is_there() -> None:
    journal = Shared()
    said = Draft("Said", {}, AT, SYSTEM)
    await asyncio.gather(*(append_next(journal, "said/1", said) for _ in range(8)))
    assert await journal.last("said/1") == 8
    with pytest.raises(Busy):
        await append_next(Contested(), "said/1", said)
