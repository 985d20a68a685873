"""What the journal costs: an acknowledged append with its projection, reading and folding a long session, verifying;
many events at once, their tree, proofs. With `kills`, instead of all that: what random kills take of what was
acknowledged. And what four processes on one PostgreSQL append at a given rate, beside SQLite at a low one.

A fact is acknowledged when it is on disk, so the disk decides; how much of the time is ours is said by the ratio to
a bare SQLite commit of the same text, measured on the same disk in the same run.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from journal import Draft, Event, verify
from journal.clock import utc_now
from journal.merkle import leaf_hash, root_of
from rooms.events import history, stream
from rooms.session import fold
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.db.remaking import reading
from server.evidence.log_check import check
from server.evidence.log_keeper import CheckpointKeeper, KnownKeys, installation_signer
from server.evidence.log_store import LogStore
from tests.tools import kills as kills_of
from tests.tools.data.postgres import OWN, named, postgres
from tests.tools.figures import Figures, quantile
from tests.tools.paced import MEDIATOR, START, fact_of, opening, party

APPENDS, APPENDS_QUICK = 2000, 200
ROOMS = 8  # that write at the same time
LONG = 5000  # events: a session of many hours
BATCH = 250
MANY, MANY_QUICK = 100_000, 10_000  # events of an import
BULK = 5000  # at once
FULL = 2  # PRAGMA synchronous

PROCESSES = 4
TALKING, TALKING_QUICK = 3000, 400  # rooms, each of which says something every three seconds
RATE, LOW_RATE = 1000.0, 40.0  # appends a second
SECONDS, SECONDS_QUICK = 30.0, 2.0
TURNS, TURNS_QUICK = 12, 2  # of both databases, a second and a half each


def measure(quick: bool, kills: int | None = None) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        if kills is not None:
            return _kills(figures, Path(folder), kills).json()
        asyncio.run(_measure(figures, Path(folder), APPENDS_QUICK if quick else APPENDS, MANY_QUICK if quick else MANY))
        with postgres(named() or OWN) as url:
            asyncio.run(_talk(figures, Path(folder), url, quick))
    figures.at_least("sqlite_synchronous_level", FULL)
    figures.at_most("append_ms_p95", 50.0)
    figures.at_most("fold_5000_cpu_ms", 500.0)
    figures.at_least("verified_events_per_cpu_s", 10_000)
    figures.at_most("tree_to_bulk_append_ratio", 0.25)
    figures.at_least("postgres_appends_per_s", 0.95 * RATE)  # of what was due by chance
    figures.at_most("postgres_append_ms_p95", 100.0)
    figures.at_least("postgres_log_holds_ratio", 1.0)
    figures.at_most("postgres_to_sqlite_p50_ratio", 1.0)
    figures.at_most("postgres_to_sqlite_p95_ratio", 1.0)
    return figures.json()


async def _measure(figures: Figures, folder: Path, appends: int, many: int) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'bench.db'}")
    try:
        await database.migrate()
        journal = SqlJournal(database, projectors())
        async with database.write() as connection:
            level = (await connection.execute(text("PRAGMA synchronous"))).scalar_one()
        figures.values["sqlite_synchronous_level"] = level
        await _one_room(figures, journal, appends)
        await _rooms(figures, journal, appends // ROOMS)
        bare = await asyncio.to_thread(_bare_commits, folder / "bare.db", appends)
        figures.values["bare_commit_ms_p50"] = round(bare, 3)
        figures.values["append_to_bare_commit_ratio"] = round(figures.values["append_ms_p50"] / bare, 2)
        await _long_session(figures, journal)
        await _bulk(figures, database, journal, many)
    finally:
        await database.close()


async def _one_room(figures: Figures, journal: SqlJournal, appends: int) -> None:
    """One room appending one fact after another, as its mailbox does."""
    seconds = await _append_each(journal, "one", appends)
    figures.values["appends_per_s"] = round(appends / sum(seconds), 1)
    figures.values["append_ms_p50"] = round(quantile(seconds, 0.5) * 1000, 3)
    figures.values["append_ms_p95"] = round(quantile(seconds, 0.95) * 1000, 3)


async def _rooms(figures: Figures, journal: SqlJournal, appends: int) -> None:
    """Several rooms at once queue for SQLite's one writer."""
    began = time.perf_counter()
    rooms = await asyncio.gather(*(_append_each(journal, f"room-{n}", appends) for n in range(ROOMS)))
    figures.values["appends_of_8_rooms_per_s"] = round(ROOMS * appends / (time.perf_counter() - began), 1)
    figures.values["append_of_8_rooms_ms_p95"] = round(quantile([s for room in rooms for s in room], 0.95) * 1000, 3)


async def _append_each(journal: SqlJournal, session: str, appends: int) -> list[float]:
    """Seconds until each of so many facts was acknowledged."""
    version, seconds = len(await journal.append(stream(session), 0, opening())), []
    for fact in map(fact_of, range(appends)):
        began = time.perf_counter()
        await journal.append(stream(session), version, [fact])
        seconds.append(time.perf_counter() - began)
        version += 1
    return seconds


async def _long_session(figures: Figures, journal: SqlJournal) -> None:
    drafts = [*opening(), *map(fact_of, range(LONG))][:LONG]
    for at in range(0, LONG, BATCH):
        await journal.append(stream("long"), at, drafts[at : at + BATCH])
    began = time.perf_counter()
    events = await journal.read(stream("long"))
    figures.values["read_5000_ms"] = round((time.perf_counter() - began) * 1000, 1)
    figures.values["fold_5000_cpu_ms"] = round(_cpu_seconds(events, _folded) * 1000, 1)
    figures.values["verified_events_per_cpu_s"] = round(LONG / _cpu_seconds(events, verify))


