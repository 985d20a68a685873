"""Rows of leads and of their clocks. Owns `leads`, `lead_records`, and of `clocks` what is about them; projects
`lead/…`.

Only who verifies leads, and supervisors, read these rows (Order 121 Art 37).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.clocks import local_day
from complaints.duplicates.keys import core
from complaints.events import typed
from complaints.leads import STREAM, InformantMessaged, Lead, fold, stream
from complaints.leads.views import LeadPage, LeadRow
from journal import Event
from law import Deadline
from offices.people import Officer
from offices.refusal import Refused
from server.complaints.calendar_store import calendar_of
from server.complaints.message_store import NOTICE_KIND
from server.db.clock_rows import clock_row
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import deadline_of
from server.db.schema import clocks, lead_records, leads
from server.db.scope import within
from server.outbox.store import StoredMessage, put_message

MOST = 200


class LeadRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        await _write(connection, appended[0].stream.partition("/")[2])


async def date_leads_anew(database: Database, office: str) -> None:
    """An office's calendar has changed."""
    async with database.write() as connection:
        timed = select(clocks.c.subject).where(clocks.c.kind == STREAM)
        due = or_(leads.c.state == "open", leads.c.id.in_(timed))
        wanted = select(leads.c.id).where(leads.c.office == office, due)
        for lead in list((await connection.execute(wanted)).scalars()):
            await _write(connection, lead)


async def catch_up_leads(database: Database) -> int:
    """Give rows from before reports had a register what it needs; how many."""
    async with database.write() as connection:
        waiting = list((await connection.execute(select(leads.c.id).where(leads.c.about_core.is_(None)))).scalars())
        for lead in waiting:
            await _write(connection, lead)
        return len(waiting)


async def _write(connection: AsyncConnection, id_: str) -> None:
    lead = fold(await stream_events(connection, stream(id_)))
    if lead is None:
        return  # its beginning was erased: the row stays as it is
    found = lead.opened
    zone, calendar = await calendar_of(connection, found.office)
    clock = lead.deadline(zone, calendar)
    number = found.own_number or found.number
    running = lead.state == "open" and not clock.standing
    row = {
        "id": id_,
        "office": found.office,
        "complaint": found.complaint,
        "number": number,
        "origin": found.origin,
        "state": lead.state,
        "title": found.title,
        "found": found.found,
        "due": clock.due if running else None,
        "clock": clock_row(clock),
        "owner": lead.owner,
        "owner_name": lead.owner_name,
        "outcome": lead.outcome,
        "decided": lead.decided_at,
        "acted": lead.acted,
        "respondent": found.subject.get("respondent", ""),
        "spot": found.spot,
        "channel": found.report.channel if found.report else "",
        "informant": _informant(lead),
        "informant_key": found.report.informant_key if found.report else "",
        "about_core": core(found.about),
        "joined_into": lead.joined_into.lead if lead.joined_into else "",
        "in_time": _in_time(lead, clock, zone),
    }
    changed = await connection.execute(update(leads).where(leads.c.id == id_).values(row))
    if not changed.rowcount:
        await connection.execute(insert(leads).values(row))
    await connection.execute(delete(clocks).where(clocks.c.kind == STREAM, clocks.c.subject == id_))
    for one in lead.clocks(zone, calendar):
        if not one.standing:
            beside = {"kind": STREAM, "subject": id_, "code": one.code, "due": one.due, "clock": clock_row(one)}
            beside |= {"office": found.office, "number": number, "title": found.title}
            await connection.execute(insert(clocks).values(beside))
    await _keep_records(connection, id_, lead)


def _informant(lead: Lead) -> str:
    if not lead.report:
        return ""
    if not lead.reported:
        return "anonymous"
    return "named" if lead.real_name else "unnamed"


def _in_time(lead: Lead, clock: Deadline, zone: str) -> bool | None:
    if lead.state != "decided" or lead.decided_at is None:
        return None
    return local_day(lead.decided_at, zone) <= clock.due


async def _keep_records(connection: AsyncConnection, id_: str, lead: Lead) -> None:
    held = lead_records.c
    known = set((await connection.execute(select(held.complaint).where(held.lead == id_))).scalars())
    wanted = set(lead.records)
    if gone := known - wanted:
        await connection.execute(delete(lead_records).where(held.lead == id_, held.complaint.in_(gone)))
    if new := wanted - known:
        await connection.execute(insert(lead_records), [{"lead": id_, "complaint": one} for one in sorted(new)])


async def settled_leads(database: Database) -> list[str]:
    """Those that are not being verified."""
    async with database.read() as connection:
        wanted = select(leads.c.id).where(leads.c.state != "open").order_by(leads.c.id)
        return list((await connection.execute(wanted)).scalars())


async def lead_rows(database: Database, officer: Officer, state: str = "", mine: bool = False) -> list[LeadRow]:
    """Open ones first, the earliest date first."""
    row = leads.c
    wanted = select(leads).where(within(officer, row.office))
    if state:
        wanted = wanted.where(row.state == state)
    if mine:
        wanted = wanted.where(row.owner == officer.id)
    wanted = wanted.order_by(row.due.is_(None), row.due, row.found.desc(), row.id).limit(MOST)
    async with database.read() as connection:
        return [lead_row(one) for one in (await connection.execute(wanted)).mappings()]


def lead_row(one: object) -> LeadRow:
    row: dict[str, object] = dict(one)  # type: ignore[call-overload]
    return LeadRow(**{name: row[name] for name in LeadRow.__dataclass_fields__})  # type: ignore[arg-type]


async def lead_page(database: Database, officer: Officer, id_: str) -> LeadPage:
    """Without its records. Refused: not_found, also when it is another office's."""
    async with database.read() as connection:
        wanted = select(leads).where(leads.c.id == id_, within(officer, leads.c.office))
        row = (await connection.execute(wanted)).mappings().one_or_none()
        page = await page_of(connection, row, officer.language) if row is not None else None
    if page is None:
        raise Refused("not_found", 404)
    return page


async def page_of(connection: AsyncConnection, row: RowMapping, language: str) -> LeadPage | None:
    """None where its beginning was erased."""
    told = await stream_events(connection, stream(row["id"]))
    lead = fold(told)
    if lead is None:
        return None
    zone, calendar = await calendar_of(connection, row["office"])
    running = [deadline_of(clock_row(one), language) for one in lead.clocks(zone, calendar)]
    return LeadPage(row["id"], lead, deadline_of(row["clock"], language), told, clocks=running)


class InformantMessages(StreamProjector):
    """Messages to who reported something, queued in the transaction that journals them (`complaints.leads.telling`).

    Made only when the event is appended: a projection made anew sends nothing a second time.

    A projector of `lead/…`, after the one that writes the lead's own row.

    The gateway and the log are told the same kind as of any notice: whose phone it is must not stand in either.
    """

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        for entry in appended:
            if entry.type != InformantMessaged.__name__:
                continue
            messaged = typed(InformantMessaged, entry.data)
            lead = entry.stream.partition("/")[2]
            mine = select(leads.c.office).where(leads.c.id == lead)
            await put_message(
                connection,
                StoredMessage(
                    id=messaged.message,
                    office=(await connection.execute(mine)).scalar_one(),
                    session="",
                    kind=NOTICE_KIND,
                    to_sealed=messaged.phone,
                    to_masked=messaged.phone_masked,
                    text_sealed=messaged.text,
                    created=entry.at,
                    next_try=entry.at,
                    lead=lead,
                ),
            )
