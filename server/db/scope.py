"""Which offices' rows an officer may see (their own; a supervisor also those they oversee), and when a day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select, true

from offices.people import Officer
from server.db.engine import Database
from server.db.schema import office_oversight, sessions


def within(officer: Officer, office: ColumnElement[str]) -> ColumnElement[bool]:
    own = office == officer.office.id
    if officer.role != "supervisor":
        return own
    overseen = select(office_oversight.c.office).where(office_oversight.c.supervisor == officer.id)
    return or_(own, office.in_(overseen))


def conducted(officer: Officer) -> Select[tuple[str]]:
    """Complaints of which the officer conducts, or has conducted, a mediation."""
    own = sessions.alias()
    return select(own.c.complaint).where(own.c.mediator == officer.id, own.c.office == officer.office.id)


def own_records(officer: Officer) -> ColumnElement[bool]:
    """Of rows of `sessions`: those whose record a mediator may list; everybody else as far as their offices reach."""
    return sessions.c.complaint.in_(conducted(officer)) if officer.role == "mediator" else true()


async def offices_of(database: Database, officer: Officer) -> set[str]:
    """Ids of the offices whose rows an officer may see."""
    own = {officer.office.id}
    if officer.role != "supervisor":
        return own
    wanted = select(office_oversight.c.office).where(office_oversight.c.supervisor == officer.id)
    async with database.read() as connection:
        return own | set((await connection.execute(wanted)).scalars())


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins there."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_span(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """When these days begin there, and when they are over: [from, until)."""
    there = ZoneInfo(zone)
    return local_midnight(first, there), local_midnight(last + timedelta(days=1), there)
