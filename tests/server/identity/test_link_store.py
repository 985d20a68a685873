"""Links, devices and codes under attack and under races."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.db.engine import Database
from server.identity.link_store import Code, CodeLimit, Device, Link, LinkStore
from server.outbox.store import MessageStore, StoredMessage

NOW = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LINK = Link("l1", "o1", "m1", "s-consumer", "secret-1", "sealed", "sealed", "138****5678", NOW, "u1", NOW + DAY)
DEVICE = Device("d1", "token-1", "l1", NOW, NOW + DAY)
CODE = Code("k1", "d1", "join", "l1", "phone", "203.0.113.5", "code", NOW, NOW + 10 * MINUTE)


def message(number: int = 1) -> StoredMessage:
    return StoredMessage(f"n{number}", "o1", "m1", "code", "sealed", "138****5678", "sealed", NOW, NOW)


@pytest.fixture
async def store(database: Database) -> LinkStore:
    """With one link, opened on one device."""
    store = LinkStore(database)
    await store.issue(LINK)
    await store.open(DEVICE)
    return store


async def test_a_link_is_found_by_the_hash_of_its_secret_only(store: LinkStore) -> None:
    found = await store.by_secret("secret-1")
    assert found == LINK
    assert await store.by_secret("l1") is None
    assert await store.link("l1") == found


async def test_looking_however_often_consumes_nothing(store: LinkStore) -> None:
    before = await store.by_secret("secret-1")
    for _ in range(100):
        await store.by_secret("secret-1")
    assert await store.by_secret("secret-1") == before


async def test_a_new_link_of_a_seat_revokes_the_earlier_one_and_ends_its_devices(store: LinkStore) -> None:
    later = NOW + MINUTE
    assert await store.issue(replace(LINK, id="l2", secret_hash="secret-2", created=later)) == ["l1"]
    old = await store.by_secret("secret-1")
    assert old is not None
    assert (old.revoked_at, old.revoked_reason) == (later, "replaced")
    assert await store.device("token-1", later) is None
    assert [link.id for link in await store.live("m1", later)] == ["l2"]


async def test_another_seats_link_is_left_alone(store: LinkStore) -> None:
    business = replace(LINK, id="l2", seat="s-business", secret_hash="secret-2")
    assert await store.issue(business) == []
    assert await store.device("token-1", NOW) is not None
    assert {link.seat for link in await store.live("m1", NOW)} == {"s-consumer", "s-business"}


async def test_two_who_issue_at_once_leave_exactly_one_good_link(database: Database, other: Database) -> None:
    stores = [LinkStore(database), LinkStore(other)]
    links = [replace(LINK, id=f"x{n}", secret_hash=f"secret-x{n}") for n in range(10)]
    await asyncio.gather(*(stores[n % 2].issue(link) for n, link in enumerate(links)))
    assert len(await stores[0].live("m1", NOW)) == 1


async def test_a_link_and_its_message_are_stored_together_or_not_at_all(database: Database) -> None:
    store, outbox = LinkStore(database), MessageStore(database)
    await store.issue(LINK, message())
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.issue(replace(LINK, id="l2", secret_hash="secret-2"), message())  # the same message id
    assert [link.id for link in await store.live("m1", NOW)] == ["l1"]
    assert (await outbox.page(["o1"]))[1] == 1


async def test_a_revoked_link_is_no_longer_live_and_its_devices_are_out(store: LinkStore) -> None:
    assert await store.revoke("m1", "s-consumer", "wrong number", NOW) == ["l1"]
    assert await store.revoke("m1", "s-consumer", "again", NOW) == []
    assert await store.live("m1", NOW) == []
    assert await store.device("token-1", NOW) is None


async def test_an_expired_link_is_not_live(store: LinkStore) -> None:
    assert await store.live("m1", NOW + DAY) == []


async def test_a_device_is_found_with_its_link_until_it_ends_or_expires(store: LinkStore) -> None:
    assert await store.device("token-1", NOW) == (DEVICE, LINK)
    assert await store.device("token-1", NOW + DAY) is None
    await store.revoke("m1", "s-consumer", "again", NOW)
    assert await store.device("token-1", NOW) is None


async def test_of_a_hundred_parallel_guesses_at_most_five_are_evaluated(store: LinkStore, other: Database) -> None:
    await store.send_code(CODE, message())
    elsewhere = LinkStore(other)
    tries = [(store if n % 2 else elsewhere).try_code("d1", NOW) for n in range(100)]
    evaluated = [code for code in await asyncio.gather(*tries) if code]
    assert sorted(code.tries for code in evaluated) == [1, 2, 3, 4, 5]
    latest = await store.latest_code("d1")
    assert latest is not None
    assert latest.tries == 5


async def test_an_expired_code_and_another_devices_code_are_not_evaluated(store: LinkStore) -> None:
    await store.open(replace(DEVICE, id="d2", token_hash="token-2"))
    await store.send_code(CODE, message())
    assert await store.try_code("d2", NOW) is None
    assert await store.try_code("d1", NOW + 10 * MINUTE) is None


async def test_a_newer_code_voids_the_earlier_one(store: LinkStore) -> None:
    await store.send_code(CODE, message(1))
    newer = replace(CODE, id="k2", code_hash="newer", sent_at=NOW + MINUTE)
    await store.send_code(newer, message(2))
    assert await store.try_code("d1", NOW + MINUTE) == replace(newer, tries=1)
    assert await store.latest_code("d1") == replace(newer, tries=1)


async def test_a_code_is_spent_once_and_rotates_the_devices_token(store: LinkStore) -> None:
    await store.send_code(CODE, message())
    code = await store.try_code("d1", NOW)
    assert code is not None
    results = await asyncio.gather(*(store.confirm(code, f"fresh-{n}", NOW, NOW + 2 * DAY) for n in range(5)))
    assert [result for result in results if result is not None] == [[]]
    assert await store.device("token-1", NOW) is None
    held = [found for n in range(5) if (found := await store.device(f"fresh-{n}", NOW))]
    assert len(held) == 1
    device, link = held[0]
    assert (device.verified_at, device.expires, link.used_by, link.used_at) == (NOW, NOW + 2 * DAY, "d1", NOW)


async def test_confirming_ends_the_same_seat_on_every_other_device(store: LinkStore) -> None:
    await store.open(replace(DEVICE, id="d2", token_hash="token-2"))
    await store.send_code(CODE, message())
    assert await store.confirm(CODE, "fresh", NOW, NOW + DAY) == ["d2"]
    assert await store.device("token-2", NOW) is None


async def test_a_used_link_takes_no_second_device(store: LinkStore) -> None:
    await store.send_code(CODE, message(1))
    await store.confirm(CODE, "fresh", NOW, NOW + DAY)
    await store.open(replace(DEVICE, id="d2", token_hash="token-2"))
    second = replace(CODE, id="k2", device="d2")
    await store.send_code(second, message(2))
    assert await store.confirm(second, "fresh-2", NOW, NOW + DAY) is None
    assert await store.device("fresh", NOW) is not None


@pytest.mark.parametrize("late", [False, True])
async def test_a_right_code_for_a_dead_link_changes_nothing(store: LinkStore, late: bool) -> None:
    await store.send_code(replace(CODE, expires=NOW + 2 * DAY), message())
    if not late:
        await store.revoke("m1", "s-consumer", "wrong number", NOW)
    assert await store.confirm(CODE, "fresh", NOW + DAY if late else NOW, NOW + 3 * DAY) is None
    assert await store.device("fresh", NOW) is None
    assert (await store.latest_code("d1")) is not None


@pytest.mark.parametrize("by", ["link", "phone_hash", "ip"])
async def test_codes_are_limited_and_the_answer_says_since_when(store: LinkStore, by: str, database: Database) -> None:
    limit = CodeLimit(by, 2, NOW - DAY)  # type: ignore[arg-type]
    for n in range(2):
        sent = replace(CODE, id=f"k{n}", sent_at=NOW + n * MINUTE)
        assert await store.send_code(sent, message(n), [limit]) is None
    refused = replace(CODE, id="k9", sent_at=NOW + 2 * MINUTE)
    assert await store.send_code(refused, message(9), [limit]) == NOW
    assert await store.send_code(refused, message(9), [replace(limit, since=NOW)]) is None
    assert (await MessageStore(database).page(["o1"]))[1] == 3


async def test_parallel_requests_for_codes_do_not_outrun_the_limit(store: LinkStore, other: Database) -> None:
    elsewhere = LinkStore(other)
    asked = [
        (store if n % 2 else elsewhere).send_code(
            replace(CODE, id=f"k{n}"), message(n), [CodeLimit("phone_hash", 3, NOW - DAY)]
        )
        for n in range(12)
    ]
    assert (await asyncio.gather(*asked)).count(None) == 3
