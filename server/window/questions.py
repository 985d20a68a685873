"""Each side is asked afterwards, by a personal link: sent by the program, answered without an account or a code.

The page shows the office, the number of the complaint and the questions, and nothing that a code would have to guard.
Links are rows of `server.identity.link_store` under the name `questions/<complaint>`. Implements
`web.services.Questions`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from complaints.clocks import local_day
from complaints.complaint import Complaint
from complaints.errors import UnknownComplaint
from complaints.notices.messages import (
    CLOSED,
    DUE,
    SIDES,
    AnswerQuestions,
    QuestionsAnswered,
    QuestionsAsked,
    QuestionsSent,
    SendQuestions,
)
from complaints.notices.notice import CONSUMER, Addressee
from complaints.public_views import QuestionPage
from complaints.record.identifiers import PHONE, masked_phone, textable
from complaints.service import ComplaintService
from journal import SYSTEM, Actor
from journal.refusals import DomainError
from offices.people import Office
from offices.refusal import Refused
from offices.throttle import Throttle
from rooms.live.sessions import Sessions
from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Performance, Term
from server.complaints.promise_store import performing
from server.complaints.refusals import refusal_of
from server.db.engine import Database
from server.identity.link_store import Link, LinkStore
from server.identity.sealing import Seal, digest, link_secret
from server.identity.store import IdentityStore
from server.outbox.service import TEXT
from server.outbox.texts import questions_text

log = structlog.get_logger(__name__)

PREFIX: Final = "questions/"
GOOD_FOR: Final = timedelta(days=60)
EVERY: Final = 900.0  # seconds
LATEST: Final = timedelta(days=30)  # after its end a session is not asked about any more
_KEPT: Final = "link"


@dataclass(frozen=True, slots=True)
class QuestionServices:
    links: LinkStore
    offices: IdentityStore
    complaints: ComplaintService
    sessions: Sessions
    database: Database
    seal: Seal
    nudge: Callable[[], None]
    now: Callable[[], datetime]
    public_url: str
    language: str = "zh"  # of messages to whoever chose none


class QuestionService:
    def __init__(self, services: QuestionServices) -> None:
        self._at = services
        self._tries = Throttle(30, timedelta(hours=1), "too_many_tries")

    # ------------------------------------------------------------ sending

    async def after(self, session: Session) -> None:
        """A session is over and its complaint has followed; also called several times with the same one."""
        outcome, closed = session.outcome, session.closed_at
        if outcome is None or closed is None or outcome.kind is OutcomeKind.ADJOURNED:
            return
        if closed > self._at.now() - LATEST:
            await self._send(session.complaint, session.id, CLOSED)

    async def keep_asking(self) -> None:
        """Until cancelled: whose promise's day is over."""
        while True:
            try:
                await self.ask_due()
            except Exception:
                log.exception("asking about promises failed, trying again")
            await asyncio.sleep(EVERY)

    async def ask_due(self) -> None:
        for session, complaint in await performing(self._at.database):
            try:
                await self._due(session, complaint)
            except Exception:
                log.exception("not asked about a promise", session=session)

    async def _due(self, session: str, complaint: str) -> None:
        state = await self._at.complaints.state(complaint)
        office = await self._at.offices.office(state.record.office)
        outcome = (await self._at.sessions.state(session)).outcome
        if office is None or outcome is None:
            return
        today = local_day(self._at.now(), office.zone)
        days = [
            local_day(term.due, office.zone)
            for term in outcome.terms
            if term.performance is Performance.LATER and term.due is not None
        ]
        if days and today > min(days):
            await self._send(complaint, session, DUE)

    async def _send(self, complaint: str, session: str, when: str) -> None:
        at, state = self._at, await self._at.complaints.state(complaint)
        office = await at.offices.office(state.record.office)
        known = {(one.sent.session, one.sent.whom, one.sent.when) for one in state.asked}
        if office is None:
            return
        for whom in SIDES:
            party = state.consumer if whom == CONSUMER else state.business
            phone = at.seal.open(party.phone, PHONE) if party.phone else ""
            if (session, whom, when) in known or not textable(phone):
                continue
            await self._invite(complaint, state, office, whom, phone, session, when)
        at.nudge()

    async def _invite(
        self, complaint: str, state: Complaint, office: Office, whom: str, phone: str, session: str, when: str
    ) -> None:
        at, now = self._at, self._at.now()
        secret, invitation = link_secret(), uuid.uuid4().hex
        language = state.language if whom == CONSUMER and state.agreed else at.language
        text = questions_text(office, state.record.number, self._url(secret), when == DUE, language)
        party = state.consumer if whom == CONSUMER else state.business
        to = Addressee(
            whom,
            party.title,
            masked_phone(phone),
            uuid.uuid4().hex,
            at.seal.seal(phone, PHONE),
            at.seal.seal(text, TEXT),
        )
        link = Link(
            id=invitation,
            office=office.id,
            session=PREFIX + complaint,
            seat=f"{whom}/{when}/{session}"[:64],
            secret_hash=digest(secret),
            secret_sealed=at.seal.seal(secret, _KEPT),
            phone_sealed=at.seal.seal(phone, PHONE),
            phone_masked=masked_phone(phone),
            created=now,
            created_by="system",
            expires=now + GOOD_FOR,
        )
        await at.links.issue(link)
        try:
            await at.complaints.submit(
                complaint, SendQuestions(QuestionsSent(invitation, whom, session, when, (to,))), SYSTEM
            )
        except DomainError as no:
            log.warning("questions were not sent", complaint=complaint, code=no.code)
            await at.links.revoke(link.session, link.seat, "not sent", now)

    # ------------------------------------------------------------ answering

    async def look(self, secret: str) -> QuestionPage:
        link, asked, state = await self._found(secret)
        office = await self._at.offices.office(state.record.office)
        if office is None:
            raise Refused("link_foreign", 404)
        if link.expires <= self._at.now() or link.revoked_at is not None:
            raise Refused("link_expired", 410, office_name=office.name, office_phone=office.phone)
        promised = [term for term in await self._terms(asked.sent.session) if term.performance is Performance.LATER]
        return QuestionPage(
            office=office,
            number=state.record.number,
            whom=asked.sent.whom,
            when=asked.sent.when,
            promised=bool(promised),
            answered=asked.answered,
        )

    async def answer(self, secret: str, heard: str, satisfied: str, paid: str, talk: bool, note: str) -> None:
        self._tries.pass_(digest(secret))
        await self.look(secret)
        link, asked, state = await self._found(secret)
        answered = QuestionsAnswered(link.id, asked.sent.whom, heard, "", paid, talk, note.strip(), satisfied)
        party = state.consumer if asked.sent.whom == CONSUMER else state.business
        actor = Actor("party", asked.sent.whom, party.title, asked.sent.whom, state.record.office)
        with refusal_of():
            await self._at.complaints.submit(link.session.removeprefix(PREFIX), AnswerQuestions(answered), actor)

    async def _found(self, secret: str) -> tuple[Link, QuestionsAsked, Complaint]:
        link = await self._at.links.by_secret(digest(secret))
        if link is None or not link.session.startswith(PREFIX):
            raise Refused("link_unknown", 404)
        try:
            state = await self._at.complaints.state(link.session.removeprefix(PREFIX))
        except UnknownComplaint:
            raise Refused("link_unknown", 404) from None
        asked = next((one for one in state.asked if one.sent.invitation == link.id), None)
        if asked is None:
            raise Refused("link_unknown", 404)
        return link, asked, state

    async def _terms(self, session: str) -> Sequence[Term]:
        outcome = (await self._at.sessions.state(session)).outcome
        return outcome.terms if outcome is not None else ()

    def _url(self, secret: str) -> str:
        return f"{self._at.public_url}/q/{secret}"
