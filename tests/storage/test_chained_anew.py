"""Revision 0002: an installation's old events, taken into the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from journal import Draft
from journal.events import stamp, verify
from journal.merkle import leaf_hash, root_of
from server.storage.engine import Database
from server.storage.journal_store import SqlJournal
from server.storage.log_store import LogStore

AT = datetime(2026, 4, 14, 2, 3, 4, 567890, tzinfo=UTC)
MANY = 1100  # more than a batch of the migration, and than four tiles of the tree


@pytest.fixture
async def old(empty_url: URL) -> AsyncIterator[Database]:
    database = Database(empty_url)
    await database.migrate("0001")
    yield database
    await database.close()


async def test_every_event_is_there_as_it_was_and_verifies(old: Database) -> None:
    await insert(old, rows("session/a", 3) + rows("complaint/c", 2) + rows("session/b", MANY))
    await old.migrate()
    journal, log = SqlJournal(old), LogStore(old)
    for stream, count in (("session/a", 3), ("complaint/c", 2), ("session/b", MANY)):
        events = await journal.read(stream)
        verify(events)
        assert [event.data for event in events] == [data(n) for n in range(1, count + 1)]
        assert {event.actor.name for event in events} == {"周敏"}
        assert [event.at for event in events] == [AT + timedelta(seconds=n) for n in range(1, count + 1)]
        assert len({event.salt for event in events}) == count
    assert await log.leaves("complaint/c") == [3, 4]
    whole = [*await journal.read("session/a"), *await journal.read("complaint/c"), *await journal.read("session/b")]
    whole += await journal.read("log/history")
    assert await log.head() == (MANY + 6, root_of([leaf_hash(bytes.fromhex(event.hash)) for event in whole]))


async def test_the_old_hashes_are_kept_under_one_root(old: Database) -> None:
    before = rows("session/a", 5)
    await insert(old, before)
    await old.migrate()
    (told,) = await SqlJournal(old).read("log/history")
    assert told.data["root"] == root_of([leaf_hash(row["hash"].encode()) for row in before]).hex()
    assert (told.data["events"], told.data["broken_count"]) == (5, 0)


async def test_what_did_not_verify_before_is_named_for_ever(old: Database) -> None:
    before = rows("session/a", 5)
    before[2] = before[2] | {"data": json.dumps({"n": "changed"})}
    await insert(old, before)
    await old.migrate()
    (told,) = await SqlJournal(old).read("log/history")
    assert told.data["broken"] == [["session/a", 3]]


async def test_an_empty_journal_stays_empty_and_life_goes_on(old: Database) -> None:
    await old.migrate()
    assert await LogStore(old).size() == 0
    await SqlJournal(old).append("session/a", 0, [Draft("Noted", {}, AT)])
    assert await LogStore(old).leaves("session/a") == [0]


async def test_streams_go_on_where_they_were(old: Database) -> None:
    await insert(old, rows("session/a", 300))
    await old.migrate()
    journal = SqlJournal(old)
    await journal.append("session/a", 300, [Draft("Noted", {}, AT)])
    verify(await journal.read("session/a"))
    assert (await LogStore(old).leaves("session/a"))[-1] == 301  # 300 is the event about the migration


def data(n: int) -> dict[str, Any]:
    return {"n": n, "说": "退款\u0000", "none": None}


def rows(stream: str, count: int) -> list[dict[str, Any]]:
    """As the first version of the program wrote them."""
    made, previous = [], ""
    for version in range(1, count + 1):
        at = AT + timedelta(seconds=version)
        body = {
            "actor": ["officer", "u1", "周敏", "mediator", "o1"],
            "at": stamp(at),
            "data": data(version),
            "stream": stream,
            "type": "Noted",
            "version": version,
        }
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()
        made.append(
            {
                "stream": stream,
                "version": version,
                "kind": stream.partition("/")[0],
                "at": at,
                "data": json.dumps(data(version)),
                "hash": previous,
            }
        )
    return made


async def insert(database: Database, old: list[dict[str, Any]]) -> None:
    statement = text(
        "INSERT INTO events (stream, version, kind, type, at, actor_kind, actor_id, actor_name, actor_role,"
        " actor_office, data, hash) VALUES (:stream, :version, :kind, 'Noted', :at, 'officer', 'u1', '周敏',"
        " 'mediator', 'o1', :data, :hash)"
    )
    if database.sqlite:
        old = [row | {"at": row["at"].replace(tzinfo=None).isoformat(" ")} for row in old]
    async with database.write() as connection:
        await connection.execute(statement, old)
