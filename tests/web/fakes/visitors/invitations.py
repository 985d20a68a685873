"""Join links and codes, kept in memory; the code is always the same."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from journal.refusals import Refused
from offices import Office, Officer
from rooms import commands as c, events as e
from rooms.joining.invitations import Guest, LinkOwner
from rooms.session import Session
from rooms.views import IssuedLink, VoiceConfirmation
from tests.web.fakes.people import CODE, EAST_LAKE, Clock
from tests.web.fakes.records.sessions import FakeSessions
from web import Links


@dataclass
class Link:
    issued: IssuedLink
    office: Office
    state: str = "live"  # live, revoked
    devices: dict[str, bool] = field(default_factory=dict)  # device token -> verified


class FakeLinks(Links):
    MOST_TRIES = 5

    def __init__(self, sessions: FakeSessions, clock: Clock, public_url: str) -> None:
        self.sessions, self.clock, self.public_url = sessions, clock, public_url
        self.links: dict[str, Link] = {}  # secret -> link
        self.sent: list[str] = []  # device tokens that a code was sent to
        self.tries: dict[str, int] = {}
        self.again: list[str] = []  # seats whose standing link was sent once more
        self.vouched: set[str] = set()  # device tokens
        self.copied_from: dict[str, str] = {}  # token of a copied address -> device token
        self._ids = itertools.count(1)

    def link(self, session: str, seat: str, office: Office = EAST_LAKE, secret: str = "") -> str:
        """A fresh link, without an officer; returns its secret."""
        secret = secret or secrets.token_urlsafe(24)
        for old in self.links.values():
            if (old.issued.session, old.issued.seat) == (session, seat):
                old.state = "revoked"
        expires = self.clock() + timedelta(days=7)
        issued = IssuedLink(f"l{next(self._ids)}", session, seat, f"{self.public_url}/j/{secret}", expires)
        self.links[secret] = Link(issued, office)
        self.sessions.append(session, e.LinkIssued(seat, issued.id, issued.expires))
        return secret

    async def issue(
        self, officer: Officer, session: str, seat: str, send: bool, replaces: str | None = None
    ) -> IssuedLink:
        return self.links[self.link(session, seat, officer.office)].issued

    async def send(self, officer: Officer, session: str, seat: str) -> None:
        self.again.append(seat)

    async def whose(self, secret: str) -> LinkOwner:
        link = self.links.get(secret)
        if link is None:
            raise Refused("link_unknown", 404)
        session, fault = await self.sessions.state(link.issued.session), ""
        try:
            await self.look(secret)
        except Refused as no:
            fault = no.code
        return LinkOwner(link.office, session, session.seats[link.issued.seat], fault)

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        live = (link for link in self.links.values() if link.state == "live")
        return {link.issued.seat: link.issued for link in live if link.issued.session == session}

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None:
        for link in self.links.values():
            if (link.issued.session, link.issued.seat, link.state) == (session, seat, "live"):
                link.state = "revoked"
                self.sessions.append(session, e.LinkRevoked(seat, link.issued.id, reason), actor=officer.actor)

    async def look(self, secret: str, used: bool = False) -> Guest:
        link = self.links.get(secret)
        if link is None:
            raise Refused("link_unknown", 404)
        whom = {"office_name": link.office.name, "office_phone": link.office.phone}
        if link.state == "revoked":
            raise Refused("link_revoked", 410, **whom)
        if self.clock() > link.issued.expires:
            raise Refused("link_expired", 410, **whom)
        session = await self.sessions.state(link.issued.session)
        if session.over:
            raise Refused("session_over", 410, **whom)
        if any(link.devices.values()) and not used:
            raise Refused("link_used", 410, **whom)
        return self._guest(link, session, verified=False)

    async def appointment(self, secret: str) -> tuple[Office, Session, str]:
        guest = await self.look(secret)
        return guest.office, await self.sessions.state(guest.session), guest.seat.name

    async def begin(self, secret: str, moves: bool = False) -> str:
        guest = await self.look(secret, moves)
        link = self.links[secret]
        device = secrets.token_urlsafe(16)
        link.devices[device] = False
        await self.sessions.submit(guest.session, c.OpenLink(guest.link), guest.actor)
        return device

    async def copied(self, device: str) -> str:
        link = self._of(device)
        assert link is not None
        if not link.devices[device]:
            return link.issued.url
        self.copied_from = {token: of for token, of in self.copied_from.items() if of != device}
        token = secrets.token_urlsafe(18)
        self.copied_from[token] = device
        return f"{link.issued.url}#{token}"

    async def move(self, secret: str, token: str) -> str:
        guest, link = await self.look(secret, used=True), self.links[secret]
        if self.copied_from.pop(token, "") not in link.devices:
            raise Refused("token_over", 410)
        fresh = secrets.token_urlsafe(16)
        link.devices.clear()
        link.devices[fresh] = True
        await self.sessions.submit(guest.session, c.MoveSeat(fresh, "token"), guest.actor)
        return fresh

    async def came_by(self, device: str) -> str:
        link = self._of(device)
        if link is None:
            raise Refused("no_invitation", 401)
        return link.issued.url

    async def refusal(self, device: str) -> Refused:
        link = self._of(device)
        return Refused("no_invitation", 401) if link is None else Refused("link_revoked", 410)

    async def guest(self, device: str) -> Guest | None:
        link = self._of(device)
        if link is None or link.state == "revoked":
            return None
        return self._guest(link, await self.sessions.state(link.issued.session), link.devices[device])

    async def send_code(self, device: str, ip: str, guest: Guest | None = None) -> str:
        guest = guest or await self.guest(device)
        assert guest is not None
        if not guest.seat.phone:
            raise Refused("no_phone")
        if self.sent.count(device) >= 3:
            raise Refused("too_many_codes", 429, seconds=600)
        self.sent.append(device)
        self.tries[device] = 0
        await self.sessions.submit(guest.session, c.NoteCodeSent(), guest.actor)
        return guest.seat.phone

    async def check_code(self, device: str, code: str, ip: str, guest: Guest | None = None) -> str:
        link, guest = self._of(device), guest or await self.guest(device)
        assert link is not None
        assert guest is not None
        if device not in self.sent:
            raise Refused("code_expired")
        if self.tries[device] >= self.MOST_TRIES:
            raise Refused("too_many_tries", 429)
        if code != CODE:
            self.tries[device] += 1
            raise Refused("bad_code", left=self.MOST_TRIES - self.tries[device])
        rotated = secrets.token_urlsafe(16)
        link.devices.clear()
        link.devices[rotated] = True
        await self.sessions.submit(guest.session, c.ConfirmIdentity("code"), guest.actor)
        return rotated

    async def by_voice(self, device: str) -> VoiceConfirmation:
        return VoiceConfirmation("4821", device in self.vouched)

    async def vouch(self, officer: Officer, session: str, seat: str, number: str, recognised: str) -> None:
        link = next(one for one in self.links.values() if (one.issued.session, one.issued.seat) == (session, seat))
        if number != "4821" or not link.devices:
            raise Refused("no_such_device", 409, several=False)
        await self.sessions.submit(session, c.ConfirmByVoice(seat, recognised), officer.actor)
        self.vouched.add(next(iter(link.devices)))

    async def go_on(self, device: str) -> str:
        link = self._of(device)
        assert link is not None
        if device not in self.vouched:
            raise Refused("code_needed", 403)
        rotated = secrets.token_urlsafe(16)
        link.devices.clear()
        link.devices[rotated] = True
        return rotated

    def _of(self, device: str) -> Link | None:
        return next((link for link in self.links.values() if device in link.devices), None)

    def _guest(self, link: Link, session: Session, verified: bool) -> Guest:
        seat = session.seats[link.issued.seat].seat
        return Guest(session.id, seat, link.issued.id, link.office, verified)
