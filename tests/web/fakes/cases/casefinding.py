"""The samples, ranked as the program ranks them, without a database; and books of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from casebook import Case, outcomes
from casebook.collections import NoteEdition
from casebook.search import CaseQuestion, Filters, IndexSize, Ranked, ranked
from casebook.search.entries import listed_entry
from casebook.starter import starter
from casebook.views import Book, ComplaintAccount, FoundCase, SimilarCases
from journal.refusals import Refused
from law.catalogue import Days
from law.library import library
from offices import Officer
from server.casebook.case_index_store import question_of_complaint, typed_question
from server.casebook.yearbook import sample_book

_LISTED = [listed_entry(case) for case in starter().values()]
_NUMBERS = IndexSize.of(_LISTED)


class FakeFinder:
    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        kept = [one.entry for one in _LISTED if set(filters.marks()) <= set(one.tokens)]
        question = typed_question(library(), text, days) if text else None
        found = ranked(question, kept, _NUMBERS, most) if question else []
        return _read(found) if text else [FoundCase(starter()[one.id], 0.0, ()) for one in kept[:most]]

    async def alike(self, account: ComplaintAccount, days: Days, most: int) -> SimilarCases:
        question: CaseQuestion = question_of_complaint(
            library(),
            account.title,
            account.request,
            account.facts,
            account.problem,
            account.industry,
            account.amount,
            days,
        )
        found = ranked(question, [one.entry for one in _LISTED], _NUMBERS, 12)
        return SimilarCases(_read(found[:most]), outcomes(one.entry for one in found))

    async def case(self, id: str) -> Case | None:
        return starter().get(id)


class FakeCompendium:
    """Nothing was published; with samples there is a book. A file says which form was asked for."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, bool], list[NoteEdition]] = {}

    async def years(self, officer: Officer) -> Sequence[int]:
        return [2026, 2025]

    async def book(self, officer: Officer, year: int, everybody: bool, samples: bool) -> Book:
        made = sample_book(year, office=officer.office.name)
        if samples:
            return made
        return Book(year, officer.office.name, made.made, made.preface, (), (), (), (), False)

    async def prefaces(self, officer: Officer, year: int, everybody: bool) -> Sequence[NoteEdition]:
        return self.kept.get((year, everybody), [])[::-1]

    async def write_preface(self, officer: Officer, year: int, everybody: bool, text: str, why: str, seen: int) -> None:
        if everybody and officer.role != "supervisor":
            raise Refused("not_allowed", 403)
        kept = self.kept.setdefault((year, everybody), [])
        if seen != len(kept):
            raise Refused("case_note_changed", 400)
        kept.append(NoteEdition(len(kept) + 1, text, why, datetime(2026, 12, 1, tzinfo=UTC), officer.name))

    async def pdf(self, book: Book, phone: bool) -> bytes:
        return b"%PDF phone" if phone else b"%PDF a4"

    async def epub(self, book: Book) -> bytes:
        return b"PK"


def _read(found: Sequence[Ranked]) -> list[FoundCase]:
    return [FoundCase(starter()[one.entry.id], one.score, one.why) for one in found]
