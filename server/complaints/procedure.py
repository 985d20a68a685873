"""Steps of the procedure: as pages ask for them (`Procedure`), and what follows from a session, a message or a day.

Checks what the complaint itself cannot know: whose office it is, which offices there are, what day it is, and which
rooms are open. Who may ask what, and when, is for `complaints.commands` and `complaints.procedure.transitions`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from complaints import Busy, WrongState, procedure as p
from complaints.commands import Command, FollowCancelled, FollowClosed
from complaints.complaint import deadlines, local_day
from complaints.leads import LeadService, NoteInformantMessageLost, NoteInformantMessageTaken
from complaints.notices import BUSINESS, CONSUMER, Addressee, NoticeKind, standing_notices
from complaints.notices.messages import (
    NoteAnswerMissed,
    NoteMessageGivenUp,
    NoteMessageTaken,
    RemindOfTerm,
    TermReminded,
)
from complaints.procedure.rules import REMINDED_BEFORE, term_reminder
from complaints.procedure.transitions import next_steps
from complaints.record.identifiers import PHONE, Sealer, masked_phone, textable
from complaints.service import ComplaintService
from complaints.state import Complaint
from complaints.views import DueBoard, NoticeWish, OrdersInUse
from journal import SYSTEM, Event
from journal.refusals import DomainError, Refused, refusal_of
from law import ORDER_121, OrderRule
from offices import Office, Officer, bureau_of, require_role
from rooms.commands import Cancel, StartRecess
from rooms.events import STREAM, SessionCancelled, SessionClosed
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Side, Status, Term
from server.complaints.notices import NoticeService
from server.complaints.office_store import working_calendar
from server.complaints.officer_store import board, older_count, older_ids
from server.complaints.promise_store import overdue_answers, performing
from server.db import FollowerTooSlow
from server.db.engine import Database
from server.db.rows import offices_of
from server.identity.sign_ins import OfficerPhoneService
from server.identity.store import IdentityStore
from server.outbox import Wording, seal_wording, term_due_text, term_escalated_text, term_late_text
from server.outbox.store import StoredMessage

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


_OVER = {SessionClosed.__name__, SessionCancelled.__name__}
_AGAIN_AFTER = 2.0  # seconds
_AGAIN_AT_MOST = 60.0


class FollowUp:
    """After a session is over, its complaint follows by itself.

    Owns the task that watches sessions close, and the one that tries again what went wrong. What it missed while the
    program was down it makes up for at the start; telling a complaint twice changes nothing.

    `unfollowed` names sessions that are over while their complaint still waits for them.

    Every callable in `then` is awaited with a session its complaint has followed, also more than once; before them
    `adjourned`, with one that is to go on.
    """

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        events: Callable[[], AsyncIterator[Event]],
        unfollowed: Callable[[], Awaitable[Iterable[str]]],
        then: Sequence[Callable[[Session], Awaitable[None]]] = (),
        adjourned: Callable[[Session], Awaitable[None]] | None = None,
    ) -> None:
        self._complaints, self._sessions = complaints, sessions
        self._events, self._unfollowed, self._adjourned = events, unfollowed, adjourned
        self.then = list(then)  # whoever is put together later adds to it
        self._tasks: list[asyncio.Task[None]] = []
        self._owed: set[str] = set()  # sessions whose complaint could not be told yet
        self._owing = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._run(), name="follow-up"),
            asyncio.create_task(self._again(), name="follow-up once more"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def catch_up(self) -> None:
        for session in await self._unfollowed():
            await self._try(session)

    async def follow(self, session: str) -> None:
        """Tell the complaint how its session ended."""
        try:
            state = await self._sessions.state(session)
            command = after(state)
            if command is not None:
                await self._complaints.submit(state.complaint, command, SYSTEM)
                if isinstance(command, FollowClosed) and command.adjourned_to is not None and self._adjourned:
                    await self._adjourned(state)
                for step in self.then:
                    await step(state)
        except (DomainError, Refused) as no:
            log.warning("complaint did not follow", session=session, code=no.code)

    async def follow_each(self, sessions: Iterable[str]) -> None:
        """Of those that another server left behind: it may have ended between a session's end and this."""
        for session in sessions:
            await self._try(session)

    async def _try(self, session: str) -> bool:
        """What goes wrong with one session must not keep the others' complaints waiting."""
        try:
            await self.follow(session)
        except Exception:
            log.exception("complaint not told, trying again later", session=session)
            self._owed.add(session)
            self._owing.set()
            return False
        self._owed.discard(session)
        return True

    async def _again(self) -> None:
        pause = _AGAIN_AFTER
        while True:
            await self._owing.wait()
            await asyncio.sleep(pause)
            self._owing.clear()
            told = [await self._try(session) for session in sorted(self._owed)]
            pause = _AGAIN_AFTER if all(told) else min(_AGAIN_AT_MOST, pause * 2)

    async def _run(self) -> None:
        news = self._events()  # before catching up, so that nothing falls between the two
        while True:
            try:
                await self.catch_up()
                async for event in news:
                    if event.type in _OVER:
                        await self._try(event.stream.removeprefix(f"{STREAM}/"))
            except FollowerTooSlow:
                news = self._events()
            except Exception:
                # The disk may be full for a while; what was missed is caught up with.
                log.exception("follow-up failed, going on")
            await asyncio.sleep(_AGAIN_AFTER)


