"""Rows of what waits for a second person, or did. Owns `approvals`; projects `approval/…`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from offices.people import Officer
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import approvals
from server.db.scope import within
from server.oversight.approval import STREAM, fold

MOST: Final = 100


class ApprovalRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        approval = fold(await stream_events(connection, appended[0].stream))
        if approval is None:
            return
        id_ = appended[0].stream.partition("/")[2]
        row = {
            "id": id_,
            "office": approval.asked.office,
            "kind": approval.asked.kind,
            "subject": approval.asked.subject,
            "state": approval.state,
            "asker": approval.by.id,
            "asked": approval.at,
            "expires": approval.asked.expires,
            "decided": approval.decided,
        }
        changed = await connection.execute(update(approvals).where(approvals.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(approvals).values(row))


class ApprovalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, officer: Officer) -> list[str]:
        """Ids of what their offices asked for: what is open first, then the newest."""
        row = approvals.c
        wanted = (
            select(row.id)
            .where(within(officer, row.office))
            .order_by(row.state != "open", row.asked.desc(), row.id)
            .limit(MOST)
        )
        if officer.role == "mediator":
            wanted = wanted.where(row.asker == officer.id)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def sees(self, officer: Officer, approval: str) -> bool:
        row = approvals.c
        wanted = select(row.id).where(row.id == approval, within(officer, row.office))
        if officer.role == "mediator":
            wanted = wanted.where(row.asker == officer.id)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def open(self, kind: str, subject: str, now: datetime) -> str:
        """The id of one that waits, "" when none does."""
        row = approvals.c
        wanted = select(row.id).where(row.kind == kind, row.subject == subject, row.state == "open", row.expires > now)
        async with self._database.read() as connection:
            return (await connection.execute(wanted.limit(1))).scalar() or ""

    async def agreed(self, kind: str, subject: str) -> bool:
        """Whether one was approved, and is not done yet."""
        row = approvals.c
        wanted = select(row.id).where(row.kind == kind, row.subject == subject, row.state == "approved")
        async with self._database.read() as connection:
            return (await connection.execute(wanted.limit(1))).scalar() is not None

    async def to_do(self) -> list[str]:
        """Approved, and not done: a crash came between."""
        async with self._database.read() as connection:
            return list(
                (await connection.execute(select(approvals.c.id).where(approvals.c.state == "approved"))).scalars()
            )

    async def given(self, kind: str, asker: str, since: datetime) -> int:
        """How many such requests of theirs were carried out since."""
        row = approvals.c
        wanted = select(row.id).where(
            row.kind == kind, row.asker == asker, row.state.in_(("approved", "done")), row.decided > since
        )
        async with self._database.read() as connection:
            return len((await connection.execute(wanted)).all())
