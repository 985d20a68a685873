"""Published cases by the year they were published in, for the compendium."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from casebook import prefaces
from casebook.case import Case
from casebook.notes import editions
from server.storage.cases import case_of
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.tables import cases


async def published_in(
    database: Database, year: int, offices: Sequence[str] | None, zone: str, most: int
) -> list[Case]:
    """`offices`: ids, None for all. What stands now, by id; no samples."""
    first, after = (datetime.combine(date(of, 1, 1), time(), ZoneInfo(zone)).astimezone(UTC) for of in (year, year + 1))
    wanted = select(cases).where(cases.c.state == "published", cases.c.published >= first, cases.c.published < after)
    wanted = wanted.where(cases.c.sample.is_(False))
    if offices is not None:
        wanted = wanted.where(cases.c.office.in_(offices))
    async with database.read() as connection:
        rows = (await connection.execute(wanted.order_by(cases.c.id).limit(most))).mappings()
        return [case_of(row) for row in rows]


async def kept_preface(database: Database, year: int, offices: Sequence[str] | None) -> str:
    """As it was last kept on its page, "" for none: of the one office, else of the book of all."""
    of = prefaces.named(year, offices[0] if offices is not None and len(offices) == 1 else None)
    async with database.read() as connection:
        kept = editions(await stream_events(connection, prefaces.stream(of)))
    return kept[-1].text if kept else ""


async def first_and_last(database: Database) -> tuple[datetime, datetime] | None:
    """When the first and the last of what stands were published."""
    ends = select(func.min(cases.c.published), func.max(cases.c.published)).where(cases.c.state == "published")
    async with database.read() as connection:
        first, last = (await connection.execute(ends)).one()
    return None if first is None or last is None else (first, last)
