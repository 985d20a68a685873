"""Rows of leads and of their clocks. Owns `leads`, and of `clocks` what is about them; projects `lead/…`.

Only who verifies leads, and supervisors, read these rows (Order 121 Art 37).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.leads import STREAM, fold, stream
from journal import Event
from server.storage.calendars import calendar_of
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.rows import clock_row, deadline_of
from server.storage.scope import within
from server.storage.tables import clocks, leads
from web.ports import LeadPage, LeadRow, Officer, Refused

MOST = 200


class LeadRows:
    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        await _write(connection, appended[0].stream.partition("/")[2])


async def date_leads_anew(database: Database, office: str) -> None:
    """An office's calendar has changed."""
    async with database.write() as connection:
        wanted = select(leads.c.id).where(leads.c.office == office, leads.c.state == "open")
        for lead in list((await connection.execute(wanted)).scalars()):
            await _write(connection, lead)


async def _write(connection: AsyncConnection, id_: str) -> None:
    lead = fold(await stream_events(connection, stream(id_)))
    if lead is None:
        return  # its beginning was erased: the row stays as it is
    found = lead.opened
    zone, calendar = await calendar_of(connection, found.office)
    clock = lead.deadline(zone, calendar)
    row = {
        "id": id_,
        "office": found.office,
        "complaint": found.complaint,
        "number": found.number,
        "origin": found.origin,
        "state": lead.state,
        "title": found.title,
        "found": found.found,
        "due": clock.due if lead.state == "open" else None,
        "clock": clock_row(clock),
    }
    changed = await connection.execute(update(leads).where(leads.c.id == id_).values(row))
    if not changed.rowcount:
        await connection.execute(insert(leads).values(row))
    await connection.execute(delete(clocks).where(clocks.c.kind == STREAM, clocks.c.subject == id_))
    if lead.state == "open":
        beside = {"kind": STREAM, "subject": id_, "code": clock.code, "due": clock.due, "clock": row["clock"]}
        beside |= {"office": found.office, "number": found.number, "title": found.title}
        await connection.execute(insert(clocks).values(beside))


async def lead_rows(database: Database, officer: Officer) -> list[LeadRow]:
    """Open ones first, the earliest date first."""
    row = leads.c
    wanted = (
        select(leads)
        .where(within(officer, row.office))
        .order_by(row.due.is_(None), row.due, row.found.desc(), row.id)
        .limit(MOST)
    )
    async with database.read() as connection:
        return [
            LeadRow(
                id=one["id"],
                number=one["number"],
                origin=one["origin"],
                state=one["state"],
                title=one["title"],
                found=one["found"],
                due=one["due"],
            )
            for one in (await connection.execute(wanted)).mappings()
        ]


async def lead_page(database: Database, officer: Officer, id_: str) -> LeadPage:
    """Refused: not_found, also when it is another office's."""
    async with database.read() as connection:
        wanted = select(leads).where(leads.c.id == id_, within(officer, leads.c.office))
        row = (await connection.execute(wanted)).mappings().one_or_none()
        told = await stream_events(connection, stream(id_)) if row is not None else []
    lead = fold(told)
    if row is None or lead is None:
        raise Refused("not_found", 404)
    return LeadPage(id_, lead, deadline_of(row["clock"], officer.language), told)
