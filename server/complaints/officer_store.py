"""What is an officer's own among complaints, as rows: which they handle, and the views of the list they keep by name.

The list of one's own, the next of them that is due, and what was assigned. Owns `handlers`, a projection of
`complaint/…`: a few rows for each officer, for a closed file has none; and `saved_views`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import ASSIGNED, handlers as handlers_of
from complaints.state import ComplaintState, stream
from complaints.views import DueCase
from journal import Event
from journal.refusals import Refused
from offices.people import Officer
from rooms.views import Alert
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.journal import stream_events, streams_events
from server.db.schema import complaints, events, handlers, saved_views, users
from server.db.schema.base import among

_MOVING: Final = frozenset(
    {
        "ComplaintAccepted", "MediationScheduled", "MediationClosed", "MediationCancelled", "Assigned", "Dispatched",
        "ReturnedToIntake", "RecusalDecided", "ComplaintClosed", "NoteTakenBack", "ComplaintWithdrawn", "ImportUndone",
        "ComplaintMerged", "MergeUndone", "MediationEnded",
    }
)  # fmt: skip
_OVER: Final = (ComplaintState.UNDONE, ComplaintState.CLOSED)
BATCH: Final = 256
MOST_ASSIGNED: Final = 50
_h, _c = handlers.c, complaints.c


class HandlerRows:
    """Writes `handlers`."""

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            if one.types & _MOVING and one.after is not None:
                await connection.execute(delete(handlers).where(_h.complaint == one.id))
                over = one.after.merged is not None or one.after.state in _OVER
                entries = [] if over else await stream_events(connection, stream(one.id))
                await _write(connection, one.id, one.after.record.office, entries)


async def _write(connection: AsyncConnection, complaint: str, office: str, entries: Sequence[Event]) -> None:
    found = handlers_of(entries)
    if found:
        rows = [
            {"complaint": complaint, "officer": officer, "office": office, **asdict(one)}
            for officer, one in found.items()
        ]
        await connection.execute(insert(handlers), rows)


async def complete_handlers(database: Database) -> int:
    """Rows of complaints from before there were any; how many complaints."""
    async with database.write() as connection:
        if (await connection.execute(select(_h.complaint).limit(1))).first() is not None:
            return 0
        accepted = select(literal(1)).where(
            events.c.stream == literal("complaint/") + _c.id, events.c.type.in_(("ComplaintAccepted", "Assigned"))
        )
        wanted = select(_c.id, _c.office).where(_c.state.not_in(("closed", "undone", "merged", "registered")))
        found = (await connection.execute(wanted.where(accepted.exists()).order_by(_c.id))).all()
        for at in range(0, len(found), BATCH):
            piece = found[at : at + BATCH]
            told = await streams_events(connection, [stream(one.id) for one in piece])
            for one in piece:
                entries = told[stream(one.id)]
                await _write(connection, one.id, one.office, [] if entries[0].erased else entries)
        return len(found)


async def handled_by(connection: AsyncConnection, officer: str) -> Sequence[str]:
    """Ids of the complaints an officer handles. Read apart, as whoever has few must not have the list walked for
    them."""
    return list((await connection.execute(select(_h.complaint).where(_h.officer == officer))).scalars())


async def handler_names(connection: AsyncConnection, complaint: str) -> Sequence[str]:
    wanted = select(users.c.name).join(handlers, _h.officer == users.c.id).where(_h.complaint == complaint)
    return list((await connection.execute(wanted.order_by(_h.since, _h.officer))).scalars())


class HandlerStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_due(self, officer: Officer, but: str) -> DueCase | None:
        """The complaint the officer handles that is due first, another than `but`; where they handle none that has a
        clock, the first their office has still to accept or refuse."""
        due = (
            select(_c.id, _c.number, _c.next_due)
            .where(_c.office == officer.office.id, _c.next_due.is_not(None), _c.id != but)
            .order_by(_c.next_due, _c.place)
            .limit(1)
        )
        async with self._database.read() as connection:
            mine = among(connection, _c.id, await handled_by(connection, officer.id))
            for which in (mine, _c.state == ComplaintState.REGISTERED.value):
                if (row := (await connection.execute(due.where(which))).one_or_none()) is not None:
                    return DueCase(row.id, row.number, row.next_due)
        return None

    async def assigned(self, officer: Officer, since: datetime) -> list[Alert]:
        """What colleagues assigned to an officer, the newest first."""
        wanted = (
            select(_h.complaint, _h.since, _c.number, _c.consumer_title)
            .join(complaints, _h.complaint == _c.id)
            .where(
                _h.officer == officer.id,
                _h.office == officer.office.id,
                _h.how == ASSIGNED,
                _h.by != officer.id,
                _h.since >= since,
            )
            .order_by(_h.since.desc(), _h.complaint)
            .limit(MOST_ASSIGNED)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [assigned_alert(row.complaint, row.number, row.consumer_title, row.since) for row in rows]


def assigned_alert(complaint: str, number: str, who: str, at: datetime) -> Alert:
    return Alert(f"assigned:{complaint}:{at:%Y%m%d%H%M%S}", "assigned", complaint, number, who, "", at)


MOST: Final = 20  # of an officer
_v = saved_views.c


class ViewStore:
    """Each method is one transaction. A view is its officer's alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def views(self, officer: Officer) -> Sequence[tuple[str, str]]:
        wanted = select(_v.name, _v.query).where(_v.officer == officer.id).order_by(_v.name)
        async with self._database.read() as connection:
            return [(row.name, row.query) for row in await connection.execute(wanted)]

    async def keep(self, officer: Officer, name: str, query: str) -> None:
        others = select(func.count()).where(_v.officer == officer.id, _v.name != name)
        async with self._database.write() as connection:
            if (await connection.execute(others)).scalar_one() >= MOST:
                raise Refused("too_many_views", 409, most=MOST)
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))
            await connection.execute(insert(saved_views).values(officer=officer.id, name=name, query=query))

    async def drop(self, officer: Officer, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))
