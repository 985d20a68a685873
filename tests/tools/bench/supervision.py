"""Supervision with many mediations: how long a week's plan takes, and how fast its lists come.

Rows are filled directly, without the journal; the plan is drawn and journaled as it is in earnest. Beside the clock's
figures stands what each took of the processor, which a busy machine changes less.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from sqlalchemy import insert

from journal import SYSTEM, Draft
from journal.notes import Checkpoint, checkpoint_body
from offices import Office, Officer
from rooms.live.registry import Sessions
from rooms.supervision import REVIEW_STATES, ReviewFilter
from rooms.views import AuditFilter
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.db.schema import mediation_measures, reviews, sessions
from server.evidence.log_store import LogStore, StoredCheckpoint
from server.identity.store import IdentityStore
from server.supervision.reports import PlanScheduler
from server.supervision.store import SupervisionReads
from tests.tools.figures import Figures, quantile

ROWS, ROWS_QUICK = 100_000, 10_000
WEEK, WEEK_QUICK = 10_000, 1_000
ASKED, ASKED_QUICK = 40, 10
SEED, BATCH, MEDIATORS = 9, 2_000, 40
OFFICE = Office("bench", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
OFFICER = Officer("u-bench", "bench", "林岚", "supervisor", OFFICE, totp=True)
MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        asyncio.run(_measure(figures, Path(folder), quick))
    figures.at_most("weekly_plan_s", 2.0)
    figures.at_most("list_ms_p95", 150.0)
    return figures.json()


async def _measure(figures: Figures, folder: Path, quick: bool) -> None:
    rows, week, asked = (ROWS_QUICK, WEEK_QUICK, ASKED_QUICK) if quick else (ROWS, WEEK, ASKED)
    database = Database(f"sqlite+aiosqlite:///{folder / 'yuntiao.db'}")
    await database.migrate()
    store, journal = IdentityStore(database), SqlJournal(database, projectors())
    await store.add_office(OFFICE)
    await _fill(database, rows, week)
    await _sign(database, journal)
    planning = PlanScheduler(database, journal, store, lambda: MONDAY + timedelta(hours=9))
    begun, spent = time.perf_counter(), time.process_time()
    period = (await planning.make([OFFICE]))[OFFICE.id]
    figures.values["weekly_plan_cpu_s"] = round(time.process_time() - spent, 3)
    figures.values["weekly_plan_s"] = round(time.perf_counter() - begun, 3)
    figures.values["mediations"], figures.values["week"] = rows, week
    read = SupervisionReads(database)
    records = SqlReads(database, cast(Sessions, None), folder, lambda: MONDAY)
    lists: dict[str, Callable[[], Awaitable[object]]] = {
        "reviews": lambda: read.reviews(OFFICER, ReviewFilter()),
        "reviews_late": lambda: read.reviews(OFFICER, ReviewFilter(page=40)),
        "plans": lambda: read.plans([OFFICE.id]),
        "places": lambda: read.places([(OFFICE.id, period)]),
        "waiting": lambda: read.waiting(OFFICER.id, [OFFICE.id]),
        "records": lambda: records.audit_list(OFFICER, AuditFilter()),
        "records_last": lambda: records.audit_list(OFFICER, AuditFilter(page=rows // 50)),
        "records_of_mediator": lambda: records.audit_list(OFFICER, AuditFilter(mediator="u-7")),
        "records_rare": lambda: records.audit_list(OFFICER, AuditFilter(outcome="ended", shortest_ms=5_300_000)),
    }
    for state in REVIEW_STATES:
        lists[f"reviews_{state}"] = lambda state=state: read.reviews(OFFICER, ReviewFilter(state))  # type: ignore[misc]
    for name, ask in lists.items():
        spent = time.process_time()
        taken = [await _ms(ask) for _ in range(asked)]
        figures.values[f"{name}_cpu_ms"] = round((time.process_time() - spent) * 1000 / asked, 2)
        figures.values[f"{name}_ms_p95"] = quantile(taken, 0.95)
    figures.values["list_ms_p95"] = max(figures.values[f"{name}_ms_p95"] for name in lists)
    figures.values["list_cpu_ms"] = max(figures.values[f"{name}_cpu_ms"] for name in lists)
    await database.close()


async def _ms(ask: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await ask()
    return round((time.perf_counter() - begun) * 1000, 2)


async def _sign(database: Database, journal: SqlJournal) -> None:
    at = MONDAY - timedelta(minutes=1)
    await journal.append("bench/1", 0, [Draft("Begun", {}, at, SYSTEM)])
    size, root = await LogStore(database).head()
    body = checkpoint_body(Checkpoint("yuntiao/bench", size, root, at))
    await LogStore(database).put(StoredCheckpoint(size, at, f"{body}\n\u2014 yuntiao/bench {'A' * 92}\n"))


async def _fill(database: Database, rows: int, week: int) -> None:
    """`week` of them in the week that is planned for, the others evenly over the years before; all those reviewed."""
    chance = random.Random(SEED)
    for first in range(0, rows, BATCH):
        some = [_one(chance, n, week) for n in range(first, min(rows, first + BATCH))]
        async with database.write() as connection:
            await connection.execute(insert(sessions), [one["session"] for one in some])
            await connection.execute(insert(mediation_measures), [one["measures"] for one in some])
            looked = [one["review"] for one in some if one["review"]]
            if looked:
                await connection.execute(insert(reviews), looked)


def _one(chance: random.Random, n: int, week: int) -> dict[str, Any]:
    id_, mediator = f"{n:032x}", f"u-{chance.randrange(MEDIATORS)}"
    back = timedelta(days=7) * chance.random() if n < week else timedelta(days=7 + 1500 * chance.random())
    closed = MONDAY - timedelta(minutes=2) - back
    outcome = chance.choice(("settled", "settled", "not_settled", "ended"))
    length = chance.randrange(300_000, 5_400_000)
    shared = {"office": OFFICE.id, "mediator": mediator, "outcome": outcome}
    number = f"东高一投〔2026〕{n}号"
    return {
        "session": shared
        | {
            "id": id_,
            "complaint": id_,
            "number": number,
            "ordinal": 1,
            "title": "退款",
            "mediator_name": mediator,
            "starts": closed - timedelta(milliseconds=length),
            "status": "closed",
            "opened": closed - timedelta(milliseconds=length),
            "closed": closed,
            "loss_recovered": Decimal("100.00"),
            "consumer": "甲",
            "business": "乙",
            "joint_ms": length,
            "performing": False,
            "seats": {},
        },
        "measures": shared
        | {
            "session": id_,
            "complaint": id_,
            "closed": closed,
            "settled": 10_000,
            "together": int(length * chance.random()),
            "length": length,
            "private": int(length * chance.random() / 2),
            "consumer": chance.randrange(600_000),
            "business": chance.randrange(600_000),
            "lost": 0,
            "withdrawn": None,
            "respondent": f"{chance.randrange(20_000):024x}",
            "gone": False,
        },
        "review": shared
        | {
            "session": id_,
            "number": number,
            "period": "",
            "state": chance.choice(REVIEW_STATES),
            "reviewer": OFFICER.id,
            "reviewer_name": OFFICER.name,
            "opinion_of": "",
            "findings": 1,
            "praises": 0,
            "worst": "minor",
            "training": False,
            "opened": closed,
            "handed_on": None,
            "closed": None,
            "changed": closed,
        }
        if n >= week
        else None,
    }
