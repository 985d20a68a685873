"""What respondents have in common and how they behaved. Owns `respondent_marks` and
`respondent_conduct`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.insight.respondents import NOTHING, TELLING, Conduct, conduct
from complaints.insight.same_business import Mark, marks
from server.complaints.projection import ComplaintChange, ComplaintProjection
from server.db.bulk import insert_rows
from server.db.engine import Database
from server.db.journal import EventBatch, streams_events
from server.db.postponed_indexes import marks_table
from server.db.schema import complaints, marks_coming, respondent_conduct, respondent_marks

_PREFIX = "complaint/"
CHANGING = frozenset({"RecordAmended", "AmendmentUndone", "SourceUpdated", "TriageConfirmed"})
"""Types of events after which a record may have other marks."""
CHUNK = 500


class RespondentRows:
    """Writes `respondent_marks` and `respondent_conduct`."""

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        new = []
        for one in changes:
            if one.rows is None:
                continue  # its beginning was erased: the rows stay as they are
            if one.first or one.types & CHANGING:
                before = record_marks(one.before.record) if one.before else ()
                await _drop_marks(connection, one.id, [mark for mark in before if mark not in one.rows.marks])
                new += [(mark, one.id) for mark in one.rows.marks if mark not in before]
            if one.types & TELLING and one.history is not None:
                await _keep_conduct(
                    connection, one.id, conduct(one.history.conduct, one.history.complaint, one.days[0])
                )
        if new:
            rows = [{"mark": mark.mark, "kind": mark.kind, "complaint": id} for mark, id in new]
            await insert_rows(connection, await marks_table(connection), rows)


def record_marks(record: ComplaintRegistered) -> tuple[Mark, ...]:
    return marks(record.business, record.division)


async def _drop_marks(connection: AsyncConnection, complaint: str, gone: Sequence[Mark]) -> None:
    for table in (respondent_marks, marks_coming) if gone else ():
        these = or_(*(and_(table.c.mark == one.mark, table.c.kind == one.kind) for one in gone))
        await connection.execute(delete(table).where(table.c.complaint == complaint, these))


async def _keep_conduct(connection: AsyncConnection, complaint: str, now: Conduct) -> None:
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
    made, last, projector = 0, "", ComplaintProjection([RespondentRows()])
    while True:
        async with database.write() as connection:
            wanted = select(complaints.c.id).where(complaints.c.id > last).order_by(complaints.c.id).limit(CHUNK)
            found = list((await connection.execute(wanted)).scalars())
            entries = await streams_events(connection, [_PREFIX + complaint for complaint in found])
            await projector.project(connection, EventBatch(list(entries.values()), announced=False))
            made += len(entries)
        if not found:
            return made
        last = found[-1]
