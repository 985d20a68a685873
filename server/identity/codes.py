"""One-time codes: six digits to the phone on file, good once, for ten minutes, for five tries, on one device.

Tries are taken from the database before a code is compared, so a hundred guesses at once are five (ASVS 6.5). How many
are sent is counted for each purpose apart: what anybody may ask for, who knows no more than a number, uses up nothing
of what the holder of an invitation or a signer needs.
"""

from __future__ import annotations

import hmac
import math
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from complaints.record.identifiers import PHONE, textable
from journal.numbers import narrow
from rooms.commands import ConfirmIdentity, NoteCodeSent
from server.identity.sealing import Seal
from server.identity.throttle import Throttle
from server.identity.tokens import digest, fresh_token
from server.outbox.outbox import CODE_LASTS, Outbox
from server.outbox.plain import mark
from server.outbox.texts import code_text
from server.storage.link_store import Code, CodeLimit, Device, Link, LinkStore
from web.ports import Guest, Refused, Sessions

TRIES_MOST = 5
_DIGITS = 6
Purpose = Literal["file", "follow", "join", "sign", "copy", "answer", "comment"]
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

    def __init__(self, store: LinkStore, outbox: Outbox, seal: Seal, now: Callable[[], datetime]) -> None:
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
        text: Callable[[str, int], str],
        ip: str,
        office: str,
        session: str,
    ) -> None:
        """`bound`: the invitation it is counted by. An `office` of "" sends nothing and counts all the same: so nobody
        learns from limits what exists. Refused: too_many_codes (seconds)."""
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
            said = mark(await self._store.signature(office)) + text(digits, int(CODE_LASTS.total_seconds()) // 60)
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
    def __init__(
        self, store: LinkStore, outbox: Outbox, seal: Seal, now: Callable[[], datetime], language: str
    ) -> None:
        self._store = store
        self._seal = seal
        self._now = now
        self._language = language
        self._codes = OneTime(store, outbox, seal, now)

    async def send(self, sessions: Sessions, device: Device, link: Link, guest: Guest, ip: str) -> str:
        """The masked number it went to."""
        phone = self._seal.open(link.phone_sealed, PHONE) if link.phone_sealed else ""
        if not textable(phone):
            raise Refused("no_phone", office_name=guest.office.name, office_phone=guest.office.phone)

        def text(digits: str, minutes: int) -> str:
            return code_text(digits, minutes, self._language)

        await self._codes.send("join", device.id, link.id, phone, text, ip, link.office, link.session)
        await sessions.submit(guest.session, NoteCodeSent(), guest.actor)
        return link.phone_masked

    async def check(self, sessions: Sessions, device: Device, guest: Guest, typed: str, ip: str) -> str:
        """A new token for the device. The right code ends the seat's other devices."""
        code = await self._codes.check("join", device.id, typed, ip)
        token = fresh_token()
        if await self._store.confirm(code, digest(token), self._now(), device.expires) is None:
            raise Refused("link_used", 410, office_name=guest.office.name, office_phone=guest.office.phone)
        await self.confirmed(sessions, guest)
        return token

    async def confirmed(self, sessions: Sessions, guest: Guest) -> None:
        await sessions.submit(guest.session, ConfirmIdentity("code"), guest.actor)


def _seconds_left(oldest: datetime, now: datetime, limits: Sequence[_Limit]) -> int:
    """Until the tightest window that is still full lets go of its oldest code."""
    age = now - oldest
    open_again = [window - age for _by, _most, window in limits if window > age]
    return max(1, math.ceil(min(open_again).total_seconds())) if open_again else 1
