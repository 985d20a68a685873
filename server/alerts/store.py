"""Alerts as the journal and the rows have them, and up to when each officer has read them (`alerts_read`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from offices.people import Officer
from rooms.alerts import KINDS, Alert, alert_kind
from rooms.views import SessionRow
from server.db.engine import Database
from server.db.rows import local_midnight, session_row
from server.db.schema import alerts_read, complaints, events, sessions

KEPT: Final = timedelta(days=7)
MOST: Final = 50
SOON: Final = timedelta(minutes=15)
MOST_DUE: Final = 10
_ROW = sessions.c
_UNDER_WAY = ("live", "recess")


class AlertStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def session(self, session: str) -> SessionRow | None:
        async with self._database.read() as connection:
            found = (await connection.execute(select(sessions).where(_ROW.id == session))).mappings().one_or_none()
            return session_row(dict(found)) if found is not None else None

    async def office_of(self, complaint: str) -> str:
        wanted = select(complaints.c.office).where(complaints.c.id == complaint)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar() or ""

    async def history(self, officer: Officer, since: datetime) -> list[Alert]:
        """Of the sessions they mediate, the newest first."""
        wanted = (
            select(events.c.stream, events.c.version, events.c.type, events.c.at, events.c.data, sessions)
            .join(sessions, events.c.stream == "session/" + _ROW.id)
            .where(
                _ROW.mediator == officer.id,
                _ROW.office == officer.office.id,
                _ROW.starts >= since,
                events.c.type.in_(KINDS),
                events.c.at >= since,
                events.c.salt != "",
            )
            .order_by(events.c.leaf.desc())
            .limit(MOST)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        made = (alert_of(session_row(dict(row)), row["type"], row["version"], row["at"], row["data"]) for row in rows)
        return [one for one in made if one is not None]

    async def clocks(self, officer: Officer, today: date, now: datetime, zone: ZoneInfo) -> list[Alert]:
        """Mediations of theirs that begin soon, and complaints of their office that are due today."""
        soon = select(sessions).where(
            _ROW.mediator == officer.id, _ROW.status == "scheduled", _ROW.starts > now, _ROW.starts <= now + SOON
        )
        row = complaints.c
        due = (
            select(row.id, row.number, row.consumer_title)
            .where(row.office == officer.office.id, row.next_due == today)
            .order_by(row.received, row.id)
            .limit(MOST_DUE)
        )
        async with self._database.read() as connection:
            begins = [session_row(dict(one)) for one in (await connection.execute(soon)).mappings()]
            owed = (await connection.execute(due)).all()
        midnight = local_midnight(today, zone)
        return [
            *(
                Alert(
                    f"begins:{one.id}:{one.starts:%Y%m%d%H%M}", "begins", one.id, one.number,
                    f"{one.consumer} · {one.business}", "", one.starts - SOON,
                )
                for one in begins
            ),
            *(
                Alert(f"due:{one.id}:{today}", "due", one.id, one.number, one.consumer_title, "", midnight)
                for one in owed
            ),
        ]  # fmt: skip

    async def read_until(self, officer: str) -> datetime | None:
        wanted = select(alerts_read.c.until).where(alerts_read.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar()

    async def note_read(self, officer: str, until: datetime) -> None:
        async with self._database.write() as connection:
            known = await connection.execute(
                update(alerts_read).where(alerts_read.c.officer == officer).values(until=until)
            )
            if not known.rowcount:
                await connection.execute(insert(alerts_read).values(officer=officer, until=until))


def alert_of(row: SessionRow, event: str, version: int, at: datetime, data: Mapping[str, Any]) -> Alert | None:
    kind = alert_kind(event, data)
    if not kind:
        return None
    seat = data.get("seat", "")
    who = {"consumer": row.consumer, "business": row.business}.get(seat, "")
    return Alert(f"{row.id}:{version}", kind, row.id, row.number, who, seat, at, row.status in _UNDER_WAY)
