"""Leads as rows: their clocks, the complaints they stand on, what became of them.

Owns `leads`, `lead_records`, and of `clocks` what is about them; projects `lead/…`. Only who verifies leads, and
supervisors, read these rows (Order 121 Art 37).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold as complaint_of, local_day
from complaints.duplicates import core
from complaints.events import typed
from complaints.insight.aftermath import Aftermath, aftermath, week_of, weeks_around
from complaints.insight.bulletin import Effect, LeadsTold
from complaints.leads import STREAM, InformantMessaged, Lead, LeadPage, LeadRecord, LeadRow, fold, stream
from complaints.record import masked_text
from complaints.record.rules import MERGED
from complaints.state import stream as complaint_stream
from complaints.statistics.figures import Period
from journal import Event
from journal.refusals import Refused
from law import Deadline
from offices import Officer
from server.complaints import clock_row
from server.complaints.message_store import NOTICE_KIND
from server.complaints.office_store import DEFAULT_ZONE, calendar_of
from server.db.engine import Database
from server.db.journal import StreamProjector, event_of, stream_events
from server.db.rows import deadline_of, local_span, within
from server.db.schema import clocks, complaint_facts, complaints, events, lead_records, leads, offices
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
    """Messages to who reported something, queued in the transaction that journals them (`complaints.leads.commands`).

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


SHOWN = 50  # records of one lead's page


async def home_of(database: Database, officer: Officer, records: Sequence[str]) -> tuple[str, list[str]]:
    """The office most of these complaints are of, and those of them that are its own, as far as the officer's offices
    reach; "" when they see none. Of equally many the first by id."""
    fact = complaint_facts.c
    wanted = select(fact.id, fact.office).where(fact.id.in_(records), within(officer, fact.office))
    async with database.read() as connection:
        found = (await connection.execute(wanted)).all()
    count: dict[str, int] = {}
    for row in found:
        count[row.office] = count.get(row.office, 0) + 1
    home = min(count, key=lambda office: (-count[office], office), default="")
    theirs = {row.id for row in found if row.office == home}
    return home, [one for one in records if one in theirs]


async def numbered(database: Database, office: str, number: str) -> str:
    """The id of an office's complaint with this number; "" when there is none."""
    wanted = select(complaints.c.id).where(complaints.c.office == office, complaints.c.number == number)
    async with database.read() as connection:
        return (await connection.execute(wanted.limit(1))).scalar_one_or_none() or ""


async def records_of(database: Database, office: str, ids: Sequence[str]) -> list[LeadRecord]:
    """The newest first, `SHOWN` at most. Only those its office still has; names and numbers of people are taken out."""
    fact = complaint_facts.c
    newest = (
        select(fact.id)
        .where(fact.id.in_(ids), fact.office == office)
        .order_by(fact.received.desc(), fact.id)
        .limit(SHOWN)
    )
    async with database.read() as connection:
        order = list((await connection.execute(newest)).scalars())
        zone = (await connection.execute(select(offices.c.zone).where(offices.c.id == office))).scalar_one_or_none()
        told = await streams_of(connection, [complaint_stream(one) for one in order])
    found = []
    for id_ in order:
        state = complaint_of(told.get(complaint_stream(id_), ()))
        if state is None:
            continue  # erased
        record = state.record
        found.append(
            LeadRecord(
                id_,
                record.number,
                local_day(record.received, zone or DEFAULT_ZONE),
                masked_text(record.title, record),
                masked_text(record.facts, record),
                record.amount,
                state.state.value if state.merged is None else MERGED,
                record.problem_class,
            )
        )
    return found


async def streams_of(connection: AsyncConnection, names: Sequence[str]) -> Mapping[str, list[Event]]:
    """Streams that can be read from their beginning."""
    wanted = select(events).where(events.c.stream.in_(names)).order_by(events.c.stream, events.c.version)
    told: dict[str, list[Event]] = {}
    for row in (await connection.execute(wanted)).mappings():
        event = event_of(row)
        if not event.erased or event.version == 1:
            told.setdefault(event.stream, []).append(event)
    return {name: entries for name, entries in told.items() if not entries[0].erased}


async def measured(
    database: Database, office: str, subject: Mapping[str, str], acted: date, today: date
) -> Aftermath | None:
    """None when the facts know no such subject. Compared with the other complaints of the same office."""
    columns = complaint_facts.c
    if not subject or any(name not in columns for name in subject):
        return None
    first, whole = weeks_around(acted, today)
    last = acted + timedelta(days=7 * whole)
    ours = and_(*(_is(columns[name], value) for name, value in sorted(subject.items())))
    span = and_(columns.office == office, columns.counted, columns.received.between(first, last))
    async with database.read() as connection:
        mine = select(columns.received, func.count().label("many")).where(span, ours).group_by(columns.received)
        counts = {row.received: row.many for row in await connection.execute(mine)}
        theirs = []
        for side in (columns.received < acted, columns.received > acted):
            others = select(func.count()).select_from(complaint_facts).where(span, side, not_(ours))
            theirs.append((await connection.execute(others)).scalar_one())
    before, after = [0] * ((acted - first).days // 7), [0] * whole
    for day, count in counts.items():
        if day != acted:
            week = week_of(day, acted)
            if week < 0:
                before[week] += count
            else:
                after[week] += count
    return aftermath(acted, before, after, (theirs[0], theirs[1]))


def _is(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """An industry is everything below it too."""
    return column.startswith(value, autoescape=True) if column.key == "industry_code" else column == value


BACK = timedelta(days=182)  # how long an action is looked back at
MOST_TOLD = 20


async def leads_told(database: Database, officer: Officer, period: Period, today: date) -> LeadsTold:
    """Days are the officer's office's. Leads opened by mistake are none."""
    row = leads.c
    first, after = local_span(period.first, period.last, officer.office.zone)
    mine = (within(officer, row.office), row.state != "withdrawn")
    opened = select(func.count()).select_from(leads).where(*mine, row.found >= first, row.found < after)
    decided = (
        select(row.outcome, func.count().label("many"))
        .where(*mine, row.state == "decided", row.decided >= first, row.decided < after)
        .group_by(row.outcome)
        .order_by(row.outcome)
    )
    acted = (
        select(row.id, row.office, row.number, row.title, row.outcome, row.acted)
        .where(*mine, row.acted >= period.first - BACK, row.acted <= period.last)
        .order_by(row.acted, row.id)
        .limit(MOST_TOLD)
    )
    async with database.read() as connection:
        many = (await connection.execute(opened)).scalar_one()
        by_outcome = [(one.outcome, one.many) for one in await connection.execute(decided)]
        found = [
            (one, fold(await stream_events(connection, stream(one.id))))
            for one in (await connection.execute(acted)).all()
        ]
    effects = []
    for one, lead in found:
        subject = lead.opened.subject if lead else {}
        aftermath = await measured(database, one.office, subject, one.acted, today)
        effects.append(Effect(one.id, one.number, one.title, one.outcome, aftermath))
    return LeadsTold(many, by_outcome, effects)
