"""Rows of experience notes and of collections. Owns `case_notes` and `case_collections`; projects their streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casebook import collections, notes
from journal import Event
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.tables import case_collections, case_notes


class NoteRows:
    kind = notes.STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        written = notes.editions(await stream_events(connection, stream))
        if not written:
            return
        last = written[-1]
        row = {"edition": last.number, "text": last.text, "changed": last.at, "by": last.by}
        await _store(connection, case_notes, stream.partition("/")[2], row)


class CollectionRows:
    kind = collections.STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        collection = collections.fold(await stream_events(connection, stream))
        if collection is not None:
            row = {"title": collection.title, "office": collection.office, "cases": list(collection.cases)}
            await _store(connection, case_collections, stream.partition("/")[2], row)


async def note_rows(database: Database) -> list[RowMapping]:
    async with database.read() as connection:
        return list((await connection.execute(select(case_notes).order_by(case_notes.c.id))).mappings())


async def collection_rows(database: Database) -> list[RowMapping]:
    async with database.read() as connection:
        return list((await connection.execute(select(case_collections).order_by(case_collections.c.title))).mappings())


async def _store(connection: AsyncConnection, table: Table, id: str, row: Mapping[str, object]) -> None:
    changed = await connection.execute(update(table).where(table.c.id == id).values(row))
    if not changed.rowcount:
        await connection.execute(insert(table).values(id=id, **row))
