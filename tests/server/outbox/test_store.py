"""The outbox: due messages are taken once, oldest first, and survive the sender that took them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.db.engine import Database
from server.outbox.notifiers import Taken
from server.outbox.store import PAGE_MOST, Bound, MessageStore, OutboxBacklog, StoredMessage, backlogs

NOW = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def message(number: int, office: str = "o1") -> StoredMessage:
    created = NOW + number * timedelta(seconds=1)
    return StoredMessage(f"n{number:03}", office, "m1", "link", "sealed", "138****5678", "sealed", created, created)


@pytest.fixture
async def store(database: Database) -> MessageStore:
    return MessageStore(database)


async def test_due_messages_are_claimed_oldest_first_and_counted(store: MessageStore) -> None:
    for number in (3, 1, 2, 50):
        await store.put(message(number))
    now = NOW + timedelta(seconds=10)
    claimed = await store.claim(now, MINUTE, most=2)
    assert [one.id for one in claimed] == ["n001", "n002"]
    assert [one.tries for one in claimed] == [1, 1]
    assert [one.id for one in await store.claim(now, MINUTE)] == ["n003"]
    assert await store.claim(now, MINUTE) == []


async def test_a_code_goes_before_the_invitations_that_waited_longer(store: MessageStore) -> None:
    for number in (1, 2):
        await store.put(message(number))
    await store.put(replace(message(3), kind="code"))
    now = NOW + timedelta(seconds=10)
    assert [one.id for one in await store.claim(now, MINUTE, most=2)] == ["n003", "n001"]
    assert [one.id for one in await store.claim(now, MINUTE)] == ["n002"]


async def test_senders_at_once_never_take_the_same_message(database: Database, other: Database) -> None:
    stores = [MessageStore(database), MessageStore(other)]
    for number in range(30):
        await stores[0].put(message(number))
    now = NOW + MINUTE
    taken = await asyncio.gather(*(stores[n % 2].claim(now, MINUTE, most=7) for n in range(10)))
    ids = [one.id for some in taken for one in some]
    assert len(ids) == len(set(ids))
    left = await stores[0].claim(now, MINUTE, most=30)
    assert len(ids) + len(left) == 30


async def test_a_message_whose_sender_died_comes_due_again_after_its_lease(store: MessageStore) -> None:
    await store.put(message(0))
    await store.claim(NOW, MINUTE)
    assert await store.claim(NOW + MINUTE - timedelta(seconds=1), MINUTE) == []
    again = await store.claim(NOW + MINUTE, MINUTE)
    assert [one.tries for one in again] == [2]


async def test_sent_and_dead_messages_are_not_claimed_again_and_failed_ones_when_due(store: MessageStore) -> None:
    for number in range(3):
        await store.put(message(number))
    later = NOW + MINUTE
    await store.claim(later, MINUTE)
    await store.sent("n000", later, Taken())
    await store.failed("n001", "gateway: 503", later + 5 * MINUTE)
    await store.dead("n002", "gateway: number unknown")
    assert await store.next_due() == later + 5 * MINUTE
    assert await store.claim(later + 4 * MINUTE, MINUTE) == []
    assert [one.last_error for one in await store.claim(later + 5 * MINUTE, MINUTE)] == ["gateway: 503"]
    rows, _ = await store.page(["o1"])
    assert [(row.id, row.state) for row in rows] == [("n002", "dead"), ("n001", "failed"), ("n000", "sent")]
    assert rows[2].sent_at == later


async def test_a_dead_message_can_be_sent_anew_by_its_own_office_only(store: MessageStore) -> None:
    await store.put(message(0))
    assert not await store.resend("n000", ["o1"], NOW)  # still queued
    await store.dead("n000", "no")
    assert not await store.resend("n000", ["o2"], NOW)
    assert await store.resend("n000", ["o1", "o2"], NOW + MINUTE)
    assert [(one.tries, one.last_error) for one in await store.claim(NOW + MINUTE, MINUTE)] == [(1, "")]


async def test_an_office_pages_through_its_own_messages_newest_first(store: MessageStore) -> None:
    for number in range(5):
        await store.put(message(number, office="o2" if number == 4 else "o1"))
    first, total = await store.page(["o1"], page=1, size=3)
    second, _ = await store.page(["o1"], page=2, size=3)
    assert ([one.id for one in first], [one.id for one in second], total) == (["n003", "n002", "n001"], ["n000"], 4)
    assert await store.page([], page=1) == ([], 0)


async def test_a_page_never_grows_beyond_its_bound(store: MessageStore) -> None:
    await asyncio.gather(*(store.put(replace(message(n), id=f"n{n}")) for n in range(PAGE_MOST + 5)))
    rows, total = await store.page(["o1"], size=10_000)
    assert (len(rows), total) == (PAGE_MOST, PAGE_MOST + 5)


async def test_nothing_is_due_in_an_empty_outbox(store: MessageStore) -> None:
    assert await store.next_due() is None


async def test_what_waits_is_counted_and_the_oldest_of_it_said(store: MessageStore, database: Database) -> None:
    assert set((await backlogs(database)).values()) == {OutboxBacklog(0, None)}
    for number in (1, 2, 3, 4):
        await store.put(message(number))
    await store.sent("n001", NOW, Taken())
    await store.failed("n002", "busy", NOW + MINUTE)
    await store.dead("n003", "no such number")
    found = await backlogs(database)
    assert found["message"] == OutboxBacklog(2, message(2).created)
    assert found["hook"] == OutboxBacklog(0, None)


async def test_messages_of_a_number_and_of_an_office_are_let_through_up_to_their_bounds(store: MessageStore) -> None:
    bounds = (Bound("number", 2, timedelta(hours=1)), Bound("office", 4, timedelta(days=1)))

    async def let(n: int, number: str, minutes: int = 0) -> tuple[str, int] | None:
        reached = await store.let_through(message(n), number, bounds, NOW + timedelta(minutes=minutes))
        return reached and (reached[0].by, int((reached[1] - NOW).total_seconds() // 60))

    for n in range(8):
        await store.put(message(n))
    assert await let(0, "a") is None
    assert await let(1, "a", 10) is None
    assert await let(2, "a", 20) == ("number", 60)
    assert await let(1, "a", 20) is None  # one that was let through is not counted again
    assert await let(2, "a", 61) is None  # there is room again
    assert await let(3, "b", 62) is None
    assert await let(4, "c", 63) == ("office", 24 * 60)


async def test_nodes_at_one_moment_let_no_more_through_than_there_is_room_for(
    database: Database, other: Database
) -> None:
    stores, bounds = [MessageStore(database), MessageStore(other)], (Bound("number", 3, timedelta(hours=1)),)
    for n in range(9):
        await stores[0].put(message(n))
    reached = await asyncio.gather(*(stores[n % 2].let_through(message(n), "a", bounds, NOW) for n in range(9)))
    assert reached.count(None) == 3


async def test_what_a_carrier_took_is_asked_about_ever_less_often_by_one_until_it_is_known(store: MessageStore) -> None:
    for n, provider in enumerate(("aliyun", "mas", "aliyun")):
        await store.put(message(n))
        await store.sent(f"n{n:03}", NOW, Taken(f"r{n}", 2, provider, 90))

    async def asked(seconds: float) -> list[str]:
        return [one.id for one in await store.awaited(["aliyun"], NOW + timedelta(seconds=seconds))]

    assert await asked(29) == []
    both = await asyncio.gather(asked(31), asked(31))
    assert sorted(one for some in both for one in some) == ["n000", "n002"]
    assert await store.known("aliyun", "", "r2") == "n002"
    assert await store.known("mas", "", "r2") == await store.known("aliyun", "", "") == ""
    assert (await store.receipt("n002", True, "", NOW)) is not None
    assert await asked(60) == []
    assert await asked(62) == ["n000"]
    assert await asked(3 * 24 * 3600) == []
    assert await store.sums("o1", NOW) == [("aliyun", 2, 0, 4, 180), ("mas", 1, 0, 2, 90)]
