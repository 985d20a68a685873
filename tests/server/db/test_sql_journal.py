"""The SQL journal beyond its contract: other processes, projections in the same transaction, cancelled callers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosqlite import Connection
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Actor, Conflict, Draft, Event, StreamBroken, merkle, verify
from server.db import FollowerTooSlow, appending, journal as sql_journal
from server.db.engine import Database
from server.db.journal import SqlJournal, StreamProjector
from server.db.schema import events
from server.evidence.log_store import LogStore

AT = datetime(2026, 4, 14, 2, 3, 4, 567890, tzinfo=UTC)


def draft(number: int = 0) -> Draft:
    return Draft("Noted", {"n": number}, AT, Actor("officer", "u1", "周敏", "mediator", "o1"))


async def test_everything_of_an_event_comes_back_and_the_chain_verifies(database: Database) -> None:
    data = {
        "说": "退款\n\u0000\U0001f91d",
        "list": [1, 2.5, None, True, {"z": 1, "a": [-1e-7, 10**18]}],
        "amount": "2000.00",
    }
    journal = SqlJournal(database)
    written = await journal.append("session/s1", 0, [Draft("Noted", data, AT, draft().actor), draft(2)])
    back = await journal.read("session/s1")
    assert back == written
    assert dict(back[0].data) == data
    verify(back)


async def test_a_stream_is_continued_from_where_another_process_left_it(database: Database, other: Database) -> None:
    here, there = SqlJournal(database), SqlJournal(other)
    await here.append("session/s1", 0, [draft(1)])
    await there.append("session/s1", 1, [draft(2)])
    await here.append("session/s1", 2, [draft(3)])
    stream = await there.read("session/s1")
    assert [event.data["n"] for event in stream] == [1, 2, 3]
    verify(stream)


async def test_of_many_who_append_the_same_version_at_once_exactly_one_succeeds(
    database: Database, other: Database
) -> None:
    journals = [SqlJournal(database), SqlJournal(other)]
    tries = [journals[n % 2].append("session/s1", 0, [draft(n), draft(n)]) for n in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [result for result in results if isinstance(result, list)]
    lost = [result for result in results if isinstance(result, Conflict)]
    assert (len(won), len(lost)) == (1, 19)
    assert {(conflict.expected, conflict.actual) for conflict in lost} == {(0, 2)}
    assert await journals[0].read("session/s1") == won[0]


async def test_many_streams_are_appended_to_at_once_without_loss(database: Database) -> None:
    journal = SqlJournal(database)

    async def write(stream: str) -> None:
        for version in range(10):
            await journal.append(stream, version, [draft(version)])

    await asyncio.gather(*(write(f"session/s{n}") for n in range(12)))
    for n in range(12):
        stream = await journal.read(f"session/s{n}")
        assert len(stream) == 10
        verify(stream)


async def test_a_row_changed_behind_our_back_is_noticed(database: Database) -> None:
    journal = SqlJournal(database)
    await journal.append("session/s1", 0, [draft(1), draft(2), draft(3)])
    async with database.write() as connection:
        await connection.execute(update(events).where(events.c.version == 2).values(data={"n": 20}))
    with pytest.raises(StreamBroken) as broken:
        verify(await journal.read("session/s1"))
    assert broken.value.version == 2


async def test_leaves_are_numbered_as_they_commit_without_gaps(database: Database, other: Database) -> None:
    journals = [SqlJournal(database), SqlJournal(other)]
    results = await asyncio.gather(
        *(journals[n % 2].append(f"session/s{n // 2}", 0, [draft(n), draft(n)]) for n in range(40)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in results) == 20
    log = LogStore(database)
    leaves = [await log.leaves(f"session/s{n}") for n in range(20)]
    assert sorted(leaf for both in leaves for leaf in both) == list(range(40))
    assert all(second == first + 1 for first, second in leaves)


async def test_the_tree_is_that_of_the_events_and_proves_each_at_every_size(database: Database) -> None:
    journal, log, entries = SqlJournal(database), LogStore(database), list[bytes]()
    version = 0
    for count in (1, 2, 1, 250, 1, 1, 1, 300, 40):  # across the borders of kept nodes
        appended = await journal.append("session/s1", version, [draft(n) for n in range(count)])
        version += count
        entries += [merkle.leaf_hash(bytes.fromhex(event.hash)) for event in appended]
        assert await log.head() == (version, merkle.root_of(entries))
    for size in (1, 3, 255, 256, 257, 511, 512, version):
        root = merkle.root_of(entries[:size])
        assert await log.root(size) == root
        proofs = await log.proofs(range(size), size)
        assert all(merkle.verify_inclusion(entries[leaf], leaf, size, proofs[leaf], root) for leaf in range(size))
        continued = await log.consistency(size, version)
        assert merkle.verify_consistency(size, version, continued, root, merkle.root_of(entries))


async def test_where_nobody_else_wrote_an_append_reads_nothing(database: Database) -> None:
    journal, said = SqlJournal(database), list[str]()
    await journal.append("session/s1", 0, [draft(1)])

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        said.append(" ".join(sql.split()[:2]))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    await journal.append("session/s1", 1, [draft(2)])
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    told = [one for one in said if not one.startswith("BEGIN")]
    # The tree's new edge and the events are sent together, below what is listened to here.
    assert told == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_no_row_shows_is_appended_and_committed_for_one_wait(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, asked = SqlJournal(database), list[object]()
    execute: Any = Connection._execute
    await journal.append("session/s1", 0, [draft(1)])

    def counted(self: Connection, work: object, *given: object) -> Any:
        asked.append(work)
        return execute(self, work, *given)

    monkeypatch.setattr(Connection, "_execute", counted)
    await journal.append("session/s1", 1, [draft(2)])
    assert len(asked) == 1
    monkeypatch.undo()
    assert [event.version for event in await SqlJournal(other).read("session/s1")] == [1, 2]


async def test_the_tree_is_whole_where_processes_take_turns_and_appends_fail(
    database: Database, other: Database
) -> None:
    """What a process remembers of the log counts only while it is that log."""
    ledger, versions = Ledger(), dict[str, int]()
    here, there = SqlJournal(database, [ledger]), SqlJournal(other)
    turns = "here s1, there s2, here s1, here s1, broken s1, there s1, here s2, broken s2, here s1, there s1, here s2"
    for who, stream in (turn.split() for turn in turns.split(", ")):
        ledger.refuses, at = who == "broken", versions.get(stream, 0)
        with pytest.raises(ValueError, match="projected") if ledger.refuses else contextlib.nullcontext():
            await (there if who == "there" else here).append(f"session/{stream}", at, [draft(at)])
            versions[stream] = at + 1
    log, entries = LogStore(database), dict[int, bytes]()
    for stream in versions:
        verify(await here.read(f"session/{stream}"))
        for leaf, entry in zip(
            await log.leaves(f"session/{stream}"), await here.read(f"session/{stream}"), strict=True
        ):
            entries[leaf] = merkle.leaf_hash(bytes.fromhex(entry.hash))
    assert await log.head() == (9, merkle.root_of([entries[leaf] for leaf in range(9)]))


async def test_a_size_the_log_never_had_has_no_root(database: Database) -> None:
    await SqlJournal(database).append("session/s1", 0, [draft(), draft()])
    with pytest.raises(LookupError):
        await LogStore(database).root(3)


async def test_an_append_that_fails_leaves_no_trace_in_the_tree(database: Database) -> None:
    ledger = Ledger()
    journal, log = SqlJournal(database, [ledger]), LogStore(database)
    await journal.append("session/s1", 0, [draft(1)])
    before = await log.head()
    ledger.refuses = True
    with pytest.raises(ValueError, match="projected"):
        await journal.append("session/s1", 1, [draft(2)])
    assert await log.head() == before


class Ledger(StreamProjector):
    """A projector that writes down what it was given, and can refuse."""

    kind = "session"

    def __init__(self) -> None:
        self.given: list[int] = []
        self.refuses = False

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        self.given += [event.version for event in appended]
        if self.refuses:
            raise ValueError("cannot be projected")


async def test_when_a_projection_fails_the_event_has_not_happened_either(database: Database) -> None:
    ledger = Ledger()
    journal = SqlJournal(database, [ledger])
    told = journal.follow(["session"])
    await journal.append("session/s1", 0, [draft(1)])
    ledger.refuses = True
    with pytest.raises(ValueError, match="projected"):
        await journal.append("session/s1", 1, [draft(2)])
    assert [event.version for event in await journal.read("session/s1")] == [1]
    ledger.refuses = False
    await journal.append("session/s1", 1, [draft(3)])
    assert [event.data["n"] for event in await take(told, 2)] == [1, 3]


async def test_only_streams_of_its_kind_are_given_to_a_projector(database: Database) -> None:
    ledger = Ledger()
    journal = SqlJournal(database, [ledger])
    await journal.append("office/o1/numbers/2026", 0, [draft()])
    assert ledger.given == []


async def test_a_follower_hears_what_is_committed_by_then_readable(database: Database, other: Database) -> None:
    journal = SqlJournal(database)
    told = journal.follow(["session"])
    await journal.append("complaint/c1", 0, [draft(1)])
    await journal.append("session/s1", 0, [draft(2), draft(3)])
    heard = await take(told, 2)
    assert heard == await SqlJournal(other).read("session/s1")


async def test_a_caller_cancelled_while_appending_leaves_no_event_untold(database: Database) -> None:
    journal = SqlJournal(database)
    told = journal.follow(["session"])
    appending = asyncio.create_task(journal.append("session/s1", 0, [draft(1)]))
    await asyncio.sleep(0)  # let it begin
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert await journal.read("session/s1") == await take(told, 1)


async def test_a_follower_that_falls_too_far_behind_is_cut_off_and_told_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "FOLLOWER_BACKLOG", 3)
    journal = SqlJournal(database)
    slow, quick = journal.follow(["session"]), journal.follow(["session"])
    for version in range(5):
        await journal.append("session/s1", version, [draft(version)])
        assert [event.data["n"] for event in await take(quick, 1)] == [version]
    assert [event.data["n"] for event in await take(slow, 3)] == [0, 1, 2]
    with pytest.raises(FollowerTooSlow):
        await take(slow, 1)


async def take(told: AsyncIterator[Event], count: int) -> list[Event]:
    return [await asyncio.wait_for(anext(told), 5) for _ in range(count)]


async def test_what_any_process_appends_is_followed_in_the_logs_order_by_its_type(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = SqlJournal(database), SqlJournal(other)
    monkeypatch.setattr(sql_journal, "MOST_READ", 3)  # places of the log at once
    await here.append("session/before", 0, [draft()])
    following = here.follow_all({"session": ["Noted"], "complaint": []}, after=1)
    told: list[tuple[str, int]] = []

    async def heard(last: tuple[str, int]) -> None:
        while last not in told:
            told.extend((event.stream, event.data["n"]) for event in await anext(following))

    await there.append("session/s1", 0, [draft(n) for n in range(10)])
    await here.append("complaint/c1", 0, [Draft("Filed", {"n": 1}, AT)])
    await heard(("complaint/c1", 1))
    await there.append("session/s1", 10, [Draft("Whispered", {"n": 99}, AT), draft(10)])
    await here.append("office/o1", 0, [draft(98)])
    await there.append("complaint/c1", 1, [draft(2)])
    await heard(("complaint/c1", 2))
    rest = [("complaint/c1", 1), ("session/s1", 10), ("complaint/c1", 2)]
    assert told == [*(("session/s1", n) for n in range(10)), *rest]


async def test_who_follows_from_now_on_hears_nothing_of_before(database: Database, other: Database) -> None:
    here, there = SqlJournal(database), SqlJournal(other)
    await there.append("session/s1", 0, [draft(1)])
    following = here.follow_all({"session": []})
    first: asyncio.Future[Sequence[Event]] = asyncio.ensure_future(anext(following))
    for number in itertools.count(2):  # until it has begun
        await there.append("session/s1", number - 1, [draft(number)])
        if first.done():
            break
        await asyncio.wait([first], timeout=0.05)
    assert first.result()[0].data["n"] > 1
