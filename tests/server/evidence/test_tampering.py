"""What a database administrator, or whoever has the data folder, can do to the log: found, and named for what it is."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, update

from journal import Draft, Event, chain_hash, content_hash, sealed
from journal.merkle import Peaks
from journal.notes import Checkpoint, checkpoint_body, public_key, public_key_of, signed
from server.db import appending
from server.db.appending import row_of
from server.db.engine import Database
from server.db.remaking import reading
from server.db.schema import events, log_checkpoints, log_head, log_nodes
from server.evidence.log_keeper import (
    STREAM,
    Contradiction,
    KnownKeys,
    OtherKey,
    adopted,
    existing_signer,
    installation_signer,
    key_path,
    key_text,
)
from tests.server.evidence.house import ZHOU, House

OF_A_2 = "WHERE stream = 'session/a' AND version = 2"


async def found(house: House) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in (await house.check()).findings]


async def test_a_log_nobody_touched_holds(house: House) -> None:
    await house.lived()
    report = await house.check()
    assert report.findings == []
    assert (report.events, report.streams, report.checkpoints) == (10, 4, 3)


# ---------------------------------------------------------------- single rows


async def test_an_edit_of_what_was_said_is_found(house: House) -> None:
    await house.lived()
    await house.sql(f"UPDATE events SET data = :data {OF_A_2}", data='{"n": 2, "text": "不退款"}')
    assert await found(house) == [("content", "session/a 2")]


@pytest.mark.parametrize("column", ["actor_name", "actor_id", "actor_role", "actor_office", "salt", "content"])
async def test_an_edit_of_who_said_it_is_found(house: House, column: str) -> None:
    await house.lived()
    await house.sql(f"UPDATE events SET {column} = 'another' WHERE stream = 'session/a' AND version = 2")
    assert ("content", "session/a 2") in await found(house)


async def test_an_edit_of_when_or_what_kind_is_found(house: House) -> None:
    await house.lived()
    await house.sql("UPDATE events SET type = 'Heard' WHERE stream = 'session/a' AND version = 2")
    await house.sql("UPDATE events SET at = '2026-01-01 00:00:00.000000' WHERE stream = 'complaint/c' AND version = 1")
    assert set(await found(house)) == {("chain", "session/a 2"), ("chain", "complaint/c 1")}


async def test_an_edited_hash_is_found(house: House) -> None:
    await house.lived()
    await house.sql("UPDATE events SET hash = :hash WHERE stream = 'session/a' AND version = 2", hash="ab" * 32)
    assert {("chain", "session/a 2"), ("chain", "session/a 3"), ("root", "6")} <= set(await found(house))


async def test_a_value_that_cannot_even_be_read_is_found(house: House) -> None:
    if not house.database.sqlite:
        return  # PostgreSQL takes no such value
    await house.lived()
    await house.sql("UPDATE events SET data = '{' WHERE stream = 'session/a' AND version = 2")
    await house.sql("UPDATE events SET at = 'never' WHERE stream = 'session/b' AND version = 1")
    assert set(await found(house)) == {
        ("content", "session/a 2"),
        ("chain", "session/a 2"),
        ("content", "session/b 1"),
        ("chain", "session/b 1"),
    }


# ---------------------------------------------------------------- rows that are gone, or new


async def test_a_deletion_in_the_middle_is_found(house: House) -> None:
    await house.lived()
    await house.sql("DELETE FROM events WHERE stream = 'session/a' AND version = 2")
    assert await found(house) == [("leaf", "2–2"), ("version", "session/a 2")]


async def test_a_deletion_at_the_end_is_found(house: House) -> None:
    await house.lived()
    await house.sql("DELETE FROM events WHERE stream = 'session/b' AND version = 2")
    assert await found(house) == [("head", "10")]


async def test_a_truncation_below_a_checkpoint_is_found_even_with_the_tree_made_anew(house: House) -> None:
    await house.lived()
    await house.sql("DELETE FROM events WHERE leaf >= 5")
    await rebuilt(house.database)
    assert await found(house) == [("truncated", "8"), ("truncated", "8")]  # in the database, and among the copies


async def test_two_entries_changed_about_are_found(house: House) -> None:
    await house.lived()
    await house.sql(
        "UPDATE events SET version = 99 WHERE stream = 'session/a' AND version = 2",
        "UPDATE events SET version = 2 WHERE stream = 'session/a' AND version = 3",
        "UPDATE events SET version = 3 WHERE stream = 'session/a' AND version = 99",
    )
    assert {("order", "session/a 2"), ("chain", "session/a 4")} <= set(await found(house))


async def test_leaves_changed_about_are_found(house: House) -> None:
    await house.lived()
    await house.sql(
        "UPDATE events SET leaf = 99 WHERE leaf = 3",
        "UPDATE events SET leaf = 3 WHERE leaf = 4",
        "UPDATE events SET leaf = 4 WHERE leaf = 99",
    )
    assert ("root", "6") in await found(house)  # other streams: each chain holds


async def test_an_entry_put_in_is_found(house: House) -> None:
    await house.lived()
    async with house.database.write() as connection:
        await connection.execute(update(events).where(events.c.leaf >= 4).values(leaf=events.c.leaf + 1000))
        await connection.execute(update(events).where(events.c.leaf >= 1000).values(leaf=events.c.leaf - 999))
        await connection.execute(insert(events).values(row_of(4, forged(house))))
    await rebuilt(house.database)
    assert [code for code, _ in await found(house)] == ["root"]


async def test_an_entry_put_behind_the_end_without_the_tree_is_found(house: House) -> None:
    await house.lived()
    async with house.database.write() as connection:
        await connection.execute(insert(events).values(row_of(10, forged(house))))
    assert await found(house) == [("head", "10")]


# ---------------------------------------------------------------- everything consistent, and yet not what was signed


async def test_a_stream_chained_anew_with_its_tree_is_found_and_narrowed_down(house: House) -> None:
    await house.lived()
    await rechain(house, "session/a", {"n": 2, "text": "不退款"}, 2)
    await rebuilt(house.database)
    report = await house.check()
    assert [finding.code for finding in report.findings] == ["root"]
    assert report.findings[0].where == "6"
    assert "1–5" in report.findings[0].detail  # the checkpoint of size 1 still holds


async def test_a_stream_chained_anew_is_found_before_the_next_signature_and_not_signed(house: House) -> None:
    await house.lived()
    await rechain(house, "session/a", {"n": 2, "text": "不退款"}, 2)
    await rebuilt(house.database)
    with pytest.raises(Contradiction):
        await house.another_keeper().make()
    newest = await house.store.newest()
    assert newest is not None
    assert newest.size == 8


async def test_a_tree_shorter_than_what_was_signed_is_not_signed_though_the_entries_are_there(house: House) -> None:
    await house.lived()
    async with reading(house.database) as snapshot:
        hashes = [event.hash async for leaf, event in snapshot.events() if leaf < 7]
    async with house.database.write() as connection:
        await connection.execute(delete(log_head))
        await appending.grow(connection, Peaks(), hashes)
    with pytest.raises(Contradiction):
        await house.another_keeper().make()


async def test_nodes_that_are_not_the_events_tree_are_found(house: House) -> None:
    await house.lived()
    await house.note("session/long", 600)
    await house.sign()
    async with house.database.write() as connection:
        await connection.execute(update(log_nodes).where(log_nodes.c.number == 1).values(hash=bytes(32)))
        await connection.execute(update(log_head).values(peaks=bytes(32) + b"\1" * 32))
    assert [code for code, _ in await found(house)] == ["head", "node"]


# ---------------------------------------------------------------- checkpoints, copies, keys


async def test_an_old_copy_of_the_database_is_found_by_the_copies_outside_it(house: House) -> None:
    await house.sign()
    await house.note("session/a", 3)
    await house.sign()
    async with house.database.write() as connection:  # what the database was an hour ago
        await connection.execute(delete(events).where(events.c.leaf >= 1))
        await connection.execute(delete(log_checkpoints).where(log_checkpoints.c.size > 1))
    await rebuilt(house.database)
    assert await found(house) == [("checkpoint_missing", "4"), ("truncated", "4")]
    with pytest.raises(Contradiction):
        await house.another_keeper().make()


async def test_an_old_copy_of_the_whole_data_folder_is_found_by_who_kept_a_checkpoint(house: House) -> None:
    await house.lived()
    kept = (await house.sign()).note
    async with house.database.write() as connection:
        await connection.execute(delete(events).where(events.c.leaf >= 8))
        await connection.execute(delete(log_checkpoints).where(log_checkpoints.c.size > 8))
    await rebuilt(house.database)
    lines = house.copies.path.read_bytes().splitlines(keepends=True)
    house.copies.path.write_bytes(b"".join(lines[:-1]))
    assert (await house.check()).holds  # nothing here can know
    report = await house.check(("a witness's file", kept))
    assert [finding.code for finding in report.findings] == ["truncated"]
    assert "a witness's file" in report.findings[0].detail


async def test_a_changed_checkpoint_is_found(house: House) -> None:
    await house.lived()
    await house.sql("UPDATE log_checkpoints SET note = replace(note, 'time 2026', 'time 2025') WHERE size = 6")
    assert await found(house) == [("checkpoint_signature", "6"), ("checkpoint_replaced", "6")]


async def test_a_deleted_checkpoint_is_found(house: House) -> None:
    await house.lived()
    await house.sql("DELETE FROM log_checkpoints WHERE size = 6")
    assert await found(house) == [("checkpoint_missing", "6")]


async def test_one_checkpoint_in_the_place_of_another_is_found(house: House) -> None:
    await house.lived()
    async with house.database.write() as connection:
        note = (await house.store.newest()).note  # type: ignore[union-attr]
        await connection.execute(update(log_checkpoints).where(log_checkpoints.c.size == 6).values(note=note))
    assert ("checkpoint_replaced", "6") in await found(house)


async def test_a_history_rewritten_and_signed_with_the_stolen_key_is_found_by_the_copies(house: House) -> None:
    await house.lived()
    await rechain(house, "session/a", {"n": 2, "text": "不退款"}, 2)
    await rebuilt(house.database)
    async with house.database.write() as connection:
        await connection.execute(delete(log_checkpoints))
    kept, house.copies.path = house.copies.path, house.copies.path.with_name("elsewhere")
    moved = shutil.move(kept, house.copies.path)
    await house.another_keeper().make()
    shutil.move(moved, kept)
    codes = {code for code, _ in await found(house)}
    assert {"root", "checkpoint_missing"} <= codes


async def test_another_key_in_the_place_of_ours_is_found_and_signs_nothing(house: House) -> None:
    await house.lived()
    before = existing_signer(house.data).public
    other_key(house)
    assert existing_signer(house.data).public != before
    assert await found(house) == [("key", "keys/log.key")]
    with pytest.raises(OtherKey):
        await house.another_keeper().make()


async def test_a_key_that_was_adopted_signs_and_the_old_checkpoints_still_count(house: House) -> None:
    await house.lived()
    other_key(house)
    assert await KnownKeys(house.journal, house.now).adopt(existing_signer(house.data), ZHOU)
    await house.another_keeper().make()
    report = await house.check()
    assert report.findings == []
    assert report.key == await published(house)


async def test_checkpoints_signed_by_a_key_nobody_adopted_are_found(house: House) -> None:
    await house.lived()
    theirs = house.data.with_name("theirs")
    size, root = await house.store.head()
    signer = installation_signer(theirs)
    note = signed(checkpoint_body(Checkpoint(signer.name, size, root, house.time)), signer)
    async with house.database.write() as connection:
        await connection.execute(insert(log_checkpoints).values(size=size, made=house.time, note=note))
    assert await found(house) == [("wrong_key", str(size))]


async def test_whoever_knows_the_published_key_finds_a_whole_forged_installation(house: House) -> None:
    await house.lived()
    told = public_key_of(await published(house))
    assert (await house.check(key=told)).holds
    stranger = ("yuntiao/0000", bytes(32))
    codes = {finding.code for finding in (await house.check(key=stranger)).findings}
    assert codes == {"key", "wrong_key"}


async def test_without_a_key_the_check_says_so(house: House) -> None:
    await house.lived()
    key_path(house.data).unlink()
    assert await found(house) == [("key", "keys/log.key")]


# ---------------------------------------------------------------- erasures


async def test_an_erasure_by_the_program_is_none_of_these(house: House) -> None:
    await house.lived()
    await house.journal.erase("session/a", [1, 3], ZHOU, house.time, "期限届满")
    assert (await house.check()).holds


async def test_content_wiped_without_an_account_is_found(house: House) -> None:
    await house.lived()
    await house.sql(f"UPDATE events SET salt = '', data = '{{}}', actor_name = '' {OF_A_2}")
    assert await found(house) == [("erased", "session/a 2")]


async def test_an_account_of_one_erasure_is_none_of_another(house: House) -> None:
    await house.lived()
    await house.sql(f"UPDATE events SET salt = '', data = '{{}}', actor_name = '' {OF_A_2}")
    await house.journal.erase("session/a", [3], ZHOU, house.time)
    assert await found(house) == [("erased", "session/a 2")]


async def test_an_account_of_what_was_not_wiped_is_found(house: House) -> None:
    await house.lived()
    [row] = await house.journal.read("session/b", after=1)
    await house.journal.erase("session/b", [2], ZHOU, house.time)
    await house.sql(
        "UPDATE events SET salt = :salt, data = :data, actor_name = '周敏' WHERE stream = 'session/b' AND version = 2",
        salt=row.salt,
        data='{"n": 2, "text": "退款"}',
    )
    assert await found(house) == [("not_erased", "session/b 2")]


# ---------------------------------------------------------------- an administrator's tools


async def rebuilt(database: Database) -> None:
    """The tree made anew from whatever the events are now."""
    async with database.write() as connection:
        await connection.execute(delete(log_nodes))
        await connection.execute(delete(log_head))
    async with reading(database) as snapshot:
        hashes = [event.hash async for _, event in snapshot.events()]
    async with database.write() as connection:
        await appending.grow(connection, Peaks(), hashes)


async def rechain(house: House, stream: str, data: dict[str, object], version: int) -> None:
    previous = ""
    for event in await house.journal.read(stream):
        changed = replace(event, data=data) if event.version == version else event
        content = content_hash(changed.salt, changed.actor, changed.data)
        previous = chain_hash(previous, stream, event.version, event.type, event.at, content)
        async with house.database.write() as connection:
            where = (events.c.stream == stream) & (events.c.version == event.version)
            values = {"data": changed.data, "content": content, "hash": previous}
            await connection.execute(update(events).where(where).values(values))


def forged(house: House) -> Event:
    return sealed("session/x", 0, "", [Draft("Noted", {"n": 1}, house.time, ZHOU)])[0]


def other_key(house: House) -> None:
    """Of the same name, in the same file."""
    key_path(house.data).write_text(key_text(existing_signer(house.data).name, os.urandom(32)))


async def published(house: House) -> str:
    return public_key(*adopted(await house.journal.read(STREAM))[-1])