def after(session: Session) -> Command | None:
    """What a session that is over means for its complaint; None while it is not."""
    if session.status is Status.CANCELLED:
        return FollowCancelled(session.id, session.cancel_reason)
    if session.status is not Status.CLOSED or session.outcome is None:
        return None
    outcome = session.outcome
    return FollowClosed(
        session=session.id,
        outcome=outcome.kind.value,
        loss_recovered=outcome.loss_recovered,
        ground=outcome.ground,
        due=_last_due(outcome) if outcome.kind is OutcomeKind.SETTLED else None,
        adjourned_to=outcome.adjourned_to,
        mode=session.mode,
    )


def _last_due(outcome: Outcome) -> datetime | None:
    dues = [term.due for term in outcome.terms if term.performance is Performance.LATER and term.due is not None]
    return max(dues, default=None)


class NoticeOutcomeRecorder:
    """What the outbox learned of a message that tells somebody what was decided, as a fact of the complaint or the
    report that it is about: the gateway took it, or it was given up."""

    def __init__(
        self, complaints: ComplaintService, leads: LeadService, store: IdentityStore, now: Callable[[], datetime]
    ) -> None:
        self._complaints, self._leads, self._store, self._now = complaints, leads, store, now

    async def taken(self, message: StoredMessage, _reason: str) -> None:
        if message.lead:
            office = await self._store.office(message.office)
            assert office is not None
            command = NoteInformantMessageTaken(message.id, local_day(self._now(), office.zone))
            await _heard(message, self._leads.submit(message.lead, command, SYSTEM))
        else:
            await _heard(message, self._complaints.submit(message.complaint, NoteMessageTaken(message.id), SYSTEM))

    async def given_up(self, message: StoredMessage, reason: str) -> None:
        if message.lead:
            lost = NoteInformantMessageLost(message.id, reason)
            await _heard(message, self._leads.submit(message.lead, lost, SYSTEM))
        else:
            gone = NoteMessageGivenUp(message.id, reason)
            await _heard(message, self._complaints.submit(message.complaint, gone, SYSTEM))


async def _heard(message: StoredMessage, noting: Awaitable[object]) -> None:
    """Busy is raised, so that the outbox comes again; what is refused for good is only logged."""
    try:
        await noting
    except Busy:
        raise
    except DomainError as no:
        log.warning("a message is of nothing that can hear of it", id=message.id, code=no.code)


EVERY: Final = 600.0  # seconds
ZONES: Final = timedelta(days=1)  # by which an office's day may be ahead of the clock's


