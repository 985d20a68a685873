"""Filing, following and withdrawing without an account. Implements `web.ports.Window`.

Until a code confirmed the phone, what was typed is only kept sealed and for an hour. Whether a number exists is never
told: a visit begins all the same, its code is just never sent.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from complaints.clocks import running
from complaints.commands import Register
from complaints.complaint import Complaint, State, decide
from complaints.errors import ComplaintError, UnknownComplaint
from complaints.numbers import written
from complaints.phones import PHONE, masked, normal, textable
from complaints.service import ComplaintService, Filing, Person
from complaints.withdrawing import Withdraw
from journal import Actor
from law import WorkingCalendar
from server.identity.codes import OneTime
from server.identity.sealing import Seal
from server.identity.throttle import Throttle
from server.identity.tokens import digest, fresh_token
from server.outbox.texts import window_code_text
from server.storage.identity_store import IdentityStore
from server.storage.window_store import Visit, WindowStore
from web.ports import Office, Refused
from web.ports.window import Standing, WindowFiling, WindowVisit

log = structlog.get_logger(__name__)

LASTS = timedelta(hours=1)
FORGET_EVERY = 60.0  # seconds
DRAFT = "filing"  # the purpose drafts are sealed for
_NUMBER = re.compile(r"(\D{1,20}?)[〔\[（(]?(\d{4})[〕\]）)]?(\d{1,8})号?")
_OPEN = frozenset({State.REGISTERED, State.ACCEPTED, State.MEDIATING})


class PublicWindow:
    def __init__(
        self,
        store: WindowStore,
        offices: IdentityStore,
        complaints: ComplaintService,
        codes: OneTime,
        seal: Seal,
        now: Callable[[], datetime],
        language: str,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
    ) -> None:
        self._store = store
        self._offices = offices
        self._complaints = complaints
        self._codes = codes
        self._seal = seal
        self._now = now
        self._language = language
        self._calendar = calendar
        self._begins = Throttle(30, timedelta(hours=1), "too_many_tries")

    async def keep_forgetting(self) -> None:
        """Until cancelled: what was typed and never confirmed goes when its hour is over, as the page says."""
        while True:
            try:
                await self._store.forget(self._now())
            except Exception:
                log.exception("visits to the window not forgotten, trying again")
            await asyncio.sleep(FORGET_EVERY)

    async def offices(self) -> Sequence[Office]:
        return await self._offices.offices()

    async def file(self, filing: WindowFiling, ip: str) -> str:
        office = await self._offices.office(filing.office)
        if office is None:
            raise Refused("bad_choice", 400, field="office")
        try:
            phone = normal(filing.phone, "phone")
            decide(Register(self._complaints.record(_filing(filing, office, self._now()))), None, self._now())
        except ComplaintError as no:
            raise Refused(no.code, 400, **no.params) from None
        if not textable(phone):
            raise Refused("bad_phone", 400, field="phone")
        draft = json.dumps(asdict(filing), default=str, ensure_ascii=False)
        return await self._begin("file", office.id, "", f"file {phone}", phone, draft, ip)

    async def follow(self, number: str, phone: str, ip: str) -> str:
        try:
            phone = normal(phone, "phone")
        except ComplaintError as no:
            raise Refused(no.code, 400, **no.params) from None
        office, complaint = await self._found(number, phone)
        return await self._begin("follow", office, complaint, f"follow {number.strip()} {phone}", phone, "", ip)

    async def visit(self, token: str) -> WindowVisit:
        visit = await self._visit(token)
        return WindowVisit(
            "file" if visit.purpose == "file" else "follow", visit.phone_masked, visit.verified_at is not None
        )

    async def send_again(self, token: str, ip: str) -> None:
        await self._send(await self._visit(token), ip)

    async def confirm(self, token: str, code: str, ip: str) -> str:
        visit = await self._visit(token)
        right = await self._codes.check(visit.id, code, ip)
        rotated, now = fresh_token(), self._now()
        if not await self._store.confirm(visit.id, right.id, digest(rotated), now, now + LASTS):
            raise Refused("code_expired", 410)
        await self._complaint(await self._visit(rotated))
        return rotated

    async def standing(self, token: str, language: str) -> Standing:
        _, state, office = await self._known(token)
        current = running(state, office.zone, await self._calendar(office.id))
        article = "" if current is None else current.article_en if language.startswith("en") else current.article_zh
        return Standing(
            office=office,
            number=state.record.number,
            title=state.record.title,
            business=state.business.title,
            state=state.state.value,
            received=state.record.received,
            due=current.due if current else None,
            article=article,
            withdrawn=state.withdrawn,
            can_withdraw=state.state in _OPEN,
        )

    async def withdraw(self, token: str, reason: str) -> None:
        complaint, state, _ = await self._known(token)
        if state.state not in _OPEN:
            raise Refused("wrong_state", 409)
        try:
            actor = _consumer(state.consumer.name, state.record.office)
            await self._complaints.submit(complaint, Withdraw(reason), actor)
        except ComplaintError as no:
            raise Refused(no.code, 409 if no.code == "wrong_state" else 400, **no.params) from None

    # ------------------------------------------------------------ parts

    async def _begin(
        self, purpose: str, office: str, complaint: str, bound: str, phone: str, draft: str, ip: str
    ) -> str:
        self._begins.pass_(ip)
        token, now = fresh_token(), self._now()
        visit = Visit(
            id=uuid.uuid4().hex,
            token_hash=digest(token),
            purpose=purpose,
            office=office,
            complaint=complaint,
            bound=self._seal.hash(bound, "window"),
            phone_sealed=self._seal.seal(phone, PHONE),
            phone_masked=masked(phone),
            phone_hash=self._seal.hash(phone, PHONE),
            draft_sealed=self._seal.seal(draft, DRAFT) if draft else "",
            created=now,
            expires=now + LASTS,
        )
        await self._store.begin(visit)
        await self._send(visit, ip)
        return token

    async def _send(self, visit: Visit, ip: str) -> None:
        def text(digits: str, minutes: int) -> str:
            return window_code_text(digits, minutes, self._language)

        phone = self._seal.open(visit.phone_sealed, PHONE)
        await self._codes.send(visit.id, visit.bound, phone, text, ip, visit.office, "")

    async def _visit(self, token: str) -> Visit:
        visit = await self._store.visit(digest(token), self._now()) if token else None
        if visit is None:
            raise Refused("window_over", 410)
        return visit

    async def _found(self, number: str, phone: str) -> tuple[str, str]:
        """(office, complaint), both "" unless the phone is the complainant's own and takes messages."""
        parts = _NUMBER.fullmatch(re.sub(r"\s+", "", number)[:64])
        found = await self._store.numbered(written(parts[1], int(parts[2]), int(parts[3]))) if parts else None
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
            if office is None:
                raise Refused("window_over", 410) from None
            raw: dict[str, Any] = json.loads(self._seal.open(visit.draft_sealed, DRAFT))
            amount = None if raw["amount"] is None else Decimal(raw["amount"])
            typed = WindowFiling(**{**raw, "amount": amount, "requests": tuple(raw["requests"])})
            actor = _consumer(typed.name, office.id)
            await self._complaints.register(_filing(typed, office, visit.created), actor, visit.id)
        await self._store.filed(visit.id, visit.id)
        return visit.id


def _consumer(name: str, office: str) -> Actor:
    return Actor("party", "consumer", name, "consumer", office)


def _filing(typed: WindowFiling, office: Office, received: datetime) -> Filing:
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
        consumer=Person(typed.name, typed.phone, typed.city),
        business=Person(
            name="",
            phone=typed.business_phone,
            city=typed.business_city,
            address=typed.business_address,
            organisation=typed.business_name,
        ),
        requests=typed.requests,
    )
