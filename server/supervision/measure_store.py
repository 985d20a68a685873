"""What a draw looks at in closed mediations. Owns `mediation_measures`; projects `session/…`.

Measured at the close and again when a recording's end becomes known after it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from journal.clock import total_ms, union
from recordings.gap_ledger import Cause, ledger
from rooms.codec import STREAM, SessionEntry, history, stream
from rooms.events import (
    CompositionFailed,
    RecordErased,
    RecordingComposed,
    SegmentSealed,
    SessionClosed,
    SessionScheduled,
)
from rooms.session import Session, fold
from rooms.supervision.checklist import measure_mediation
from rooms.timing import measure
from rooms.vocabulary import Role, Status
from server.complaints.rows import Row
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import complaint_facts, mediation_measures as table, sessions

TECHNICAL: Final[frozenset[Cause]] = frozenset({"server", "connecting", "disk", "loss", "withheld", "unexplained"})
"""Causes of a gap that are nobody's right and nobody's procedure."""
_CLOSED: Final = SessionClosed.__name__
_LATER: Final = frozenset(kind.__name__ for kind in (SegmentSealed, RecordingComposed, CompositionFailed, RecordErased))
_SPACE: Final = re.compile(r"[\s()（）·,，.。\-]+")


class MeasureRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        told = {event.type for event in appended}
        id_ = appended[0].stream.partition("/")[2]
        if _CLOSED in told or (told & _LATER and await _measured(connection, id_)):
            await measure_one(connection, id_)


async def measure_one(connection: AsyncConnection, id_: str) -> bool:
    """False when there is nothing to measure: it is not closed, or its beginning was erased."""
    entries = history(await stream_events(connection, stream(id_)))
    whole = bool(entries) and isinstance(entries[0].event, SessionScheduled)
    session = fold(entries) if whole else None
    if session is None or session.status is not Status.CLOSED or session.closed_at is None:
        if not whole and await _measured(connection, id_):
            await connection.execute(update(table).where(table.c.session == id_).values(gone=True))
        return False
    row = _row(session, entries)
    wanted = select(complaint_facts.c.respondent).where(complaint_facts.c.id == session.complaint)
    row["respondent"] = (await connection.execute(wanted)).scalar_one_or_none() or row["respondent"]
    changed = await connection.execute(update(table).where(table.c.session == id_).values(row))
    if not changed.rowcount:
        await connection.execute(insert(table).values(row))
    return True


async def measure_missing(database: Database, most: int = 200) -> int:
    """Those that closed before there was this table, a few at a time; how many were looked at."""
    known = select(table.c.session).where(table.c.session == sessions.c.id)
    wanted = select(sessions.c.id).where(sessions.c.status == Status.CLOSED.value, ~known.exists()).limit(most)
    async with database.write() as connection:
        found = list((await connection.execute(wanted)).scalars())
        made = [id_ for id_ in found if await measure_one(connection, id_)]
        return len(made)


def _row(session: Session, entries: Sequence[SessionEntry]) -> Row:
    gaps = [gap.span for gap in ledger(entries, sealed=True).gaps if gap.cause in TECHNICAL and gap.source == "mic"]
    closed = session.closed_at
    assert closed is not None
    return {
        "session": session.id,
        "complaint": session.complaint,
        "office": session.office,
        "mediator": session.mediator,
        "closed": closed,
        **asdict(measure_mediation(session, measure(entries, closed), entries)),
        "lost": total_ms(union(gaps)),
        "respondent": respondent(session),
        "gone": session.erasure is not None,
    }


def respondent(session: Session) -> str:
    """24 hex digits of the business as invited, "" when it was not: where the facts know no better."""
    seat = next((one.seat for one in session.seats.values() if one.role is Role.BUSINESS), None)
    name = _SPACE.sub("", (seat.organisation or seat.name) if seat else "").casefold()
    return hashlib.sha256(name.encode()).hexdigest()[:24] if name else ""


async def _measured(connection: AsyncConnection, id_: str) -> bool:
    wanted = select(table.c.session).where(table.c.session == id_)
    return (await connection.execute(wanted)).one_or_none() is not None
