"""Offices, officers and how officers are recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from journal import Actor

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
    withheld: frozenset[str] = frozenset()  # permissions (offices.permissions) that the role has not in this office

    @property
    def actor(self) -> Actor:
        return Actor("officer", self.id, self.name, self.role, self.office.id)


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
