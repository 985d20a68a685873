"""Complaints and their mediations as the pages of the office read them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.channels.platforms import sender_clocks
from complaints.complaint import fold as fold_complaint, last_note
from complaints.procedure.transitions import next_notes, next_steps
from complaints.state import Complaint, ComplaintState
from complaints.views import (
    MOST_COUNTED,
    ComplaintFilter,
    ComplaintList,
    ComplaintRow,
    Lookalikes,
    ProcedureView,
    ShownDeadline,
    TriagePage,
)
from journal import Event
from journal.refusals import Refused
from offices import Office, Officer, bureau_of, in_scope
from recordings.views import AuditPage, RecordedComplaint, RecordingState
from rooms.commands import NoteView
from rooms.events import STREAM as SESSION, history, stream
from rooms.live.registry import Sessions
from rooms.record.rules import RecordUse, may, reader
from rooms.session import fold
from rooms.timing import measure
from rooms.views import AuditFilter, AuditList, ComplaintPage, Desk, SessionRow
from server.complaints import clock_row
from server.complaints.listing_store import lookalikes, window
from server.complaints.message_store import notices_of, telling_view, with_messages
from server.complaints.office_store import calendar_of, triage_page
from server.complaints.officer_store import handler_names, last_near
from server.complaints.promise_store import later_terms
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.rows import (
    complaint_row,
    conducted,
    deadline_of,
    deadlines_of,
    local_span,
    party,
    session_row,
    within as _within,
)
from server.db.schema import complaints, jurisdictions, known_cells, links, messages, offices, sessions
from server.rooms import store as rooms_store
from server.rooms.store import keeping, papers_of, records
from server.serving.jobs.store import Job, job_of


async def procedure_view(connection: AsyncConnection, officer: Officer, complaint: Complaint) -> ProcedureView:
    """Where a complaint stands in its procedure, for its page: a function of its fold and of the offices there are."""
    steps = list(next_steps(complaint, officer.role))
    others: list[tuple[str, str]] = []
    if "dispatch" in steps and officer.office.intake:
        rows = (await connection.execute(select(offices).order_by(offices.c.name))).mappings()
        known = [Office(**row) for row in rows]
        bureau = bureau_of(officer.office, known) - {officer.office.id}
        others = [(one.id, one.name) for one in known if one.id in bureau]
    cells: list[tuple[str, str]] = []
    if "transfer" in steps and (officer.office.intake or not await _receives(connection)):
        cell = known_cells.c
        mine = cell.office == officer.office.id, cell.revoked_at.is_(None)
        wanted = select(cell.id, cell.name).where(*mine).order_by(cell.name)
        cells = [(row.id, row.name) for row in await connection.execute(wanted)]
    without = {step for step, to in (("dispatch", others), ("transfer", cells)) if not to}
    steps = [step for step in steps if step not in without]
    return ProcedureView(
        state=complaint.state.value,
        steps=steps,
        testing=complaint.tested.body if complaint.tested else "",
        testing_since=complaint.tested.begun if complaint.tested else None,
        recusal_by=complaint.recusal.by if complaint.recusal else "",
        recusal_since=complaint.recusal.at if complaint.recusal else None,
        delegated=complaint.delegated,
        disputed=complaint.disputed.other if complaint.disputed else "",
        dispatched=bool(complaint.intake),
        split=bool(complaint.report),
        offices=others,
        cells=cells,
        transfers=complaint.transfers,
    )


async def _seen(connection: AsyncConnection, officer: Officer) -> list[Office]:
    seen = select(offices).where(_within(officer, offices.c.id)).order_by(offices.c.name)
    return [Office(**row) for row in (await connection.execute(seen)).mappings()]


async def _receives(connection: AsyncConnection) -> bool:
    """Whether some office receives for the bureau."""
    return (await connection.execute(select(offices.c.id).where(offices.c.intake).limit(1))).first() is not None


PAGE_SIZE = 50
REGISTER_MOST = 20_000  # rows of a register as a file
REGISTER_PART = 500
DESK_MOST = 50  # rows of a list on the desk
DUE_MOST = 12
PERFORMING_MOST = 12  # settlements, each of which is read for what was promised
DUE_LATE = 4  # rows that stay for what is late, where what is due now would fill the list
COMING_MOST = 10
_UNDER_WAY = ("live", "recess")
_OPEN = ("registered", "accepted", "mediating")


class SqlReads:
    """What pages read: `Reads` over the projected tables and the journal, each officer within their offices.

    A method is one transaction of a constant number of queries, whatever the length of the list. Another office's
    record is answered exactly like one that does not exist.

    `data` is the data folder; a look at a record goes through `sessions`, which journals it.
    """

    def __init__(
        self, database: Database, sessions: Sessions, data: Path, now: Callable[[], datetime], away: bool = False
    ) -> None:
        """`away`: the home of files is a store, so what is not here is there."""
        self._database = database
        self._sessions = sessions
        self._recordings, self._away = data / "recordings", away
        self._now = now

    async def desk(self, officer: Officer, now: datetime) -> Desk:
        """Mediations are the officer's own, those still to come first; complaints are the office's."""
        zone = ZoneInfo(officer.office.zone)
        today = now.astimezone(zone).date()
        begins, ends = local_span(today, today, officer.office.zone)
        session, complaint = sessions.c, complaints.c
        running, own = session.status.in_(_UNDER_WAY), session.mediator == officer.id
        held_today = (
            select(sessions)
            .where(
                _within(officer, session.office),
                own,
                or_(running, (session.starts >= begins) & (session.starts < ends) & (session.status != "cancelled")),
            )
            .order_by(session.status.not_in(("scheduled", *_UNDER_WAY)), session.starts, session.id)
        )
        coming_later = (
            select(sessions)
            .where(_within(officer, session.office), own, session.status == "scheduled", session.starts >= ends)
            .order_by(session.starts, session.id)
        )
        async with self._database.read() as connection:
            _, calendar = await calendar_of(connection, officer.office.id)
        # One that was scheduled for a day gone by and never opened is not coming any more.
        coming = select(session.complaint).where(
            _within(officer, session.office),
            or_(running, (session.status == "scheduled") & (session.starts >= begins)),
        )
        mine = _within(officer, complaint.office)
        is_open = (mine, complaint.state.in_(_OPEN))
        earliest_first = (complaint.next_due.is_(None), complaint.next_due, complaint.received, complaint.id)
        # The most urgent of each state in the order of an index; all that are open would be read to be sorted.
        next_of = [
            select(complaint.id)
            .where(mine, complaint.state == state, complaint.id.not_in(coming))
            .order_by(complaint.next_due.nulls_last(), complaint.received, complaint.id)
            .limit(DESK_MOST)
            .subquery()
            for state in _OPEN
        ]
        urgent = union_all(*(select(one.c.id) for one in next_of))
        waiting = select(complaints).where(complaint.id.in_(urgent)).order_by(*earliest_first).limit(DESK_MOST)
        near = (_within(officer, complaint.office), complaint.next_due <= last_near(calendar, today))
        parts = (complaint.next_due < today, complaint.next_due >= today)  # a backlog does not hide what is due today
        due = select(
            union_all(
                *(
                    select(select(complaints).where(*near, part).order_by(*earliest_first).limit(DUE_MOST).subquery())
                    for part in parts
                )
            ).subquery()
        )
        counted = select(
            func.count(),
            func.coalesce(func.sum(case((complaint.next_due < today, 1), else_=0)), 0),
            func.coalesce(func.sum(case((complaint.next_due == today, 1), else_=0)), 0),
        ).where(*near)
        # Few are coming, and those that are open are counted from an index: what is left is not gone through.
        all_open = select(func.count()).where(*is_open).scalar_subquery()
        all_coming = select(func.count()).where(*is_open, complaint.id.in_(coming)).scalar_subquery()
        performing = (
            select(sessions)
            .join(complaints, session.complaint == complaint.id)
            .where(mine, complaint.state == "performing", _within(officer, session.office), session.performing)
            .order_by(session.promises_due.is_(None), session.promises_due, session.id)
        )
        owed = (_within(officer, complaint.office), complaint.telling != "")
        to_tell = select(complaints).where(*owed).order_by(*earliest_first)
        async with self._database.read() as connection:
            all_near, late, due_today = (await connection.execute(counted)).one()
            still = await _session_rows(connection, performing.limit(PERFORMING_MOST + 1))
            promised = await later_terms(connection, [(one.id, one.complaint) for one in still[:PERFORMING_MOST]])
            return Desk(
                today=await _with_deliveries(connection, await _session_rows(connection, held_today.limit(DESK_MOST))),
                waiting=await _complaint_rows(connection, waiting, officer),
                due=_readable(await _complaint_rows(connection, due, officer), today),
                performing=still[:PERFORMING_MOST],
                performing_more=len(still) > PERFORMING_MOST,
                promised=[one for one in promised if not one.kept],
                coming=await _session_rows(connection, coming_later.limit(COMING_MOST)),
                late=late,
                due_today=due_today,
                near=all_near,
                waiting_all=(await connection.execute(select(all_open - all_coming))).scalar_one(),
                untold=await _complaint_rows(connection, to_tell.limit(DUE_MOST), officer),
                untold_all=(await connection.execute(select(func.count()).where(*owed))).scalar_one(),
            )

    async def complaints(self, officer: Officer, wanted: ComplaintFilter) -> ComplaintList:
        today = self._now().astimezone(ZoneInfo(officer.office.zone)).date()
        async with self._database.read() as connection:
            mine = await _seen(connection, officer)
            ids = in_scope(wanted.office, mine)
            zone, calendar = await calendar_of(connection, officer.office.id)
            soon = last_near(calendar, today)
            places = await window(connection, wanted, ids, zone, today, soon, officer.id)
            begins = (max(wanted.page, 1) - 1) * PAGE_SIZE
            shown = places[:MOST_COUNTED][begins : begins + PAGE_SIZE]
            rows = select(complaints).where(complaints.c.place.in_(shown)).order_by(complaints.c.place.desc())
            return ComplaintList(
                rows=await _complaint_rows(connection, rows, officer),
                total=min(len(places), MOST_COUNTED),
                page_size=PAGE_SIZE,
                older=places[MOST_COUNTED - 1] if len(places) > MOST_COUNTED else None,
                offices=mine,
            )

    async def complaint_register(self, officer: Officer, wanted: ComplaintFilter) -> tuple[list[ComplaintRow], bool]:
        """All windows of the list, and whether there is more than `REGISTER_MOST`."""
        today = self._now().astimezone(ZoneInfo(officer.office.zone)).date()
        found: list[ComplaintRow] = []
        async with self._database.read() as connection:
            ids = in_scope(wanted.office, await _seen(connection, officer))
            zone, calendar = await calendar_of(connection, officer.office.id)
            soon = last_near(calendar, today)
            while True:
                places = await window(connection, wanted, ids, zone, today, soon, officer.id)
                shown = places[:MOST_COUNTED]
                for begins in range(0, len(shown), REGISTER_PART):
                    part = shown[begins : begins + REGISTER_PART]
                    rows = select(complaints).where(complaints.c.place.in_(part)).order_by(complaints.c.place.desc())
                    found += await _complaint_rows(connection, rows, officer)
                if len(places) <= MOST_COUNTED or len(found) >= REGISTER_MOST:
                    return found, len(places) > MOST_COUNTED
                wanted = replace(wanted, before=shown[-1])

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        async with self._database.read() as connection:
            return await _complaint_page(connection, officer, complaint, self._now())

    async def require_seen(self, officer: Officer, complaint: str) -> None:
        """Refused(404) as `complaint`, which costs a page's worth more."""
        wanted = select(complaints.c.id).where(complaints.c.id == complaint, _within(officer, complaints.c.office))
        async with self._database.read() as connection:
            await _one(connection, wanted)

    async def state(self, officer: Officer, complaint: str) -> Complaint:
        """What rules are asked about. Refused(404) as `complaint`, of which it reads a tenth."""
        async with self._database.read() as connection:
            return (await _told(connection, officer, complaint))[2]

    async def triage(self, officer: Officer, complaint: str) -> TriagePage:
        async with self._database.read() as connection:
            *_, state = await _told(connection, officer, complaint)
            return await triage_page(connection, state.record, state.triaged)

    async def require_area(self, area: str) -> None:
        """Refused(400) bad_choice when no office has it; "" is none, which is allowed."""
        if not area:
            return
        async with self._database.read() as connection:
            known = await connection.execute(select(jurisdictions.c.id).where(jurisdictions.c.id == area))
            if known.first() is None:
                raise Refused("bad_choice", 400, field="jurisdiction")

    async def lookalikes(self, officer: Officer, complaint: str) -> Lookalikes:
        """What the desk shows of a complaint that may be one of several of the same dispute."""
        return await lookalikes(self._database, officer, complaint)

    async def session(self, officer: Officer, session: str) -> SessionRow:
        async with self._database.read() as connection:
            (row,) = await _with_deliveries(connection, [await _session(connection, officer, session)])
            return row

    async def record(self, officer: Officer, session: str, use: RecordUse) -> SessionRow:
        async with self._database.read() as connection:
            return await _record(connection, officer, session, use)

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList:
        async with self._database.read() as connection:
            return await records(connection, officer, wanted)

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        await self.record(officer, session, RecordUse.READ)  # whoever may not see the record leaves no mark in it
        if part:
            await self._sessions.submit(session, NoteView(part), officer.actor)
        async with self._database.read() as connection:
            row = await _session(connection, officer, session)
            events = await stream_events(connection, stream(session))
            filed = await _filed(connection, officer, row.complaint)
            job = await job_of(connection, "compose", session)
        entries = history(events)
        state = fold(entries)
        assert state is not None  # the row is its projection
        return AuditPage(
            session=state,
            row=row,
            complaint=RecordedComplaint(
                complaint_row(filed, officer.language),
                filed["law_order"],
                filed["request"],
                party(filed["consumer"]),
                party(filed["business"]),
            ),
            events=events,
            timing=measure(entries, self._now()),
            recording=await self._film(events, job),
            keeping=await keeping(self._recordings, session, entries, self._away),
        )

    async def recording(self, officer: Officer, session: str) -> RecordingState:
        async with self._database.read() as connection:
            await _record(connection, officer, session, RecordUse.WATCH)
            told = await rooms_store.composition_facts(connection, f"{SESSION}/{session}")
            job = await job_of(connection, "compose", session)
        return await self._film(told, job)

    async def _film(self, told: Sequence[Event], job: Job | None) -> RecordingState:
        found = partial(rooms_store.composition_progress, self._recordings, told, job, self._away)
        return await asyncio.to_thread(found)


