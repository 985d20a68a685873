"""What is said by a personal link, without an account: a business's answer, and what each side is asked afterwards.

Links, devices and codes are those of seats (`server.identity.link_store`): under the name `answer/<complaint>` looking
at a link changes nothing, one device has it, and the number on file gets the code. Links of questions,
`questions/<complaint>`, are sent by the program and need no code: their page shows the office, the number of the
complaint and the questions, nothing that a code would have to guard. Implements `AnswerDesk` and
`web.Questions`.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints import UnknownComplaint
from complaints.complaint import local_day
from complaints.decisions import decide
from complaints.notices import BUSINESS, CONSUMER, Addressee
from complaints.notices.messages import (
    ASKED_IN,
    CLOSED,
    DUE,
    SIDES,
    AddToAnswer,
    AnswerCommand,
    AnswerGiven,
    AnswerInvited,
    AnswerQuestions,
    GiveAnswer,
    InviteAnswer,
    InvitedAnswer,
    NoteAnswerOpened,
    QuestionsAnswered,
    QuestionsAsked,
    QuestionsSent,
    SendQuestions,
    WithdrawAnswer,
)
from complaints.public_views import AnswerPage, QuestionPage
from complaints.record import claims_shown
from complaints.record.identifiers import PHONE, masked_phone, textable
from complaints.service import ComplaintService
from complaints.state import Complaint
from journal import SYSTEM, Actor
from journal.refusals import DomainError, Refused, Throttle, refusal_of
from offices import Office, Officer, require_role
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Performance, Term
from server.complaints.attachments import AttachmentService
from server.complaints.promise_store import performing
from server.db.engine import Database
from server.identity import Seal, digest, link_secret
from server.identity.codes import OnePhone, OneTime
from server.identity.link_store import Link, LinkStore
from server.identity.store import IdentityStore
from server.outbox import answer_invitation_text, questions_text, seal_wording
from server.window.store import AnswerDrafts, WindowQuota

PREFIX: Final = "answer/"
LONGEST: Final = 30  # days that may be given
GOOD_AFTER_DUE: Final = timedelta(days=30)  # a late answer is better than none
_KEPT: Final = "link"
_TYPED: Final = "answer-draft"
_MOST_TYPED: Final = 20_000  # characters of all fields together: more than an answer may have, so that nothing is cut


@dataclass(frozen=True, slots=True)
class AnswerServices:
    store: LinkStore
    drafts: AnswerDrafts
    offices: IdentityStore
    complaints: ComplaintService
    codes: OneTime
    attachments: AttachmentService
    seal: Seal
    nudge: Callable[[], None]
    now: Callable[[], datetime]
    public_url: str
    quota: WindowQuota
    language: str = "zh"  # of the message


class Answers(OnePhone[AnswerPage]):
    def __init__(self, services: AnswerServices) -> None:
        super().__init__(services.store, services.codes, services.seal, services.now, PREFIX, "answer")
        self._at = services
        self._files = Throttle(60, timedelta(hours=1), "too_many_tries")

    # ------------------------------------------------------------ the office

    async def invite(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        at, state = self._at, await self._own(officer, complaint)
        phone = at.seal.open(state.business.phone, PHONE) if state.business.phone else ""
        if not textable(phone):
            raise Refused("no_business_phone", 409)
        now, zone = at.now(), officer.office.zone
        today = local_day(now, zone)
        if not today < due <= today + timedelta(days=LONGEST):
            raise Refused("bad_choice", 400, field="due")
        secret, invitation = link_secret(), uuid.uuid4().hex
        link = Link(
            id=invitation,
            office=state.record.office,
            session=PREFIX + complaint,
            seat=BUSINESS,
            secret_hash=digest(secret),
            secret_sealed=at.seal.seal(secret, _KEPT),
            phone_sealed=at.seal.seal(phone, PHONE),
            phone_masked=masked_phone(phone),
            created=now,
            created_by=officer.id,
            expires=datetime.combine(due, time(23, 59, 59), ZoneInfo(zone)) + GOOD_AFTER_DUE,
        )
        language = officer.office.writes(at.language)
        text = answer_invitation_text(officer.office, state.record.number, due, self._url(secret), language)
        to = Addressee(
            BUSINESS,
            state.business.title,
            masked_phone(phone),
            uuid.uuid4().hex,
            at.seal.seal(phone, PHONE),
            seal_wording(at.seal, text),
        )
        command = InviteAnswer(AnswerInvited(invitation, due, (to,), note.strip()))
        with refusal_of():
            decide(command, state, now)  # before the link that the business has would give way
        await at.store.issue(link)
        try:
            await self._submit(complaint, command, officer.actor)
        except BaseException:
            await at.store.revoke(link.session, BUSINESS, "not invited", now)
            raise
        at.nudge()

    async def link(self, officer: Officer, complaint: str) -> str:
        await self._own(officer, complaint)
        for link in await self._at.store.live(PREFIX + complaint, self._at.now()):
            return self._url(self._at.seal.open(link.secret_sealed, _KEPT))
        return ""

    async def withdraw(self, officer: Officer, complaint: str, invitation: str, reason: str) -> None:
        await self._own(officer, complaint)
        await self._submit(complaint, WithdrawAnswer(invitation, reason), officer.actor)
        await self._at.drafts.forget(invitation)
        await self._at.store.revoke(PREFIX + complaint, BUSINESS, reason, self._at.now())

    # ------------------------------------------------------------ the business

    async def page(self, token: str) -> AnswerPage:
        """With what was typed so far."""
        page, (_, link) = await super().page(token), await self._held(token)
        if not page.verified or page.given or not page.open:
            return page
        sealed = await self._at.drafts.of(link.id)
        return replace(page, typed=json.loads(self._at.seal.open(sealed, _TYPED))) if sealed else page

    async def keep(self, token: str, typed: Mapping[str, str]) -> None:
        link, _, state = await self._verified(token)
        if any(one.given for one in state.answers if one.invited.invitation == link.id):
            raise Refused("wrong_state", 409)
        if sum(map(len, typed.values())) > _MOST_TYPED:
            raise Refused("too_long", 400)
        sealed = self._at.seal.seal(json.dumps(dict(typed), ensure_ascii=False), _TYPED)
        await self._at.drafts.keep(link.id, sealed, link.expires)

    async def give(self, token: str, facts: str, willing: str, by: str) -> None:
        link, complaint, state = await self._verified(token)
        given = AnswerGiven(link.id, facts.strip(), willing, by.strip())
        await self._submit(complaint, GiveAnswer(given), _business(state))
        await self._at.drafts.forget(link.id)

    async def add(self, token: str, text: str) -> None:
        link, complaint, state = await self._verified(token)
        await self._submit(complaint, AddToAnswer(link.id, text.strip()), _business(state))

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str:
        link, complaint, state = await self._verified(token)
        self._files.pass_(complaint)
        await self._at.quota.take(address, state.business.phone_key or link.id, len(content))
        return await self._at.attachments.put(_business(state), complaint, name, content, "evidence", key=key)

    async def detach(self, token: str, attachment: str, reason: str) -> None:
        _, complaint, state = await self._verified(token)
        await self._at.attachments.drop(_business(state), complaint, attachment, reason)

    # ------------------------------------------------------------ steps of the above

    async def _confirmed(self, link: Link) -> None:
        complaint, state = await self._complaint(link)
        await self._submit(complaint, NoteAnswerOpened(link.id), _business(state))

    async def _verified(self, token: str) -> tuple[Link, str, Complaint]:
        link, page = await self._inside(token)
        if not page.open:
            raise Refused("wrong_state", 409)
        complaint, state = await self._complaint(link)
        return link, complaint, state

    async def _page(self, link: Link, verified: bool) -> AnswerPage:
        office = await self._office(link)
        _, state = await self._complaint(link)
        invited = next((one for one in state.answers if one.invited.invitation == link.id), None)
        self._good(link, office, invited is None or bool(invited.withdrawn), verified)
        assert invited is not None
        return self._shown(office, link, invited, state, verified)

    def _shown(self, office: Office, link: Link, answer: InvitedAnswer, state: Complaint, verified: bool) -> AnswerPage:
        return AnswerPage(
            office=office,
            business=state.business.title,
            phone=link.phone_masked,
            due=answer.invited.due,
            late=local_day(self._at.now(), office.zone) > answer.invited.due,
            open=state.state.value in ASKED_IN and state.merged is None,
            verified=verified,
            claims=claims_shown(state.record) if verified else None,
            note=answer.invited.note if verified else "",
            given=answer.given if verified else None,
            given_at=answer.given_at,
            added=answer.added if verified else (),
            files=[one for one in state.attachments if one.by == BUSINESS] if verified else [],
            typed={},
        )

    async def _complaint(self, link: Link) -> tuple[str, Complaint]:
        complaint = link.session.removeprefix(PREFIX)
        try:
            return complaint, await self._at.complaints.state(complaint)
        except UnknownComplaint:
            raise Refused("not_found", 404) from None

    async def _office(self, link: Link) -> Office:
        """Of the office that has the complaint now."""
        _, state = await self._complaint(link)
        office = await self._at.offices.office(state.record.office)
        if office is None:
            raise Refused("link_foreign", 404)
        return office

    async def _own(self, officer: Officer, complaint: str) -> Complaint:
        with refusal_of():
            state = await self._at.complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        require_role(officer, "mediator")
        return state

    async def _submit(self, complaint: str, command: AnswerCommand, actor: Actor) -> None:
        with refusal_of():
            await self._at.complaints.submit(complaint, command, actor)

    def _url(self, secret: str) -> str:
        return f"{self._at.public_url}/a/{secret}"


def _business(state: Complaint) -> Actor:
    return Actor("party", BUSINESS, state.business.title, BUSINESS, state.record.office)


log = structlog.get_logger(__name__)

QUESTIONS_PREFIX: Final = "questions/"
GOOD_FOR: Final = timedelta(days=60)
EVERY: Final = 900.0  # seconds
LATEST: Final = timedelta(days=30)  # after its end a session is not asked about any more


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
        now = self._at.now()
        for one in await performing(self._at.database, now.date()):
            try:
                if one.asks(local_day(now, one.zone)):
                    await self._due(one.session, one.complaint)
            except Exception:
                log.exception("not asked about a promise", session=one.session)

    async def _due(self, session: str, complaint: str) -> None:
        state = await self._at.complaints.state(complaint)
        office = await self._at.offices.office(state.record.office)
        outcome = (await self._at.sessions.state(session)).outcome
        if office is None or outcome is None:
            return
        today, open_terms = local_day(self._at.now(), office.zone), dict[date, list[tuple[int, Term]]]()
        for n, term in enumerate(outcome.terms, 1):
            if term.performance is Performance.LATER and term.due is not None:
                open_terms.setdefault(local_day(term.due, office.zone), []).append((n, term))
        for position, day in enumerate(sorted(open_terms)):
            terms = [(n, term) for n, term in open_terms[day] if (session, n) not in state.kept_terms]
            if terms and today > day:
                promised = [whom for whom in SIDES if any(term.who.value != whom for _, term in terms)]
                await self._send(complaint, session, DUE, open_terms[day][0][0] if position else 0, promised)

    async def _send(self, complaint: str, session: str, when: str, term: int = 0, sides: Sequence[str] = SIDES) -> None:
        at, state = self._at, await self._at.complaints.state(complaint)
        office = await at.offices.office(state.record.office)
        known = {(one.sent.session, one.sent.whom, one.sent.when, one.sent.term) for one in state.asked}
        if office is None:
            return
        for whom in sides:
            party = state.consumer if whom == CONSUMER else state.business
            phone = at.seal.open(party.phone, PHONE) if party.phone else ""
            if (session, whom, when, term) in known or not textable(phone):
                continue
            sent = QuestionsSent(uuid.uuid4().hex, whom, session, when, term=term)
            await self._invite(complaint, state, office, sent, phone)
        at.nudge()

    async def _invite(self, complaint: str, state: Complaint, office: Office, asked: QuestionsSent, phone: str) -> None:
        at, now, whom = self._at, self._at.now(), asked.whom
        secret = link_secret()
        language = state.language if whom == CONSUMER and state.agreed else office.writes(at.language)
        text = questions_text(office, state.record.number, self._url(secret), asked.when == DUE, language)
        party = state.consumer if whom == CONSUMER else state.business
        to = Addressee(
            whom,
            party.title,
            masked_phone(phone),
            uuid.uuid4().hex,
            at.seal.seal(phone, PHONE),
            seal_wording(at.seal, text),
        )
        which = f"/{asked.term}" if asked.term else ""
        link = Link(
            id=asked.invitation,
            office=office.id,
            session=QUESTIONS_PREFIX + complaint,
            seat=f"{whom}/{asked.when}/{asked.session}"[: 64 - len(which)] + which,
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
            await at.complaints.submit(complaint, SendQuestions(replace(asked, to=(to,))), SYSTEM)
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
            await self._at.complaints.submit(
                link.session.removeprefix(QUESTIONS_PREFIX), AnswerQuestions(answered), actor
            )

    async def _found(self, secret: str) -> tuple[Link, QuestionsAsked, Complaint]:
        link = await self._at.links.by_secret(digest(secret))
        if link is None or not link.session.startswith(QUESTIONS_PREFIX):
            raise Refused("link_unknown", 404)
        try:
            state = await self._at.complaints.state(link.session.removeprefix(QUESTIONS_PREFIX))
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
