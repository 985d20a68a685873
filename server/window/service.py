"""Filing, following and withdrawing without an account. Implements `Window`.

What somebody types is only kept sealed and for an hour until a code confirmed the phone, and no file is taken before;
once sent it is a complaint that is registered. Whether a number exists is never told: a visit begins all the same, its
code is just never sent.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from complaints import UnknownComplaint
from complaints.commands import Command, Register
from complaints.complaint import open_clocks, running
from complaints.decisions import decide
from complaints.notices import CONSUMER, NoteNoticeRead
from complaints.procedure.rules import NoticeAgreed, WantNews, WithdrawComplaint
from complaints.public_views import ComplaintStanding, WindowFiling, WindowNotice, WindowVisit
from complaints.record import PartyTyped
from complaints.record.changes import Transfers
from complaints.record.identifiers import PHONE, masked_phone, normal_phone, textable
from complaints.service import Authorised, ComplaintService, Filing, written_number
from complaints.state import UNDER_WAY, Complaint, ComplaintState
from complaints.views import PrintedPaper, ReadableNotice
from journal import Actor
from journal.numbers import ascii_digits
from journal.refusals import DomainError, Refused, Throttle, refusal_of
from law import WorkingCalendar
from offices import Office
from server.complaints.attachments import AttachmentService
from server.complaints.notices import NoticeService
from server.identity import Seal, digest, fresh_token
from server.identity.codes import OneTime
from server.identity.store import IdentityStore
from server.outbox import Wording, code_text
from server.window.store import Visit, WindowQuota, WindowStore


def filing_of(typed: WindowFiling, office: Office, received: datetime) -> Filing:
    return Filing(
        office=office.id,
        prefix=office.number_prefix,
        zone=office.zone,
        channel="window",
        mode="internet",
        received=received,
        title=typed.title,
        request=typed.request,
        facts=typed.facts,
        amount=typed.amount,
        consumer=PartyTyped(typed.name, typed.phone, typed.city, typed.address, age_band=typed.age_band),
        business=PartyTyped(
            name="",
            phone=typed.business_phone,
            city=typed.business_city,
            address=typed.business_address,
            organisation=typed.business_name,
        ),
        requests=typed.requests,
        proxy=_guardian(typed),
    )


def _guardian(typed: WindowFiling) -> Authorised | None:
    if not typed.guardian:
        return None
    return Authorised(typed.guardian, typed.guardian_phone, typed.relation, guardian=True, consents=typed.consents)


PURPOSE: Final = "filing"  # drafts are sealed for
MOST: Final = 40_000  # characters of all fields together


@dataclass(frozen=True, slots=True)
class WindowDraft:
    """What somebody has typed at the window so far, sealed: fields as their form has them, and the filing made of them.

    `filing`: once everything was there and a code was sent.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    filing: WindowFiling | None = None

    def with_fields(self, fields: Mapping[str, str]) -> WindowDraft:
        """Refused: too_long. Whatever is written again has to be sent again."""
        both = {**self.fields, **fields}
        if sum(len(name) + len(value) for name, value in both.items()) > MOST:
            raise Refused("too_long", 400)
        return WindowDraft(both)

    def sealed(self, seal: Seal) -> str:
        filing = asdict(self.filing) if self.filing else None
        return seal.seal(json.dumps({"fields": self.fields, "filing": filing}, default=str), PURPOSE)


def opened_draft(sealed: str, seal: Seal) -> WindowDraft:
    if not sealed:
        return WindowDraft()
    raw: dict[str, Any] = json.loads(seal.open(sealed, PURPOSE))
    if "fields" not in raw:  # of a program before this one, an hour ago at most
        return WindowDraft(filing=_filing(raw))
    return WindowDraft(raw["fields"], _filing(raw["filing"]) if raw["filing"] else None)


def _filing(raw: dict[str, Any]) -> WindowFiling:
    amount = None if raw["amount"] is None else Decimal(raw["amount"])
    return WindowFiling(**{**raw, "amount": amount, "requests": tuple(raw["requests"])})


LASTS, LONGEST = timedelta(hours=1), timedelta(hours=12)
"""How long a visit lasts after the last page that was looked at, and however many are (ASVS 7.3)."""
_LENGTHENED_EVERY = timedelta(minutes=1)
_NUMBER = re.compile(r"([^0-9]{1,20}?)[〔\[（(]?([0-9]{4})[〕\]）)]?([0-9]{1,8})号?")
_OPEN = frozenset({ComplaintState.REGISTERED, ComplaintState.ACCEPTED, ComplaintState.MEDIATING})
_DRAFTS, _FILES = 240, 60  # an hour and address; an hour and complaint


