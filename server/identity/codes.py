"""One-time codes and what a message with one says, links that one phone holds, and addresses that are good for one
person for a while."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, Literal, TypeVar

from complaints.record.identifiers import PHONE, masked_phone, textable
from journal.numbers import narrow
from journal.refusals import Refused, Throttle
from offices import Office
from rooms.commands import ConfirmIdentity, NoteCodeSent
from rooms.joining.invitations import Guest
from rooms.live.registry import Sessions
from rooms.vocabulary import Role
from server.complaints.service import OfficeComplaints
from server.identity import Seal, SealBroken, digest, fresh_token
from server.identity.link_store import Code, CodeLimit, Device, Link, LinkStore
from server.identity.sign_in_store import TicketStore
from server.outbox import Wording, code_text
from server.outbox.service import CODE_LASTS, OutboxService

TRIES_MOST = 5
_DIGITS = 6
Page = TypeVar("Page")
Purpose = Literal["file", "follow", "join", "move", "sign", "copy", "answer", "comment", "object"]
_Limit = tuple[Literal["phone_hash", "link", "ip"], int, timedelta]
_A_MINUTE, _AN_HOUR = timedelta(seconds=60), timedelta(hours=1)
_ADDRESS: _Limit = ("ip", 40, _AN_HOUR)  # a market hall's or a carrier's many share one address
_INVITED: tuple[_Limit, ...] = (("link", 1, _A_MINUTE), ("link", 5, _AN_HOUR))
_PUBLIC: Mapping[Purpose, tuple[_Limit, ...]] = {
    # Whoever asks says themselves where it goes: no phone is flooded from here.
    "file": (("phone_hash", 1, _A_MINUTE), ("phone_hash", 5, _AN_HOUR), _ADDRESS),
    # Nothing is sent but to a complaint's own number, so that it is counted by both.
    "follow": (*_INVITED, _ADDRESS),
}


class OneTime:
    """Sends and checks codes for whoever holds a device token; what a right code opens is for its owner to say."""

    def __init__(self, store: LinkStore, outbox: OutboxService, seal: Seal, now: Callable[[], datetime]) -> None:
        self._store = store
        self._outbox = outbox
        self._seal = seal
        self._now = now
        self._guesses = Throttle(60, timedelta(minutes=10), "too_many_tries")

    async def send(
        self,
        purpose: Purpose,
        device: str,
        bound: str,
        phone: str,
        text: Callable[[str, int, str], Wording],
        ip: str,
        office: str,
        session: str,
        signature: str = "",
    ) -> None:
        """Refused: too_many_codes (seconds).

        `bound`: the invitation it is counted by. An `office` of "" sends nothing and counts all the same: so nobody
        learns from limits what exists. `signature`: of its text messages, "" where the caller has not read it.
        """
        now, id = self._now(), uuid.uuid4().hex
        digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        code = Code(
            id=id,
            device=device,
            purpose=purpose,
            link=bound,
            phone_hash=self._seal.hash(phone, PHONE),
            ip=ip,
            code_hash=self._hash(id, digits),
            sent_at=now,
            expires=now + CODE_LASTS,
        )
        message = None
        if office:
            signature = signature or (await self._store.writer(office)).signs_as
            said = text(digits, int(CODE_LASTS.total_seconds()) // 60, signature)
            message = self._outbox.compose(office, session, "code", phone, said)
        limits = _PUBLIC.get(purpose, _INVITED)
        since = [CodeLimit(by, most, now - window) for by, most, window in limits]
        oldest = await self._store.send_code(code, message, since)
        if oldest is not None:
            raise Refused("too_many_codes", 429, seconds=_seconds_left(oldest, now, limits))
        self._outbox.nudge()

    async def check(self, purpose: Purpose, device: str, typed: str, ip: str) -> Code:
        """The code, not yet spent. Refused: bad_code (left), code_expired, too_many_tries."""
        self._guesses.pass_(f"from {ip}" if purpose in _PUBLIC else device)
        code = await self._store.try_code(device, self._now(), TRIES_MOST)
        if code is None:
            raise await self._why_not(device)
        given = "".join(narrow(typed).split())
        if not hmac.compare_digest(code.code_hash, self._hash(code.id, given)):
            raise Refused("bad_code", 400, left=TRIES_MOST - code.tries)
        return code

    async def _why_not(self, device: str) -> Refused:
        latest = await self._store.latest_code(device)
        if latest is not None and latest.spent_at is None and latest.tries >= TRIES_MOST:
            return Refused("too_many_tries", 429)
        return Refused("code_expired", 410)

    def _hash(self, id: str, digits: str) -> str:
        return self._seal.hash(f"{id} {digits}", "code")


class Codes:
    """One-time codes: six digits to the phone on file, good once, for ten minutes, for five tries, on one device.

    Tries are taken from the database before a code is compared, so a hundred guesses at once are five (ASVS 6.5). How
    many are sent is counted for each purpose apart: what anybody may ask for, who knows no more than a number, uses up
    nothing of what the holder of an invitation or a signer needs.
    """

    def __init__(
        self,
        store: LinkStore,
        outbox: OutboxService,
        seal: Seal,
        now: Callable[[], datetime],
        language: str,
        demanded: Callable[[str, Role], str] | None = None,
    ) -> None:
        """`demanded`: which connection has to be asked who it is, besides the code, by office and role; "" for none.
        None: nobody has to be asked."""
        self._store, self._demanded = store, demanded
        self._seal = seal
        self._now = now
        self._language = language
        self._codes = OneTime(store, outbox, seal, now)

    async def send(self, sessions: Sessions, device: Device, link: Link, guest: Guest, ip: str) -> str:
        """The masked number it went to."""
        phone = self._seal.open(link.phone_sealed, PHONE) if link.phone_sealed else ""
        if not textable(phone):
            raise Refused("no_phone", office_name=guest.office.name, office_phone=guest.office.phone)

        def text(digits: str, minutes: int, signature: str) -> Wording:
            return code_text("code", digits, minutes, signature, guest.office.writes(self._language))

        signature = guest.office.signs_as
        await self._codes.send("join", device.id, link.id, phone, text, ip, link.office, link.session, signature)
        await sessions.submit(guest.session, NoteCodeSent(), guest.actor)
        return link.phone_masked

    async def check(
        self, sessions: Sessions, device: Device, guest: Guest, typed: str, ip: str, holder: str | None = None
    ) -> str:
        """A new token for the device. The right code ends the seat's other devices; `holder` has had the link until
        now. Of two who would take it at once, one does."""
        code = await self._codes.check("join", device.id, typed, ip)
        token = fresh_token()
        if await self._store.confirm(code, digest(token), self._now(), device.expires, holder) is None:
            raise Refused("link_used", 410, office_name=guest.office.name, office_phone=guest.office.phone)
        await self.confirmed(sessions, guest)
        return token

    async def confirmed(self, sessions: Sessions, guest: Guest) -> None:
        due = "" if self._demanded is None else self._demanded(guest.office.id, guest.seat.role)
        await sessions.submit(guest.session, ConfirmIdentity("code", due), guest.actor)


def _seconds_left(oldest: datetime, now: datetime, limits: Sequence[_Limit]) -> int:
    """Until the tightest window that is still full lets go of its oldest code."""
    age = now - oldest
    open_again = [window - age for _by, _most, window in limits if window > age]
    return max(1, math.ceil(min(open_again).total_seconds())) if open_again else 1


class OnePhone(ABC, Generic[Page]):
    """What a personal link that one phone holds opens: looking at it changes nothing, and the code goes to the number
    on file.

    Links, devices and codes are those of seats (`server.identity.link_store`), told apart by a prefix of what they are
    for. Security items: 144 bits with the digest at rest, one device, a fresh token once the code was right.
    """

    def __init__(
        self,
        links: LinkStore,
        codes: OneTime,
        seal: Seal,
        now: Callable[[], datetime],
        prefix: str,
        purpose: Literal["answer", "comment", "object"],
    ) -> None:
        """`prefix`: of the `session` of its links; a link of something else is unknown here. `purpose`: of codes."""
        self._links, self._codes, self._seal, self._now = links, codes, seal, now
        self._prefix, self._purpose = prefix, purpose
        self._begins = Throttle(30, timedelta(hours=1), "too_many_tries")

    @abstractmethod
    async def _page(self, link: Link, verified: bool) -> Page:
        """What a good link shows, before and after the code. Refused: of any other (`_good`)."""

    async def _confirmed(self, link: Link) -> None:
        """The code was right on the device that has the link from now on."""

    def _good(self, link: Link, office: Office, revoked: bool, verified: bool) -> None:
        """Refused(410): link_revoked, link_expired, link_used. `revoked`: what it is for says so."""
        told = {"office_name": office.name, "office_phone": office.phone}
        if link.revoked_at is not None or revoked:
            raise Refused("link_revoked", 410, **told)
        if link.expires <= self._now():
            raise Refused("link_expired", 410, **told)
        if not verified and link.used_by is not None:
            raise Refused("link_used", 410, **told)

    async def look(self, secret: str) -> Page:
        """What may be seen before the code. Refused: link_unknown, as `_good`."""
        return await self._page(await self._by_secret(secret), False)

    async def begin(self, secret: str) -> str:
        """A token for the phone that asks for the code. Refused: as `look`, too_many_tries."""
        link = await self._by_secret(secret)
        await self._page(link, False)
        self._begins.pass_(link.id)
        token = fresh_token()
        await self._links.open(Device(uuid.uuid4().hex, digest(token), link.id, self._now(), link.expires))
        return token

    async def send_code(self, token: str, ip: str, language: str) -> str:
        """The masked number it went to. Refused: no_invitation, too_many_codes."""
        device, link = await self._held(token)
        await self._page(link, False)

        def text(digits: str, minutes: int, signature: str) -> Wording:
            return code_text("code_window", digits, minutes, signature, language)

        phone = self._seal.open(link.phone_sealed, PHONE)
        await self._codes.send(self._purpose, device.id, link.id, phone, text, ip, link.office, "")
        return link.phone_masked

    async def check_code(self, token: str, code: str, ip: str) -> str:
        """The token to go on with. Refused: bad_code, code_expired, link_used."""
        device, link = await self._held(token)
        right = await self._codes.check(self._purpose, device.id, code, ip)
        fresh = fresh_token()
        if await self._links.confirm(right, digest(fresh), self._now(), device.expires) is None:
            raise Refused("link_used", 410)
        await self._confirmed(link)
        return fresh

    async def page(self, token: str) -> Page:
        """Refused: no_invitation, as `_good`."""
        device, link = await self._held(token)
        return await self._page(link, device.verified_at is not None)

    async def known(self, token: str) -> bool:
        """Whether the code was right on this device."""
        try:
            device, _ = await self._held(token)
        except Refused:
            return False
        return device.verified_at is not None

    async def _inside(self, token: str) -> tuple[Link, Page]:
        """For what is done after the code. Refused: no_invitation, code_needed, as `_good`."""
        device, link = await self._held(token)
        if device.verified_at is None:
            raise Refused("code_needed", 403)
        return link, await self._page(link, True)

    async def _by_secret(self, secret: str) -> Link:
        link = await self._links.by_secret(digest(secret))
        if link is None or not link.session.startswith(self._prefix):
            raise Refused("link_unknown", 404)
        return link

    async def _held(self, token: str) -> tuple[Device, Link]:
        found = await self._links.device(digest(token), self._now()) if token else None
        if found is None or not found[1].session.startswith(self._prefix):
            raise Refused("no_invitation", 401)
        return found


SigningPurpose = Literal["sign", "copy"]


class SigningCodes:
    """One-time codes of signers and of those who take a copy, each bound to one purpose, one seat and one text.

    A code that was sent for another text, another seat or to join is not found here: what is looked up is the hash of
    all three. A right code is spent before anything is done with it.
    """

    def __init__(
        self,
        codes: OneTime,
        store: LinkStore,
        contacts: OfficeComplaints,
        seal: Seal,
        now: Callable[[], datetime],
        language: str,
    ) -> None:
        self._codes, self._store, self._contacts = codes, store, contacts
        self._seal, self._now, self._language = seal, now, language

    async def phone(self, complaint: str, session: str, seat: str) -> str:
        """In full; Refused "no_phone" when no message can go there."""
        sealed = (await self._contacts.of_session(complaint, session)).get(seat, "")
        phone = self._seal.open(sealed, PHONE) if sealed else ""
        if not textable(phone):
            raise Refused("no_phone")
        return phone

    async def send(
        self,
        purpose: SigningPurpose,
        office: str,
        complaint: str,
        session: str,
        seat: str,
        text: str,
        number: str,
        ip: str,
    ) -> str:
        """The masked number it went to. Refused: no_phone, too_many_codes."""
        phone = await self.phone(complaint, session, seat)
        return await self.send_to(phone, purpose, office, session, seat, text, number, ip)

    async def send_to(
        self, phone: str, purpose: SigningPurpose, office: str, session: str, seat: str, text: str, number: str, ip: str
    ) -> str:
        """As `send`, to a number that the caller knows to be the seat's."""
        template = "code_sign" if purpose == "sign" else "code_copy"
        language = (await self._store.writer(office)).writes(self._language)

        def said(code: str, minutes: int, signature: str) -> Wording:
            return code_text(template, code, minutes, signature, language, number)

        bound = _bound(purpose, session, seat, "")
        await self._codes.send(purpose, _bound(purpose, session, seat, text), bound, phone, said, ip, office, session)
        return masked_phone(phone)

    async def check(self, purpose: SigningPurpose, session: str, seat: str, text: str, typed: str, ip: str) -> None:
        """Refused: bad_code, code_expired, too_many_tries."""
        right = await self._codes.check(purpose, _bound(purpose, session, seat, text), typed, ip)
        if not await self._store.spend(right.id, self._now()):
            raise Refused("code_expired", 410)


