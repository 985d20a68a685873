"""Whom pages know: offices, officers and guests, and how officers are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from journal import Actor
from rooms.vocabulary import Seat

OfficerRole = Literal["mediator", "supervisor", "administrator", "inspector"]
"""An inspector verifies leads and reports, and sees nothing of complaints (Order 121 Art 37)."""

MEDIATION_SEAL: Final = "调解专用章"


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    name: str  # 东湖高新区市场监管一所
    short: str  # 一所
    phone: str
    number_prefix: str  # 东高一投
    zone: str = "Asia/Shanghai"
    intake: bool = False  # receives complaints for the bureau and dispatches them (Order 121 Art 41)
    authority: str = ""  # 东湖高新区市场监督管理局, in whose name it acts; "" where it acts in its own
    address: str = ""  # of the authority, as papers print it
    mediation_seal: str = MEDIATION_SEAL  # in its seal under agreements and records; "": the authority's own seal
    signature: str = ""  # in the brackets of its text messages, as registered with the carrier; "" for the short name

    @property
    def issuer(self) -> str:
        """Full name of the authority that issues its papers."""
        return self.authority or self.name

    @property
    def signs_as(self) -> str:
        """What stands in 【】 before its text messages."""
        return self.signature or self.short


@dataclass(frozen=True, slots=True)
class Officer:
    id: str
    login: str
    name: str
    role: OfficerRole
    office: Office
    totp: bool  # second factor enabled
    language: str = "zh"
    withheld: frozenset[str] = frozenset()  # permissions (web.permissions) that the role has not in this office

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


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Signed in, and let in nowhere yet: the officer still owes these."""

    officer: Officer
    password: bool  # somebody else chose the present one
    second_step: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`this`: the one that asks. `ip` and `agent` are "" where nothing was noted."""

    id: str
    since: datetime
    used: datetime
    ip: str
    agent: str
    this: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """`result`: "in" | "recovery" | "bad_password" | "bad_code" | "resting" | "closed"."""

    at: datetime
    ip: str
    agent: str
    result: str
    nameless: bool  # a browser that keeps no cookie, or somebody's script


class OfficerPhones(Protocol):
    """Where officers are sent messages of the office's own, if they want any."""

    async def own(self, officer: Officer) -> str:
        """Masked; "" for none."""
        ...

    async def asks(self, officer: Officer) -> bool:
        """Whether they never said: neither gave a number, nor took one back, nor declined."""
        ...

    async def decline(self, officer: Officer) -> None:
        """They do without, and are not asked again. A number given meanwhile stays."""
        ...

    async def give(self, officer: Officer, phone: str) -> None:
        """In place of the one before; "" for none. Refused: bad_phone (field phone), also of one that takes no text."""
        ...


class Identity(Protocol):
    """Officers: passwords, second factor, sessions. Secrets are hashed at rest."""

    async def empty(self) -> bool:
        """No administrator exists yet."""
        ...

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        """Create the first office and administrator. Refused: not_empty, weak_password."""
        ...

    async def sign_in(self, login: str, password: str, totp: str, ip: str, agent: str = "", browser: str = "") -> str:
        """A new session token (to go into a cookie). `totp`: six digits or a code for a lost phone; `browser`: the
        random value of its cookie, `agent` what it says of itself.

        Refused: bad_login (one answer for every reason), totp_needed, too_many_tries.
        """
        ...

    async def officer(self, token: str) -> Officer | None:
        """None also while something is owed."""
        ...

    async def unfinished(self, token: str) -> Unfinished | None:
        """None when nothing is owed, or nobody is signed in."""
        ...

    async def own_password(self, token: str, new: str) -> str:
        """In place of the one somebody else chose; a new token. Refused: weak_password."""
        ...

    async def enrol(self, token: str, code: str) -> tuple[str, Sequence[str]]:
        """The second step comes into force: a new token, and codes for a lost phone. Refused: bad_code."""
        ...

    async def sign_out(self, token: str) -> None: ...

    async def officers(self, by: Officer) -> list[Officer]:
        """Of the administrator's office."""
        ...

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...

    async def begin_totp(self, officer: Officer) -> str:
        """A fresh otpauth:// address, not yet in force."""
        ...

    async def pending_totp(self, officer: Officer) -> str:
        """As `begin_totp`, but the address begun before, when there is one."""
        ...

    async def confirm_totp(self, officer: Officer, code: str, token: str) -> Sequence[str]:
        """Codes for a lost phone, each good once, told this once. The officer's other sessions end.

        Refused: bad_code.
        """
        ...

    async def drop_totp(self, officer: Officer, password: str, token: str) -> None:
        """The officer's other sessions end. Refused(403): two_steps_kept, by the officer's role."""
        ...

    def second_step_kept(self, officer: Officer) -> bool:
        """Whether the officer's role does without it never."""
        ...

    async def recovery_left(self, officer: Officer) -> int: ...

    async def renew_recovery(self, officer: Officer, password: str) -> Sequence[str]:
        """Earlier codes open nothing any more. Refused: bad_password, not_allowed without a second step."""
        ...

    async def sessions(self, officer: Officer, token: str) -> Sequence[OpenSession]:
        """Everything open in the officer's name, the last used first."""
        ...

    async def end_session(self, officer: Officer, session: str) -> None:
        """Refused(404): not_found."""
        ...

    async def end_others(self, officer: Officer, token: str) -> None: ...

    async def history(self, officer: Officer) -> Sequence[SignIn]:
        """Newest first."""
        ...

    async def change_password(self, officer: Officer, old: str, new: str) -> None: ...
