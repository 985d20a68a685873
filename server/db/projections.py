"""What pages list, kept in step with the journal: every projector there is, and making their rows anew (`rebuild`).

Tables have their owners. A row is a pure function of its stream; a fold already made is remembered, so that an append
costs its own events and not the whole stream again.
"""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update

from complaints.complaint import fold
from complaints.state import stream as complaint_stream
from server.casebook import case_index_store
from server.casebook.store import CaseRows, CollectionRows, NoteRows
from server.cells.store import CellDeliveries
from server.complaints import clocks_beside, filed_complaint, listing_store
from server.complaints.exchange.store import CaseTellings, ExchangeTellings
from server.complaints.listing_store import ListedRows, keep_complaint_row, place_unread, store_clocks
from server.complaints.message_store import NewsMessages, NoticeMessages
from server.complaints.office_store import AreaRows, HolidayRows, calendar_of
from server.complaints.officer_store import HandlerRows
from server.complaints.projection import ComplaintProjection, ComplaintWriter
from server.complaints.promise_store import AwaitedRows, PromiseRows, SettledRows
from server.db.engine import Database
from server.db.journal import EventBatch, Projector, stream_events, streams_events
from server.db.rows import ClosedSessions, SessionRows
from server.db.schema import (
    acts,
    answers_awaited,
    approvals,
    call_wishes,
    case_collections,
    case_notes,
    cases,
    clocks,
    complaints,
    consultations,
    events,
    handlers,
    holiday_notices,
    hotspots,
    jurisdictions,
    lead_records,
    leads,
    marks_coming,
    mediation_measures,
    plan_places,
    plans,
    promises,
    public_bulletins,
    public_warnings,
    publicity,
    respondent_conduct,
    respondent_joins,
    respondent_marks,
    reviews,
    sessions,
    source_numbers,
)
from server.identity.account_store import TokenRows
from server.imports.store import SourceRows
from server.insight.business_store import JoinRows, RespondentRows
from server.insight.hotspot_store import HotspotRows, IssuedRows, PublicityMessages, PublicityRows, WarningRows
from server.leads.report_store import ConsultationRows
from server.leads.store import InformantMessages, LeadRows
from server.outbox.hook_store import HookDeliveries
from server.oversight.act_store import ApprovalRows, act_rows
from server.statistics import fact_store
from server.statistics.fact_store import FactRows, forget_readable
from server.supervision.plan_store import MeasureRows, PlanRows
from server.supervision.store import ReviewRows

DATED = ("registered", "accepted", "mediating", "ended")  # states that may have a running clock
BATCH = 256  # complaints dated anew in one transaction, streams projected anew at once


def projectors(news: NewsMessages | None = None) -> list[Projector]:
    """A fresh set, for one `SqlJournal`. `news`: to complainants, where the program sends any."""
    announcing: list[ComplaintWriter] = [
        NoticeMessages(),
        HookDeliveries(),
        CellDeliveries(),
        ExchangeTellings(),
    ]
    announcing += [news] if news else []
    return [
        *_rebuildable(ComplaintProjection(_tables(), announcing)),
        InformantMessages(),
        CaseTellings(),
        PublicityMessages(),
    ]


def _tables(summed: bool = True) -> list[ComplaintWriter]:
    return [ListedRows(), FactRows(summed), SourceRows(), AwaitedRows(), RespondentRows(), PromiseRows(), HandlerRows()]


def _rebuildable(of_complaints: ComplaintProjection) -> list[Projector]:
    """Those whose rows can be made anew; a message would go out a second time. Holidays before what they date."""
    rows = SessionRows()
    return [
        rows,
        HolidayRows(),
        of_complaints,
        AreaRows(),
        LeadRows(),
        ConsultationRows(),
        ClosedSessions(rows, [SettledRows(), MeasureRows()]),
        ApprovalRows(),
        *act_rows(),
        CaseRows(),
        case_index_store.CaseEntries(),
        NoteRows(),
        CollectionRows(),
        HotspotRows(),
        WarningRows(),
        IssuedRows(),
        PublicityRows(),
        JoinRows(),
        PlanRows(),
        ReviewRows(),
        TokenRows(),
    ]


_PROJECTED = (
    acts,
    approvals,
    call_wishes,
    promises,
    handlers,
    holiday_notices,
    sessions,
    complaints,
    clocks,
    leads,
    lead_records,
    consultations,
    source_numbers,
    jurisdictions,
    answers_awaited,
    cases,
    respondent_marks,
    marks_coming,
    respondent_conduct,
    respondent_joins,
    case_notes,
    case_collections,
    hotspots,
    public_warnings,
    public_bulletins,
    publicity,
    mediation_measures,
    plans,
    plan_places,
    reviews,
)


async def rebuild(database: Database) -> int:
    """Make every projected row anew from the journal, in one transaction; how many streams."""
    async with database.write() as connection:
        told = set()
        for table in _PROJECTED:
            await connection.execute(delete(table))
        await listing_store.empty_index(connection)
        await forget_readable(connection)
        await case_index_store.rebuild(connection)
        for projector in _rebuildable(ComplaintProjection(_tables(summed=False))):
            wanted = select(events.c.stream).where(events.c.kind == projector.kind, events.c.version == 1)
            if projector.kind == AreaRows.kind:
                wanted = wanted.where(or_(*(events.c.stream.endswith(f"/{what}") for what in ("areas", "calendar"))))
            streams = list((await connection.execute(wanted.order_by(events.c.leaf))).scalars())
            told.update(streams)
            for at in range(0, len(streams), BATCH):
                entries = await streams_events(connection, streams[at : at + BATCH])
                again = [entries[stream] for stream in streams[at : at + BATCH]]
                await projector.project(connection, EventBatch(again, announced=False))
        await fact_store.refill(connection)
        return len(told)


async def catch_up(database: Database) -> int:
    """Give rows from before there was a list in order their place, marks and words; how many."""
    async with database.write() as connection:
        waiting = select(complaints.c.id).where(complaints.c.place.is_(None))
        for id_ in (found := list((await connection.execute(waiting)).scalars())):
            entries = await stream_events(connection, complaint_stream(id_))
            complaint = None if entries[0].erased else fold(entries)
            if complaint is None:
                await place_unread(connection, id_)
                continue
            now = filed_complaint(id_, complaint, *await calendar_of(connection, complaint.record.office))
            await keep_complaint_row(connection, now, now)
        return len(found)


async def date_anew(database: Database, office: str) -> int:
    """Make the rows of an office's complaints that have a clock anew, its calendar having changed; how many."""
    row, count, last = complaints.c, 0, ""
    while True:
        async with database.write() as connection:
            wanted = (
                select(row.id)
                .where(row.office == office, row.state.in_(DATED), row.id > last)
                .order_by(row.id)
                .limit(BATCH)
            )
            found = list((await connection.execute(wanted)).scalars())
            zone, calendar = await calendar_of(connection, office)
            for id_ in found:
                entries = await stream_events(connection, complaint_stream(id_))
                complaint = None if entries[0].erased else fold(entries)
                if complaint is not None:
                    dated = filed_complaint(id_, complaint, zone, calendar).row
                    await connection.execute(update(complaints).where(row.id == id_).values(dated))
                    if (beside := clocks_beside(complaint, zone, calendar)) is not None:
                        await store_clocks(connection, [(dated, beside)], {id_})
        if not found:
            return count
        count, last = count + len(found), found[-1]
