"""Personal links to seats, and the devices that came through them. With `codes`, implements `Links`.

A link's secret has 144 bits (192 in links from before); its digest finds it and a sealed copy lets the office show
it again. Looking at a link changes nothing, so previews and scanners may fetch it as often as they like. What a link
is good for is decided by its row and by the session's own state together.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from complaints.record.identifiers import PHONE, masked_phone, textable
from journal.refusals import DomainError, Refused, Throttle, UnknownSession
from offices import Office, Officer
from rooms import Outdated
from rooms.commands import ConfirmByVoice, CorrectPhone, IssueLink, MoveSeat, OpenLink, RevokeLink
from rooms.joining.invitations import Guest, LinkOwner
from rooms.live.registry import Sessions
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.views import IssuedLink, VoiceConfirmation
from rooms.vocabulary import Role, SeatStatus, Status
from server.complaints.service import OfficeComplaints
from server.identity import Seal, digest, fresh_token, link_secret
from server.identity.codes import Codes
from server.identity.link_store import Code, Device, Link, LinkStore
from server.identity.store import IdentityStore
from server.outbox import InvitationText, invitation_text
from server.outbox.service import OutboxService
from server.outbox.store import StoredMessage

_WHOLE = re.compile(r"[A-Za-z0-9_-]{24}(?:[A-Za-z0-9_-]{8})?")  # how a secret is written, and was
GOOD_AFTER_START = timedelta(hours=12)
APART_OUTLASTS = timedelta(days=7)
"""Links of an asynchronous mediation, its end date: nothing ends before the mediator has decided what becomes of it."""
TOKEN_LASTS = timedelta(minutes=10)
"""Of an address that is copied into another browser."""
_KEPT = "link"  # the purpose link secrets are sealed for
READ_ALOUD = 4  # digits by which an officer tells a device that was begun from others of the same link
_READ_ALOUD = "number read aloud"


@dataclass(frozen=True, slots=True)
class LinkServices:
    """What links stand on."""

    store: LinkStore
    offices: IdentityStore
    sessions: Sessions
    contacts: OfficeComplaints
    outbox: OutboxService
    seal: Seal
    now: Callable[[], datetime]
    public_url: str  # without a trailing slash
    language: str = "zh"  # of messages
    demanded: Callable[[str, Role], str] | None = None  # `Codes`


@dataclass(frozen=True, slots=True)
class _Begun(Guest):
    """A guest with all that was read to know them; it is the same guest whatever has happened to that."""

    device: Device = field(compare=False, repr=False)
    by: Link = field(compare=False, repr=False)
    state: Session = field(compare=False, repr=False)


class JoinLinks:
    def __init__(self, services: LinkServices) -> None:
        self._services = services
        at = services
        self._codes = Codes(at.store, at.outbox, at.seal, at.now, at.language, at.demanded)
        self._begins = Throttle(30, timedelta(hours=1), "too_many_tries")
        self._copies = Throttle(30, timedelta(hours=1), "too_many_tries")
        # Row and session must agree which link is the newest: two who issue at once take turns.
        self._turn = asyncio.Lock()

    # ------------------------------------------------------------ the office

    async def issue(
        self, officer: Officer, session: str, seat: str, send: bool, replaces: str | None = None
    ) -> IssuedLink:
        """`replaces`: the link that was seen to stand, "" for none; where another press was quicker, its link."""
        at, state = self._services, await self._own(officer, session)
        phone = await self._phone(state, seat)
        if send and not textable(phone):
            raise Refused("no_phone")
        now, secret = at.now(), link_secret()
        link = Link(
            id=uuid.uuid4().hex,
            office=state.office,
            session=session,
            seat=seat,
            secret_hash=digest(secret),
            secret_sealed=at.seal.seal(secret, _KEPT),
            phone_sealed=at.seal.seal(phone, PHONE) if phone else "",
            phone_masked=masked_phone(phone),
            created=now,
            created_by=officer.id,
            expires=_good_until(state, now),
        )
        message = self._invitation(officer, state, link, phone, secret) if send else None
        async with self._turn:
            side, known = state.seats[seat].role in (Role.CONSUMER, Role.BUSINESS), state.seats[seat].seat.phone
            if side and known != link.phone_masked:  # corrected while the link before was in use
                await at.sessions.submit(session, CorrectPhone(seat, link.phone_masked), officer.actor)
            try:
                await at.sessions.submit(session, IssueLink(seat, link.id, link.expires, replaces), officer.actor)
            except Outdated:
                standing = await self._standing(await self._session(session), seat)
                if standing is None:  # of another process, which has yet to keep it
                    raise Refused("busy", 409) from None
                return self._issued(standing, at.seal.open(standing.secret_sealed, _KEPT))
            await at.store.issue(link, message)
        at.outbox.nudge()
        return self._issued(link, secret)

    async def send(self, officer: Officer, session: str, seat: str) -> None:
        """The standing link once more, to the number on file; a first one where none stands. Nothing is replaced.
        Refused: no_phone, link_used."""
        state = await self._own(officer, session)
        phone, link = await self._phone(state, seat), await self._standing(state, seat)
        if not textable(phone):
            raise Refused("no_phone")
        other = link is not None and link.phone_sealed and self._services.seal.open(link.phone_sealed, PHONE) != phone
        if link is None or (other and link.used_by is None):
            await self.issue(officer, session, seat, send=True, replaces=state.seats[seat].link)
        elif other:
            raise Refused("link_used", 409)  # by whoever confirmed on the number before: it opens for nobody else
        else:
            await self._carry(officer, state, link, phone)

    async def follow_number(self, officer: Officer, session: str, seat: str) -> None:
        """The number on file is another. A link that went to the old one, and that nobody confirmed, gives way to a
        fresh one; where there was no number to send it to, it stays and is sent."""
        state = await self._own(officer, session)
        phone, link = await self._phone(state, seat), await self._standing(state, seat)
        if link is None or link.used_by is not None:
            return
        if link.phone_sealed:
            await self.issue(officer, session, seat, textable(phone), replaces=link.id)
        else:
            await self._carry(officer, state, link, phone)

    async def is_held(self, session: str, seat: str) -> bool:
        """Whether somebody has confirmed that the seat's standing link is theirs."""
        link = await self._standing(await self._session(session), seat)
        return link is not None and link.used_by is not None

    async def _carry(self, officer: Officer, state: Session, link: Link, phone: str) -> None:
        """Send a link as it is; codes of one that nobody confirmed go to this number from now on."""
        at = self._services
        secret = at.seal.open(link.secret_sealed, _KEPT)
        message = self._invitation(officer, state, link, phone, secret, "again") if textable(phone) else None
        number = None if link.used_by else (at.seal.seal(phone, PHONE), masked_phone(phone))
        await at.store.carry(link.id, number, message)
        at.outbox.nudge()

    async def _phone(self, state: Session, seat: str) -> str:
        """On file, in full; "" for none."""
        if seat not in state.seats:
            raise Refused("unknown_seat", 404)
        sealed = (await self._services.contacts.of_session(state.complaint, state.id)).get(seat, "")
        return self._services.seal.open(sealed, PHONE) if sealed else ""

    async def phone(self, guest: Guest) -> str:
        """On file for who came by a link, or ""."""
        return await self._phone(await self._session(guest.session), guest.seat.id)

    async def _standing(self, state: Session, seat: str) -> Link | None:
        live = await self._services.store.live(state.id, self._services.now())
        return next((one for one in live if one.seat == seat and state.seats[seat].link == one.id), None)

    async def whose(self, secret: str) -> LinkOwner:
        """Of a link in whatever state it is. Refused(404): link_unknown, link_foreign."""
        found = await self._services.store.invited(digest(secret))
        if found is None:
            raise await self._unknown("link_foreign" if _WHOLE.fullmatch(secret) else "link_unknown")
        link, office = found
        session = await self._session(link.session)
        return LinkOwner(office, session, session.seats[link.seat], self._fault(link, session))

    async def issue_first(self, officer: Officer, session: str) -> None:
        """A link for every seat that never had one, sent where a message can be. Asking again changes nothing."""
        state, had = await self._own(officer, session), await self._services.store.ever(session)
        for seat in state.seats.values():
            if seat.signs_in or seat.id in had:
                continue
            try:
                await self.issue(officer, session, seat.id, send=True, replaces=seat.link)
            except Refused as no:
                if no.code != "no_phone":
                    raise
                await self.issue(officer, session, seat.id, send=False, replaces=seat.link)

    async def extend(self, session: str, until: datetime) -> None:
        """Its mediation was moved: links that stand are good until then at least, and so are their devices."""
        await self._services.store.extend(session, until, self._services.now())

    async def addresses(self, session: str) -> dict[str, str]:
        """Where the standing link of each seat leads; for messages to who holds it."""
        state = await self._session(session)
        return {
            link.seat: self._url(self._services.seal.open(link.secret_sealed, _KEPT))
            for link in await self._services.store.live(session, self._services.now())
            if link.seat in state.seats and state.seats[link.seat].link == link.id
        }

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        """Nobody but those who may issue a link may see one: it lets its holder begin in another's name."""
        state = await self._own(officer, session, reading=True)
        if officer.role != "mediator":
            return {}
        live = await self._services.store.live(session, self._services.now())
        return {
            link.seat: self._issued(link, self._services.seal.open(link.secret_sealed, _KEPT))
            for link in live
            if link.seat in state.seats and state.seats[link.seat].link == link.id
        }

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None:
        state = await self._own(officer, session)
        if seat not in state.seats:
            raise Refused("unknown_seat", 404)
        if not reason.strip():
            raise Refused("missing", 400, field="reason")
        async with self._turn:
            # The row first: from here on the link lets nobody in, whatever becomes of the entry in the journal.
            await self._services.store.revoke(session, seat, reason, self._services.now())
            if link := (await self._session(session)).seats[seat].link:
                await self._services.sessions.submit(session, RevokeLink(seat, link, reason), officer.actor)

    # ------------------------------------------------------------ the invited

    async def look(self, secret: str, used: bool = False) -> Guest:
        link, office, session = await self._invited(secret, used)
        return _guest(link, session.seats[link.seat], office)

    async def appointment(self, secret: str) -> tuple[Office, Session, str]:
        found = await self._services.store.invited(digest(secret))
        if found is None:
            raise await self._unknown("link_foreign" if _WHOLE.fullmatch(secret) else "link_unknown")
        link, office = found
        session = await self._session(link.session)
        code = self._fault(link, session)
        off = session.status is Status.CANCELLED and link.revoked_at is None
        if code not in ("", "link_used") and not off:
            raise _no(code, office)
        return office, session, session.seats[link.seat].name

    async def begin(self, secret: str, moves: bool = False) -> str:
        link, office, session = await self._invited(secret, moves)
        guest = _guest(link, session.seats[link.seat], office)
        self._begins.pass_(link.id)
        token = fresh_token()
        device = Device(uuid.uuid4().hex, digest(token), link.id, self._services.now(), link.expires)
        await self._services.store.open(device)
        await self._services.sessions.submit(guest.session, OpenLink(guest.link), guest.actor)
        return token

    async def copied(self, device: str) -> str:
        held = await self._begun(device)
        secret = self._services.seal.open(held.by.secret_sealed, _KEPT)
        if not held.verified:
            return self._url(secret)  # nothing is bound to this browser yet
        self._copies.pass_(held.link)
        token, now = link_secret(), self._services.now()
        await self._services.store.send_code(_moving(token, held.by, held.device.id, now), None)
        # Behind the "#": a browser sends it to nobody, neither as an address nor as a Referer.
        return f"{self._url(secret)}#{token}"

    async def move(self, secret: str, token: str) -> str:
        link, office, session = await self._invited(secret, used=True)
        guest, now, fresh = _guest(link, session.seats[link.seat], office), self._services.now(), fresh_token()
        if link.used_by is None:
            raise Refused("token_over", 410)
        to = Device(uuid.uuid4().hex, digest(fresh), link.id, now, link.expires, verified_at=now)
        if not await self._services.store.move(_moving(token, link, link.used_by, now), to, link.used_by, now):
            raise Refused("token_over", 410)
        await self._moved(guest, to)
        return fresh

    async def came_by(self, device: str) -> str:
        """Where the link of a device leads, which may have ended. Refused as `refusal` where the link is no good."""
        link = await self._services.store.came_by(digest(device)) if device else None
        if link is None:
            raise Refused("no_invitation", 401)
        if (code := self._fault(link, await self._session(link.session))) not in ("", "link_used"):
            raise _no(code, await self._office(link))
        return self._url(self._services.seal.open(link.secret_sealed, _KEPT))

    async def guest(self, device: str) -> Guest | None:
        return await self.by_device(digest(device)) if device else None

    async def by_device(self, device: str) -> Guest | None:
        """As `guest`, from the digest of the token: for whoever was let in with it and is asked about again."""
        return await self._known(device)

    async def refusal(self, device: str) -> Refused:
        return await self.refusal_by_device(digest(device)) if device else Refused("no_invitation", 401)

    async def refusal_by_device(self, device: str) -> Refused:
        link = await self._services.store.came_by(device)
        if link is None:
            return Refused("no_invitation", 401)
        # Where nothing is wrong with the link itself, another browser has taken the seat.
        code = self._fault(link, await self._session(link.session)) or "link_used"
        return _no(code, await self._office(link), back=code == "link_used")

    async def send_code(self, device: str, ip: str, guest: Guest | None = None) -> str:
        begun = await self._begun(device, guest)
        return await self._codes.send(self._services.sessions, begun.device, begun.by, begun, ip)

    async def check_code(self, device: str, code: str, ip: str, guest: Guest | None = None) -> str:
        begun = await self._begun(device, guest)
        holder = begun.by.used_by
        token = await self._codes.check(self._services.sessions, begun.device, begun, code, ip, holder)
        if holder not in (None, begun.device.id):
            await self._moved(begun, begun.device)
        return token

    # ------------------------------------------------------------ by voice

    async def by_voice(self, device: str) -> VoiceConfirmation:
        held = (await self._begun(device)).device
        return VoiceConfirmation(self._number(held), held.vouched_at is not None, held.vouched_at)

    async def vouch(self, officer: Officer, session: str, seat: str, number: str, recognised: str) -> None:
        state, now = await self._own(officer, session), self._services.now()
        if seat not in state.seats:
            raise Refused("unknown_seat", 404)
        link = next((one for one in await self._services.store.live(session, now) if one.seat == seat), None)
        if link is None or state.seats[seat].link != link.id:
            raise Refused("link_revoked", 410)
        # While nobody meets, whose device it is may have to be shown anew on each visit.
        again = link.used_by if apart_on(state) is not None else None
        opened = await self._services.store.opened(link.id, now)
        begun = [one for one in opened if one.verified_at is None or one.id == again]
        meant = [one for one in begun if self._number(one) == number]
        if len(meant) != 1:
            raise Refused("no_such_device", 409, several=len(meant) > 1)
        # The journal first: a device that goes on without an entry would be one whose code nobody ever saw.
        await self._services.sessions.submit(session, ConfirmByVoice(seat, recognised), officer.actor)
        if not await self._services.store.vouch(meant[0], now, link.used_by):
            raise Refused("link_used", 410)

    async def go_on(self, device: str) -> str:
        begun = await self._begun(device)
        token = fresh_token()
        if not await self._services.store.go_on(begun.device.id, digest(token), self._services.now()):
            raise Refused("code_needed", 403)
        if _came_later(begun.device, begun.by):
            await self._moved(begun, begun.device)
        return token

    def _number(self, device: Device) -> str:
        return f"{int(self._services.seal.hash(device.id, _READ_ALOUD)[:12], 16) % 10**READ_ALOUD:0{READ_ALOUD}d}"

    # ------------------------------------------------------------ steps of the above

    async def _begun(self, device: str, guest: Guest | None = None) -> _Begun:
        """A device whose link is still good. One that began while another had used it is to take its place."""
        found = guest if isinstance(guest, _Begun) else await self._known(digest(device)) if device else None
        if found is None:
            raise await self.refusal(device)
        code = self._fault(found.by, found.state)
        if code not in ("", "link_used"):
            raise _no(code, found.office)
        return found

    async def _known(self, device: str) -> _Begun | None:
        """Whose device this is, by the digest of its token, read once; None while its link or its seat is no good."""
        found = await self._services.store.held(device, self._services.now())
        if found is None:
            return None
        held, link, office = found
        try:
            session = await self._services.sessions.state(link.session)
        except UnknownSession:
            return None
        seat = session.seats.get(link.seat)
        if link.revoked_at is not None or seat is None or seat.link != link.id or seat.status is SeatStatus.REMOVED:
            return None
        verified = held.verified_at is not None
        guest = _Begun(link.session, seat.seat, link.id, office, verified, held, link, session)
        if verified and held.vouched_at is None and not seat.confirmed and not session.over:
            # The program died between the code and the journal: say now what was confirmed then.
            await self._codes.confirmed(self._services.sessions, guest)
        moved = verified and link.used_by == held.id and _came_later(held, link)
        if moved and seat.device != held.id and not session.over:
            await self._moved(guest, held)  # it died between the move and the journal
        return guest

    async def _moved(self, guest: Guest, to: Device) -> None:
        way = "voice" if to.vouched_at is not None else "token" if to.verified_at == to.created else "code"
        await self._services.sessions.submit(guest.session, MoveSeat(to.id, way), guest.actor)

    async def _invited(self, secret: str, used: bool = False) -> tuple[Link, Office, Session]:
        """Refused as `look`; `used`: also a link that is in use."""
        found = await self._services.store.invited(digest(secret))
        if found is None:
            raise await self._unknown("link_foreign" if _WHOLE.fullmatch(secret) else "link_unknown")
        link, office = found
        session = await self._session(link.session)
        code = self._fault(link, session)
        if code and not (used and code == "link_used"):
            raise _no(code, office)
        return link, office, session

    def _fault(self, link: Link, session: Session) -> str:
        """Why a link is no good, "" when it is."""
        if link.revoked_at is not None:
            return "link_revoked"
        if link.expires <= self._services.now():
            return "link_expired"
        if session.over:
            return "session_over"
        seat = session.seats.get(link.seat)
        if seat is not None and seat.status is SeatStatus.REMOVED:
            return "removed"  # which took the link from the seat
        if seat is None or seat.link != link.id:
            return "link_revoked"
        return "link_used" if link.used_by is not None else ""

    async def _own(self, officer: Officer, session: str, reading: bool = False) -> Session:
        """Another office's session does not exist, for everybody who asks."""
        state = await self._session(session)
        if state.office != officer.office.id:
            raise Refused("not_found", 404)
        if not reading and officer.role != "mediator":
            raise Refused("not_allowed", 403)
        return state

    async def _session(self, session: str) -> Session:
        try:
            return await self._services.sessions.state(session)
        except DomainError:
            raise Refused("not_found", 404) from None

    async def _unknown(self, code: str) -> Refused:
        """Where one office has the house to itself, that is the one to ring."""
        offices = await self._services.offices.offices()
        known = {"office_name": offices[0].name, "office_phone": offices[0].phone} if len(offices) == 1 else {}
        return Refused(code, 404, **known)

    async def _office(self, link: Link) -> Office:
        office = await self._services.offices.office(link.office)
        if office is None:
            raise Refused("link_foreign", 404)
        return office

    def _invitation(
        self, officer: Officer, state: Session, link: Link, phone: str, secret: str, occasion: str = "first"
    ) -> StoredMessage:
        mediator = next(seat.name for seat in state.seats.values() if seat.role is Role.MEDIATOR)
        until = state.apart.until if state.apart is not None and state.apart.on else None
        invitation = InvitationText(officer.office, mediator, state.number, state.starts, self._url(secret), until)
        text = invitation_text(invitation, officer.office.writes(self._services.language))
        return self._services.outbox.compose(state.office, state.id, "link", phone, text, f"{link.id} {occasion}")

    def _issued(self, link: Link, secret: str) -> IssuedLink:
        return IssuedLink(link.id, link.session, link.seat, self._url(secret), link.expires)

    def _url(self, secret: str) -> str:
        return f"{self._services.public_url}/j/{secret}"


def _good_until(state: Session, now: datetime) -> datetime:
    """A session begun late, or whose end is moved, must not outlive its links."""
    if state.apart is not None and state.apart.on:
        return max(state.apart.until, now) + APART_OUTLASTS
    return max(state.starts, now) + GOOD_AFTER_START


def _no(code: str, office: Office, back: bool = False) -> Refused:
    """A link of this office that is no good, and whom to ring. `back`: it can be taken back to this browser."""
    more = {"back": True} if back else {}
    return Refused(code, 410, office_name=office.name, office_phone=office.phone, **more)


def _moving(token: str, link: Link, holder: str, now: datetime) -> Code:
    """What a token is kept as: found by its digest, for this link, while this device holds it. A new one of the same
    holder voids the one before, and codes that are sent void none."""
    kept, bound = digest(token), digest(f"move\n{holder}")
    return Code(kept[:32], bound, "move", link.id, "", "", kept, now, now + TOKEN_LASTS)


def _came_later(device: Device, link: Link) -> bool:
    """It began when the link was in use already."""
    return link.used_at is not None and device.created > link.used_at


def _guest(link: Link, seat: SeatState, office: Office) -> Guest:
    return Guest(link.session, seat.seat, link.id, office, verified=False)
