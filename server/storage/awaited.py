"""Answers that are waited for: one row a complaint, while the business has not answered. Projects `complaint/…`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold
from complaints.notices import answers as an
from journal import Event
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.tables import answers_awaited, complaints, offices, sessions

_CHANGING: Final = {
    kind.__name__ for kind in (an.AnswerInvited, an.AnswerGiven, an.AnswerMissed, an.AnswerWithdrawn)
} | {"Dispatched", "ReturnedToIntake"}


class AwaitedRows:
    kind = "complaint"

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        if not any(event.type in _CHANGING for event in appended):
            return
        complaint, id_ = fold(await stream_events(connection, appended[0].stream)), appended[0].stream.partition("/")[2]
        await connection.execute(delete(answers_awaited).where(answers_awaited.c.complaint == id_))
        waited = [one for one in complaint.answers if one.waited and one.missed_at is None] if complaint else []
        if complaint is not None and waited:
            invited = waited[-1].invited
            row = {"invitation": invited.invitation, "office": complaint.record.office, "due": invited.due}
            await connection.execute(insert(answers_awaited).values(complaint=id_, **row))


async def overdue(database: Database, first: date) -> Sequence[tuple[str, str, str, date]]:
    """(complaint, invitation, zone of its office, due) of every one due before this day."""
    row = answers_awaited.c
    wanted = (
        select(row.complaint, row.invitation, offices.c.zone, row.due)
        .join(offices, row.office == offices.c.id)
        .where(row.due < first)
        .order_by(row.due, row.complaint)
    )
    async with database.read() as connection:
        return [(one.complaint, one.invitation, one.zone, one.due) for one in await connection.execute(wanted)]


async def performing(database: Database) -> Sequence[tuple[str, str]]:
    """(session, complaint) of every settlement that something is still to be done of."""
    wanted = (
        select(sessions.c.id, sessions.c.complaint)
        .join(complaints, sessions.c.complaint == complaints.c.id)
        .where(sessions.c.performing, complaints.c.state == "performing")
        .order_by(sessions.c.id)
    )
    async with database.read() as connection:
        return [(one.id, one.complaint) for one in await connection.execute(wanted)]
