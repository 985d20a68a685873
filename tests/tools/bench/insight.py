"""Figures over very many complaints: how fast a dashboard comes, what an import costs the daily sums, what it takes.

Facts are invented by a seeded generator and written straight into `complaint_facts`, without a journal, and the sums
are made over them as at a start; nothing else is filled, so records behind a figure have no titles here. Boards are
asked through `SqlDashboards` and `SqlStatistics`, as pages ask. The daily look for hot spots is made without the words
of texts, of which there are none (`bench bursts` has them). What this process's CPU spent stands beside the clock: on
SQLite all of the work, on PostgreSQL what the server did not do. Measured at a quarter of the complaints and at all of
them, to say how it grows. On SQLite; on PostgreSQL too when `YUNTIAO_BENCH_POSTGRES` names an empty database, or is
`own`: then a server is started from the test requirements' wheel, and gone afterwards.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight import examination
from complaints.statistics import find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Period, month, quarter, year
from complaints.statistics.views import Comparison, StatisticsQuery
from offices import Office, Officer
from server.complaints.office_store import calendar_of
from server.db.engine import Database
from server.db.schema import complaint_facts, fact_days, fact_sums, office_oversight, users
from server.identity.store import IdentityStore
from server.imports.encoding import seldom_collected
from server.insight import store as hot_spots
from server.statistics import fact_store
from server.statistics.store import SqlDashboards, SqlStatistics
from tests.tools.data.facts import DAYS, FIRST, OFFICES, facts
from tests.tools.data.postgres import named, postgres
from tests.tools.figures import Figures, quantile

FACTS, FACTS_QUICK = 1_000_000, 25_000  # `--inputs 10000000` is what the targets mean
IMPORT: Final = 10_000
ROWS: Final = 5_000
LAST: Final = FIRST + timedelta(days=DAYS - 1)
SUPERVISOR: Final = "u-bench"

Query = Callable[[], Awaitable[Any]]


def measure(quick: bool, inputs: int = 0) -> dict[str, Any]:
    figures, count = Figures(), inputs or (FACTS_QUICK if quick else FACTS)
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        url = f"sqlite+aiosqlite:///{Path(folder) / 'yuntiao.db'}"
        asyncio.run(_measure(figures, url, Path(folder), count, "", quick))
        figures.values["database_mb"] = round((Path(folder) / "yuntiao.db").stat().st_size / 1e6)
    if named():
        with postgres() as url:
            asyncio.run(_measure(figures, url, Path(), count, "postgres_", quick))
    figures.values["facts"] = count
    figures.values["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    for prefix in ("", "postgres_") if named() else ("",):
        figures.at_most(f"{prefix}board_ms_p95", 300.0)
        figures.at_most(f"{prefix}detection_s", 60.0)
        figures.at_most(f"{prefix}import_of_10000_s", 5.0)
    figures.at_most("memory_mb", 1000.0)
    return figures.json()


async def _measure(figures: Figures, url: str, folder: Path, count: int, prefix: str, quick: bool) -> None:
    database = Database(url)
    await database.migrate()
    officer = await _offices(database)
    seen = figures.values
    for part, name in ((count // 4, "quarter_"), (count, "")):
        begun = time.perf_counter()
        await _fill(database, part, start=0 if name else count // 4)
        seen[f"{prefix}{name}fill_s"] = round(time.perf_counter() - begun, 1)
        begun = time.perf_counter()
        async with database.write() as connection:
            await fact_store.refill(connection)
        seen[f"{prefix}{name}refill_s"] = round(time.perf_counter() - begun, 1)
        await _analyse(database)
        for kind, both in (await _asked(database, folder, officer, 1 if quick else 3)).items():
            taken = [clock for clock, _ in both]
            seen[f"{prefix}{name}{kind}_ms_p50"] = quantile(taken, 0.5)
            seen[f"{prefix}{name}{kind}_ms_p95"] = quantile(taken, 0.95)
            seen[f"{prefix}{name}{kind}_ms_most"] = max(taken)
            seen[f"{prefix}{name}{kind}_cpu_ms_p95"] = quantile([cpu for _, cpu in both], 0.95)
        took, cpu = await _looked(database)
        seen[f"{prefix}{name}detection_s"], seen[f"{prefix}{name}detection_cpu_s"] = round(took, 2), round(cpu, 2)
    async with database.read() as connection:
        for table in (fact_sums, fact_days):
            held = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            seen[f"{prefix}{table.name}_rows"] = held
    with seldom_collected():  # as where files are imported
        await _imports(database, count, prefix, seen)
    await database.close()


async def _imports(database: Database, count: int, prefix: str, seen: dict[str, Any]) -> None:
    busy = time.process_time()
    seen[f"{prefix}import_of_10000_s"] = round(await _import(database, count, 60), 2)
    seen[f"{prefix}import_of_10000_cpu_s"] = round(time.process_time() - busy, 2)
    seen[f"{prefix}import_of_one_office_s"] = round(await _import(database, count + IMPORT, 60, 3), 2)
    seen[f"{prefix}backfill_of_10000_s"] = round(await _import(database, count + 2 * IMPORT, DAYS), 2)


# ---------------------------------------------------------------- filling


async def _offices(database: Database) -> Officer:
    store = IdentityStore(database)
    first: Office | None = None
    for n in range(OFFICES):
        office = Office(f"o{n:02d}", f"第{n + 1}市场监管所", f"{n + 1}所", "027-6000", f"测{n:02d}")
        await store.add_office(office)
        first = first or office
    assert first is not None
    officer = Officer(SUPERVISOR, "bench", "罗建国", "supervisor", first, totp=False)
    async with database.write() as connection:
        await connection.execute(insert(users).values(_account(officer)))
        seen = [{"supervisor": SUPERVISOR, "office": f"o{n:02d}"} for n in range(OFFICES)]
        await connection.execute(insert(office_oversight), seen)
    return officer


def _account(officer: Officer) -> dict[str, Any]:
    given = {
        "id": officer.id, "login": officer.login, "name": officer.name, "role": officer.role,
        "office": officer.office.id, "created": datetime.now(UTC),
    }  # fmt: skip
    blank: dict[type, Any] = {str: "", int: 0, bool: False}
    for column in users.columns:
        if column.name not in given and not column.nullable and column.server_default is None:
            given[column.name] = blank.get(column.type.python_type, "")
    return given


async def _fill(database: Database, count: int, start: int) -> None:
    """Facts `start` to `count`, without their indexes until all are there."""
    async with database.write() as connection:
        for index in complaint_facts.indexes:
            await connection.run_sync(index.drop, checkfirst=True)
        async with _writing(connection) as write:
            made = facts(count, start)
            while batch := list(itertools.islice(made, ROWS)):
                await write(batch)
        for index in complaint_facts.indexes:
            await connection.run_sync(index.create)


@asynccontextmanager
async def _writing(connection: AsyncConnection) -> AsyncIterator[Callable[[Sequence[Fact]], Awaitable[None]]]:
    names = [column.name for column in complaint_facts.columns]
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    listed = ", ".join(f'"{name}"' for name in names)
    stored = _stored if connection.dialect.name == "sqlite" else _copied
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO complaint_facts ({listed}) VALUES ({places})"

        async def write(batch: Sequence[Fact]) -> None:
            await raw.executemany(statement, [stored(one, names) for one in batch])

        yield write
        return
    async with raw.cursor() as cursor, cursor.copy(f"COPY complaint_facts ({listed}) FROM STDIN") as copy:

        async def send(batch: Sequence[Fact]) -> None:
            for one in batch:
                await copy.write_row(stored(one, names))

        yield send


def _stored(one: Fact, names: Sequence[str]) -> tuple[Any, ...]:
    """As SQLite keeps it."""
    values = []
    for name in names:
        value = getattr(one, name)
        if isinstance(value, date):
            value = f"{value:%Y-%m-%d %H:%M:%S.%f}" if name == "changed" else value.isoformat()
        elif name in ("amount", "recovered"):
            value = int(value * 100)
        values.append(value)
    return tuple(values)


def _copied(one: Fact, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple([int(getattr(one, n) * 100) if n in ("amount", "recovered") else getattr(one, n) for n in names])


async def _analyse(database: Database) -> None:
    """What PostgreSQL does by itself within minutes of so many new rows is waited for here."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE" if database.sqlite else "VACUUM (ANALYZE)")


