"""An append that is one statement to PostgreSQL: what it must not do, and what is made of an answer that is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Conflict, Draft, Event, sealed
from journal.refusals import Unanswered
from server.db import appending
from server.db.appending import GROWING, Growth
from server.db.engine import Database
from server.db.journal import ALONE, SqlJournal, StreamProjector, stream_events
from tests.server.db.test_group_commit import Transactions, whole

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgres"], indirect=True)]

AT = datetime(2026, 4, 14, 2, 3, 4, 567890, tzinfo=UTC)
STREAM = "session/s1"


def draft(type_: str = "Noted") -> Draft:
    return Draft(type_, {"n": 1}, AT)


SO_FAR = ALONE + 1  # appends until a process has seen that nobody else appends


async def begun(journal: SqlJournal) -> None:
    for version in range(SO_FAR):
        await journal.append(STREAM, version, [draft()])


class Wire:
    """Between a program and PostgreSQL. Counts what is asked; the next answer may be cut short, and the connection
    with it: `keep` is how much of it arrives. 0 of a question: that does not arrive either."""

    def __init__(self) -> None:
        self.asked = 0
        self.keep: str | None = None

    async def serve(self, near: asyncio.StreamReader, far: asyncio.StreamWriter, socket: str) -> None:
        back, forth = await asyncio.open_unix_connection(socket)
        size = await near.readexactly(4)  # who comes says so without a letter
        forth.write(size + await near.readexactly(int.from_bytes(size) - 4))
        both = [asyncio.create_task(self._ask(near, forth)), asyncio.create_task(self._answer(back, far))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            far.close()
            forth.close()

    async def _ask(self, near: asyncio.StreamReader, forth: asyncio.StreamWriter) -> None:
        whole_question = b""
        while message := await _message(near):
            whole_question += message
            if message[:1] in b"QSX":
                if self.keep == "nothing was asked" and message[:1] != b"X":
                    self.keep = None
                    return
                self.asked += message[:1] != b"X"
                forth.write(whole_question)
                whole_question = b""

    async def _answer(self, back: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        while message := await _message(back):
            end = message[:1] == b"Z"
            if self.keep == "nothing" or (self.keep == "all but that it is committed" and end):
                if end:
                    self.keep = None
                    await far.drain()
                    return
            else:
                far.write(message)


async def _message(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readexactly(5)
        return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@pytest.fixture
async def wire(database_url: URL) -> AsyncIterator[tuple[Wire, Database]]:
    """And a database that is reached by it."""
    wire, socket = Wire(), f"{database_url.query['host']}/.s.PGSQL.5432"

    async def came(near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        await wire.serve(near, far, socket)

    async with await asyncio.start_server(came, "127.0.0.1", 0) as listening:
        there = {"host": "127.0.0.1", "port": str(listening.sockets[0].getsockname()[1])}
        reached = Database(database_url.update_query_dict(there | {"sslmode": "disable", "gssencmode": "disable"}))
        yield wire, reached
        await reached.close()


async def test_where_nobody_else_appends_an_append_is_one_round_trip(
    wire: tuple[Wire, Database], database: Database
) -> None:
    counted, reached = wire
    journal = SqlJournal(reached)
    await begun(journal)
    for version in (SO_FAR, SO_FAR + 1):
        before = counted.asked
        await journal.append(STREAM, version, [draft()])
        assert counted.asked == before + 1
    await asyncio.gather(*(journal.append(STREAM, SO_FAR + more, [draft(), draft()]) for more in (2, 4, 6)))
    assert await Transactions(database).count() == SO_FAR + 3
    assert await whole(database) == SO_FAR + 8


@pytest.mark.parametrize("arrives", ["nothing was asked", "nothing", "all but that it is committed"])
async def test_whoever_is_not_told_of_the_commit_is_told_that_nobody_answered(
    wire: tuple[Wire, Database], database: Database, arrives: str
) -> None:
    cut, reached = wire
    journal = SqlJournal(reached)
    told = journal.follow(["session"])
    await begun(journal)
    cut.keep = arrives
    answers = await asyncio.gather(
        *(journal.append(STREAM, SO_FAR + more, [draft()]) for more in (0, 1)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Unanswered, Unanswered]
    assert cut.keep is None
    there = SO_FAR if arrives == "nothing was asked" else SO_FAR + 2
    assert await whole(database) == there
    if there > SO_FAR:
        with pytest.raises(Conflict) as told_so:
            await journal.append(STREAM, SO_FAR, [draft()])
        assert told_so.value.actual == there
    await journal.append(STREAM, there, [draft()])
    assert [(await anext(told)).version for _ in range(SO_FAR + 1)] == [*range(1, SO_FAR + 1), there + 1]
    assert await whole(database) == there + 1


async def test_while_another_process_has_the_turn_an_append_waits_for_it(database: Database, other: Database) -> None:
    journal = SqlJournal(database)
    await begun(journal)
    async with other.write() as connection:
        await other.alone(connection, GROWING)
        waiting = asyncio.create_task(journal.append(STREAM, SO_FAR, [draft()]))
        await _locked_out(other)
        await _enter(connection, "session/s2", 0)
        assert not waiting.done()
    await waiting
    assert await whole(database) == SO_FAR + 2


async def test_a_log_that_grows_after_the_statement_began_is_noticed(database: Database, other: Database) -> None:
    """The turn was free when it was asked for, but what the statement sees is from before."""
    journal = SqlJournal(database)
    await begun(journal)
    async with other.write() as connection:  # without the turn: as if it had come free between the two
        await _enter(connection, "session/s2", 0)
        waiting = asyncio.create_task(journal.append(STREAM, SO_FAR, [draft()]))
        await _locked_out(other)
    assert [event.version for event in await waiting] == [SO_FAR + 1]
    assert await whole(database) == SO_FAR + 2


async def test_a_log_that_is_shorter_than_remembered_is_not_continued_with_a_gap(database: Database) -> None:
    journal = SqlJournal(database)
    await journal.append("session/s2", 0, [draft()])
    async with database.read() as connection:
        kept = await appending.head_row(connection)
    await begun(journal)
    async with database.write() as connection:  # as a standby knows it that was behind
        await connection.execute(text("DELETE FROM events WHERE stream = :of"), {"of": STREAM})
        await connection.execute(
            text("UPDATE log_head SET size = :size, peaks = :peaks"), {"size": kept[0], "peaks": kept[1]}
        )
    with pytest.raises(Conflict):
        await journal.append(STREAM, SO_FAR, [draft()])
    await journal.append("session/s2", 1, [draft()])
    assert await whole(database) == 2


async def _enter(connection: AsyncConnection, stream: str, version: int) -> None:
    growth = Growth(connection, await appending.head(connection), unread=False)
    await appending.enter(growth, sealed(stream, version, "", [draft()]))


async def _locked_out(database: Database) -> None:
    """Return when somebody waits for a lock."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(20):
        locked = 0
        while not locked:
            async with database.read() as connection:
                locked = (await connection.execute(waits)).scalar_one()


