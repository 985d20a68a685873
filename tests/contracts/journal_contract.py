"""What every journal must do. Subclass `JournalContract` and give it a `journal` fixture.

    class TestMemoryJournal(JournalContract):
        @pytest.fixture
        def journal(self) -> Journal: ...

A journal kept outside the process may also give `reopened`: the same streams through a fresh object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from journal import SYSTEM, Actor, Conflict, Draft, Event, Journal, verify

START = datetime(2026, 4, 20, 9, 0, 0, 123456, tzinfo=UTC)
OFFICER = Actor("officer", "u1", "李调解", "mediator", "o1")


def drafts(count: int, first: int = 1) -> list[Draft]:
    return [
        Draft("Counted", {"n": n, "text": "积分〔2026〕", "nested": {"list": [1, None, True], "money": "2000.00"}},
              START + timedelta(seconds=n), OFFICER if n % 2 else SYSTEM)
        for n in range(first, first + count)
    ]  # fmt: skip


async def take(events: AsyncIterator[Event], count: int) -> list[Event]:
    return [await asyncio.wait_for(anext(events), 5) for _ in range(count)]


class JournalContract:
    @pytest.fixture
    def reopened(self, journal: Journal) -> Journal:
        return journal

    async def test_an_unknown_stream_is_empty(self, journal: Journal) -> None:
        assert await journal.read("session/nobody") == []

    async def test_what_is_appended_is_read_back_just_as_it_was_written(
        self, journal: Journal, reopened: Journal
    ) -> None:
        written = drafts(3)
        appended = await journal.append("session/a", 0, written)
        assert [event.version for event in appended] == [1, 2, 3]
        assert await reopened.read("session/a") == appended
        assert [(e.type, e.data, e.at, e.actor) for e in appended] == [(d.type, d.data, d.at, d.actor) for d in written]

    async def test_times_come_back_aware_and_in_utc_to_the_microsecond(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(1))
        (event,) = await journal.read("session/a")
        assert event.at.utcoffset() == timedelta(0)
        assert event.at.microsecond == 123456

    async def test_reading_after_a_version_leaves_out_what_is_known(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(5))
        assert [event.version for event in await journal.read("session/a", after=3)] == [4, 5]
        assert await journal.read("session/a", after=5) == []

    async def test_a_stream_continues_where_it_ended_and_its_chain_holds(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(2))
        await journal.append("session/a", 2, drafts(2, first=3))
        whole = await journal.read("session/a")
        assert [event.version for event in whole] == [1, 2, 3, 4]
        verify(whole)

    @pytest.mark.parametrize("expected", [0, 1, 3, 99])
    async def test_a_writer_who_expected_another_version_is_told_and_writes_nothing(
        self, journal: Journal, expected: int
    ) -> None:
        before = await journal.append("session/a", 0, drafts(2))
        with pytest.raises(Conflict) as conflict:
            await journal.append("session/a", expected, drafts(2, first=9))
        assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("session/a", expected, 2)
        assert await journal.read("session/a") == before

    async def test_a_new_stream_cannot_begin_in_the_middle(self, journal: Journal) -> None:
        with pytest.raises(Conflict):
            await journal.append("session/a", 4, drafts(1))
        assert await journal.read("session/a") == []

    async def test_of_many_writers_at_the_same_version_exactly_one_wins(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(1))
        results: Sequence[object] = await asyncio.gather(
            *(journal.append("session/a", 1, drafts(2, first=10 * n)) for n in range(1, 9)), return_exceptions=True
        )
        won = [result for result in results if isinstance(result, list)]
        assert len(won) == 1
        assert sum(isinstance(result, Conflict) for result in results) == 7
        whole = await journal.read("session/a")
        assert whole[1:] == won[0]
        verify(whole)

    async def test_streams_do_not_touch_each_other(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(2))
        await journal.append("complaint/a", 0, drafts(1))
        assert [event.version for event in await journal.read("complaint/a")] == [1]
        assert len(await journal.read("session/a")) == 2

    async def test_a_follower_gets_what_is_appended_from_now_on_of_its_kinds_in_order(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(1))
        events = journal.follow(["session"])
        first = asyncio.create_task(take(events, 1))
        await settle()
        await journal.append("complaint/a", 0, drafts(2))
        await journal.append("session/a", 1, drafts(2, first=2))
        await journal.append("session/b", 0, drafts(1))
        got = [*await first, *await take(events, 2)]
        assert sorted((event.stream, event.version) for event in got) == [
            ("session/a", 2),
            ("session/a", 3),
            ("session/b", 1),
        ]
        assert [event.version for event in got if event.stream == "session/a"] == [2, 3]

    async def test_appending_nothing_changes_nothing(self, journal: Journal) -> None:
        await journal.append("session/a", 0, drafts(1))
        assert await journal.append("session/a", 1, []) == []
        assert len(await journal.read("session/a")) == 1


async def settle() -> None:
    """Let a task that was just created reach its first wait."""
    for _ in range(10):
        await asyncio.sleep(0)
