"""What an office brings along, as rows: areas, industries, its calendar and official wordings of statutes.

`AreaRows` projects `office/<office>/areas`; triage says whose a complaint is with them. The table of industries is
imported, not projected: it is not ours. A calendar is the national one with the notices its administrator entered on
top: `holiday_notices` projects the streams `office/<id>/calendar`. An import of statutes into a running server is
seen with the next question, since the store's mark is asked each time, and the library made anew only when it differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import days_of
from complaints.events import ComplaintRegistered
from complaints.record.places import Jurisdiction, areas
from complaints.service import ComplaintService
from complaints.triage import Submission, TriageConfirmed, triage
from complaints.views import AnsweredArea, TriagePage
from journal import Event
from law import WorkingCalendar
from law.deadlines import HolidayNotice
from law.library import ArticleText, Library, library
from rooms.events import Leaf
from rooms.floor.state import article_leaf
from rooms.session import Session
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import holiday_notices, industries, jurisdictions, law_texts, offices
from server.identity.store import IdentityStore

Mark = tuple[int, datetime | None]
"""How many wordings there are and when the newest came: as long as it is the same, so are they."""
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


class LawStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(self) -> Mark:
        async with self._database.read() as connection:
            count, newest = (await connection.execute(select(func.count(), func.max(law_texts.c.imported)))).one()
            return count, newest

    async def texts(self) -> list[ArticleText]:
        fields = ("statute", "title", "number", "suffix", "text", "since", "until", "chapter")
        wanted = select(*(law_texts.c[name] for name in fields)).order_by(
            law_texts.c.statute, law_texts.c.since, law_texts.c.number, law_texts.c.suffix
        )
        async with self._database.read() as connection:
            return [ArticleText(**row) for row in (await connection.execute(wanted)).mappings()]

    async def replace(self, texts: Sequence[ArticleText], now: datetime) -> int:
        """One edition of one statute, whole, in place of an earlier import of it; how many that one had."""
        statute, since = texts[0].statute, texts[0].since
        async with self._database.write() as connection:
            gone = await connection.execute(_edition(statute, since))
            rows = [{**asdict(text), "imported": now} for text in texts]
            await connection.execute(insert(law_texts), rows)
            return gone.rowcount

    async def remove(self, statute: str, since: date) -> int:
        async with self._database.write() as connection:
            return (await connection.execute(_edition(statute, since))).rowcount


def _edition(statute: str, since: date):  # type: ignore[no-untyped-def]  # the library's type names every column
    return delete(law_texts).where(law_texts.c.statute == statute, law_texts.c.since == since)


class StoredLaws:
    def __init__(self, store: LawStore, complaints: ComplaintService, offices: IdentityStore) -> None:
        self._store, self._complaints, self._offices = store, complaints, offices
        self._library: Library | None = None
        self._mark: Mark = (0, None)

    async def library(self) -> Library:
        mark = await self._store.mark()
        if self._library is None or mark != self._mark:
            self._library, self._mark = library(await self._store.texts()), mark
        return self._library

    async def leaf(self, session: Session, article: str) -> Leaf | None:
        """An article as the room is shown it: for the day it happened, or, of procedure, the day of receipt."""
        shelf = await self.library()
        found = shelf.articles.get(article)
        if found is None:
            return None
        office = await self._offices.office(session.office)
        record = (await self._complaints.state(session.complaint)).record
        days = days_of(record, office.zone if office else "Asia/Shanghai")
        return article_leaf(shelf, found, days.of(found.statute))