class Asking(StreamProjector):
    """Has a row of its own in the transaction, and may make it fail unnoticed."""

    kind = "session"

    def __init__(self) -> None:
        self.fails = False

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        await connection.execute(text("INSERT INTO beside VALUES (:n)"), {"n": appended[0].version})
        if self.fails:
            with contextlib.suppress(DBAPIError):
                await connection.execute(text("SELECT 1 / 0"))


@pytest.fixture
async def beside(database: Database) -> AsyncIterator[None]:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE beside (n INTEGER)"))
    yield
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE beside"))


async def _transactions(database: Database) -> tuple[list[str], list[str]]:
    """Of the rows beside, and of the events."""
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT xmin::text FROM beside ORDER BY n"))).scalars().all()
        events = (await connection.execute(text("SELECT xmin::text FROM events ORDER BY leaf"))).scalars().all()
    return list(rows), list(events)


@pytest.mark.usefixtures("beside")
async def test_rows_that_change_are_of_the_transaction_that_appends(database: Database) -> None:
    journal = SqlJournal(database, [Asking()])
    await begun(journal)
    await journal.append(STREAM, SO_FAR, [draft()])
    rows, events = await _transactions(database)
    assert rows == events
    assert len(set(rows)) == SO_FAR + 1
    await journal.append(STREAM, SO_FAR + 1, [draft()] * 100)  # by COPY
    rows, events = await _transactions(database)
    assert rows[-1:] == [events[-1]]
    assert await whole(database) == SO_FAR + 101


@pytest.mark.usefixtures("beside")
async def test_a_transaction_that_had_failed_is_not_acknowledged(database: Database) -> None:
    asking = Asking()
    journal = SqlJournal(database, [asking])
    await begun(journal)
    asking.fails = True
    with pytest.raises(DBAPIError):
        await journal.append(STREAM, SO_FAR, [draft()])
    asking.fails = False
    assert await whole(database) == SO_FAR
    await journal.append(STREAM, SO_FAR, [draft()])


async def test_what_a_guard_asks_is_of_the_transaction_that_appends_and_nobody_else_appends_then(
    database: Database,
) -> None:
    asked = list[str]()

    async def guard(connection: AsyncConnection, streams: Collection[str]) -> Collection[str]:
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        assert (await connection.execute(text(locks))).scalar_one() == 1
        asked.append((await connection.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one())
        return ()

    journal = SqlJournal(database, guard=guard)
    await begun(journal)
    await journal.append(STREAM, SO_FAR, [draft()])
    async with database.read() as connection:
        events = await connection.execute(text("SELECT xmin::text FROM events ORDER BY leaf"))
        assert list(events.scalars()) == asked


async def test_what_is_too_long_is_refused_and_not_cut_and_fails_alone(database: Database) -> None:
    journal = SqlJournal(database)
    for version in range(SO_FAR):
        await asyncio.gather(*(journal.append(f"session/s{n}", version, [draft()]) for n in range(4)))
    answers = await asyncio.gather(
        *(journal.append(f"session/s{n}", SO_FAR, [draft("N" * 65 if n == 2 else "Noted")]) for n in range(4)),
        return_exceptions=True,
    )
    assert [isinstance(answer, Exception) for answer in answers] == [False, False, True, False]
    async with database.read() as connection:
        assert len(await stream_events(connection, "session/s2")) == SO_FAR
    assert await whole(database) == 4 * SO_FAR + 3
