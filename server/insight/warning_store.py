"""Rows of warnings that were published, for whoever reads them. Projects `warning/…` into `public_warnings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, desc, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight.views import PublicWarning
from complaints.insight.warnings import STREAM, fold, stream
from journal import Event
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import public_warnings

MOST: Final = 50


class WarningRows(StreamProjector):
    """Projects `warning/…`: a draft has no row, and of what was withdrawn the words are gone from it."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        warning = fold(await stream_events(connection, stream(id_)))
        if warning is None or warning.issued is None:
            return
        issued = warning.issued
        row = {
            "title": issued.wording.title,
            "body": "" if warning.withdrawn else issued.wording.body,
            "language": issued.wording.language,
            "office": issued.office,
            "office_name": issued.office_name,
            "published": issued.at,
            "digest": issued.digest,
            "withdrawn": warning.withdrawn,
            "withdrawn_at": warning.withdrawn_at,
        }
        changed = await connection.execute(update(public_warnings).where(public_warnings.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(public_warnings).values(id=id_, **row))


_READ: list[ColumnElement[Any]] = [
    *(column for column in public_warnings.c if column.name not in ("office", "office_name")),
    public_warnings.c.office_name.label("office"),
]


async def standing(database: Database) -> list[PublicWarning]:
    """The newest first."""
    wanted = select(*_READ).where(public_warnings.c.withdrawn == "").order_by(desc(public_warnings.c.published))
    async with database.read() as connection:
        return [PublicWarning(**row) for row in (await connection.execute(wanted.limit(MOST))).mappings()]


async def one(database: Database, warning: str) -> PublicWarning | None:
    wanted = select(*_READ).where(public_warnings.c.id == warning)
    async with database.read() as connection:
        row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else PublicWarning(**row)
