"""What is late, due today and due soon, by clock: over `complaints` and `clocks`, each officer within their offices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from law import WorkingCalendar
from server.storage.calendars import calendar_of
from server.storage.engine import Database
from server.storage.rows import deadline_of
from server.storage.scope import within
from server.storage.tables import clocks, complaints, offices
from web.ports import Board, Deadline, DueRow, Officer, OfficerRole

SOON = 3  # working days: a deadline this near is shown as due
MOST = 200  # rows of the whole board, the earliest first
MOST_STANDING = 50
_KINDS: Mapping[OfficerRole, tuple[str, ...]] = {  # Order 121 Art 37: nobody else learns of a report
    "mediator": ("complaint",),
    "supervisor": ("complaint", "lead"),
    "inspector": ("lead",),
    "administrator": (),
}


async def board(database: Database, officer: Officer, clock: str, today: date) -> Board:
    """`clock`: one code, "" for all."""
    row = complaints.c
    async with database.read() as connection:
        _, calendar = await calendar_of(connection, officer.office.id)
        until = last_near(calendar, today)
        mine = [within(officer, row.office), row.next_due <= until]
        if clock:
            mine.append(row.running == clock)
        found = await _beside(connection, officer, clock, until)
        counts: dict[str, tuple[int, int, int]] = {}
        standing: list[DueRow] = []
        if officer.role != "inspector":
            found += await _running(connection, mine, officer)
            counts = await _counts(connection, within(officer, row.office), today, until)
            standing = await _standing(connection, officer) if clock in ("", "mediate") else []
    found.sort(key=lambda one: (one.deadline.due, one.number))
    # Clocks beside the running one are few: they are counted as they were read.
    beside = Counter((one.deadline.code, _when(one.deadline.due, today)) for one in found if _is_beside(one))
    for code in {code for code, _ in beside}:
        counts[code] = (beside[code, 0], beside[code, 1], beside[code, 2])
    return Board(
        late=[one for one in found if one.deadline.due < today],
        today=[one for one in found if one.deadline.due == today],
        soon=[one for one in found if one.deadline.due > today],
        standing=standing,
        counts=counts,
        until=until,
    )


def last_near(calendar: WorkingCalendar, today: date) -> date:
    """The last of the next working days that counts as near."""
    day, left = today, SOON
    while left:
        day += timedelta(days=1)
        left -= calendar.worked(day)
    return day


def _is_beside(one: DueRow) -> bool:
    return one.deadline.code in ("competence", "verify")


def _when(due: date, today: date) -> int:
    return 0 if due < today else 1 if due == today else 2


async def _running(connection: AsyncConnection, mine: Sequence[ColumnElement[bool]], officer: Officer) -> list[DueRow]:
    row = complaints.c
    wanted = (
        select(*_SHOWN, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(*mine)
        .order_by(row.next_due, row.id)
        .limit(MOST)
    )
    return [_due_row(found, officer, found["running"]) for found in (await connection.execute(wanted)).mappings()]


async def _beside(connection: AsyncConnection, officer: Officer, clock: str, until: date) -> list[DueRow]:
    row = clocks.c
    wanted = (
        select(clocks, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(within(officer, row.office), row.due <= until, row.kind.in_(_KINDS[officer.role]))
        .order_by(row.due, row.subject)
        .limit(MOST)
    )
    if clock:
        wanted = wanted.where(row.code == clock)
    return [
        DueRow(
            found["kind"],
            found["subject"],
            found["number"],
            found["title"],
            found["office_name"],
            deadline_of(found["clock"], officer.language),
        )
        for found in (await connection.execute(wanted)).mappings()
    ]


async def _counts(
    connection: AsyncConnection, mine: ColumnElement[bool], today: date, until: date
) -> dict[str, tuple[int, int, int]]:
    row = complaints.c
    when = case((row.next_due < today, 0), (row.next_due == today, 1), else_=2).label("due_when")
    wanted = select(row.running, when, func.count().label("n")).where(mine, row.next_due <= until)
    found: Counter[tuple[str, int]] = Counter()
    for one in await connection.execute(wanted.group_by(row.running, when)):
        found[one.running, one.due_when] = one.n
    return {code: (found[code, 0], found[code, 1], found[code, 2]) for code in {code for code, _ in found}}


async def _standing(connection: AsyncConnection, officer: Officer) -> list[DueRow]:
    row = complaints.c
    wanted = (
        select(*_SHOWN, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(within(officer, row.office), row.state.in_(("accepted", "mediating")), row.next_due.is_(None))
        .order_by(row.received, row.id)
        .limit(MOST_STANDING)
    )
    return [_due_row(found, officer, "mediate") for found in (await connection.execute(wanted)).mappings()]


_SHOWN = (
    complaints.c.id,
    complaints.c.number,
    complaints.c.title,
    complaints.c.consumer_title,
    complaints.c.business_title,
    complaints.c.running,
    complaints.c.deadlines,
)


def _due_row(row: Mapping[Any, Any], officer: Officer, code: str) -> DueRow:
    who = f"{row['consumer_title']} · {row['business_title']}"
    return DueRow(
        "complaint", row["id"], row["number"], f"{who} · {row['title']}", row["office_name"], _of(row, code, officer)
    )


def _of(row: Mapping[Any, Any], code: str, officer: Officer) -> Deadline:
    """The clock of this kind; rows without it are not asked for."""
    return next(deadline_of(one, officer.language) for one in row["deadlines"] if one["code"] == code)
