"""Public bulletins that stand, for whoever reads them. Projects `bulletin/…` into `public_bulletins`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import desc, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight.issued_bulletins import STREAM, fold
from complaints.insight.papers import IssuedBulletin
from complaints.statistics.periods import Period
from journal import Event
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import public_bulletins

MOST: Final = 60


class IssuedRows(StreamProjector):
    """Projects `bulletin/…`: of each scope the newest public edition."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        kind = stream.partition("/")[2].partition("-")[0]
        shelf = fold(await stream_events(connection, stream))
        newest = {one.issued.scope: one for one in shelf.editions if one.issued.public}
        for scope, one in newest.items():
            it, table = one.issued, public_bulletins
            row = {
                "last": it.last,
                "edition": it.edition,
                "number": it.number,
                "office_name": it.office_name,
                "issued": one.at,
                "papers": it.papers,
                "prints": it.prints,
                "withdrawn": one.withdrawn,
                "withdrawn_at": one.withdrawn_at,
            }
            where = (table.c.kind == kind, table.c.first == it.first, table.c.scope == scope)
            changed = await connection.execute(update(table).where(*where).values(row))
            if not changed.rowcount:
                await connection.execute(insert(table).values(kind=kind, first=it.first, scope=scope, **row))


async def standing(database: Database) -> list[IssuedBulletin]:
    """The newest first."""
    table = public_bulletins
    wanted = select(table).where(table.c.withdrawn == "").order_by(desc(table.c.issued)).limit(MOST)
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [
        IssuedBulletin(
            row["kind"], Period(row["first"], row["last"]), row["scope"], True, row["edition"], row["number"],
            row["office_name"], row["issued"], "", row["papers"], row["prints"],
        )
        for row in rows
    ]  # fmt: skip
