"""What a lead stands on: the complaints attached to it, and how many there were before and after action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.changes.rules import MERGED
from complaints.clocks import local_day
from complaints.complaint import fold, stream
from complaints.insight.aftermath import Aftermath, aftermath, week_of, weeks_around
from complaints.leads.views import LeadRecord
from complaints.record.parties import masked_text
from journal import Event
from offices.people import Officer
from server.complaints.calendar_store import DEFAULT_ZONE
from server.db.engine import Database
from server.db.journal import event_of
from server.db.schema import complaint_facts, complaints, events, offices
from server.db.scope import within

SHOWN = 50  # records of one lead's page


async def home_of(database: Database, officer: Officer, records: Sequence[str]) -> tuple[str, list[str]]:
    """The office most of these complaints are of, and those of them that are its own, as far as the officer's offices
    reach; "" when they see none. Of equally many the first by id."""
    fact = complaint_facts.c
    wanted = select(fact.id, fact.office).where(fact.id.in_(records), within(officer, fact.office))
    async with database.read() as connection:
        found = (await connection.execute(wanted)).all()
    count: dict[str, int] = {}
    for row in found:
        count[row.office] = count.get(row.office, 0) + 1
    home = min(count, key=lambda office: (-count[office], office), default="")
    theirs = {row.id for row in found if row.office == home}
    return home, [one for one in records if one in theirs]


async def numbered(database: Database, office: str, number: str) -> str:
    """The id of an office's complaint with this number; "" when there is none."""
    wanted = select(complaints.c.id).where(complaints.c.office == office, complaints.c.number == number)
    async with database.read() as connection:
        return (await connection.execute(wanted.limit(1))).scalar_one_or_none() or ""


async def records_of(database: Database, office: str, ids: Sequence[str]) -> list[LeadRecord]:
    """The newest first, `SHOWN` at most. Only those its office still has; names and numbers of people are taken out."""
    fact = complaint_facts.c
    newest = (
        select(fact.id)
        .where(fact.id.in_(ids), fact.office == office)
        .order_by(fact.received.desc(), fact.id)
        .limit(SHOWN)
    )
    async with database.read() as connection:
        order = list((await connection.execute(newest)).scalars())
        zone = (await connection.execute(select(offices.c.zone).where(offices.c.id == office))).scalar_one_or_none()
        told = await streams_of(connection, [stream(one) for one in order])
    found = []
    for id_ in order:
        state = fold(told.get(stream(id_), ()))
        if state is None:
            continue  # erased
        record = state.record
        found.append(
            LeadRecord(
                id_,
                record.number,
                local_day(record.received, zone or DEFAULT_ZONE),
                masked_text(record.title, record),
                masked_text(record.facts, record),
                record.amount,
                state.state.value if state.merged is None else MERGED,
                record.problem_class,
            )
        )
    return found


async def streams_of(connection: AsyncConnection, names: Sequence[str]) -> Mapping[str, list[Event]]:
    """Streams that can be read from their beginning."""
    wanted = select(events).where(events.c.stream.in_(names)).order_by(events.c.stream, events.c.version)
    told: dict[str, list[Event]] = {}
    for row in (await connection.execute(wanted)).mappings():
        event = event_of(row)
        if not event.erased or event.version == 1:
            told.setdefault(event.stream, []).append(event)
    return {name: entries for name, entries in told.items() if not entries[0].erased}


async def measured(
    database: Database, office: str, subject: Mapping[str, str], acted: date, today: date
) -> Aftermath | None:
    """None when the facts know no such subject. Compared with the other complaints of the same office."""
    columns = complaint_facts.c
    if not subject or any(name not in columns for name in subject):
        return None
    first, whole = weeks_around(acted, today)
    last = acted + timedelta(days=7 * whole)
    ours = and_(*(_is(columns[name], value) for name, value in sorted(subject.items())))
    span = and_(columns.office == office, columns.counted, columns.received.between(first, last))
    async with database.read() as connection:
        mine = select(columns.received, func.count().label("many")).where(span, ours).group_by(columns.received)
        counts = {row.received: row.many for row in await connection.execute(mine)}
        theirs = []
        for side in (columns.received < acted, columns.received > acted):
            others = select(func.count()).select_from(complaint_facts).where(span, side, not_(ours))
            theirs.append((await connection.execute(others)).scalar_one())
    before, after = [0] * ((acted - first).days // 7), [0] * whole
    for day, count in counts.items():
        if day != acted:
            week = week_of(day, acted)
            if week < 0:
                before[week] += count
            else:
                after[week] += count
    return aftermath(acted, before, after, (theirs[0], theirs[1]))


def _is(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """An industry is everything below it too."""
    return column.startswith(value, autoescape=True) if column.key == "industry_code" else column == value
