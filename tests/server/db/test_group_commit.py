"""Appends that wait together are written together: none waits for another's fault, and none is lost or doubled."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import SYSTEM, Conflict, Draft, Event, NotOurs, verify
from journal.merkle import Inspection
from journal.refusals import Busy, Unanswered
from server.db import engine
from server.db.appending import GROWING
from server.db.engine import CONNECTIONS, Database
from server.db.journal import SqlJournal, StreamProjector
from server.db.remaking import reading
from tests.server.db.databases import crowded, sqlite_url

AT = datetime(2026, 4, 14, 2, 3, 4, 567890, tzinfo=UTC)
MANY = 40


def draft(number: int = 0) -> Draft:
    return Draft("Noted", {"n": number}, AT)


def name(number: int) -> str:
    return f"session/s{number}"


class Transactions:
    """Counts those in which one program appends."""

    def __init__(self, database: Database) -> None:
        self._database, self._committed = database, 0
        event.listen(database.engine.sync_engine, "commit", self._note)

    def _note(self, _connection: object) -> None:
        self._committed += 1

    async def count(self) -> int:
        if self._database.sqlite:
            return self._committed
        async with self._database.read() as connection:
            return int((await connection.execute(text("SELECT count(DISTINCT xmin::text) FROM events"))).scalar_one())


async def whole(database: Database) -> int:
    """How many events the log has; its chains, its tree and the events hold."""
    async with reading(database) as snapshot:
        inspection = Inspection([])
        streams: dict[str, list[Event]] = {}
        async for leaf, entry in snapshot.events():
            inspection.take(leaf, entry)
            streams.setdefault(entry.stream, []).append(entry)
        head = await snapshot.head()
        assert inspection.finish(head.size, head.hashes) == []
    for entries in streams.values():
        verify(entries)
    return head.size


async def test_appends_to_many_streams_that_wait_together_are_one_transaction(database: Database) -> None:
    journal = SqlJournal(database)
    counted = Transactions(database)
    for version in range(2):
        appended = await asyncio.gather(*(journal.append(name(n), version, [draft(n)]) for n in range(MANY)))
        assert [(each[0].stream, each[0].version) for each in appended] == [(name(n), version + 1) for n in range(MANY)]
    assert await counted.count() == 2
    assert await whole(database) == 2 * MANY


async def test_appends_of_one_stream_that_wait_together_stand_in_the_order_they_were_asked_for(
    database: Database,
) -> None:
    journal = SqlJournal(database)
    await asyncio.gather(
        *(journal.append(name(n % 2), n // 2 * 2, [draft(n), draft(n)]) for n in range(12)),
    )
    for odd in (0, 1):
        assert [one.data["n"] for one in await journal.read(name(odd))] == [n for n in range(odd, 12, 2) for _ in "ab"]
    assert await whole(database) == 24


class Refusing(StreamProjector):
    """Keeps of each stream what it was given last, in a table of the database; cannot bear some numbers."""

    kind = "session"

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        await connection.execute(text("INSERT INTO seen_numbers VALUES (:n)"), {"n": appended[0].data["n"]})
        if {one.data["n"] for one in appended} & set(self._numbers):
            raise ValueError("cannot be projected")


async def seen(database: Database) -> list[int]:
    async with database.read() as connection:
        return sorted((await connection.execute(text("SELECT n FROM seen_numbers"))).scalars())


@pytest.fixture
async def table(database: Database) -> AsyncIterator[None]:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE seen_numbers (n INTEGER UNIQUE)"))
    yield
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE seen_numbers"))


@pytest.mark.usefixtures("table")
async def test_what_cannot_be_projected_fails_alone(database: Database) -> None:
    journal = SqlJournal(database, [Refusing(3, 20)])
    told = journal.follow(["session"])
    answers = await asyncio.gather(
        *(journal.append(name(n), 0, [draft(n)]) for n in range(MANY)), return_exceptions=True
    )
    failed = [n for n, answer in enumerate(answers) if isinstance(answer, ValueError)]
    good = [n for n in range(MANY) if n not in (3, 20)]
    assert failed == [3, 20]
    assert await seen(database) == good
    assert [(await anext(told)).data["n"] for _ in good] == good
    assert await whole(database) == len(good)
    await journal.append(name(3), 0, [draft(99)])


@pytest.mark.usefixtures("table")
async def test_who_builds_on_what_failed_is_told_of_a_conflict_and_the_rest_goes_on(database: Database) -> None:
    journal = SqlJournal(database, [Refusing(1)])
    first, second, other = await asyncio.gather(
        journal.append(name(0), 0, [draft(1)]),
        journal.append(name(0), 1, [draft(2)]),
        journal.append(name(5), 0, [draft(3)]),
        return_exceptions=True,
    )
    assert isinstance(first, ValueError)
    assert isinstance(second, Conflict)
    assert (second.expected, second.actual) == (1, 0)
    assert isinstance(other, list)
    assert await whole(database) == 1


async def test_where_another_process_appended_meanwhile_only_that_stream_conflicts(
    database: Database, other: Database
) -> None:
    here, there = SqlJournal(database), SqlJournal(other)
    await asyncio.gather(*(here.append(name(n), 0, [draft(n)]) for n in range(5)))
    await there.append(name(2), 1, [draft(9)])
    answers = await asyncio.gather(*(here.append(name(n), 1, [draft(n)]) for n in range(5)), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Conflict)] == [2]
    assert await whole(database) == 10


async def test_processes_that_append_at_once_lose_and_double_nothing(database: Database, other: Database) -> None:
    journals = [SqlJournal(database), SqlJournal(other)]

    async def room(number: int) -> None:
        for version in range(8):
            await journals[number % 2].append(name(number), version, [draft(version)])

    await asyncio.gather(*map(room, range(MANY)))
    assert await whole(database) == 8 * MANY


async def test_what_is_tried_again_apart_is_not_overtaken_once_more(sqlite_template: Path, tmp_path: Path) -> None:
    """By an import, say, that appends beside a server whenever nobody has the turn."""
    path = Path(shutil.copy(sqlite_template, tmp_path / "log.db"))
    database, other = Database(sqlite_url(path)), Database(sqlite_url(path))
    beside, times = SqlJournal(other), 0

    async def meanwhile(connection: AsyncConnection, streams: Collection[str]) -> Collection[str]:
        nonlocal times
        if nobody_writes(path):
            await beside.append(name(MANY), times, [draft()])
            times += 1
        return ()

    journal = SqlJournal(database, guard=meanwhile)
    await journal.append(name(0), 0, [draft()])
    await asyncio.gather(*(journal.append(name(n), 0, [draft(n)]) for n in range(1, 5)))
    assert times == 1
    assert await whole(database) == 6
    await database.close()
    await other.close()


def nobody_writes(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as looking:
        try:
            looking.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        looking.execute("ROLLBACK")
        return True


async def test_other_ways_to_append_take_their_turn_between(database: Database) -> None:
    journal = SqlJournal(database)
    told = journal.follow(["session"])

    async def noted(connection: AsyncConnection) -> Draft:
        return draft(100)

    def decided(entries: list[Event]) -> list[Draft]:
        return [draft(len(entries))]

    await asyncio.gather(*(journal.append(name(n), 0, [draft(n)]) for n in range(6)))
    answers = await asyncio.gather(
        journal.append(name(0), 1, [draft(1)]),
        journal.along(name(1), noted),
        journal.append(name(1), 1, [draft(1)]),
        journal.append_each([name(2), name(3)], decided),
        journal.begin([(name(7), draft(0))]),
        journal.erase(name(4), [1], SYSTEM, AT),
        journal.append(name(3), 1, [draft(1)]),
        return_exceptions=True,
    )
    conflicts = [answer for answer in answers if isinstance(answer, Conflict)]
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Conflict)]
    stored = [entry for n in range(8) for entry in await journal.read(name(n))]
    heard = [await anext(told) for _ in range(len(stored) - 1)]  # nobody is told of what begins by an import
    versions: Counter[str] = Counter()
    for entry in heard:
        versions[entry.stream] += 1
        assert entry.version == versions[entry.stream]
    assert await whole(database) == len(stored) == 6 + 7 + 1 - len(conflicts)
    await journal.append(name(7), 1, [draft(1)])


class Owned:
    """A guard by a list. Notes what it was asked."""

    def __init__(self, *gone: str) -> None:
        self.gone, self.asked = gone, list[set[str]]()

    async def __call__(self, connection: AsyncConnection, streams: Collection[str]) -> Collection[str]:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        self.asked.append(set(streams))
        return [stream for stream in streams if stream in self.gone]


async def test_what_is_another_process_s_by_now_is_refused_and_the_rest_goes_on(database: Database) -> None:
    guard = Owned(name(1), name(4))
    journal = SqlJournal(database, guard=guard)
    answers = await asyncio.gather(*(journal.append(name(n), 0, [draft(n)]) for n in range(6)), return_exceptions=True)
    refused = [n for n, answer in enumerate(answers) if isinstance(answer, NotOurs) and answer.code == "not_ours"]
    assert refused == [1, 4]
    assert guard.asked == [{name(n) for n in range(6)}]
    assert await whole(database) == 4


async def test_no_way_to_append_passes_the_guard(database: Database) -> None:
    async def noted(connection: AsyncConnection) -> Draft:
        return draft()

    await SqlJournal(database).append(name(1), 0, [draft()])
    journal = SqlJournal(database, guard=Owned(name(1)))
    for refused in (
        journal.along(name(1), noted),
        journal.begin([(name(2), draft()), (name(1), draft())]),
        journal.append_each([name(2), name(1)], lambda entries: [draft()]),
        journal.erase(name(1), [1], SYSTEM, AT),
    ):
        with pytest.raises(NotOurs):
            await refused
    assert await whole(database) == 1
    assert not (await journal.read(name(1)))[0].erased


async def test_pages_that_take_every_connection_do_not_keep_an_append_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 0.05)
    journal = SqlJournal(database)
    async with crowded(database):
        await asyncio.gather(*(journal.append(name(n), 0, [draft(n)]) for n in range(5)))
        with pytest.raises(Busy):
            await journal.read(name(0))
    assert len(await journal.read(name(0))) == 1


async def test_appends_that_wait_for_another_process_leave_the_pages_their_connections(
    database: Database, other: Database
) -> None:
    journal = SqlJournal(database)
    await journal.append(name(0), 0, [draft()])
    async with other.write() as connection:
        await other.alone(connection, GROWING)
        waiting: list[asyncio.Task[Any]] = [
            asyncio.create_task(journal.append(name(n), 1 if n == 0 else 0, [draft(n)])) for n in range(MANY)
        ]
        waiting += [asyncio.create_task(journal.append_each([name(n)], lambda entries: [])) for n in range(MANY)]
        for _ in range(3):
            pages = await asyncio.gather(*(journal.read(name(0)) for _ in range(CONNECTIONS - 1)))
            assert [len(page) for page in pages] == [1] * (CONNECTIONS - 1)
        assert not any(task.done() for task in waiting)
    await asyncio.gather(*waiting)
    assert await whole(database) == MANY + 1


class Cutting(StreamProjector):
    """Loses its connection to PostgreSQL in the middle of a transaction."""

    kind = "session"

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        if appended[0].data["n"] == 13:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has no connection to lose
async def test_a_connection_that_is_cut_fails_what_it_carried_and_the_next_appends_have_another(
    database: Database, other: Database
) -> None:
    journal = SqlJournal(database, [Cutting()])
    await journal.append(name(0), 0, [draft()])
    answers = await asyncio.gather(
        *(journal.append(name(n), 0, [draft(n)]) for n in range(10, 16)), return_exceptions=True
    )
    assert all(isinstance(answer, Unanswered) for answer in answers)
    await asyncio.gather(*(journal.append(name(n), 0, [draft()]) for n in range(10, 16)))
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    cut = text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
    async with other.read() as connection:
        await connection.execute(cut)  # while nothing is under way
    await journal.append(name(0), 1, [draft()])
    assert await whole(other) == 8


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has no connection to lose
async def test_a_connection_that_was_cut_while_it_rested_is_noticed_before_a_page_gets_it(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqlJournal(database)
    await journal.append(name(0), 0, [draft()])
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    async with other.read() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    monkeypatch.setattr(engine, "_FRESH", 0.0)  # it has rested long enough
    assert len(await journal.read(name(0))) == 1
