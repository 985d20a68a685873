"""Whom pages know: offices, officers and guests, and how officers are recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, Protocol

from journal import Actor
from rooms.vocabulary import Seat

OfficerRole = Literal["mediator", "supervisor", "administrator", "inspector"]
"""An inspector verifies leads and reports, and sees nothing of complaints (Order 121 Art 37)."""


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    name: str  # 东湖高新区市场监管一所
    short: str  # 一所
    phone: str
    number_prefix: str  # 东高一投
    zone: str = "Asia/Shanghai"
    intake: bool = False  # receives complaints for the bureau and dispatches them (Order 121 Art 41)


@dataclass(frozen=True, slots=True)
class Officer:
    id: str
    login: str
    name: str
    role: OfficerRole
    office: Office
    totp: bool  # second factor enabled
    language: str = "zh"

    @property
    def actor(self) -> Actor:
        return Actor("officer", self.id, self.name, self.role, self.office.id)


@dataclass(frozen=True, slots=True)
class Guest:
    """A person behind a join link: which seat of which session, and how far they have come."""

    session: str
    seat: Seat
    link: str
    office: Office
    verified: bool  # one-time code confirmed on this device

    @property
    def actor(self) -> Actor:
        return Actor("party", self.seat.id, self.seat.name, self.seat.role, self.office.id)


SIGNED_IN_IDLE: Final = timedelta(hours=2)
"""After which an officer whose browser asks for nothing is signed out. Pages say so two minutes before."""


class Identity(Protocol):
    """Officers: passwords, second factor, sessions. Secrets are hashed at rest."""

    async def empty(self) -> bool:
        """No administrator exists yet."""
        ...

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        """Create the first office and administrator. Refused: not_empty, weak_password."""
        ...

    async def sign_in(self, login: str, password: str, totp: str, ip: str) -> str:
        """A new session token (to go into a cookie).

        Refused: bad_login (one answer for every reason), totp_needed, too_many_tries.
        """
        ...

    async def officer(self, token: str) -> Officer | None: ...

    async def sign_out(self, token: str) -> None: ...

    async def officers(self, by: Officer) -> list[Officer]:
        """Of the administrator's office."""
        ...

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...

    async def begin_totp(self, officer: Officer) -> str:
        """A fresh otpauth:// address, not yet in force."""
        ...

    async def confirm_totp(self, officer: Officer, code: str) -> None:
        """Refused: bad_code."""
        ...

    async def drop_totp(self, officer: Officer, password: str) -> None: ...

    async def change_password(self, officer: Officer, old: str, new: str) -> None: ...