# ---------------------------------------------------------------- queries


async def _session_rows(connection: AsyncConnection, wanted: Select[Any]) -> list[SessionRow]:
    return [session_row(row) for row in (await connection.execute(wanted)).mappings()]


async def _with_deliveries(connection: AsyncConnection, rows: Sequence[SessionRow]) -> list[SessionRow]:
    """With the seats whose standing link's message failed. A message is found by its number: it names no seat."""
    undelivered = (
        select(links.c.session, links.c.seat)
        .join(
            messages,
            (messages.c.session == links.c.session)
            & (messages.c.to_masked == links.c.phone_masked)
            & (messages.c.created >= links.c.created),
        )
        .where(
            links.c.session.in_([row.id for row in rows]),
            links.c.revoked_at.is_(None),
            messages.c.kind == "link",
            messages.c.state.in_(("failed", "dead")),
        )
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for session, seat in await connection.execute(undelivered):
        found.setdefault(session, set()).add(seat)
    return [replace(row, undelivered=frozenset(found.get(row.id, ()))) for row in rows]


async def _complaint_rows(connection: AsyncConnection, wanted: Select[Any], officer: Officer) -> list[ComplaintRow]:
    return [complaint_row(row, officer.language) for row in (await connection.execute(wanted)).mappings()]


def _readable(due: Sequence[ComplaintRow], today: date) -> list[ComplaintRow]:
    """`DUE_MOST` of them, the earliest of what is late and of what is due now or soon."""
    ordered = sorted((one.deadline.due, one.received, one.id, one) for one in due if one.deadline)
    late = [one for day, *_, one in ordered if day < today]
    now = [one for day, *_, one in ordered if day >= today]
    late = late[: max(DUE_LATE, DUE_MOST - len(now))]
    return late + now[: DUE_MOST - len(late)]


async def _one(connection: AsyncConnection, wanted: Select[Any]) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = (await connection.execute(wanted)).mappings().one_or_none()
    if row is None:
        raise Refused("not_found", 404)
    return row


async def _session(connection: AsyncConnection, officer: Officer, session: str) -> SessionRow:
    wanted = select(sessions).where(sessions.c.id == session, _within(officer, sessions.c.office))
    return session_row(await _one(connection, wanted))


async def _record(connection: AsyncConnection, officer: Officer, session: str, use: RecordUse) -> SessionRow:
    row = await _session(connection, officer, session)
    mine = select(literal(row.complaint).in_(conducted(officer)))
    if not may(reader(officer.role, bool((await connection.execute(mine)).scalar_one())), use):
        raise Refused("not_of_the_case", 403)
    return row


async def _filed(connection: AsyncConnection, officer: Officer, complaint: str) -> Mapping[str, Any]:
    """A complaint's row."""
    return await _one(
        connection, select(complaints).where(complaints.c.id == complaint, _within(officer, complaints.c.office))
    )


async def _told(
    connection: AsyncConnection, officer: Officer, complaint: str
) -> tuple[Mapping[str, Any], list[Event], Complaint]:
    """Its row, journal and fold."""
    row = await _filed(connection, officer, complaint)
    told = await stream_events(connection, f"complaint/{complaint}")
    state = fold_complaint(told)
    assert state is not None  # the row is its projection
    return row, told, state


async def _complaint_page(
    connection: AsyncConnection, officer: Officer, complaint: str, now: datetime
) -> ComplaintPage:
    row, told, state = await _told(connection, officer, complaint)
    held = select(sessions).where(sessions.c.complaint == complaint).order_by(sessions.c.ordinal, sessions.c.id)
    rows = [dict(one) for one in (await connection.execute(held)).mappings()]
    settled = [(one["id"], complaint) for one in rows if one["performing"]]
    return ComplaintPage(
        row=complaint_row(row, officer.language),
        request=row["request"],
        facts=row["facts"],
        industry=row["industry"],
        problem=row["problem"],
        order=row["law_order"],
        consumer=party(row["consumer"]),
        business=party(row["business"]),
        record=state.record,
        attachments=state.attachments,
        agreed=state.agreed,
        answers=state.answers,
        terms=await with_messages(connection, await later_terms(connection, settled), told),
        calls=state.calls,
        undone_calls=state.undone_calls,
        deadlines=[*deadlines_of(row, officer.language), *await _sender_clocks(connection, state, officer.language)],
        settling_first=state.settling_first,
        exchanged=state.exchanged,
        sessions=[session_row(one) for one in rows],
        papers=await papers_of(connection, [one["id"] for one in rows]),
        history=told,
        notes=next_notes(state),
        last_note=last_note(state, now),
        refused=ComplaintState.REFUSED in (state.state, state.closed_from),
        triage=await triage_page(connection, state.record, state.triaged),
        procedure=await procedure_view(connection, officer, state),
        notices=(listed := await notices_of(connection, state, told)),
        telling=telling_view(state, listed),
        handlers=await handler_names(connection, complaint),
    )


async def _sender_clocks(connection: AsyncConnection, state: Complaint, language: str) -> list[ShownDeadline]:
    record = state.record
    if not (record.sources or state.exchanged.prior):
        return []
    running = sender_clocks(state, *await calendar_of(connection, record.office))
    return [deadline_of(clock_row(one), language) for one in running]
