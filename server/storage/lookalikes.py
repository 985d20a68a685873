"""What a complaint's page says of others that may be the same dispute, in one transaction of a few bounded queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from complaints.changes.rules import GOES, KEEPS
from complaints.complaint import fold, stream
from complaints.duplicates.signals import hints, likely
from server.storage.candidates import candidates, first_receiver, particulars_of
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.rows import complaint_row
from server.storage.scope import within
from server.storage.tables import complaints
from web.ports import Officer, Refused
from web.ports.duplicates import Lookalikes, Suggested

SHOWN = 5


async def lookalikes(database: Database, officer: Officer, complaint: str) -> Lookalikes:
    """Refused(404) when it is none of this officer's."""
    async with database.read() as connection:
        asked = select(complaints).where(complaints.c.id == complaint, within(officer, complaints.c.office))
        row: Any = (await connection.execute(asked)).mappings().one_or_none()
        state = None if row is None else fold(await stream_events(connection, stream(complaint)))
        if row is None or state is None:
            raise Refused("not_found", 404)
        if state.merged is not None or row["place"] is None:
            return Lookalikes(merged=state.merged, took=state.took)
        known = [one for one in await candidates(connection, row) if one.id not in state.different]
        new = particulars_of(row)
        earlier = await first_receiver(connection, row) if state.record.order == "121" else None
        found = likely(new, [(one.id, one.of) for one in known])[:SHOWN]
        wanted = select(complaints).where(complaints.c.id.in_([id_ for id_, _ in found]))
        rows = {one["id"]: dict(one) for one in (await connection.execute(wanted)).mappings()}
    goes, keeps = {state.value for state in GOES}, {state.value for state in KEEPS}
    here = state.state.value
    suggested = [
        Suggested(
            complaint_row(rows[id_], officer.language),
            resemblance,
            here in keeps and rows[id_]["state"] in keeps and (here in goes or rows[id_]["state"] in goes),
        )
        for id_, resemblance in found
    ]
    # Order 20 has no such factors.
    rules = hints(new, row["problem_class"], known, state.record.object.quantity) if state.record.order == "121" else []
    return Lookalikes(suggested, rules, took=state.took, earlier=earlier)
