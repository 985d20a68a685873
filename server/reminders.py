"""What comes due by itself: promises are reminded of, and written answers that never came are noted.

Before the day whoever owes it is told, after it the office's number and who mediated, a week late those who oversee the
office. Nobody's name stands in such a message, nor what was promised.

One task, every few minutes. Each step is asked of the complaint, which does it once: nothing is sent twice, whatever
was missed while the program was down is made up for, and one complaint's fault does not hold the others up.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from complaints.clocks import local_day
from complaints.complaint import Complaint
from complaints.errors import ComplaintError
from complaints.notices.answers import NoteAnswerMissed
from complaints.notices.notice import BUSINESS, CONSUMER, Addressee
from complaints.notices.questions import AFTER, BEFORE, ESCALATED, RemindOfTerm, TermReminded
from complaints.procedure.aftercare import ESCALATED_AFTER
from complaints.record.identifiers import PHONE, Sealer, masked_phone, textable
from complaints.service import ComplaintService
from journal import SYSTEM
from rooms.errors import RoomError
from rooms.vocabulary import OutcomeKind, Performance, Side, Term
from server.identity.officer_phones import OfficerPhones
from server.outbox.outbox import TEXT
from server.outbox.texts import term_due_text, term_escalated_text, term_late_text
from server.storage.awaited import overdue, performing
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore
from web.ports import Office, Sessions

log = structlog.get_logger(__name__)

EVERY: Final = 600.0  # seconds
AHEAD: Final = timedelta(days=1)


class Reminders:
    """`nudge`: messages were queued. `language`: of messages to whoever chose none."""

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
        phones: OfficerPhones,
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
        for complaint, invitation, zone, due in await overdue(self._database, now.date() + timedelta(days=1)):
            if local_day(now, zone) > due:
                await self._ask(complaint, NoteAnswerMissed(invitation))
        for session, complaint in await performing(self._database):
            await self._terms(session, complaint, now)
        self._nudge()

    async def _terms(self, session: str, complaint: str, now: datetime) -> None:
        try:
            state = await self._complaints.state(complaint)
            mediation = await self._sessions.state(session)
        except (ComplaintError, RoomError) as no:
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
            when = AFTER if today > due else BEFORE if today >= due - AHEAD else ""
            if today > due + ESCALATED_AFTER and (session, n, AFTER) in state.reminded:
                when = ESCALATED
            if when and (session, n, when) not in state.reminded:
                match when:
                    case "before":
                        told = self._before(state, office, n, term)
                    case "after":
                        told = await self._after(state, office, n, term, mediation.mediator)
                    case _:
                        told = await self._escalated(state, office, n, term)
                await self._ask(complaint, RemindOfTerm(TermReminded(session, n, when, told)))

    def _before(self, state: Complaint, office: Office, n: int, term: Term) -> tuple[Addressee, ...]:
        """To the side that owes it."""
        assert term.due is not None
        day = local_day(term.due, office.zone)
        found = []
        for whom, side in ((CONSUMER, Side.CONSUMER), (BUSINESS, Side.BUSINESS)):
            if term.who is not side:
                continue
            party = state.consumer if whom == CONSUMER else state.business
            language = state.language if whom == CONSUMER and state.agreed else self._language
            phone = self._seal.open(party.phone, PHONE) if party.phone else ""
            text = term_due_text(office, state.record.number, n, day, language)
            found.append(self._addressed(whom, party.title, phone, text))
        return tuple(found)

    async def _after(
        self, state: Complaint, office: Office, n: int, term: Term, mediator: str
    ) -> tuple[Addressee, ...]:
        """To the office, where its number takes messages, and to who mediated; the desk shows it all the same."""
        assert term.due is not None
        text = term_late_text(office, state.record.number, n, local_day(term.due, office.zone), self._language)
        told = [self._addressed("office", office.name, office.phone.replace("-", ""), text)]
        if (one := await self._phones.officer(mediator)) is not None and one.phone:
            told.append(self._addressed("mediator", one.name, one.phone, text))
        return tuple(told)

    async def _escalated(self, state: Complaint, office: Office, n: int, term: Term) -> tuple[Addressee, ...]:
        """To whoever oversees the office, and is named here also without a number: the page shows it to them."""
        assert term.due is not None
        due = local_day(term.due, office.zone)
        text = term_escalated_text(office, state.record.number, n, due, self._language)
        overseers = await self._phones.overseers(office.id)
        return tuple(self._addressed("supervisor", one.name, one.phone, text) for one in overseers)

    def _addressed(self, whom: str, name: str, phone: str, text: str) -> Addressee:
        if not textable(phone):
            return Addressee(whom, name, masked_phone(phone))
        return Addressee(
            whom,
            name,
            masked_phone(phone),
            uuid.uuid4().hex,
            self._seal.seal(phone, PHONE),
            self._seal.seal(text, TEXT),
        )

    async def _ask(self, complaint: str, command: RemindOfTerm | NoteAnswerMissed) -> None:
        try:
            await self._complaints.submit(complaint, command, SYSTEM)
        except ComplaintError as no:
            log.warning("a reminder was not noted", complaint=complaint, code=no.code)
