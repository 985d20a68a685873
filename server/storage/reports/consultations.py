"""Rows of consultations. Owns `consultations`; projects `consultation/…`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.consultations import STREAM, fold, stream
from journal import Event
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.reports.register import moments
from server.storage.scope import within
from server.storage.tables import consultations
from web.ports import Officer, Refused
from web.ports.reports import REPORTS_PAGE, ConsultationPage, ConsultationRow


class ConsultationRows:
    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        state = fold(await stream_events(connection, stream(id_)))
        if state is None:
            return  # its beginning was erased: the row stays as it is
        told = state.registered
        row = {
            "id": id_,
            "office": told.office,
            "number": told.number,
            "kind": told.kind,
            "state": state.state,
            "title": told.title,
            "received": told.received,
            "channel": told.channel,
            "answered": state.answer.day if state.answer else None,
        }
        changed = await connection.execute(update(consultations).where(consultations.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(consultations).values(row))


async def consultation_rows(
    database: Database, officer: Officer, state: str, kind: str, page: int
) -> tuple[Sequence[ConsultationRow], int]:
    row = consultations.c
    which = [within(officer, row.office)]
    if state:
        which.append(row.state == state)
    if kind:
        which.append(row.kind == kind)
    waiting = (row.state == "registered").desc()
    wanted = select(consultations).where(*which).order_by(waiting, row.received.desc(), row.id)
    async with database.read() as connection:
        counted = select(func.count()).select_from(consultations).where(*which)
        total = (await connection.execute(counted)).scalar_one()
        found = await connection.execute(wanted.limit(REPORTS_PAGE).offset((page - 1) * REPORTS_PAGE))
        return [_row(dict(one)) for one in found.mappings()], total


async def consultation_counts(
    database: Database, officer: Officer, first: date, last: date
) -> Mapping[str, tuple[int, int]]:
    row, (begin, end) = consultations.c, moments(first, last, officer.office.zone)
    counted = (
        select(row.kind, func.count().label("n"), func.count(row.answered).label("answered"))
        .where(within(officer, row.office), row.received >= begin, row.received < end, row.state != "withdrawn")
        .group_by(row.kind)
    )
    async with database.read() as connection:
        return {one.kind: (one.n, one.answered) for one in await connection.execute(counted)}


async def consultation_page(database: Database, officer: Officer, id_: str) -> ConsultationPage:
    """Refused: not_found, also when it is another office's."""
    async with database.read() as connection:
        wanted = select(consultations.c.id).where(consultations.c.id == id_, within(officer, consultations.c.office))
        known = (await connection.execute(wanted)).scalar_one_or_none()
        told = await stream_events(connection, stream(id_)) if known is not None else []
    state = fold(told)
    if state is None:
        raise Refused("not_found", 404)
    return ConsultationPage(id_, state, told)


def _row(row: dict[str, object]) -> ConsultationRow:
    return ConsultationRow(**{name: row[name] for name in ConsultationRow.__dataclass_fields__})  # type: ignore[arg-type]
