"""What is to be looked at in an import's rows, counted by batch. Owns `import_values`.

Counted in the transaction that notes the rows; what somebody says a word means is noted beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.bulk import insert_rows
from server.db.engine import Database
from server.db.schema import complaints, import_rows, import_values
from server.db.schema.base import among
from server.imports.encoding import RowOutcome

MOST_VALUES: Final = 500  # of a batch, on one page


@dataclass(frozen=True, slots=True)
class NotedValue:
    """What so many rows of a batch say. `note`: "unknown_value" | "unnamed" | "no_facts"; `value`: what somebody mapped
    it to, None while nobody has."""

    note: str
    field: str
    said: str
    rows: int
    value: str | None


@dataclass(frozen=True, slots=True)
class UnnamedRow:
    """A complaint whose business nobody has named."""

    complaint: str
    number: str
    received: datetime
    title: str
    facts: str


class ValueStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def noted(self, batch: str) -> list[NotedValue]:
        """What is to be looked at in it, whole rows and what is not mapped yet first, then what most rows say."""
        of = import_values.c
        async with self._database.read() as connection:
            wanted = select(of.note, of.field, of.said, of.rows, of.value).where(of.batch == batch)
            rows = await connection.execute(
                wanted.order_by(of.field != "", of.value.is_not(None), of.rows.desc(), of.said).limit(MOST_VALUES)
            )
            return [NotedValue(*row) for row in rows]

    async def unnamed(self, batch: str, size: int) -> list[UnnamedRow]:
        """Of its complaints those whose business nobody has named yet, in the order of its rows."""
        of, own = complaints.c, import_rows.c
        wanted = (
            select(of.id, of.number, of.received, of.title, of.facts)
            .join(import_rows, own.complaint == of.id)
            .where(own.batch == batch, own.outcome.in_(("taken", "fixed")), of.business_title == "")
            .where(of.state.in_(("registered", "accepted")))
            .order_by(own.row)
            .limit(size)
        )
        async with self._database.read() as connection:
            return [UnnamedRow(*row) for row in await connection.execute(wanted)]

    async def mapped(self, batch: str, field: str, said: str, value: str) -> None:
        of = import_values.c
        async with self._database.write() as connection:
            await connection.execute(
                update(import_values)
                .where(of.batch == batch, of.note == "unknown_value", of.field == field, of.said == said)
                .values(value=value)
            )


async def count_notes(connection: AsyncConnection, batch: str, rows: Sequence[RowOutcome]) -> None:
    """Count what is to be looked at in rows that were taken. Whoever reads a batch is alone with it."""
    of = import_values.c
    found = Counter(
        (note["code"], note["column"], note["params"].get("value", "")) for row in rows for note in row.problems or ()
    )
    if not found:
        return
    theirs = (of.batch == batch, among(connection, of.said, sorted({said for _, _, said in found})))
    known = {
        (row.note, row.field, row.said)
        for row in await connection.execute(select(of.note, of.field, of.said).where(*theirs))
    }
    for note, field, said in found.keys() & known:
        here = (of.batch == batch, of.note == note, of.field == field, of.said == said)
        more = import_values.update().where(*here).values(rows=of.rows + found[note, field, said])
        await connection.execute(more)
    new = [
        {"batch": batch, "note": note, "field": field, "said": said, "rows": many, "value": None}
        for (note, field, said), many in found.items()
        if (note, field, said) not in known
    ]
    await insert_rows(connection, import_values, new)