async def _bulk(figures: Figures, database: Database, journal: SqlJournal, many: int) -> None:
    """As an import appends: thousands at once. What the tree costs of it is measured by itself, on the same hashes."""
    fact = Draft("Imported", {"text": "购买3000积分，未用完，申请退款被拒。" * 4}, START, MEDIATOR)
    log = LogStore(database)
    began = time.perf_counter()
    for at in range(0, many, BULK):
        await journal.append("import/bulk", at, [fact] * BULK)
    seconds = time.perf_counter() - began
    figures.values["bulk_appends_per_s"] = round(many / seconds)
    leaves = [leaf_hash(bytes(32))] * many
    began = time.perf_counter()
    root_of(leaves)
    figures.values["tree_to_bulk_append_ratio"] = round((time.perf_counter() - began) / seconds, 3)
    size = await log.size()
    began = time.perf_counter()
    await log.proofs(range(size - BULK, size), size)
    figures.values["proofs_per_s"] = round(BULK / (time.perf_counter() - began))
    began = time.perf_counter()
    await log.proof(size // 2, size)
    figures.values["one_proof_ms"] = round((time.perf_counter() - began) * 1000, 2)


async def _talk(figures: Figures, folder: Path, url: str, quick: bool) -> None:
    """Rooms in several processes on one PostgreSQL; at a low rate one process in turn with one on SQLite."""
    beside = f"sqlite+aiosqlite:///{folder / 'beside.db'}"
    for address in (url, beside):
        database = Database(address)
        await database.migrate()
        await database.close()
    rooms = TALKING_QUICK if quick else TALKING
    low: dict[str, list[float]] = {"postgres": [], "sqlite": []}
    async with party(url, PROCESSES, rooms) as many, party(beside, 1, rooms // PROCESSES) as few:
        spells = await many.append(RATE, SECONDS_QUICK if quick else SECONDS)
        for _ in range(TURNS_QUICK if quick else TURNS):
            for name, who in (("postgres", many), ("sqlite", few)):
                low[name] += [waited for spell in await who.append(LOW_RATE, 1.5, 1) for waited in spell.waits]
    waits = [waited for spell in spells for waited in spell.waits]
    figures.values["postgres_appends_per_s"] = round(len(waits) / max(spell.seconds for spell in spells), 1)
    for name, some in (("postgres_append", waits), *((f"{name}_append_at_40", some) for name, some in low.items())):
        figures.values[f"{name}_ms_p50"] = round(quantile(some, 0.5) * 1000, 2)
        figures.values[f"{name}_ms_p95"] = round(quantile(some, 0.95) * 1000, 2)
    figures.values["postgres_append_cpu_ms"] = round(1000 * sum(spell.cpu for spell in spells) / len(waits), 3)
    for share in ("p50", "p95"):
        here, there = (figures.values[f"{name}_append_at_40_ms_{share}"] for name in low)
        figures.values[f"postgres_to_sqlite_{share}_ratio"] = round(here / there, 2)
    held, told = await _holding(url, folder), rooms * len(opening()) + len(waits) + len(low["postgres"])
    figures.values["postgres_log_holds_ratio"] = round(held / told, 6)


async def _holding(url: str, folder: Path) -> int:
    """How many events the log has, by `yuntiao log check` on a checkpoint of all of them; 0 when it finds a fault."""
    database, signer = Database(url), installation_signer(folder)
    every = timedelta(minutes=10)
    known = KnownKeys(SqlJournal(database), utc_now)
    try:
        made = await CheckpointKeeper(LogStore(database), known, lambda: signer, folder, every, utc_now).make()
        async with reading(database) as snapshot:
            report = await check(snapshot, folder)
    finally:
        await database.close()
    return 0 if made is None or not report.holds else made.size - 1  # the key's own entry


def _kills(figures: Figures, folder: Path, count: int) -> Figures:
    toll = kills_of.run(folder, count)
    figures.values.update(
        kills=toll.kills,
        acknowledged=toll.acknowledged,
        acknowledged_checkpoints=toll.checkpoints,
        acknowledged_erasures=toll.erasures,
        lost=toll.lost,
        duplicated=toll.duplicated,
        unverifiable=len(toll.unverifiable),
    )
    for loss in ("lost", "duplicated", "unverifiable"):
        figures.at_most(loss, 0)
    return figures


def _folded(events: Sequence[Event]) -> None:
    session = fold(history(events))
    assert session is not None
    assert session.version == LONG


def _cpu_seconds(events: Sequence[Event], work: Callable[[Sequence[Event]], None]) -> float:
    """The median of five runs. Nothing is waited for, so only this process's own time says what it costs."""
    times = []
    for _ in range(5):
        began = time.process_time()
        work(events)
        times.append(time.process_time() - began)
    return median(times)


def _bare_commits(path: Path, count: int) -> float:
    """Milliseconds, median: one row of about an event's size, committed with the same durability."""
    times = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, body TEXT)")
        for _ in range(count):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare (body) VALUES (?)", ("x" * 400,))
            connection.execute("COMMIT")
            times.append(time.perf_counter() - began)
    return median(times) * 1000