# ---------------------------------------------------------------- asking


async def _asked(
    database: Database, folder: Path, officer: Officer, rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each question: by the clock, and of this process's CPU."""
    boards, statistics = SqlDashboards(database, folder), SqlStatistics(database)
    queries: dict[str, list[Query]] = {
        "board": _boards(boards, officer),
        "overview": _overviews(statistics, officer),
        "mediation": [lambda: boards.performance(officer, StatisticsQuery(year(LAST), LAST, by="problem"))],
        "records": _records(statistics, officer),
    }
    taken: dict[str, list[tuple[float, float]]] = {}
    for kind, some in queries.items():
        for query in some * rounds:
            begun, busy = time.perf_counter(), time.process_time()
            await query()
            spent = time.perf_counter() - begun, time.process_time() - busy
            taken.setdefault(kind, []).append((round(spent[0] * 1000, 1), round(spent[1] * 1000, 1)))
    return taken


async def _looked(database: Database) -> tuple[float, float]:
    """Seconds of a look at all offices together, by the clock and of CPU: what is read, expected and tested."""
    begun, busy = time.perf_counter(), time.process_time()
    offices, none = tuple(f"o{n:02d}" for n in range(OFFICES)), np.zeros(0, np.int64)
    async with database.read(snapshot=True) as connection:
        history = await hot_spots.history(connection, offices, LAST)
        table = await hot_spots.table(connection, offices, LAST, history.first)
        _, calendar = await calendar_of(connection, offices[0])
    examination.examine(table, ([], none, none, none), history, calendar)
    return time.perf_counter() - begun, time.process_time() - busy


def _periods() -> Sequence[Period]:
    """A month, a quarter, a year, five years, a week, and days that are no whole months."""
    return (
        month(LAST), quarter(LAST), year(LAST), Period(FIRST, LAST), Period(LAST - timedelta(days=6), LAST),
        Period(LAST - timedelta(days=200), LAST - timedelta(days=17)),
    )  # fmt: skip


def _boards(boards: SqlDashboards, officer: Officer) -> list[Query]:
    """Every thing complaints have in common, over every period, of one office and of all, beside the period before."""
    names = ("received", "loss_recovered", "settled_share", "on_time_decision")
    groups = (
        "channel", "problem", "industry", "industry2", "industry3", "industry4", "division", "street", "platform",
        "respondent", "band", "age_band", "office", "month",
    )  # fmt: skip
    found: list[Query] = []
    for n, (by, period, office) in enumerate(itertools.product(groups, _periods(), ("", "o03"))):
        asked, one = StatisticsQuery(period, LAST, office, by), find_statistic(names[n % len(names)])
        beside = Comparison(period.previous())
        found.append(lambda asked=asked, one=one, beside=beside: boards.board(officer, asked, one, beside, 30))  # type: ignore[misc]
    return found


def _overviews(statistics: SqlStatistics, officer: Officer) -> list[Query]:
    """Every statistic there is, of one office and of all, a month and a year grouped by month."""
    found: list[Query] = []
    for period, by, office in itertools.product((month(LAST), year(LAST)), ("", "month", "channel"), ("", "o03")):
        asked = StatisticsQuery(period, LAST, office, by)
        found.append(lambda asked=asked: statistics.overview(officer, asked))  # type: ignore[misc]
    return found


def _records(statistics: SqlStatistics, officer: Officer) -> list[Query]:
    """The first page behind a figure of a year: of a common group and of rare ones."""
    some = (("channel", "12315"), ("street", "3街"), ("industry4", "F5211"), ("platform", "甲平台"), ("", None))
    one, found = find_statistic("received"), list[Query]()
    for by, group in some:
        asked = StatisticsQuery(year(LAST), LAST, "", by)
        found.append(lambda asked=asked, group=group: statistics.records(officer, asked, one, "top", group, 1))  # type: ignore[misc]
    return found


async def _import(database: Database, count: int, last: int, only: int | None = None) -> float:
    """What 10,000 more complaints cost, facts and sums, a thousand in a transaction as an import takes them. They were
    received on so many last days. `only`: by this office; None: by all twenty."""
    new, taken = list(facts(count + IMPORT, count, last=last, only=only, fresh=True)), 0.0
    for start in range(0, IMPORT, 1000):
        batch = new[start : start + 1000]
        begun = time.perf_counter()
        async with database.write() as connection:
            async with _writing(connection) as write:
                await write(batch)
            await fact_store.note_begun(connection, [one.id for one in batch])
        taken += time.perf_counter() - begun
    begun = time.perf_counter()
    await fact_store.settled(database)
    return taken + time.perf_counter() - begun
