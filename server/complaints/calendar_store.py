"""Each office's calendar: the national one with the notices its administrator entered on top.

Owns the table `holiday_notices`, a projection of the streams `office/<id>/calendar`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from law import WorkingCalendar
from law.calendar import Notice
from server.db.engine import Database
from server.db.journal import StreamProjector
from server.db.schema import holiday_notices, offices

DEFAULT_ZONE = "Asia/Shanghai"
ENTERED, WITHDRAWN = "HolidayNoticeEntered", "HolidayNoticeWithdrawn"


def calendar_stream(office: str) -> str:
    return f"office/{office}/calendar"


def notice_data(notice: Notice) -> dict[str, Any]:
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


async def notices_of(database: Database, office: str) -> list[tuple[Notice, datetime, str]]:
    """What an office entered, when and who, by year."""
    wanted = select(holiday_notices).where(holiday_notices.c.office == office).order_by(holiday_notices.c.year)
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).all()
    return [(_notice(row.year, row.days_off, row.days_worked), row.entered, row.entered_by) for row in rows]


def _notice(year: int, off: Sequence[Sequence[str]], worked: Sequence[str]) -> Notice:
    return Notice(
        year,
        tuple((date.fromisoformat(day), zh, en) for day, zh, en in off),
        tuple(date.fromisoformat(day) for day in worked),
    )
