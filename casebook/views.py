"""What pages show of cases: lists, texts side by side, a compendium being cut, what a search finds; and a year's book
as a value (chapters, cases, figures).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from casebook import Case, MarkedSpan, Outcomes, outcomes
from casebook.collections import NoteEdition
from casebook.file import CaseFile
from casebook.search import MatchReason
from casebook.search.entries import entry
from journal import Event
from law.catalogue import Article
from law.library import Library
from offices import Office

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
    """A complaint as it looks for its like. Codes are "" when nobody has said; `amount` in yuan."""

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


# ------------------------------------------------------------ yearbook


@dataclass(frozen=True, slots=True)
class Chapter:
    """`industries`: beginnings of GB/T 4754 codes; `tags`: topics of the law."""

    id: str
    zh: str
    en: str
    tags: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()

    def takes(self, case: Case) -> bool:
        return any(tag in self.tags for tag in case.tags) or bool(
            self.industries and case.industry.startswith(self.industries)
        )

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


CHAPTERS: Final = (
    Chapter("prepaid", "预付式消费", "Prepaid services", tags=("prepaid",)),
    Chapter(
        "food", "食品与餐饮", "Food and catering",
        ("food", "health_food", "takeaway", "imported_food"), ("H62", "C14", "C15", "F521"),
    ),
    Chapter("cars", "汽车", "Cars", industries=("F526", "O811", "C36")),
    Chapter(
        "home", "家居、家电与装修", "Home, appliances, decoration",
        industries=("E50", "F527", "F528", "O813", "D44", "C21"),
    ),
    Chapter("housing", "住房、物业与停车", "Housing, property, parking", industries=("K70", "G54")),
    Chapter("telecom", "通信与数字服务", "Telecom and digital services", industries=("I63", "I64", "I65")),
    Chapter("travel", "旅游、住宿与文娱", "Travel, lodging, culture", industries=("H61", "L72", "R")),
    Chapter(
        "online", "网络购物与快递", "Buying online, couriers",
        ("online", "livestream", "seven_days", "second_hand"), ("F5292", "G60"),
    ),
    Chapter("health", "医疗美容与健康", "Medical beauty and health", ("medical_claims",), ("Q", "F525")),
    Chapter("services", "生活服务与培训", "Everyday services and training", industries=("O", "P", "G58", "G59")),
    Chapter("goods", "商品买卖", "Goods", industries=("F", "C")),
    Chapter("other", "其他", "Others"),
)  # fmt: skip


def chapter_of(case: Case) -> Chapter:
    return next((chapter for chapter in CHAPTERS if chapter.takes(case)), CHAPTERS[-1])


LONGEST_PREFACE: Final = 6_000
MOST_CASES: Final = 3_000


@dataclass(frozen=True, slots=True)
class Cited:
    """An article under a case. `text`: the official wording the office brought for the day, "" without one."""

    id: str
    citation: str
    gist: str
    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """`number` counts from 1 through the book; `industry` and `problem` in words."""

    number: int
    case: Case
    industry: str
    problem: str
    law: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class ChapterPart:
    chapter: Chapter
    cases: tuple[Printed, ...]
    came_to: Outcomes


@dataclass(frozen=True, slots=True)
class YearFigure:
    """A row of the year's figures, as it is printed: `value` with its unit, `behind` what it was divided from or ""."""

    title: str
    value: str
    behind: str = ""


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """In an index: under a heading, a line and the numbers of its cases."""

    heading: str
    line: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """`made`: the day it is dated, never the clock's; `samples`: whether cases the program brought along are in it."""

    year: int
    office: str
    made: date
    preface: tuple[str, ...]
    parts: tuple[ChapterPart, ...]
    figures: tuple[YearFigure, ...]
    statutes: tuple[IndexPlace, ...]
    industries: tuple[IndexPlace, ...]
    samples: bool

    @property
    def cases(self) -> list[Printed]:
        return [printed for part in self.parts for printed in part.cases]


Named = Callable[[str], str]


def yearbook(
    cases: Iterable[Case],
    year: int,
    office: str,
    library: Library,
    figures: Sequence[YearFigure],
    industry: Named,
    problem: Named,
    preface: str = "",
) -> Book:
    """`industry` and `problem` say codes in words. Within a chapter what happened first comes first."""
    by_chapter: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda one: (one.event_date, one.number, one.id)):
        by_chapter.setdefault(chapter_of(case).id, []).append(case)
    parts: list[ChapterPart] = []
    number = 0
    for chapter in CHAPTERS:
        printed = []
        for case in by_chapter.get(chapter.id, ()):
            number += 1
            law = tuple(_cited(library, id, case.event_date) for id in case.articles)
            printed.append(Printed(number, case, industry(case.industry), problem(case.problem), law))
        if printed:
            came_to = outcomes(entry(one.case) for one in printed)
            parts.append(ChapterPart(chapter, tuple(printed), came_to))
    every = [one for part in parts for one in part.cases]
    return Book(
        year=year,
        office=office,
        made=date(year, 12, 31),
        preface=_paragraphs(preface[:LONGEST_PREFACE]) or _preface(year, office, every),
        parts=tuple(parts),
        figures=tuple(figures),
        statutes=_statutes(every, library),
        industries=_industries(every, industry),
        samples=any(one.case.sample for one in every),
    )


def _cited(library: Library, id: str, day: date) -> Cited:
    article = library.articles.get(id)
    if article is None:
        return Cited(id, id, "", "")
    official = library.official(id, day)
    return Cited(id, article.citation("zh"), article.gist("zh"), "" if official is None else official.text)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _preface(year: int, office: str, cases: Sequence[Printed]) -> tuple[str, ...]:
    settled = sum(one.case.settled is not None for one in cases)
    return (
        f"这本书收录{office}{year}年的{len(cases)}个典型案例，其中{settled}个由双方达成协议。",
        "每个案例先讲事实和请求，再讲怎么调、调成什么样，后面列出所依据的条文和评析。"
        "条文大意是本书自己的话，引用时请看原文；条文按事情发生那天施行的版本。",
        "案例里的人和商家都已隐去名字，金额按同一比例取整。照抄结果没有用，看的是怎样把话谈到一处。",
    )


def _statutes(cases: Sequence[Printed], library: Library) -> tuple[IndexPlace, ...]:
    found: dict[str, list[int]] = {}
    for one in cases:
        for id in one.case.articles:
            found.setdefault(id, []).append(one.number)
    known: Mapping[str, Article] = library.articles
    order = {id: at for at, id in enumerate(known)}
    return tuple(
        IndexPlace(known[id].statute.zh, known[id].place("zh"), tuple(found[id]))
        for id in sorted((id for id in found if id in known), key=order.__getitem__)
    )


def _industries(cases: Sequence[Printed], name: Named) -> tuple[IndexPlace, ...]:
    found: dict[str, list[int]] = {}
    for one in cases:
        found.setdefault(one.case.industry[:3], []).append(one.number)
    return tuple(
        IndexPlace(name(code[:1]) if code else "", name(code) if code else "行业未填", tuple(found[code]))
        for code in sorted(found)
    )
