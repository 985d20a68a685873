"""Which complaint a channel's number belongs to: what tells a second import from a first.

Owns `source_numbers`: a projection of what complaints say of their sources; an undone import lets its numbers go.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.changes.messages import ImportUndone
from complaints.events import ComplaintRegistered
from journal import Event
from server.storage.tables import source_numbers


class SourceRows:
    """Projects `complaint/…`. The first complaint that names a number keeps it."""

    kind = "complaint"

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        for event in appended:
            if event.erased:
                continue
            if event.type == ComplaintRegistered.__name__:
                for row in _rows(event):
                    if not await self._taken(connection, row):
                        await connection.execute(insert(source_numbers).values(row))
            elif event.type == ImportUndone.__name__:
                complaint = event.stream.partition("/")[2]
                await connection.execute(delete(source_numbers).where(source_numbers.c.complaint == complaint))

    async def project_new(self, connection: AsyncConnection, begun: Sequence[Event]) -> None:
        if rows := [row for event in begun for row in _rows(event)]:
            await connection.execute(insert(source_numbers), rows)

    async def _taken(self, connection: AsyncConnection, row: dict[str, str]) -> bool:
        same = (source_numbers.c[name] == row[name] for name in ("office", "channel", "number"))
        return (await connection.execute(select(source_numbers.c.complaint).where(*same))).first() is not None


def _rows(event: Event) -> list[dict[str, str]]:
    office, complaint = event.data["office"], event.stream.partition("/")[2]
    return [
        {"office": office, "channel": source["channel"], "number": source["number"], "complaint": complaint}
        for source in event.data.get("sources", ())
    ]
