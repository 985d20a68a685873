"""Which mediations are to begin when, and what was sent about them: rows that calendars and reminders ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select

from offices.people import Office, Officer
from rooms.events import OtherTimeAsked, SessionRescheduled
from rooms.views import SentMessage, SessionRow
from server.db.engine import Database
from server.db.rows import session_row, within
from server.db.schema import events, messages, offices, sessions, users

MOST: Final = 1_000
OPEN: Final = ("scheduled", "live", "recess")
_ROW = sessions.c


@dataclass(frozen=True, slots=True)
class Upcoming:
    id: str
    complaint: str
    starts: datetime


class AppointmentStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upcoming(self, since: datetime, until: datetime) -> list[Upcoming]:
        """Sessions not begun yet that are to begin in [since, until]."""
        wanted = (
            select(_ROW.id, _ROW.complaint, _ROW.starts)
            .where(_ROW.status == "scheduled", _ROW.starts >= since, _ROW.starts <= until)
            .order_by(_ROW.starts, _ROW.id)
        )
        async with self._database.read() as connection:
            return [Upcoming(row.id, row.complaint, row.starts) for row in await connection.execute(wanted)]

    async def rescheduled(self, since: datetime) -> list[Upcoming]:
        """Sessions to come that were ever moved: their complaints may not have heard of it."""
        moved = exists().where(events.c.stream == "session/" + _ROW.id, events.c.type == SessionRescheduled.__name__)
        wanted = select(_ROW.id, _ROW.complaint, _ROW.starts).where(
            _ROW.status == "scheduled", _ROW.starts >= since, moved
        )
        async with self._database.read() as connection:
            return [Upcoming(row.id, row.complaint, row.starts) for row in await connection.execute(wanted)]

    async def between(self, officer: Officer, since: datetime, until: datetime) -> list[SessionRow]:
        """What the offices they see have in [since, until), cancelled ones left out."""
        wanted = (
            select(sessions)
            .where(within(officer, _ROW.office), _ROW.status != "cancelled", _ROW.starts >= since, _ROW.starts < until)
            .order_by(_ROW.starts, _ROW.id)
            .limit(MOST)
        )
        async with self._database.read() as connection:
            return [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def booked(self, mediator: str, since: datetime, until: datetime) -> list[SessionRow]:
        """A mediator's own that are not over, to begin in [since, until)."""
        wanted = (
            select(sessions)
            .where(_ROW.mediator == mediator, _ROW.status.in_(OPEN), _ROW.starts >= since, _ROW.starts < until)
            .order_by(_ROW.starts, _ROW.id)
        )
        async with self._database.read() as connection:
            return [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def asked(self, officer: Officer, since: datetime) -> list[SessionRow]:
        """Sessions of their offices to come for which somebody ever asked another time."""
        wish = exists().where(events.c.stream == "session/" + _ROW.id, events.c.type == OtherTimeAsked.__name__)
        wanted = (
            select(sessions)
            .where(within(officer, _ROW.office), _ROW.status == "scheduled", _ROW.starts >= since, wish)
            .order_by(_ROW.starts, _ROW.id)
            .limit(MOST)
        )
        async with self._database.read() as connection:
            return [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def offices(self, officer: Officer) -> Sequence[Office]:
        wanted = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
        async with self._database.read() as connection:
            return [Office(**row) for row in (await connection.execute(wanted)).mappings()]

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        """(user id, name) of those who mediate there, by name."""
        wanted = (
            select(users.c.id, users.c.name)
            .where(users.c.office == office, users.c.role == "mediator")
            .order_by(users.c.name, users.c.id)
        )
        async with self._database.read() as connection:
            return [(row.id, row.name) for row in await connection.execute(wanted)]

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        """What went out about a session, codes left out, the newest first, by the masked number it went to."""
        wanted = (
            select(messages)
            .where(messages.c.session == session, messages.c.kind != "code")
            .order_by(messages.c.created.desc(), messages.c.id)
        )
        found: dict[str, list[SentMessage]] = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(wanted)).mappings():
                state = "arrived" if row["arrived_at"] else row["state"]
                told = SentMessage(row["kind"], state, row["created"], row["arrived_at"] or row["sent_at"])
                found.setdefault(row["to_masked"], []).append(told)
        return found
