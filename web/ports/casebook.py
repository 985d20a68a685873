"""The casebook as pages know it: shelves and queues, a case being made, its texts side by side, notes, collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from aiohttp import web

from casebook.case import Case
from casebook.commands import CaseCommand
from casebook.deidentifying.hints import Hint
from casebook.events import Sheet
from casebook.file import CaseFile
from casebook.spans import Span
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
class Side:
    """A piece of a text: as it was, as it will be; `span` when somebody has to say something about it."""

    was: str
    put: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class WorkText:
    field: str
    text: str
    sides: Sequence[Side]
    pending: int


@dataclass(frozen=True, slots=True)
class Workbench:
    """The texts of a case side by side, and what may still give somebody away."""

    page: CasePage
    texts: Sequence[WorkText]
    hints: Sequence[Hint]
    pending: int


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


@dataclass(frozen=True, slots=True)
class NoteRow:
    problem: str
    edition: int
    changed: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class NoteEdition:
    number: int
    text: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class NotePage:
    """`editions` newest first; the first stands."""

    problem: str
    editions: Sequence[NoteEdition]
    cases: Sequence[CaseRow]


@dataclass(frozen=True, slots=True)
class CollectionRow:
    id: str
    title: str
    office: str
    mine: bool
    cases: tuple[str, ...]


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

    async def workbench(self, officer: Officer, case: str) -> Workbench: ...

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None: ...

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None: ...

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        """Of one text, what was looked at and is still open; how many."""
        ...

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        """Hide these words wherever they stand; how many places. Refused: bad_span when they stand nowhere."""
        ...

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None: ...

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None: ...

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None: ...

    async def revise(self, officer: Officer, case: str, reason: str) -> None: ...

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None: ...

    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        """Drafts made of an exchange file or a Word compendium; each is still to be looked through."""
        ...

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        """A file name and its content; `form`: "json" | "docx". What is published; one's own approved, not `public`.

        Refused: wrong_state."""
        ...

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        """All that is published, samples left out: every installation has those. Refused: wrong_state for none."""
        ...

    async def collections(self, officer: Officer) -> Sequence[CollectionRow]: ...

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        """Begin a collection (`collection` ""), or put a case in or take it out; its id."""
        ...

    async def notes(self, officer: Officer) -> Sequence[NoteRow]: ...

    async def note(self, officer: Officer, problem: str) -> NotePage: ...

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        """Refused: case_note_changed when another edition was written meanwhile."""
        ...


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
