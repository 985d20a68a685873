"""Those who watch are watched: second persons, accounts, and who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from web.ports.people import Officer, OfficerRole

ApprovalKind = Literal[
    "erase",
    "lift",
    "lift_lead",
    "unmask",
    "appoint",
    "restart",
    "access",
    "oversee",
    "retention",
    "correct",
    "destroy",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks a second person's yes to."""

    kind: ApprovalKind
    subject: str
    label: str
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """`state`: "open" | "over" | "approved" | "declined" | "taken back" | "done" | "failed". `mine`: they asked;
    `second`: they may say yes or no, unless they turn out to be the same person."""

    id: str
    kind: ApprovalKind
    label: str
    reason: str
    details: Mapping[str, str]
    state: str
    asker: str
    asked: datetime
    expires: datetime
    decider: str
    decided: datetime | None
    why: str
    mine: bool
    second: bool


class Approvals(Protocol):
    """`token`: of the session that asks, by which its browser is known."""

    async def listing(self, officer: Officer) -> Sequence[ApprovalRow]:
        """Of the offices they oversee; a mediator's own. What is open first."""
        ...

    async def one(self, officer: Officer, approval: str) -> ApprovalRow:
        """Refused(404)."""
        ...

    async def ask(self, officer: Officer, token: str, wish: Wish) -> str:
        """Its id; of one that waits already, that one's. Refused: not_allowed, missing."""
        ...

    async def approve(self, officer: Officer, token: str, approval: str) -> None:
        """And carries it out. Refused: same_person (why), approval_over, approval_settled, not_allowed."""
        ...

    async def decline(self, officer: Officer, approval: str, reason: str) -> None: ...

    async def take_back(self, officer: Officer, approval: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Colleague:
    """`waits`: the id of a request about this account that waits for a second person."""

    officer: Officer
    closed: datetime | None
    temporary: bool
    last: datetime | None
    waits: str


class Accounts(Protocol):
    """For the administrator of an office. Each returns the id of the request when it takes a second person, "" when it
    is done. Refused: not_found, own_account, last_administrator."""

    async def colleagues(self, by: Officer) -> Sequence[Colleague]: ...

    async def add(self, by: Officer, token: str, login: str, name: str, role: OfficerRole, password: str) -> str:
        """Refused as `Identity.add_officer`."""
        ...

    async def change_role(self, by: Officer, token: str, officer: str, role: OfficerRole, reason: str) -> str: ...

    async def close(self, by: Officer, officer: str, reason: str) -> None: ...

    async def open(self, by: Officer, token: str, officer: str, reason: str) -> str: ...

    async def set_password(self, by: Officer, officer: str, password: str) -> None:
        """One that is only good for choosing another. Refused: weak_password."""
        ...

    async def drop_second_step(self, by: Officer, token: str, officer: str, reason: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ActFilter:
    actor: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ActRow:
    """`subject`, `label` and `reason` are "" where the thing is an office's that the reader does not see."""

    at: datetime
    act: str
    what: str
    actor: str
    actor_role: str
    actor_office: str
    office: str
    kind: str
    subject: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActList:
    rows: Sequence[ActRow]
    total: int
    page_size: int
    people: Sequence[tuple[str, str]]  # id and name of who did any of it


@dataclass(frozen=True, slots=True)
class HintRow:
    """`code` as in server.oversight.hints."""

    code: str
    actor: str
    name: str
    day: date
    number: int
    usual: int


class Acts(Protocol):
    async def acts(self, officer: Officer, wanted: ActFilter) -> ActList: ...

    async def hints(self, officer: Officer, since: date, until: date) -> Sequence[HintRow]: ...

    async def export(self, officer: Officer, wanted: ActFilter) -> Sequence[ActRow]:
        """As many as a workbook holds; that they were exported is an act too."""
        ...

    async def offices(self) -> Mapping[str, str]:
        """Short names by id."""
        ...
