"""What is an officer's own among complaints, as rows: which they handle, what is due of them and when, and the views of
the list they keep by name.

The list of one's own, the next of them that is due, and what was assigned. Owns `handlers`, a projection of
`complaint/…`: a few rows for each officer, for a closed file has none; and `saved_views`. The board of what is late,
due today and due soon, by clock, is read over `complaints` and `clocks`, each officer within their offices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import business_shown
from complaints.complaint import ASSIGNED, handlers as handlers_of
from complaints.state import UNDER_WAY, ComplaintState, stream
from complaints.views import DueBoard, DueCase, DueRow, ShownDeadline
from journal import Event
from journal.refusals import Refused
from law import WorkingCalendar
from law.orders import ORDER_20
from offices import Officer, OfficerRole
from rooms.views import Alert
from server.complaints.office_store import calendar_of
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.journal import stream_events, streams_events
from server.db.rows import deadline_of, within, within_named
from server.db.schema import clocks, complaints, events, handlers, leads, offices, saved_views, users
from server.db.schema.base import among, among_these

_MOVING: Final = frozenset(
    {
        "ComplaintAccepted", "MediationScheduled", "MediationClosed", "MediationCancelled", "Assigned", "Dispatched",
        "ReturnedToIntake", "RecusalDecided", "ComplaintClosed", "NoteTakenBack", "ComplaintWithdrawn", "ImportUndone",
        "ComplaintMerged", "MergeUndone", "MediationEnded", "TransferSent", "TransferDeclined", "TransferReported",
        "TransferReturned",
    }
)  # fmt: skip
_OVER: Final = (ComplaintState.UNDONE, ComplaintState.CLOSED)
BATCH: Final = 256
MOST_ASSIGNED: Final = 50
_h, _c = handlers.c, complaints.c


class HandlerRows:
    """Writes `handlers`."""

    types = _MOVING

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            if one.after is not None:
                await connection.execute(delete(handlers).where(_h.complaint == one.id))
                over = one.after.merged is not None or one.after.transfers.rests or one.after.state in _OVER
                entries = [] if over else await stream_events(connection, stream(one.id))
                await _write(connection, one.id, one.after.record.office, entries)


async def _write(connection: AsyncConnection, complaint: str, office: str, entries: Sequence[Event]) -> None:
    found = handlers_of(entries)
    if found:
        rows = [
            {"complaint": complaint, "officer": officer, "office": office, **asdict(one)}
            for officer, one in found.items()
        ]
        await connection.execute(insert(handlers), rows)


async def complete_handlers(database: Database) -> int:
    """Rows of complaints from before there were any; how many complaints."""
    async with database.write() as connection:
        if (await connection.execute(select(_h.complaint).limit(1))).first() is not None:
            return 0
        accepted = select(literal(1)).where(
            events.c.stream == literal("complaint/") + _c.id, events.c.type.in_(("ComplaintAccepted", "Assigned"))
        )
        wanted = select(_c.id, _c.office).where(_c.state.not_in(("closed", "undone", "merged", "registered")))
        found = (await connection.execute(wanted.where(accepted.exists()).order_by(_c.id))).all()
        for at in range(0, len(found), BATCH):
            piece = found[at : at + BATCH]
            told = await streams_events(connection, [stream(one.id) for one in piece])
            for one in piece:
                entries = told[stream(one.id)]
                await _write(connection, one.id, one.office, [] if entries[0].erased else entries)
        return len(found)


async def handled_by(connection: AsyncConnection, officer: str) -> Sequence[str]:
    """Ids of the complaints an officer handles. Read apart, as whoever has few must not have the list walked for
    them."""
    return list((await connection.execute(select(_h.complaint).where(_h.officer == officer))).scalars())


async def handler_names(connection: AsyncConnection, complaint: str) -> Sequence[str]:
    wanted = select(users.c.name).join(handlers, _h.officer == users.c.id).where(_h.complaint == complaint)
    return list((await connection.execute(wanted.order_by(_h.since, _h.officer))).scalars())


class HandlerStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_due(self, officer: Officer, but: str) -> DueCase | None:
        """The complaint the officer handles that is due first, another than `but`; where they handle none that has a
        clock, the first their office has still to accept or refuse."""
        due = (
            select(_c.id, _c.number, _c.next_due)
            .where(_c.office == officer.office.id, _c.next_due.is_not(None), _c.id != but)
            .order_by(_c.next_due, _c.place)
            .limit(1)
        )
        async with self._database.read() as connection:
            mine = among(connection, _c.id, await handled_by(connection, officer.id))
            for which in (mine, _c.state == ComplaintState.REGISTERED.value):
                if (row := (await connection.execute(due.where(which))).one_or_none()) is not None:
                    return DueCase(row.id, row.number, row.next_due)
        return None

    async def assigned(self, officer: Officer, since: datetime) -> list[Alert]:
        """What colleagues assigned to an officer, the newest first."""
        wanted = (
            select(_h.complaint, _h.since, _c.number, _c.consumer_title)
            .join(complaints, _h.complaint == _c.id)
            .where(
                _h.officer == officer.id,
                _h.office == officer.office.id,
                _h.how == ASSIGNED,
                _h.by != officer.id,
                _h.since >= since,
            )
            .order_by(_h.since.desc(), _h.complaint)
            .limit(MOST_ASSIGNED)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [assigned_alert(row.complaint, row.number, row.consumer_title, row.since) for row in rows]


def assigned_alert(complaint: str, number: str, who: str, at: datetime) -> Alert:
    return Alert(f"assigned:{complaint}:{at:%Y%m%d%H%M%S}", "assigned", complaint, number, who, "", at)


MOST: Final = 20  # of an officer
_v = saved_views.c


class ViewStore:
    """Each method is one transaction. A view is its officer's alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def views(self, officer: Officer) -> Sequence[tuple[str, str]]:
        wanted = select(_v.name, _v.query).where(_v.officer == officer.id).order_by(_v.name)
        async with self._database.read() as connection:
            return [(row.name, row.query) for row in await connection.execute(wanted)]

    async def keep(self, officer: Officer, name: str, query: str) -> None:
        others = select(func.count()).where(_v.officer == officer.id, _v.name != name)
        async with self._database.write() as connection:
            if (await connection.execute(others)).scalar_one() >= MOST:
                raise Refused("too_many_views", 409, most=MOST)
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))
            await connection.execute(insert(saved_views).values(officer=officer.id, name=name, query=query))

    async def drop(self, officer: Officer, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))


