"""The steps of the procedure as the office's pages ask for them. Implements `Procedure`.

Checks what the complaint itself cannot know: whose office it is, which offices there are, what day it is, and which
rooms are open. Who may ask what, and when, is for `complaints.commands` and `complaints.procedure.transitions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from complaints import WrongState, procedure as p
from complaints.complaint import deadlines, local_day
from complaints.notices import NoticeKind, standing_notices
from complaints.procedure.transitions import next_steps
from complaints.service import ComplaintService
from complaints.state import Complaint
from complaints.views import DueBoard, NoticeWish, OrdersInUse
from journal import SYSTEM
from journal.refusals import DomainError, Refused, refusal_of
from law import ORDER_121, OrderRule
from offices.people import Office, Officer, bureau_of, require_role
from rooms.commands import Cancel, StartRecess
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.vocabulary import Status
from server.complaints.notices import NoticeService
from server.complaints.office_store import working_calendar
from server.complaints.officer_store import board, older_count, older_ids
from server.db.engine import Database
from server.db.rows import offices_of
from server.identity.store import IdentityStore

log = structlog.get_logger(__name__)

_AT_ONCE = 200  # complaints read at a time
TIME_UP = 5  # the ending ground of both orders that the mediation clock has run out
ENDED, RECUSED, WITHDRAWN = (
    "mediation was ended",
    "the mediator was recused",
    "the complaint was withdrawn",
)  # go into the journal as they are


class ProcedureService:
    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        people: IdentityStore,
        database: Database,
        now: Callable[[], datetime],
        notices: NoticeService | None = None,
    ) -> None:
        """`notices` issues the one that dispatching owes the complainant."""
        self._notices = notices
        self._complaints, self._sessions, self._people = complaints, sessions, people
        self._database, self._now = database, now

    async def ask(self, officer: Officer, complaint: str, command: p.ProcedureCommand) -> None:
        state = await self.seen(officer, complaint)
        match command:
            case p.Dispatch(to):
                receiver = await self._receiver(officer, to)
                command = replace(command, within=receiver.issuer == officer.office.issuer)
                if receiver.id != state.record.office:  # what is wrong is said by the step itself
                    await self.tell_dispatch(officer, complaint, state, receiver.name, command.within)
            case p.EndMediation(ground):
                await self._endable(state, ground)
            case _:
                pass
        with refusal_of():
            await self._complaints.submit(complaint, command, officer.actor)
        match command:
            case p.EndMediation():
                await self._cancel(state, ENDED, lambda session: True)
            case p.RequestRecusal(whom=whom):
                await self._interrupt(state, whom)
            case p.DecideRecusal(granted=True) if state.recusal is not None:
                recused = state.recusal.whom
                await self._cancel(state, RECUSED, lambda session: session.mediator == recused)
            case _:
                pass

    async def withdrawn(self, complaint: str) -> None:
        """The complainant took it back: what was arranged is off, and whoever was invited is told."""
        with refusal_of():
            await self._cancel(await self._complaints.state(complaint), WITHDRAWN, lambda session: True)

    async def board(self, officer: Officer, clock: str, now: datetime) -> DueBoard:
        return await board(self._database, officer, clock, local_day(now, officer.office.zone))

    async def orders(self, officer: Officer) -> OrdersInUse:
        return OrdersInUse(self._complaints.order_rule, await older_count(self._database, officer))

    async def apply_order(self, officer: Officer, reason: str) -> tuple[int, int]:
        if self._complaints.order_rule is not OrderRule.PROCEDURE:
            raise Refused("wrong_state", 409)
        require_role(officer, "supervisor")  # as of a single complaint: `complaints.commands`
        changed, left, after = 0, 0, ""
        while ids := await older_ids(self._database, officer, after, _AT_ONCE):
            after = ids[-1]
            for complaint in ids:
                try:
                    await self._complaints.submit(complaint, p.ChooseOrder(ORDER_121.id, reason), officer.actor)
                    changed += 1
                except WrongState:  # a room already knows the grounds of the other order
                    left += 1
        return changed, left

    async def seen(self, officer: Officer, complaint: str) -> Complaint:
        """Refused: another office's complaint is not there; a supervisor's offices are those they oversee."""
        with refusal_of():
            state = await self._complaints.state(complaint)
        office = state.record.office
        if office not in await offices_of(self._database, officer):
            raise Refused("not_found", 404)
        return state

    async def _receiver(self, officer: Officer, to: str) -> Office:
        if not officer.office.intake:  # Order 121 Art 41: only the unit that receives for the bureau
            raise Refused("not_allowed", 403)
        receiver = await self._people.office(to)
        if receiver is None or to not in bureau_of(officer.office, await self._people.offices()):
            raise Refused("bad_choice", 400, field="to")
        return receiver

    async def tell_dispatch(
        self, officer: Officer, complaint: str, state: Complaint, receiver: str, within: bool = False
    ) -> None:
        """Before it leaves this office, whose notice it is. One issued by hand since it last came in is enough."""
        if self._notices is None or "dispatch" not in next_steps(state, officer.role):
            return
        known = standing_notices(state.notices, NoticeKind.DISPATCH)
        if known and (state.dispatched_at is None or known.at > state.dispatched_at):
            return
        replaces = known.issued.number if known else ""
        wish = NoticeWish(NoticeKind.DISPATCH, receiver=receiver, replaces=replaces, within=within)
        await self._notices.issue(officer, complaint, wish)

    async def _endable(self, state: Complaint, ground: int) -> None:
        office = await self._people.office(state.record.office)
        zone = office.zone if office else "Asia/Shanghai"
        calendar = await working_calendar(self._database, state.record.office)
        clock = next((one for one in deadlines(state, zone, calendar) if one.code == "mediate"), None)
        if ground == TIME_UP and clock is not None and (clock.standing or local_day(self._now(), zone) <= clock.due):
            raise Refused("too_early", 409)
        for session in await self._open(state):
            if session.under_way:
                raise Refused("session_open", 409)

    async def _open(self, state: Complaint) -> list[Session]:
        found = []
        for session in sorted(state.open_sessions):
            try:
                found.append(await self._sessions.state(session))
            except DomainError:
                log.warning("a session of a complaint is not there", session=session)
        return found

    async def _cancel(self, state: Complaint, why: str, which: Callable[[Session], bool]) -> None:
        """Sessions that have not begun; the complaint hears of each through `FollowUp`."""
        for session in await self._open(state):
            if session.status is Status.SCHEDULED and which(session):
                try:
                    await self._sessions.submit(session.id, Cancel(why), SYSTEM)
                except DomainError as no:
                    log.warning("a session was not cancelled", session=session.id, code=no.code)

    async def _interrupt(self, state: Complaint, whom: str) -> None:
        """A live session of this mediator rests; opening one or going on waits for the decision (`rooms`)."""
        for session in await self._open(state):
            if session.status is Status.LIVE and session.mediator == whom:
                try:
                    await self._sessions.submit(session.id, StartRecess(), SYSTEM)
                except DomainError as no:
                    log.warning("a session was not interrupted", session=session.id, code=no.code)
