"""The year's book as a value: chapters, cases, figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from casebook import Case, Outcomes, outcomes
from casebook.search.entries import entry
from law.catalogue import Article
from law.library import Library


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
