"""The register of reports and its figures, over `leads`; rows of consultations.

Reports are for inspectors and supervisors only (Order 121 Art 37).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.consultations import STREAM, fold, stream
from complaints.duplicates import core
from complaints.leads import (
    MOST_PRINTED,
    MOST_SAVED,
    REPORT,
    REPORTS_PAGE,
    ConsultationPage,
    ConsultationRow,
    LeadOpened,
    LeadPage,
    LeadRow,
    ReportFigures,
    ReportFilter,
)
from journal import Event
from journal.refusals import Refused
from offices import Officer
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import local_span, within
from server.db.schema import consultations, leads
from server.leads.store import lead_row, page_of

MOST_EARLIER = 20


def _received(officer: Officer, wanted: ReportFilter) -> ColumnElement[bool]:
    begin, end = local_span(wanted.first, wanted.last, officer.office.zone)
    row = leads.c
    return and_(within(officer, row.office), row.origin == REPORT, row.found >= begin, row.found < end)


def _wanted(officer: Officer, wanted: ReportFilter) -> ColumnElement[bool]:
    received = _received(officer, wanted)
    return and_(received, leads.c.state == wanted.state) if wanted.state else received


async def rows(database: Database, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
    row, which = leads.c, _wanted(officer, wanted)
    chosen = select(leads).where(which).order_by(row.found.desc(), row.id)
    async with database.read() as connection:
        total = (await connection.execute(select(func.count()).select_from(leads).where(which))).scalar_one()
        page = chosen.limit(REPORTS_PAGE).offset((wanted.page - 1) * REPORTS_PAGE)
        return [lead_row(one) for one in (await connection.execute(page)).mappings()], total


async def saved_rows(database: Database, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], bool]:
    """As the list has them, from its first page to its last; and whether there are more than `MOST_SAVED`."""
    chosen = select(leads).where(_wanted(officer, wanted)).order_by(leads.c.found.desc(), leads.c.id)
    async with database.read() as connection:
        found = [lead_row(one) for one in (await connection.execute(chosen.limit(MOST_SAVED + 1))).mappings()]
    return found[:MOST_SAVED], len(found) > MOST_SAVED


async def printable(database: Database, officer: Officer, wanted: ReportFilter) -> Sequence[LeadPage]:
    """All of them, in the order they came. Refused: too_many (most)."""
    chosen = select(leads).where(_wanted(officer, wanted)).order_by(leads.c.found, leads.c.id).limit(MOST_PRINTED + 1)
    async with database.read() as connection:
        found = (await connection.execute(chosen)).mappings().all()
        if len(found) > MOST_PRINTED:
            raise Refused("too_many", 422, most=MOST_PRINTED)
        pages = [await page_of(connection, row, officer.language) for row in found]
    return [page for page in pages if page is not None]


async def figures(database: Database, officer: Officer, wanted: ReportFilter, today: date) -> ReportFigures:
    row = leads.c
    overdue_now = row.due < today
    grouped: list[ColumnElement[Any]] = [
        row.state,
        row.outcome,
        row.informant,
        row.channel,
        row.in_time,
        overdue_now.label("overdue"),
    ]
    counted = select(func.count().label("n"), *grouped)
    async with database.read() as connection:
        every = counted.where(_received(officer, wanted)).group_by(*grouped[:-1], overdue_now)
        found = (await connection.execute(every)).all()
    total: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for n, state, outcome, informant, channel, in_time, overdue in found:
        if state == "withdrawn":
            continue
        total["received"] += n
        total[informant] += n
        total[state] += n
        channels[channel] += n
        if state == "decided":
            outcomes[outcome] += n
            total["in_time" if in_time else "late"] += n
        if state == "open" and overdue:
            total["overdue"] += n
    kept: dict[str, Any] = {
        name: total[name]
        for name in ("received", "named", "anonymous", "joined", "open", "decided", "in_time", "late", "overdue")
    }
    return ReportFigures(**kept, by_channel=dict(channels), by_outcome=dict(outcomes))


async def earlier(database: Database, lead: str, opened: LeadOpened) -> Sequence[LeadRow]:
    """By the same phone, and about the same business first."""
    key = opened.report.informant_key if opened.report else ""
    if not key:
        return []
    row = leads.c
    same = (row.about_core == core(opened.about)).desc()
    wanted = (
        select(leads)
        .where(
            row.office == opened.office,
            row.informant_key == key,
            row.origin == REPORT,
            row.found <= opened.found,
            row.id != lead,
            row.state.in_(("open", "decided")),
        )
        .order_by(same, row.found.desc(), row.id)
        .limit(MOST_EARLIER)
    )
    async with database.read() as connection:
        return [lead_row(one) for one in (await connection.execute(wanted)).mappings()]


async def numbered(database: Database, office: str, number: str) -> str:
    """The id of the office's report with this number, "" when there is none."""
    wanted = select(leads.c.id).where(leads.c.office == office, leads.c.number == number, leads.c.origin == REPORT)
    async with database.read() as connection:
        return (await connection.execute(wanted)).scalars().first() or ""