class Reminders:
    """What comes due by itself: promises are reminded of, and written answers that never came are noted.

    Before the day whoever owes it is told, after it the office's number and who mediated, a week late those who oversee
    the office. Nobody's name stands in such a message, nor what was promised.

    One task, every few minutes. Each step is asked of the complaint, which does it once: nothing is sent twice,
    whatever was missed while the program was down is made up for, and one complaint's fault does not hold the others
    up.

    `nudge`: messages were queued. `language`: of messages to whoever chose none.
    """

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        offices: IdentityStore,
        database: Database,
        seal: Sealer,
        nudge: Callable[[], None],
        now: Callable[[], datetime],
        language: str,
        phones: OfficerPhoneService,
    ) -> None:
        self._complaints, self._sessions, self._offices = complaints, sessions, offices
        self._database, self._seal, self._nudge, self._now = database, seal, nudge, now
        self._language, self._phones = language, phones

    async def keep_reminding(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.remind()
            except Exception:
                log.exception("reminders failed, trying again")
            await asyncio.sleep(EVERY)

    async def remind(self) -> None:
        now = self._now()
        for complaint, invitation, zone, due in await overdue_answers(self._database, now.date() + ZONES):
            if local_day(now, zone) > due:
                await self._ask(complaint, NoteAnswerMissed(invitation))
        for one in await performing(self._database, (now + REMINDED_BEFORE).date() + ZONES):
            if one.reminds(local_day(now, one.zone)):
                await self._terms(one.session, one.complaint, now)
        self._nudge()

    async def _terms(self, session: str, complaint: str, now: datetime) -> None:
        try:
            state = await self._complaints.state(complaint)
            mediation = await self._sessions.state(session)
        except DomainError as no:
            log.warning("nothing to remind of", complaint=complaint, code=no.code)
            return
        office, outcome = await self._offices.office(state.record.office), mediation.outcome
        if office is None or outcome is None or outcome.kind is not OutcomeKind.SETTLED:
            return
        today = local_day(now, office.zone)
        for n, term in enumerate(outcome.terms, 1):
            if term.performance is not Performance.LATER or term.due is None or (session, n) in state.kept_terms:
                continue
            due = local_day(term.due, office.zone)
            told = {when for of, number, when in state.reminded if (of, number) == (session, n)}
            match when := term_reminder(due, today, told):
                case "":
                    continue
                case "before":
                    to = self._before(state, office, n, term)
                case "after":
                    to = await self._after(state, office, n, term, mediation.mediator)
                case _:
                    to = await self._escalated(state, office, n, term)
            await self._ask(complaint, RemindOfTerm(TermReminded(session, n, when, to)))

    def _before(self, state: Complaint, office: Office, n: int, term: Term) -> tuple[Addressee, ...]:
        """To the side that owes it."""
        assert term.due is not None
        day = local_day(term.due, office.zone)
        found = []
        for whom, side in ((CONSUMER, Side.CONSUMER), (BUSINESS, Side.BUSINESS)):
            if term.who is not side:
                continue
            party = state.consumer if whom == CONSUMER else state.business
            language = state.language if whom == CONSUMER and state.agreed else office.writes(self._language)
            phone = self._seal.open(party.phone, PHONE) if party.phone else ""
            text = term_due_text(office, state.record.number, n, day, language)
            found.append(self._addressed(whom, party.title, phone, text))
        return tuple(found)

    async def _after(
        self, state: Complaint, office: Office, n: int, term: Term, mediator: str
    ) -> tuple[Addressee, ...]:
        """To the office, where its number takes messages, and to who mediated; the desk shows it all the same."""
        assert term.due is not None
        day, language = local_day(term.due, office.zone), office.writes(self._language)
        text = term_late_text(office, state.record.number, n, day, language)
        told = [self._addressed("office", office.name, office.phone.replace("-", ""), text)]
        if (one := await self._phones.officer(mediator)) is not None and one.phone:
            told.append(self._addressed("mediator", one.name, one.phone, text))
        return tuple(told)

    async def _escalated(self, state: Complaint, office: Office, n: int, term: Term) -> tuple[Addressee, ...]:
        """To whoever oversees the office, and is named here also without a number: the page shows it to them."""
        assert term.due is not None
        due = local_day(term.due, office.zone)
        text = term_escalated_text(office, state.record.number, n, due, office.writes(self._language))
        overseers = await self._phones.overseers(office.id)
        return tuple(self._addressed("supervisor", one.name, one.phone, text) for one in overseers)

    def _addressed(self, whom: str, name: str, phone: str, text: Wording) -> Addressee:
        if not textable(phone):
            return Addressee(whom, name, masked_phone(phone))
        return Addressee(
            whom,
            name,
            masked_phone(phone),
            uuid.uuid4().hex,
            self._seal.seal(phone, PHONE),
            seal_wording(self._seal, text),
        )

    async def _ask(self, complaint: str, command: RemindOfTerm | NoteAnswerMissed) -> None:
        try:
            await self._complaints.submit(complaint, command, SYSTEM)
        except DomainError as no:
            log.warning("a reminder was not noted", complaint=complaint, code=no.code)
