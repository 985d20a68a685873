"""Rows of hot spots, the reports they come from, and old drafts of warnings. Projects `hotspot/…` into `hotspots`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, desc, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import plain, typed
from complaints.insight.report import Report
from complaints.insight.spots import STREAM, fold, stream
from complaints.insight.views import SpotRecord
from journal import Event
from offices.people import Office, Officer
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import complaint_facts, complaints, consumer_warnings, hotspots, insight_reports, offices
from server.db.scope import within

KEPT: Final = timedelta(days=400)  # reports older than that are made again when they are asked for
FOLLOWED: Final = timedelta(days=90)


class HotspotRows(StreamProjector):
    """Projects `hotspot/…`."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        spot = fold(await stream_events(connection, stream(id_)))
        if spot is None:
            return  # its beginning was erased: the row stays as it is
        found, zone = spot.found, await _zone(connection, spot.found.offices)
        row = {
            "id": id_,
            "scope": found.scope,
            "kind": found.kind,
            "key": found.key,
            "stage": spot.stage,
            "day": found.day,
            "since": found.since,
            "lead": spot.lead,
            "acted": spot.acted.astimezone(zone).date() if spot.acted else None,
            "changed": appended[-1].at,
        }
        changed = await connection.execute(update(hotspots).where(hotspots.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(hotspots).values(row))


async def _zone(connection: AsyncConnection, named: Sequence[str]) -> ZoneInfo:
    wanted = select(offices.c.zone).where(offices.c.id.in_(named)).order_by(offices.c.id).limit(1)
    return ZoneInfo((await connection.execute(wanted)).scalar_one_or_none() or "Asia/Shanghai")


async def seen_by(connection: AsyncConnection, officer: Officer) -> list[str]:
    """The offices whose complaints an officer sees, in order: their circle."""
    wanted = select(offices.c.id).where(within(officer, offices.c.id)).order_by(offices.c.id)
    return list((await connection.execute(wanted)).scalars())


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    kind: str
    key: str
    stage: str
    day: date
    since: date
    acted: date | None
    lead: str = ""


async def followed(connection: AsyncConnection, scope: str, day: date) -> list[Row]:
    """Spots found up to a day, those of the last ninety; and handed on in that time."""
    table = hotspots.c
    wanted = (
        select(table.id, table.kind, table.key, table.stage, table.day, table.since, table.acted, table.lead)
        .where(table.scope == scope, table.day <= day, table.day > day - FOLLOWED)
        .order_by(table.day, table.id)
    )
    return [Row(**row) for row in (await connection.execute(wanted)).mappings()]


async def keep_report(database: Database, report: Report, made: datetime, took_ms: int, rows: int) -> None:
    table = insight_reports.c
    row = {"made": made, "took_ms": took_ms, "rows": rows, "body": plain(report)}
    async with database.write() as connection:
        where = (table.scope == report.scope, table.day == report.day)
        changed = await connection.execute(update(insight_reports).where(*where).values(row))
        if not changed.rowcount:
            await connection.execute(insert(insight_reports).values(scope=report.scope, day=report.day, **row))
        old = table.day < report.day - KEPT
        await connection.execute(delete(insight_reports).where(table.scope == report.scope, old))


@dataclass(frozen=True, slots=True)
class Kept:
    report: Report
    made: datetime
    rows: int


async def newest(connection: AsyncConnection, scope: str, until: date | None = None) -> Kept | None:
    """The newest report, of days up to one when it is given."""
    table = insight_reports.c
    wanted = select(insight_reports).where(table.scope == scope)
    if until is not None:
        wanted = wanted.where(table.day <= until)
    row = (await connection.execute(wanted.order_by(desc(table.day)).limit(1))).mappings().one_or_none()
    return None if row is None else Kept(typed(Report, row["body"]), row["made"], row["rows"])


@dataclass(frozen=True, slots=True)
class Warning:
    title: str
    body: str
    edition: int
    by: str
    changed: datetime


async def warning(connection: AsyncConnection, spot: str) -> Warning | None:
    """A draft from before drafts were journaled."""
    row = (
        (await connection.execute(select(consumer_warnings).where(consumer_warnings.c.spot == spot)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Warning(row["title"], row["body"], row["edition"], row["by"], row["changed"])


AT_ONCE = 400


async def offices_of(connection: AsyncConnection, of: Collection[str]) -> list[Office]:
    wanted = select(offices).where(offices.c.id.in_(of)).order_by(offices.c.id)
    return [Office(**one) for one in (await connection.execute(wanted)).mappings()]


async def records_of(connection: AsyncConnection, seen: Collection[str], ids: Sequence[str]) -> list[SpotRecord]:
    """The complaints behind a hot spot, as an officer may see them: of their own offices only.

    In the order of the ids; those that are counted no more, being merged or undone, are left out.
    """
    short = {office.id: office.short for office in await offices_of(connection, seen)}
    found: dict[str, SpotRecord] = {}
    for start in range(0, len(ids), AT_ONCE):
        wanted = (
            select(complaints, complaint_facts.c.received.label("day"))
            .join(complaint_facts, complaint_facts.c.id == complaints.c.id)
            .where(
                complaints.c.id.in_(ids[start : start + AT_ONCE]),
                complaints.c.office.in_(seen),
                complaint_facts.c.counted,
            )
        )
        for row in (await connection.execute(wanted)).mappings():
            office = short.get(row["office"], row["office"])
            found[row["id"]] = SpotRecord(row["id"], row["number"], row["title"], row["state"], office, row["day"])
    return [found[one] for one in ids if one in found]