class PublicWindow:
    def __init__(
        self,
        store: WindowStore,
        offices: IdentityStore,
        complaints: ComplaintService,
        codes: OneTime,
        seal: Seal,
        now: Callable[[], datetime],
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
        attachments: AttachmentService,
        notices: NoticeService,
        quota: WindowQuota,
        withdrawn: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """`withdrawn` is told of a complaint that was taken back."""
        self._store = store
        self._offices = offices
        self._complaints = complaints
        self._codes = codes
        self._seal = seal
        self._now = now
        self._calendar = calendar
        self._attachments = attachments
        self._notices = notices
        self._quota = quota
        self._withdrawn = withdrawn
        self._begins = Throttle(30, timedelta(hours=1), "too_many_tries")
        self._drafts = Throttle(_DRAFTS, timedelta(hours=1), "too_many_tries")
        self._files = Throttle(_FILES, timedelta(hours=1), "too_many_tries")

    async def offices(self) -> Sequence[Office]:
        return await self._offices.offices()

    # ------------------------------------------------------------ filing

    async def begin(self, ip: str) -> str:
        self._drafts.pass_(ip)
        token = fresh_token()
        await self._store.begin(self._new(token, "draft"))
        return token

    async def typed(self, token: str) -> Mapping[str, str]:
        return opened_draft((await self._unfiled(token)).draft_sealed, self._seal).fields

    async def keep(self, token: str, fields: Mapping[str, str]) -> None:
        visit = await self._unfiled(token)
        draft = opened_draft(visit.draft_sealed, self._seal).with_fields(fields)
        if not await self._store.write(visit.id, draft.sealed(self._seal), self._now() + LASTS):
            raise Refused("window_over", 410)

    async def file(self, token: str, filing: WindowFiling, ip: str) -> None:
        visit = await self._unfiled(token)
        office = await self._offices.office(filing.office)
        if office is None:
            raise Refused("bad_choice", 400, field="office")
        try:
            phone = normal_phone(filing.phone, "phone")
            decide(Register(self._complaints.record(filing_of(filing, office, self._now()))), None, self._now())
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        if not textable(phone):
            raise Refused("bad_phone", 400, field="phone")
        self._begins.pass_(ip)
        draft = WindowDraft(opened_draft(visit.draft_sealed, self._seal).fields, filing)
        addressed = replace(
            visit,
            purpose="file",
            office=office.id,
            draft_sealed=draft.sealed(self._seal),
            expires=self._now() + LASTS,
        )
        addressed = self._to(addressed, f"file {phone}", phone)
        if not await self._store.file(addressed):
            raise Refused("window_over", 410)
        await self._send(addressed, ip, filing.language)

    # ------------------------------------------------------------ following

    async def follow(self, number: str, phone: str, ip: str, language: str) -> str:
        try:
            phone = normal_phone(phone, "phone")
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        self._begins.pass_(ip)
        office, complaint = await self._found(number, phone)
        token = fresh_token()
        # One budget however a number is written, also one that does not exist: or writing it otherwise would tell.
        bound = f"follow {_canonical(number)} {phone}"
        visit = self._to(replace(self._new(token, "follow"), office=office, complaint=complaint), bound, phone)
        await self._store.begin(visit)
        await self._send(visit, ip, language)
        return token

    async def visit(self, token: str) -> WindowVisit:
        visit = await self._visit(token)
        return WindowVisit(
            _purpose(visit),
            visit.phone_masked,
            visit.verified_at is not None,
            max(0, int((self._until(visit) - self._now()).total_seconds())),
        )

    async def send_again(self, token: str, ip: str, language: str) -> None:
        visit = await self._visit(token)
        if visit.purpose == "draft":
            raise Refused("window_over", 410)
        await self._send(visit, ip, language)

    async def confirm(self, token: str, code: str, ip: str) -> str:
        visit = await self._visit(token)
        right = await self._codes.check(_purpose(visit), visit.id, code, ip)
        rotated, now = fresh_token(), self._now()
        if not await self._store.confirm(visit.id, right.id, digest(rotated), now, now + LASTS):
            raise Refused("code_expired", 410)
        await self._complaint(await self._visit(rotated))
        return rotated

    async def standing(self, token: str, language: str) -> ComplaintStanding:
        _, state, office = await self._known(token)
        visit = await self._visit(token)
        calendar = await self._calendar(office.id)
        current = running(state, office.zone, calendar)
        if state.state in UNDER_WAY:  # what the complainant waits for, also while they are still to be told
            heeded = {one.code: one for one in open_clocks(state, office.zone, calendar)}
            current = heeded.get("mediate", current)
        article = "" if current is None else current.article_en if language.startswith("en") else current.article_zh
        bureau, number = _elsewhere(state.transfers)
        return ComplaintStanding(
            office=office,
            number=state.record.number,
            title=state.record.title,
            business=state.business.title,
            state=state.state.value,
            received=state.record.received,
            due=current.due if current else None,
            article=article,
            withdrawn=state.withdrawn,
            can_withdraw=state.state in _OPEN and not state.transfers.rests,
            can_attach=(state.state in _OPEN or state.state is ComplaintState.PERFORMING) and not state.transfers.rests,
            files=[one for one in state.attachments if one.by == CONSUMER],
            notices=[
                WindowNotice(one.issued.notice, one.issued.kind, one.issued.number, one.at, CONSUMER in one.read_by)
                for one in reversed(state.notices)
                if one.standing and any(to.whom == CONSUMER for to in one.issued.to)
            ]
            if self._own(visit, state)
            else [],
            news=state.news,
            fresh=visit.purpose == "file",
            bureau=bureau,
            number_there=number,
        )

    async def withdraw(self, token: str, reason: str) -> None:
        complaint, state, _ = await self._known(token)
        if state.state not in _OPEN:
            raise Refused("wrong_state", 409)
        await self._submit(complaint, state, WithdrawComplaint(reason))
        if self._withdrawn is not None:
            await self._withdrawn(complaint)

    async def want_news(self, token: str, wanted: bool, language: str) -> None:
        complaint, state, _ = await self._known(token)
        await self._submit(complaint, state, WantNews(wanted, language))

    # ------------------------------------------------------------ files and notices

    async def require_room(self, address: str, size: int) -> None:
        """Before a body of `size` bytes is read. Refused: window_quota."""
        await self._quota.require(address, size)

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str:
        complaint, state, _ = await self._known(token)
        self._files.pass_(complaint)
        await self._quota.take(address, (await self._visit(token)).phone_hash, len(content))
        about = "performance" if state.state is ComplaintState.PERFORMING else "evidence"
        return await self._attachments.put(_consumer(state), complaint, name, content, about, key=key)

    async def detach(self, token: str, attachment: str, reason: str) -> None:
        complaint, state, _ = await self._known(token)
        await self._attachments.drop(_consumer(state), complaint, attachment, reason)

    async def notice(self, token: str, notice: str) -> ReadableNotice:
        complaint, state = await self._addressed(token)
        readable = await self._notices.readable(complaint, notice, CONSUMER)
        await self._submit(complaint, state, NoteNoticeRead(notice, CONSUMER))
        return readable

    async def notice_file(self, token: str, notice: str) -> PrintedPaper:
        complaint, state = await self._addressed(token)
        printed = await self._notices.paper(complaint, notice, CONSUMER)
        await self._submit(complaint, state, NoteNoticeRead(notice, CONSUMER))
        return printed

    # ------------------------------------------------------------ parts

    def _new(self, token: str, purpose: str) -> Visit:
        now = self._now()
        return Visit(
            id=uuid.uuid4().hex,
            token_hash=digest(token),
            purpose=purpose,
            office="",
            complaint="",
            bound="",
            phone_sealed="",
            phone_masked="",
            phone_hash="",
            draft_sealed="",
            created=now,
            expires=now + LASTS,
        )

    def _to(self, visit: Visit, bound: str, phone: str) -> Visit:
        """With the number its code goes to; `bound`: what codes are counted by besides."""
        return replace(
            visit,
            bound=self._seal.hash(bound, "window"),
            phone_sealed=self._seal.seal(phone, PHONE),
            phone_masked=masked_phone(phone),
            phone_hash=self._seal.hash(phone, PHONE),
        )

    def _own(self, visit: Visit, state: Complaint) -> bool:
        """Where the complaint went into another's, its papers are the other's."""
        return visit.phone_hash in (state.consumer.phone_key, *(one.phone_key for one in state.record.joint))

    async def _addressed(self, token: str) -> tuple[str, Complaint]:
        complaint, state, _ = await self._known(token)
        if not self._own(await self._visit(token), state):
            raise Refused("not_found", 404)
        return complaint, state

    async def _submit(self, complaint: str, state: Complaint, command: Command) -> None:
        with refusal_of():
            await self._complaints.submit(complaint, command, _consumer(state))

    async def _send(self, visit: Visit, ip: str, language: str) -> None:
        def text(digits: str, minutes: int, signature: str) -> Wording:
            return code_text("code_window", digits, minutes, signature, language)

        phone = self._seal.open(visit.phone_sealed, PHONE)
        await self._codes.send(_purpose(visit), visit.id, visit.bound, phone, text, ip, visit.office, "")

    async def _visit(self, token: str) -> Visit:
        visit = await self._store.visit(digest(token), self._now()) if token else None
        if visit is None:
            raise Refused("window_over", 410)
        expires = self._until(visit)
        if expires - visit.expires > _LENGTHENED_EVERY:
            await self._store.lengthen(visit.id, expires)
        return visit

    def _until(self, visit: Visit) -> datetime:
        return min(self._now() + LASTS, visit.created + LONGEST)

    async def _unfiled(self, token: str) -> Visit:
        visit = await self._visit(token)
        if visit.purpose == "follow" or visit.verified_at is not None:
            raise Refused("window_over", 410)
        return visit

    async def _found(self, number: str, phone: str) -> tuple[str, str]:
        """(office, complaint), both "" unless the phone is the complainant's own and takes messages."""
        found = await self._store.numbered(_canonical(number))
        if found is None or not textable(phone):
            return "", ""
        complaint, office = found
        record = (await self._complaints.state(complaint)).record
        mine = self._seal.hash(phone, PHONE)
        if mine not in (record.consumer.phone_key, *(person.phone_key for person in record.joint)):
            return "", ""
        return office, complaint

    async def _known(self, token: str) -> tuple[str, Complaint, Office]:
        visit = await self._visit(token)
        if visit.verified_at is None:
            raise Refused("code_needed", 403)
        complaint = await self._complaint(visit)
        state = await self._complaints.state(complaint)
        if state.merged is not None:  # one number serves: how the one it went into stands
            complaint = state.merged.id
            state = await self._complaints.state(complaint)
        office = await self._offices.office(state.record.office)
        if office is None:
            raise Refused("window_over", 410)
        return complaint, state, office

    async def _complaint(self, visit: Visit) -> str:
        """The visit's complaint; a draft whose phone is confirmed is registered now, also after a crash in between."""
        if not visit.draft_sealed:
            return visit.complaint
        try:
            await self._complaints.state(visit.id)
        except UnknownComplaint:
            office = await self._offices.office(visit.office)
            typed = opened_draft(visit.draft_sealed, self._seal).filing
            if office is None or typed is None:
                raise Refused("window_over", 410) from None
            actor = Actor("party", CONSUMER, typed.name, CONSUMER, office.id)
            agreed = NoticeAgreed(typed.agreed, typed.language)
            received = visit.verified_at or visit.created
            await self._complaints.register(filing_of(typed, office, received), actor, visit.id, agreed)
        await self._store.filed(visit.id, visit.id)
        return visit.id


def _canonical(number: str) -> str:
    """A complaint's number as the office writes it, whatever brackets, spaces and noughts it was typed with."""
    bare = re.sub(r"\s+", "", ascii_digits(number))[:64]
    parts = _NUMBER.fullmatch(bare)
    return written_number(parts[1], int(parts[2]), int(parts[3])) if parts else bare


def _purpose(visit: Visit) -> Literal["file", "follow"]:
    return "follow" if visit.purpose == "follow" else "file"


def _elsewhere(transfers: Transfers) -> tuple[str, str]:
    """The bureau that has it or is being sent it, and its number there; "" twice while it is this office's."""
    if transfers.away is not None:
        receipt = transfers.away.acknowledged
        return transfers.away.sent.name, receipt.number if receipt is not None else ""
    if transfers.came is not None and transfers.came.returned is not None:
        return transfers.came.received.name, transfers.came.received.number
    return "", ""


def _consumer(state: Complaint) -> Actor:
    return Actor("party", CONSUMER, state.consumer.name, CONSUMER, state.record.office)