SOON = 3  # working days: a deadline this near is shown as due
MOST_LATE, MOST_TODAY, MOST_SOON = 20, 200, 100  # rows of each part, the earliest first; `counts` has all
MOST_STANDING = 50
_KINDS: Mapping[OfficerRole, tuple[str, ...]] = {  # Order 121 Art 37: nobody else learns of a report
    "mediator": ("complaint",),
    "supervisor": ("complaint", "lead"),
    "inspector": ("lead",),
    "administrator": (),
}


async def board(database: Database, officer: Officer, clock: str, today: date) -> DueBoard:
    """`clock`: one code, "" for all."""
    async with database.read() as connection:
        _, calendar = await calendar_of(connection, officer.office.id)
        until = last_near(calendar, today)
        counts = await _counts(connection, officer, today, until)
        standing: list[DueRow] = []
        if officer.role != "inspector" and clock in ("", "mediate"):
            standing = await _standing(connection, officer)
        if "lead" in _KINDS[officer.role] and clock in ("", "verify"):
            standing += await _standing_leads(connection, officer)

        async def part(first: date, last: date, most: int) -> list[DueRow]:
            found = await _beside(connection, officer, clock, first, last, most)
            if officer.role != "inspector":
                found += await _running(connection, officer, clock, first, last, most)
            return sorted(found, key=lambda one: (one.deadline.due, one.number))[:most]

        day = timedelta(days=1)
        return DueBoard(
            late=await part(date.min, today - day, MOST_LATE),
            today=await part(today, today, MOST_TODAY),
            soon=await part(today + day, until, MOST_SOON),
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


async def _running(
    connection: AsyncConnection, officer: Officer, clock: str, first: date, last: date, most: int
) -> list[DueRow]:
    row = complaints.c
    wanted = (
        select(*_SHOWN, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(within(officer, row.office), row.next_due.between(first, last))
        .order_by(row.next_due, row.id)
        .limit(most)
    )
    if clock:
        wanted = wanted.where(row.running == clock)
    return [_due_row(found, officer, found["running"]) for found in (await connection.execute(wanted)).mappings()]


async def _beside(
    connection: AsyncConnection, officer: Officer, clock: str, first: date, last: date, most: int
) -> list[DueRow]:
    row = clocks.c
    wanted = (
        select(clocks, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(within(officer, row.office), row.due.between(first, last), row.kind.in_(_KINDS[officer.role]))
        .order_by(row.due, row.subject)
        .limit(most)
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


async def due_counts(
    connection: AsyncConnection, offices: Sequence[str], calendar: WorkingCalendar, today: date
) -> tuple[int, int, int]:
    """Of complaints of these offices, however many there are: late, today, soon."""
    of = among_these(connection, complaints.c.office.type, offices)
    each = (await _counted(connection, of, ("complaint",), True, today, last_near(calendar, today))).values()
    late, due_today, soon = (sum(one[part] for one in each) for part in range(3))
    return late, due_today, soon


async def _counts(
    connection: AsyncConnection, officer: Officer, today: date, until: date
) -> dict[str, tuple[int, int, int]]:
    running = officer.role != "inspector"
    return await _counted(connection, partial(within, officer), _KINDS[officer.role], running, today, until)


async def _counted(
    connection: AsyncConnection,
    whose: Callable[[ColumnElement[str]], ColumnElement[bool]],
    kinds: Sequence[str],
    running: bool,
    today: date,
    until: date,
) -> dict[str, tuple[int, int, int]]:
    """Of all, however many there are: code -> (late, today, soon). `running`: clocks that run of complaints too."""
    row, beside = complaints.c, clocks.c
    asked = [_by_day(beside.code, beside.due, today, until).where(whose(beside.office), beside.kind.in_(kinds))]
    if running:
        asked.append(_by_day(row.running, row.next_due, today, until).where(whose(row.office)))
    found: Counter[tuple[str, int]] = Counter()
    for wanted in asked:
        for one in await connection.execute(wanted):
            found[one.code, one.due_when] += one.n
    return {code: (found[code, 0], found[code, 1], found[code, 2]) for code in {code for code, _ in found}}


def _by_day(code: ColumnElement[str], due: ColumnElement[date], today: date, until: date) -> Select[Any]:
    when = case((due < today, 0), (due == today, 1), else_=2).label("due_when")
    return select(code.label("code"), when, func.count().label("n")).where(due <= until).group_by(code, when)


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


async def _standing_leads(connection: AsyncConnection, officer: Officer) -> list[DueRow]:
    row = leads.c
    wanted = (
        select(leads, offices.c.name.label("office_name"))
        .join(offices, row.office == offices.c.id)
        .where(within(officer, row.office), row.state == "open", row.due.is_(None))
        .order_by(row.found, row.id)
        .limit(MOST_STANDING)
    )
    return [
        DueRow(
            "lead",
            found["id"],
            found["number"],
            found["title"],
            found["office_name"],
            deadline_of(found["clock"], officer.language),
        )
        for found in (await connection.execute(wanted)).mappings()
    ]


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
    who = f"{row['consumer_title']} · {business_shown(row['business_title'], officer.language)}"
    return DueRow(
        "complaint", row["id"], row["number"], f"{who} · {row['title']}", row["office_name"], _of(row, code, officer)
    )


def _of(row: Mapping[Any, Any], code: str, officer: Officer) -> ShownDeadline:
    """The clock of this kind; rows without it are not asked for."""
    return next(deadline_of(one, officer.language) for one in row["deadlines"] if one["code"] == code)


# Complaints under way by Order 20, which Order 121 repealed: their number and ids.


_OPEN = [state.value for state in (ComplaintState.REGISTERED, *UNDER_WAY)]


async def older_count(database: Database, officer: Officer) -> int:
    """How many of their offices, but for those that are only below."""
    wanted = select(func.count()).select_from(complaints).where(*_where(officer))
    async with database.read() as connection:
        return (await connection.execute(wanted)).scalar_one()


async def older_ids(database: Database, officer: Officer, after: str, most: int) -> Sequence[str]:
    """The next of them by id."""
    wanted = select(complaints.c.id).where(*_where(officer), complaints.c.id > after)
    async with database.read() as connection:
        return list((await connection.execute(wanted.order_by(complaints.c.id).limit(most))).scalars())


def _where(officer: Officer) -> tuple[ColumnElement[bool], ...]:
    return (
        within_named(officer, complaints.c.office),
        complaints.c.law_order == ORDER_20.id,
        complaints.c.state.in_(_OPEN),
    )
