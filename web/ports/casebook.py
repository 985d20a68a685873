"""The casebook as pages know it: shelves and queues, a case being made, a lawyer's comment on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from aiohttp import web

from casebook.case import Case
from casebook.commands import CaseCommand
from casebook.events import Sheet
from casebook.file import CaseFile
from journal import Event
from web.ports.people import Office, Officer


@dataclass(frozen=True, slots=True)
class CaseRow:
    """In a list. `title` is "" while nothing is approved; `work` is the state of what is being made."""

    id: str
    number: str
    office: str
    state: str
    work: str
    edition: int
    sample: bool
    title_zh: str
    title_en: str
    industry: str
    problem: str
    tags: tuple[str, ...]
    claimed: Decimal | None
    settled: Decimal | None
    days: int | None
    changed: datetime
    published: datetime | None

    def title(self, language: str) -> str:
        return self.title_en if language.startswith("en") and self.title_en else self.title_zh


@dataclass(frozen=True, slots=True)
class CaseList:
    rows: Sequence[CaseRow]
    count: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """`case` is what readers get, None before there is any; `file` and `history` only for those who work on it."""

    id: str
    case: Case | None
    draft: Case | None
    file: CaseFile | None
    history: Sequence[Event]
    office: Office
    mine: bool


@dataclass(frozen=True, slots=True)
class LawyerPage:
    """What a lawyer sees: the de-identified case, and what they wrote. `case` None before the code."""

    office: Office
    name: str
    phone: str  # masked
    verified: bool
    expires: datetime
    open: bool
    case: Case | None
    comment: str


class Casebook(Protocol):
    """Refused: not_found also for another office's case that is not published."""

    async def shelf(self, officer: Officer, problem: str, tag: str, collection: str, page: int) -> CaseList:
        """Published, of every office, the newest first."""
        ...

    async def making(self, officer: Officer, work: str, page: int) -> CaseList:
        """Of the offices the officer works for; `work` "" for all that is not on the shelf."""
        ...

    async def page(self, officer: Officer, case: str) -> CasePage: ...

    async def of_complaint(self, officer: Officer, complaint: str) -> tuple[bool, str]:
        """Whether a case can be made of it, and the one that was ("" for none)."""
        ...

    async def draw(self, officer: Officer, complaint: str) -> str:
        """The new case's id, or the one there is. Refused: wrong_state when the complaint is not closed."""
        ...

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None: ...

    async def revise(self, officer: Officer, case: str, reason: str) -> None: ...

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None: ...


class LawyerDesk(Protocol):
    async def invite(self, officer: Officer, case: str, name: str, firm: str, phone: str, until: date) -> str:
        """The link, to be passed on; it is shown again while it stands."""
        ...

    async def link(self, officer: Officer, case: str, invitation: str) -> str: ...

    async def withdraw(self, officer: Officer, case: str, invitation: str) -> None: ...

    async def look(self, secret: str) -> LawyerPage:
        """Refused: link_unknown, link_expired, link_revoked, link_used."""
        ...

    async def begin(self, secret: str) -> str: ...

    async def send_code(self, token: str, ip: str, language: str) -> str: ...

    async def check_code(self, token: str, code: str, ip: str) -> str: ...

    async def seen(self, token: str) -> LawyerPage: ...

    async def comment(self, token: str, text: str) -> None: ...


CASEBOOK: web.AppKey[Casebook] = web.AppKey("casebook", Casebook)
LAWYERS: web.AppKey[LawyerDesk] = web.AppKey("lawyers", LawyerDesk)
