"""What respondents have in common and how they behaved. Owns `respondent_marks` and `respondent_conduct`; projects
`complaint/…`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import Complaint, evolve, fold
from complaints.events import ComplaintRegistered, from_event
from complaints.insight.respondents import NOTHING, TELLING, conduct
from complaints.insight.same_business import Mark, marks
from journal import Event
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.schema import complaints, marks_coming, offices, respondent_conduct, respondent_marks
from server.statistics.fact_store import DEFAULT_ZONE

_PREFIX = "complaint/"
CHANGING = frozenset({"RecordAmended", "AmendmentUndone", "SourceUpdated", "TriageConfirmed"})
"""Types of events after which a record may have other marks."""
CHUNK = 500


class RespondentRows:
    kind = "complaint"

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        types = {event.type for event in appended}
        first = appended[0].version == 1
        if not (first or types & CHANGING or types & TELLING):
            return
        stream = appended[0].stream
        entries = list(appended) if first else await stream_events(connection, stream)
        if not entries or entries[0].erased:
            return  # its beginning was erased: the rows stay as they are
        id_ = stream.removeprefix(_PREFIX)
        if first or types & CHANGING:
            before = [] if first else [entry for entry in entries if entry.version < appended[0].version]
            await _keep_marks(connection, id_, _marks(fold(before)), _marks(fold(entries)))
        if types & TELLING:
            await _keep_conduct(connection, id_, entries)

    async def project_new(self, connection: AsyncConnection, begun: Sequence[Event]) -> None:
        rows = [
            {"mark": one.mark, "kind": one.kind, "complaint": event.stream.removeprefix(_PREFIX)}
            for event in begun
            for one in _marks(evolve(None, from_event(event), event.at))
        ]
        if rows:
            await connection.execute(insert(respondent_marks), rows)


def _marks(state: Complaint | None) -> tuple[Mark, ...]:
    return () if state is None else record_marks(state.record)


def record_marks(record: ComplaintRegistered) -> tuple[Mark, ...]:
    return marks(record.business, record.division)


async def _keep_marks(connection: AsyncConnection, complaint: str, before: Sequence[Mark], now: Sequence[Mark]) -> None:
    held = respondent_marks.c
    gone = [and_(held.mark == one.mark, held.kind == one.kind) for one in before if one not in now]
    if gone:
        await connection.execute(delete(respondent_marks).where(held.complaint == complaint, or_(*gone)))
        coming = marks_coming.c
        gone = [and_(coming.mark == one.mark, coming.kind == one.kind) for one in before if one not in now]
        await connection.execute(delete(marks_coming).where(coming.complaint == complaint, or_(*gone)))
    new = [{"mark": one.mark, "kind": one.kind, "complaint": complaint} for one in now if one not in before]
    if new:
        await connection.execute(insert(respondent_marks), new)


async def _keep_conduct(connection: AsyncConnection, complaint: str, entries: Sequence[Event]) -> None:
    state = fold(entries)
    assert state is not None
    zone_of = select(offices.c.zone).where(offices.c.id == state.record.office)
    zone = (await connection.execute(zone_of)).scalar_one_or_none() or DEFAULT_ZONE
    now = conduct(entries, zone)
    row = asdict(now)
    changed = await connection.execute(
        update(respondent_conduct).where(respondent_conduct.c.complaint == complaint).values(row)
    )
    if not changed.rowcount and now != NOTHING:
        await connection.execute(insert(respondent_conduct).values({"complaint": complaint, **row}))


async def complete_respondents(database: Database) -> int:
    """Make the rows of complaints from before there were tables; how many. Nothing once there is one row."""
    async with database.read() as connection:
        if (await connection.execute(select(respondent_marks.c.complaint).limit(1))).first() is not None:
            return 0
    made, last, projector = 0, "", RespondentRows()
    while True:
        async with database.write() as connection:
            wanted = select(complaints.c.id).where(complaints.c.id > last).order_by(complaints.c.id).limit(CHUNK)
            found = list((await connection.execute(wanted)).scalars())
            for complaint in found:
                entries = await stream_events(connection, _PREFIX + complaint)
                if entries:
                    await projector.project(connection, entries)
                    made += 1
        if not found:
            return made
        last = found[-1]