class ConsultationRows(StreamProjector):
    """Owns `consultations`; projects `consultation/…`."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        state = fold(await stream_events(connection, stream(id_)))
        if state is None:
            return  # its beginning was erased: the row stays as it is
        told = state.registered
        row = {
            "id": id_,
            "office": told.office,
            "number": told.number,
            "kind": told.kind,
            "state": state.state,
            "title": told.title,
            "received": told.received,
            "channel": told.channel,
            "answered": state.answer.day if state.answer else None,
        }
        changed = await connection.execute(update(consultations).where(consultations.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(consultations).values(row))


async def consultation_rows(
    database: Database, officer: Officer, state: str, kind: str, page: int
) -> tuple[Sequence[ConsultationRow], int]:
    wanted = _consultations_wanted(officer, state, kind)
    async with database.read() as connection:
        counted = select(func.count()).select_from(wanted.order_by(None).subquery())
        total = (await connection.execute(counted)).scalar_one()
        found = await connection.execute(wanted.limit(REPORTS_PAGE).offset((page - 1) * REPORTS_PAGE))
        return [_row(dict(one)) for one in found.mappings()], total


async def saved_consultations(
    database: Database, officer: Officer, state: str, kind: str
) -> tuple[Sequence[ConsultationRow], bool]:
    """As the list has them, from its first page to its last; and whether there are more than `MOST_SAVED`."""
    wanted = _consultations_wanted(officer, state, kind).limit(MOST_SAVED + 1)
    async with database.read() as connection:
        found = [_row(dict(one)) for one in (await connection.execute(wanted)).mappings()]
    return found[:MOST_SAVED], len(found) > MOST_SAVED


def _consultations_wanted(officer: Officer, state: str, kind: str) -> Select[Any]:
    row = consultations.c
    which = [within(officer, row.office)]
    if state:
        which.append(row.state == state)
    if kind:
        which.append(row.kind == kind)
    waiting = (row.state == "registered").desc()
    return select(consultations).where(*which).order_by(waiting, row.received.desc(), row.id)


async def consultation_counts(
    database: Database, officer: Officer, first: date, last: date
) -> Mapping[str, tuple[int, int]]:
    row, (begin, end) = consultations.c, local_span(first, last, officer.office.zone)
    counted = (
        select(row.kind, func.count().label("n"), func.count(row.answered).label("answered"))
        .where(within(officer, row.office), row.received >= begin, row.received < end, row.state != "withdrawn")
        .group_by(row.kind)
    )
    async with database.read() as connection:
        return {one.kind: (one.n, one.answered) for one in await connection.execute(counted)}


async def consultation_page(database: Database, officer: Officer, id_: str) -> ConsultationPage:
    """Refused: not_found, also when it is another office's."""
    async with database.read() as connection:
        wanted = select(consultations.c.id).where(consultations.c.id == id_, within(officer, consultations.c.office))
        known = (await connection.execute(wanted)).scalar_one_or_none()
        told = await stream_events(connection, stream(id_)) if known is not None else []
    state = fold(told)
    if state is None:
        raise Refused("not_found", 404)
    return ConsultationPage(id_, state, told)


def _row(row: dict[str, object]) -> ConsultationRow:
    return ConsultationRow(**{name: row[name] for name in ConsultationRow.__dataclass_fields__})  # type: ignore[arg-type]
