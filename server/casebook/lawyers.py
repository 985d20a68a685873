"""A lawyer comments on a case by a personal link and a code. Implements `LawyerDesk`.

Links, devices and codes are those of seats (`server.identity.link_store`), under the name `case/<case>`: looking at a
link changes nothing, one device has it, the phone the office was given gets the code. A lawyer sees the approved texts
and nothing else: not the file, not the raw texts, not who it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from casebook.case import CaseState, stream
from casebook.commands import LAWYER, GiveComment, InviteLawyer, WithdrawInvitation
from casebook.decisions import CaseService
from casebook.errors import UnknownCase
from casebook.events import Invitation
from casebook.file import CaseFile, working
from casebook.views import LawyerPage
from complaints.clocks import local_day
from complaints.record.identifiers import PHONE, masked_phone, normal_phone, textable
from journal import Actor
from journal.refusals import DomainError
from offices.people import Office, Officer
from offices.refusal import Refused
from server.casebook.service import OfficeCases, refused
from server.identity.codes import OnePhone, OneTime
from server.identity.link_store import Link, LinkStore
from server.identity.sealing import Seal, digest, link_secret
from server.identity.store import IdentityStore

PREFIX: Final = stream("")
LONGEST: Final = 60  # days a link is good for
OPEN: Final = frozenset({CaseState.APPROVED, CaseState.REVIEW})
_KEPT: Final = "link"


@dataclass(frozen=True, slots=True)
class LawyerServices:
    store: LinkStore
    offices: IdentityStore
    cases: CaseService
    desk: OfficeCases
    codes: OneTime
    seal: Seal
    now: Callable[[], datetime]
    public_url: str


class LawyerLinks:
    def __init__(self, services: LawyerServices) -> None:
        self._at = services
        self._phone = OnePhone(services.store, services.codes, services.seal, services.now, PREFIX, "comment")

    # ------------------------------------------------------------ the office

    async def invite(self, officer: Officer, case: str, name: str, firm: str, phone: str, until: date) -> str:
        at, zone = self._at, officer.office.zone
        try:
            number = normal_phone(phone)
        except DomainError:
            raise Refused("bad_phone", 400) from None
        if not textable(number):
            raise Refused("bad_phone", 400)
        now = at.now()
        today = local_day(now, zone)
        if not today < until <= today + timedelta(days=LONGEST):
            raise Refused("bad_choice", 400, field="until")
        expires = datetime.combine(until, time(23, 59, 59), ZoneInfo(zone))
        secret, invitation = link_secret(), uuid.uuid4().hex
        await at.desk.ask(officer, case, InviteLawyer(invitation, name, firm, expires))
        await at.store.issue(
            Link(
                id=invitation,
                office=officer.office.id,
                session=PREFIX + case,
                seat=invitation,
                secret_hash=digest(secret),
                secret_sealed=at.seal.seal(secret, _KEPT),
                phone_sealed=at.seal.seal(number, PHONE),
                phone_masked=masked_phone(number),
                created=now,
                created_by=officer.id,
                expires=expires,
            )
        )
        return self._url(secret)

    async def link(self, officer: Officer, case: str, invitation: str) -> str:
        page = await self._at.desk.page(officer, case)
        if page.file is None:
            raise Refused("not_found", 404)
        for link in await self._at.store.live(PREFIX + case, self._at.now()):
            if link.seat == invitation:
                return self._url(self._at.seal.open(link.secret_sealed, _KEPT))
        return ""

    async def withdraw(self, officer: Officer, case: str, invitation: str) -> None:
        await self._at.desk.ask(officer, case, WithdrawInvitation(invitation))
        await self._at.store.revoke(PREFIX + case, invitation, "withdrawn", self._at.now())

    # ------------------------------------------------------------ the lawyer

    async def look(self, secret: str) -> LawyerPage:
        """What may be seen before the code: who asks, until when."""
        return await self._page(await self._phone.by_secret(secret), verified=False)

    async def begin(self, secret: str) -> str:
        link = await self._phone.by_secret(secret)
        await self._page(link, verified=False)
        return await self._phone.begin(link)

    async def send_code(self, token: str, ip: str, language: str) -> str:
        device, link = await self._phone.held(token)
        await self._page(link, verified=False)
        return await self._phone.send_code(device, link, ip, language)

    async def check_code(self, token: str, code: str, ip: str) -> str:
        device, _ = await self._phone.held(token)
        return await self._phone.confirm(device, code, ip)

    async def seen(self, token: str) -> LawyerPage:
        device, link = await self._phone.held(token)
        return await self._page(link, device.verified_at is not None)

    async def comment(self, token: str, text: str) -> None:
        device, link = await self._phone.held(token)
        if device.verified_at is None:
            raise Refused("code_needed", 403)
        page = await self._page(link, verified=True)
        actor = Actor("party", link.seat, page.name, LAWYER, link.office)
        try:
            await self._at.cases.submit(link.session.removeprefix(PREFIX), GiveComment(link.seat, text), actor)
        except DomainError as no:
            raise refused(no) from None

    # ------------------------------------------------------------ steps of the above

    async def _page(self, link: Link, verified: bool) -> LawyerPage:
        case = link.session.removeprefix(PREFIX)
        office = await self._office(link)
        file, invitation = await self._invited(case, link)
        if link.revoked_at is not None or invitation.withdrawn:
            raise Refused("link_revoked", 410, office_name=office.name, office_phone=office.phone)
        if link.expires <= self._at.now():
            raise Refused("link_expired", 410, office_name=office.name, office_phone=office.phone)
        if not verified and link.used_by is not None:
            raise Refused("link_used", 410, office_name=office.name, office_phone=office.phone)
        return LawyerPage(
            office=office,
            name=invitation.name,
            phone=link.phone_masked,
            verified=verified,
            expires=link.expires,
            open=file.state in OPEN,
            case=working(case, file) if verified and file.texts else None,
            comment=invitation.comment if verified else "",
        )

    async def _invited(self, case: str, link: Link) -> tuple[CaseFile, Invitation]:
        try:
            file = await self._at.cases.state(case)
        except UnknownCase:
            raise Refused("link_unknown", 404) from None
        invitation = file.invitation(link.seat)
        if invitation is None:
            raise Refused("link_unknown", 404)
        return file, invitation

    async def _office(self, link: Link) -> Office:
        office = await self._at.offices.office(link.office)
        if office is None:
            raise Refused("link_foreign", 404)
        return office

    def _url(self, secret: str) -> str:
        return f"{self._at.public_url}/l/{secret}"
