"""Read models over the other fakes, as they are at the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from complaints.views import ComplaintFilter, ComplaintList, ComplaintRow, TriagePage
from journal.refusals import Refused
from offices import Officer
from recordings.views import AuditPage, FileKeeping, RecordedComplaint, RecordingState
from rooms import events as e
from rooms.events import history
from rooms.record.rules import RecordUse, may, reader
from rooms.session import Session
from rooms.timing import measure
from rooms.views import AuditFilter, AuditList, ComplaintPage, Desk, LaterTerm, SessionRow
from rooms.vocabulary import Performance, Role
from tests.web.fakes.desk.complaints import FakeComplaints
from tests.web.fakes.people import EAST_LAKE
from tests.web.fakes.records.sessions import FakeSessions
from web import Reads


class FakeReads(Reads):
    """Reads the other fakes as they are."""

    def __init__(self, complaints: FakeComplaints, sessions: FakeSessions) -> None:
        self.kept, self.sessions = complaints, sessions
        self.recordings: dict[str, RecordingState] = {}
        self.keepings: dict[str, FileKeeping] = {}
        self.looks: list[tuple[str, str, str]] = []  # login, session, part
        self.wanted = ComplaintFilter()  # what the list was last asked for
        self.older: int | None = None
        self.overseen: set[str] = set()  # logins of those who see every office

    def _sees(self, officer: Officer, session: Session) -> bool:
        if officer.login in self.overseen:
            return True
        return officer.role == "supervisor" or session.office == officer.office.id

    async def _rows(self, officer: Officer) -> list[SessionRow]:
        found = [await self.sessions.state(session) for session in self.sessions.streams]
        return [session_row(session) for session in found if self._sees(officer, session)]

    async def desk(self, officer: Officer, now: datetime) -> Desk:
        rows = await self._rows(officer)
        waiting = (await self.complaints(officer, ComplaintFilter())).rows
        planned = {row.complaint for row in rows}
        due = [row for row in waiting if row.deadline and (row.deadline.due - now.date()).days <= 3]
        left = [(row.deadline.due - now.date()).days for row in due if row.deadline]
        unplanned = [row for row in waiting if row.id not in planned]
        return Desk(
            today=[row for row in rows if row.starts.date() == now.date() and row.mediator_id == officer.id],
            waiting=unplanned,
            due=due,
            late=sum(days < 0 for days in left),
            due_today=left.count(0),
            near=len(due),
            waiting_all=len(unplanned),
            performing=[row for row in rows if row.outcome == "settled"],
            promised=[term for row in rows if row.outcome == "settled" for term in await self._later(row.id)],
            coming=[row for row in rows if row.status == "scheduled" and row.starts.date() > now.date()],
        )

    async def _later(self, session: str) -> list[LaterTerm]:
        outcome = (await self.sessions.state(session)).outcome
        terms = enumerate(outcome.terms if outcome else (), 1)
        return [LaterTerm(session, n, one, False) for n, one in terms if one.performance is Performance.LATER]

    async def complaints(self, officer: Officer, wanted: ComplaintFilter) -> ComplaintList:
        self.wanted = wanted
        rows = [
            kept.row
            for complaint, kept in self.kept.pages.items()
            if self.kept.offices[complaint] == officer.office.id
            and wanted.search in kept.row.number + kept.row.title + kept.row.consumer + kept.row.business
        ]
        begins = 20 * (wanted.page - 1)
        return ComplaintList(rows[begins : begins + 20], len(rows), 20, self.older, [EAST_LAKE])

    async def complaint_register(self, officer: Officer, wanted: ComplaintFilter) -> tuple[list[ComplaintRow], bool]:
        self.wanted = wanted
        return [kept.row for id_, kept in self.kept.pages.items() if self.kept.offices[id_] == officer.office.id], False

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        page = self.kept.of(officer, complaint)
        rows = [row for row in await self._rows(officer) if row.complaint == complaint]
        return replace(page, sessions=rows)

    async def triage(self, officer: Officer, complaint: str) -> TriagePage:
        page = self.kept.of(officer, complaint).triage
        assert page is not None
        return page

    async def session(self, officer: Officer, session: str) -> SessionRow:
        for row in await self._rows(officer):
            if row.id == session:
                return row
        raise Refused("not_found", 404)

    async def record(self, officer: Officer, session: str, use: RecordUse) -> SessionRow:
        row = await self.session(officer, session)
        rows = await self._rows(officer)
        conducts = any(one.complaint == row.complaint and one.mediator_id == officer.id for one in rows)
        role = "supervisor" if officer.login in self.overseen else officer.role
        if not may(reader(role, conducts), use):
            raise Refused("not_of_the_case", 403)
        return row

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList:
        rows = [
            row
            for row in await self._rows(officer)
            if wanted.mediator in ("", row.mediator_id)
            and wanted.office in ("", row.office)
            and wanted.outcome in ("", row.outcome)
        ]
        return AuditList(rows, len(rows), 20, [EAST_LAKE], [("u-zhou", "周敏")])

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        row = await self.record(officer, session, RecordUse.READ)
        if part:
            self.sessions.append(session, e.Viewed(part), actor=officer.actor)
            self.looks.append((officer.login, session, part))
        events = self.sessions.streams[session]
        state = await self.sessions.state(session)
        page = self.kept.pages[state.complaint]
        spent = measure(history(events), self.sessions.clock())
        recording = await self.recording(officer, session)
        told = RecordedComplaint(page.row, page.order, page.request, page.consumer, page.business)
        return AuditPage(state, row, told, events, spent, recording, self.keepings.get(session, FileKeeping()))

    async def recording(self, officer: Officer, session: str) -> RecordingState:
        await self.record(officer, session, RecordUse.WATCH)
        return self.recordings.get(session, RecordingState("none", 0.0, None))


def session_row(session: Session) -> SessionRow:
    names = {seat.role: seat.name for seat in session.seats.values()}
    outcome = session.outcome
    return SessionRow(
        id=session.id,
        complaint=session.complaint,
        number=session.number,
        ordinal=session.ordinal,
        title=session.title,
        office=session.office,
        mediator_id=session.mediator,
        mediator=names[Role.MEDIATOR],
        starts=session.starts,
        status=session.status,
        opened=session.opened,
        closed=session.closed_at,
        outcome=outcome.kind if outcome else "",
        loss_recovered=outcome.loss_recovered if outcome else Decimal("0.00"),
        consumer=names.get(Role.CONSUMER, ""),
        business=names.get(Role.BUSINESS, ""),
        joint_ms=0,
        seats={seat.role: seat.status for seat in session.seats.values()},
    )
