"""What an office brings along, as rows: areas, industries and its calendar.

`AreaRows` projects `office/<office>/areas`; triage says whose a complaint is with them. The table of industries is
imported, not projected: it is not ours. A calendar is the national one with the notices its administrator entered on
top: `holiday_notices` projects the streams `office/<id>/calendar`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.record.places import Jurisdiction, areas
from complaints.triage import Submission, TriageConfirmed, triage
from complaints.views import AnsweredArea, TriagePage
from journal import Event
from law import WorkingCalendar
from law.deadlines import HolidayNotice
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import holiday_notices, industries, jurisdictions, offices

DEFAULT_ZONE = "Asia/Shanghai"
ENTERED, WITHDRAWN = "HolidayNoticeEntered", "HolidayNoticeWithdrawn"


def calendar_stream(office: str) -> str:
    return f"office/{office}/calendar"


def notice_data(notice: HolidayNotice) -> dict[str, Any]:
    """As the journal keeps it."""
    return {
        "year": notice.year,
        "off": [[day.isoformat(), zh, en] for day, zh, en in notice.off],
        "worked": [day.isoformat() for day in notice.worked],
    }


class HolidayRows(StreamProjector):
    """Projects `office/<id>/calendar`; the other streams of an office are not its business."""

    kind = "office"

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        _, office, what = appended[0].stream.split("/", 2)
        if what != "calendar":
            return
        table = holiday_notices.c
        for event in appended:
            if event.erased or event.type not in (ENTERED, WITHDRAWN):
                continue
            year = event.data["year"]
            await connection.execute(delete(holiday_notices).where(table.office == office, table.year == year))
            if event.type == ENTERED:
                row = {
                    "office": office,
                    "year": year,
                    "days_off": event.data["off"],
                    "days_worked": event.data["worked"],
                    "entered": event.at,
                    "entered_by": event.actor.name,
                }
                await connection.execute(insert(holiday_notices).values(row))


async def calendar_of(connection: AsyncConnection, office: str) -> tuple[str, WorkingCalendar]:
    """An office's time zone and calendar; one query."""
    table = holiday_notices.c
    wanted = (
        select(offices.c.zone, table.year, table.days_off, table.days_worked)
        .select_from(offices)
        .outerjoin(holiday_notices, table.office == offices.c.id)
        .where(offices.c.id == office)
        .order_by(table.year)
    )
    rows = (await connection.execute(wanted)).all()
    notices = tuple(_notice(row.year, row.days_off, row.days_worked) for row in rows if row.year is not None)
    return (rows[0].zone if rows else "") or DEFAULT_ZONE, WorkingCalendar(notices=notices)


async def working_calendar(database: Database, office: str) -> WorkingCalendar:
    async with database.read() as connection:
        return (await calendar_of(connection, office))[1]


async def notices_of(database: Database, office: str) -> list[tuple[HolidayNotice, datetime, str]]:
    """What an office entered, when and who, by year."""
    wanted = select(holiday_notices).where(holiday_notices.c.office == office).order_by(holiday_notices.c.year)
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).all()
    return [(_notice(row.year, row.days_off, row.days_worked), row.entered, row.entered_by) for row in rows]


def _notice(year: int, off: Sequence[Sequence[str]], worked: Sequence[str]) -> HolidayNotice:
    return HolidayNotice(
        year,
        tuple((date.fromisoformat(day), zh, en) for day, zh, en in off),
        tuple(date.fromisoformat(day) for day in worked),
    )


class AreaRows(StreamProjector):
    """Projects `office/<office>/areas`; an office's other streams have no rows."""

    kind = "office"

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        _, office, what = f"{appended[0].stream}//".split("/")[:3]
        if what != "areas":
            return
        found = areas(office, await stream_events(connection, appended[0].stream))
        await connection.execute(delete(jurisdictions).where(jurisdictions.c.office == office))
        if found:
            rows = [
                {
                    "id": area.id,
                    "office": office,
                    "position": position,
                    "name": area.name,
                    "divisions": list(area.divisions),
                    "words": list(area.words),
                }
                for position, area in enumerate(found.values())
            ]
            await connection.execute(insert(jurisdictions), rows)


class IndustryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, table: Mapping[str, str]) -> None:
        """The whole table, in one transaction."""
        async with self._database.write() as connection:
            await connection.execute(delete(industries))
            await connection.execute(insert(industries), [{"code": code, "name": name} for code, name in table.items()])

    async def count(self) -> int:
        async with self._database.read() as connection:
            return len((await connection.execute(select(industries.c.code))).all())


async def all_areas(connection: AsyncConnection) -> list[AnsweredArea]:
    """Of every office, each with its office's name."""
    wanted = (
        select(jurisdictions, offices.c.short)
        .join(offices, offices.c.id == jurisdictions.c.office)
        .order_by(offices.c.name, jurisdictions.c.position)
    )
    return [
        AnsweredArea(
            Jurisdiction(row["id"], row["office"], row["name"], tuple(row["divisions"]), tuple(row["words"])),
            row["short"],
        )
        for row in (await connection.execute(wanted)).mappings()
    ]


async def triage_page(
    connection: AsyncConnection, record: ComplaintRegistered, confirmed: TriageConfirmed | None
) -> TriagePage:
    """What the lists say of this record now, and what it is classified as."""
    known = await all_areas(connection)
    business = record.business
    submission = Submission(
        title=record.title,
        request=record.request,
        facts=record.facts,
        business=business.title,
        object="，".join(filter(None, (record.object.category, record.object.name, record.object.brand))),
        industry=record.industry,
        problem=record.problem,
        place=f"{business.city}{business.address}",
    )
    official: dict[str, str] = {}
    if code := record.industry_code:  # the finer codes beside it, where the official table is there
        named = select(industries).where(industries.c.code.startswith(code[:3]))
        official = {row.code: row.name for row in await connection.execute(named)}
    return TriagePage(
        suggested=triage(submission, [area.jurisdiction for area in known]),
        submission=submission,
        record=record,
        areas=known,
        official=official,
        confirmed=confirmed,
    )
