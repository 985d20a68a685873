"""The list of records: held mediations of an officer's offices, the newest first, a page at a time; of a mediator only
those of their own complaints.

Rows come in the order of an index on office and beginning, and offices are merged: nothing is sorted, however many
there are. What a filter looks at is in that index too, so that only a page's rows are read themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CompoundSelect, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.days import midnight
from server.storage.rows import session_row
from server.storage.scope import own_records, within
from server.storage.tables import offices, sessions
from web.ports import AuditFilter, AuditList, Office, Officer

PAGE_SIZE: Final = 50
_ROW: Final = sessions.c


async def records(connection: AsyncConnection, officer: Officer, wanted: AuditFilter) -> AuditList:
    seen = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
    mine = [Office(**row) for row in (await connection.execute(seen)).mappings()]
    ids = [office.id for office in mine]
    asked = [id_ for id_ in ids if wanted.office in ("", id_)]
    narrowed = [own_records(officer), *_filtered(wanted, ZoneInfo(officer.office.zone))]
    page = _in_order(asked, narrowed).limit(PAGE_SIZE).offset((max(wanted.page, 1) - 1) * PAGE_SIZE).subquery()
    shown = select(sessions).join(page, page.c.id == _ROW.id).order_by(_ROW.opened.desc(), _ROW.id.desc())
    counted = select(func.count()).select_from(sessions).where(_ROW.office.in_(asked), *narrowed)
    return AuditList(
        rows=[session_row(dict(row)) for row in (await connection.execute(shown)).mappings()],
        total=(await connection.execute(counted)).scalar_one(),
        page_size=PAGE_SIZE,
        offices=mine,
        mediators=await _mediators(connection, ids, own_records(officer)),
    )


def _in_order(asked: Sequence[str], narrowed: Sequence[ColumnElement[bool]]) -> CompoundSelect[tuple[str, datetime]]:
    """Ids of held mediations, the newest first."""
    each = union_all(*(select(_ROW.id, _ROW.opened).where(_ROW.office == id_, *narrowed) for id_ in asked or [""]))
    return each.order_by(each.selected_columns.opened.desc(), each.selected_columns.id.desc())


async def _mediators(
    connection: AsyncConnection, ids: Sequence[str], seen: ColumnElement[bool]
) -> list[tuple[str, str]]:
    """Who mediates in these offices, by name."""
    name = func.max(_ROW.mediator_name).label("name")
    wanted = select(_ROW.mediator, name).where(_ROW.office.in_(ids), seen).group_by(_ROW.mediator).order_by("name")
    return [(row.mediator, row.name) for row in await connection.execute(wanted)]


def _filtered(wanted: AuditFilter, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_ROW.opened.is_not(None)]
    for column, value in ((_ROW.mediator, wanted.mediator), (_ROW.outcome, wanted.outcome)):
        if value:
            conditions.append(column == value)
    if wanted.since:
        conditions.append(_ROW.opened >= midnight(wanted.since, zone))
    if wanted.until:
        conditions.append(_ROW.opened < midnight(wanted.until + timedelta(days=1), zone))
    if wanted.shortest_ms:
        conditions.append(_ROW.joint_ms >= wanted.shortest_ms)
    if wanted.longest_ms:
        conditions.append(_ROW.joint_ms <= wanted.longest_ms)
    return conditions
