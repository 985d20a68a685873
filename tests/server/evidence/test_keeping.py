"""Checkpoints are made when they should be, agree with the log, and are kept in two places."""

from __future__ import annotations

import asyncio
import stat
from datetime import timedelta
from typing import cast

import pytest
import structlog

from journal.merkle import EMPTY, leaf_hash, verify_consistency, verify_inclusion
from journal.notes import checkpoint_of, opened, verifies
from rooms.session import Session
from server.evidence.log_keeper import CheckpointCopies, existing_signer, installation_signer, key_path
from server.identity import TOO_OPEN
from tests.server.evidence.house import House


async def test_a_checkpoint_is_the_size_and_root_of_the_log_signed_by_our_key(house: House) -> None:
    await house.note("session/a", 3)
    made = await house.sign()
    signer = existing_signer(house.data)
    checkpoint = checkpoint_of(opened(made.note, signer.name, signer.public, verifies))
    assert (checkpoint.size, checkpoint.root) == await house.store.head()
    assert (checkpoint.size, checkpoint.made, checkpoint.origin) == (4, house.time, signer.name)  # 3 and the key


async def test_nothing_new_is_not_signed_again(house: House) -> None:
    await house.note("session/a")
    first = await house.sign()
    house.time += timedelta(hours=1)
    assert await house.keeper.make() is None
    assert await house.store.newest() == first


async def test_every_checkpoint_continues_the_one_before_and_proves_its_entries(house: House) -> None:
    sizes, roots = [0], [EMPTY]
    for count in (1, 2, 250, 30):
        await house.note("session/a", count)
        made = await house.sign()
        sizes.append(made.size)
        roots.append(await house.store.root(made.size))
        old, new = sizes[-2:]
        proof = await house.store.consistency(old, new) if old else []
        assert verify_consistency(old, new, proof, roots[-2], roots[-1])
    [leaf] = (await house.store.leaves("session/a"))[-1:]
    event = (await house.journal.read("session/a"))[-1]
    proof = await house.store.proof(leaf, sizes[-1])
    assert verify_inclusion(leaf_hash(bytes.fromhex(event.hash)), leaf, sizes[-1], proof, roots[-1])


async def test_the_first_checkpoint_that_covers_a_leaf_is_found(house: House) -> None:
    await house.lived()  # checkpoints of sizes 1, 6 and 8; leaves up to 9
    covering = [await house.store.checkpoint_covering(leaf) for leaf in (0, 1, 5, 6, 7, 8)]
    assert [one.size if one else None for one in covering] == [1, 6, 6, 8, 8, None]


async def test_a_checkpoint_is_kept_outside_the_database_too(house: House) -> None:
    await house.lived()
    kept = [(one.size, one.note) for one in await house.store.since(0)]
    assert house.copies.read() == kept
    assert house.copies.newest() == kept[-1]


async def test_what_a_kill_kept_from_being_copied_is_copied_later(house: House) -> None:
    await house.lived()
    lines = house.copies.path.read_bytes().splitlines(keepends=True)
    house.copies.path.write_bytes(lines[0] + lines[1][:20])  # killed in the middle of the second
    assert house.copies.read() == house.copies.read()[:1]
    await house.another_keeper().make()
    assert [size for size, _ in house.copies.read()] == [1, 6, 8, 10]
    assert (await house.check()).holds


async def test_the_beginning_and_the_end_of_the_program_are_signed(house: House) -> None:
    made: list[int] = []
    keeper = house.another_keeper()
    keeper.on_made.append(lambda: made.append(keeper.newest.size if keeper.newest else 0))
    await house.note("session/a", 2)
    await keeper.start()
    await keeper.stop()
    assert made == [3]
    keeper = house.another_keeper()
    await keeper.start()
    await house.note("session/a")
    await keeper.stop()
    newest = await house.store.newest()
    assert newest is not None
    assert newest.size == 4


async def test_a_session_that_closes_is_signed_at_once(house: House) -> None:
    keeper, news = house.another_keeper(), asyncio.Event()
    keeper.on_made.append(news.set)
    await keeper.start()
    await asyncio.wait_for(news.wait(), 10)
    news.clear()
    await house.note("session/a")
    await keeper.closed("a", cast(Session, None))
    await asyncio.wait_for(news.wait(), 10)  # long before the next ten minutes
    assert keeper.newest is not None
    assert keeper.newest.size == 2
    await keeper.stop()


async def test_an_unusable_key_stops_nothing_is_told_and_can_be_put_right(house: House) -> None:
    signer = installation_signer(house.data)
    key_path(house.data).chmod(0o644)
    keeper = house.another_keeper()
    with structlog.testing.capture_logs() as logged:
        await keeper.start()
        await keeper.stop()
    assert keeper.fault == "key"
    assert {entry["fault"] for entry in logged} == {"key"}
    assert signer.name not in str(logged)
    key_path(house.data).chmod(0o600)
    await keeper.start()
    await keeper.stop()
    assert keeper.fault == ""


def test_the_key_is_its_owners_alone_and_stays(house: House) -> None:
    first = installation_signer(house.data)
    assert not stat.S_IMODE(key_path(house.data).stat().st_mode) & (TOO_OPEN | stat.S_IRGRP)
    assert installation_signer(house.data).public == first.public
    assert first.name.startswith("yuntiao/")


@pytest.mark.parametrize("text", ["", "nonsense", "PRIVATE+KEY+yuntiao/1+00000000+AQ==", "PRIVATE+KEY+a+b+c d"])
def test_a_damaged_key_file_is_said_to_be_one(house: House, text: str) -> None:
    installation_signer(house.data)
    key_path(house.data).write_text(text)
    with pytest.raises(ValueError, match=r"log\.key"):
        installation_signer(house.data)


def test_a_copy_is_on_its_own_line_whatever_stood_there_before(house: House) -> None:
    copies = CheckpointCopies(house.data)
    assert copies.read() == []
    assert copies.newest() is None
    copies.add(1, "one\n")
    with copies.path.open("ab") as file:
        file.write(b'{"size": 2, "no')
    copies.add(3, "three\n")
    assert copies.read() == [(1, "one\n"), (3, "three\n")]
    assert copies.newest() == (3, "three\n")
    assert copies.path.parent.stat().st_mode & 0o077 == 0
