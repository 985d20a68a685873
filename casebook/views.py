"""Cases in lists and on pages, their texts side by side, a compendium being cut, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from casebook import Case, MarkedSpan, Outcomes
from casebook.collections import NoteEdition
from casebook.file import CaseFile
from casebook.search import MatchReason
from journal import Event
from offices.people import Office

if TYPE_CHECKING:
    from casebook.deidentifying.businesses import BusinessHint


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


@dataclass(frozen=True, slots=True)
class TextSide:
    """A piece of a text: as it was, as it will be; `span` when somebody has to say something about it."""

    was: str
    put: str
    span: MarkedSpan | None


@dataclass(frozen=True, slots=True)
class WorkText:
    field: str
    text: str
    sides: Sequence[TextSide]
    pending: int


@dataclass(frozen=True, slots=True)
class SpokenFact:
    """A sentence that the record of its mediation quotes, as it would be read: de-identified. `second` of the recording
    of `session`; `field`: the text it would go into."""

    session: str
    line: str
    who: str
    put: str
    field: str
    second: float


@dataclass(frozen=True, slots=True)
class Workbench:
    """The texts of a case side by side, and what may still give somebody away. `spoken`: sentences that may go into
    them."""

    page: CasePage
    texts: Sequence[WorkText]
    hints: Sequence[BusinessHint]
    pending: int
    spoken: Sequence[SpokenFact] = ()


@dataclass(frozen=True, slots=True)
class NoteRow:
    problem: str
    edition: int
    changed: datetime | None
    by: str


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


CutAct = Literal["join", "split", "leave", "take"]
"""`join`: to the case before; `split`: begin one at this paragraph; `leave`: no draft of it; `take`: one after all."""


@dataclass(frozen=True, slots=True)
class WaitingCut:
    id: str
    name: str
    by: str
    at: datetime
    cases: int


@dataclass(frozen=True, slots=True)
class CutLine:
    """A paragraph: its place, and the first words of it."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class CutCase:
    """`at`: where it begins. `parts`: fields it has texts for; `whole`: enough of them for a case. `lines`: after its
    first, `more` of them not shown."""

    at: int
    title: str
    length: int
    parts: Sequence[str]
    whole: bool
    left_out: bool
    lines: Sequence[CutLine]
    more: int


@dataclass(frozen=True, slots=True)
class CutPage:
    """`before`: paragraphs in front of the first case, that belong to none. `version` for the next change."""

    id: str
    name: str
    by: str
    at: datetime
    version: int
    cases: Sequence[CutCase]
    before: Sequence[CutLine]
    before_more: int

    @property
    def wanted(self) -> int:
        return sum(one.whole and not one.left_out for one in self.cases)


@dataclass(frozen=True, slots=True)
class FoundCase:
    """`why`: what put it where it is, the words first. `alike`: near-copies of it that are not listed."""

    case: Case
    score: float
    why: tuple[MatchReason, ...]
    alike: int = 0


@dataclass(frozen=True, slots=True)
class ComplaintAccount:
    """A complaint as it looks for its like. Codes are "" when not known; `amount` in yuan."""

    title: str
    request: str
    facts: str
    problem: str
    industry: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class SimilarCases:
    """`came_to` of every case that is about as near as those that are listed."""

    cases: Sequence[FoundCase]
    came_to: Outcomes