def _bound(purpose: SigningPurpose, session: str, seat: str, text: str) -> str:
    return hashlib.sha256("\n".join((purpose, session, seat, text)).encode()).hexdigest()


COPY: Final = "copy"
NOTICE: Final = "notice"
MOST = 1000  # characters
_SHORT = re.compile(r"[A-Za-z0-9_-]{24}")  # 144 bits; a whole one is never so short


class Tickets:
    """Addresses that open something for one person and for a while, sealed under our own key.

    On a page a ticket stands whole and leaves no row anywhere. In a message a short one stands for it, found again by
    its digest: 144 bits nobody can guess, made from what it opens by a keyed digest, so that sending it again sends the
    same. Whole ones in messages sent earlier go on opening what they opened.
    """

    def __init__(self, seal: Seal, now: Callable[[], datetime], rows: TicketStore) -> None:
        self._seal, self._now, self._rows = seal, now, rows

    def write(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """URL-safe and whole; two of the same are different."""
        return self._seal.seal(json.dumps({**what, "ends": ends.isoformat()}), f"ticket {kind}").rstrip("=")

    def short(self, kind: str, what: Mapping[str, str]) -> str:
        """What `issue` gives for this; opens nothing before."""
        mac = self._seal.hash(json.dumps(dict(what), sort_keys=True), f"short ticket {kind}")
        return base64.urlsafe_b64encode(bytes.fromhex(mac)[:18]).decode()

    async def issue(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """For a message: 24 characters, URL-safe, kept before this returns."""
        secret = self.short(kind, what)
        await self._rows.keep(digest(secret), self.write(kind, what, ends), ends, self._now())
        return secret

    async def standing(self, kind: str, what: Mapping[str, str]) -> str:
        """The one that was issued for this; "" when none was or it is over."""
        secret = self.short(kind, what)
        return secret if await self.read(kind, secret) is not None else ""

    async def read(self, kind: str, ticket: str) -> dict[str, str] | None:
        """None when it is over, of another kind, or none of ours."""
        if len(ticket) > MOST:
            return None
        if _SHORT.fullmatch(ticket):
            ticket = await self._rows.ticket(digest(ticket))
        try:
            told: dict[str, str] = json.loads(self._seal.open(ticket + "=" * (-len(ticket) % 4), f"ticket {kind}"))
            return told if datetime.fromisoformat(told["ends"]) > self._now() else None
        except (SealBroken, ValueError, KeyError):
            return None
