"""Gathers a year's book: published cases, the year's figures from the one standard, the law. Implements
`web.casebook.services.Compendium`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from casebook import notes
from casebook.case import Case
from casebook.notes import Edition, NoteService
from casebook.starter import starter
from casebook.yearbook import MOST_CASES, Book, Figure, yearbook
from complaints import vocabulary
from complaints.record.industries import industry_name
from complaints.statistics.definitions import Unit, current
from complaints.statistics.figures import Figure as Counted
from complaints.statistics.periods import Period
from complaints.statistics.views import StatisticsQuery
from law.library import Library, library
from offices.people import Officer
from server.casebook.services import case_refusal
from server.casebook.store import first_and_last, kept_preface, published_in
from server.casebook.yearbook_press import Size, YearbookRenderer, epub
from server.db.engine import Database
from server.documents.law_store import LawStore
from server.statistics.store import SqlStatistics

_UNITS: Final[Mapping[Unit, str]] = {
    "complaints": "件",
    "yuan": "元",
    "percent": "%",
    "days": "天",
    "kilometres": "公里",
}


class Compendium:
    def __init__(self, database: Database, kept: NoteService, press: YearbookRenderer | None = None) -> None:
        self._database, self._kept, self._press = database, kept, press or YearbookRenderer()
        self._turn = asyncio.Semaphore(1)  # a book is a core's work for seconds: one at a time

    async def years(self, officer: Officer) -> Sequence[int]:
        zone = ZoneInfo(officer.office.zone)
        this = datetime.now(zone).year
        ends = await first_and_last(self._database)
        if ends is None:
            return [this]
        first, last = (moment.astimezone(zone).year for moment in ends)
        return range(max(this, last), first - 1, -1)

    async def book(self, officer: Officer, year: int, everybody: bool, samples: bool) -> Book:
        office = officer.office
        if samples:
            return sample_book(year, library(await LawStore(self._database).texts()))
        return await gather(self._database, year, office.name, None if everybody else [office.id], zone=office.zone)

    async def prefaces(self, officer: Officer, year: int, everybody: bool) -> Sequence[Edition]:
        return (await self._kept.editions(notes.is_preface(year, None if everybody else officer.office.id)))[::-1]

    async def write_preface(self, officer: Officer, year: int, everybody: bool, text: str, why: str, seen: int) -> None:
        office = None if everybody else officer.office.id
        with case_refusal():
            notes.check_preface(officer.actor, office)
            await self._kept.write(notes.is_preface(year, office), text, why, seen, officer.actor)

    async def pdf(self, book: Book, phone: bool) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(self._press.print, book, Size.PHONE if phone else Size.A4)

    async def epub(self, book: Book) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(epub, book)


async def gather(
    database: Database,
    year: int,
    office: str,
    offices: Sequence[str] | None,
    preface: str = "",
    zone: str = "Asia/Shanghai",
) -> Book:
    """`offices`: ids whose cases and figures are in it, None for all. Without a `preface` the one that was kept on its
    page, and without that one of our own words."""
    preface = preface or await kept_preface(database, year, offices)
    found = await published_in(database, year, offices, zone, MOST_CASES)
    shelf = library(await LawStore(database).texts())
    return yearbook(found, year, office, shelf, await _figures(database, year, offices), _industry, _problem, preface)


def sample_book(year: int, shelf: Library | None = None, office: str = "典型案例样例") -> Book:
    """Of nothing but what the program brings along."""
    return book_of(starter().values(), year, office, shelf)


def book_of(cases: Iterable[Case], year: int, office: str, shelf: Library | None = None) -> Book:
    """Without a year's figures."""
    return yearbook(cases, year, office, shelf or library(), (), _industry, _problem)


async def _figures(database: Database, year: int, offices: Sequence[str] | None) -> list[Figure]:
    period = Period(date(year, 1, 1), date(year, 12, 31))
    asked = StatisticsQuery(period, period.last + timedelta(days=1))
    found = await SqlStatistics(database).figures(current(), asked, offices)
    return [_row(figure) for figure in found.get("", {}).values()]


def _row(figure: Counted) -> Figure:
    statistic = figure.statistic
    value = "–" if figure.value is None else f"{figure.value:,}{_UNITS[statistic.unit]}"
    behind = "" if figure.bottom is None else f"{figure.top:,} / {figure.bottom:,}"
    return Figure(statistic.title("zh"), value, behind)


def _industry(code: str) -> str:
    return industry_name(code, "zh") if code else ""


def _problem(code: str) -> str:
    return vocabulary.name(vocabulary.PROBLEMS, code, "zh")
