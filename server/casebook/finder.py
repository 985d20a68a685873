"""Published cases and samples, found by words or by a complaint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Final

from casebook.case import Case, outcomes
from casebook.search.entries import fen
from casebook.search.ranking import (
    LONGEST_ACCOUNT,
    CaseQuestion,
    Filters,
    Ranked,
    alike,
    asked,
    collapsed,
    plan,
    ranked,
    wanted_tokens,
)
from casebook.starter import PREFIX, starter
from casebook.views import ComplaintAccount, FoundCase, SimilarCases
from complaints.triage.suggestions import Submission, triage
from law.articles import Days
from law.catalogue import catalogue
from law.library import Library
from law.search import suggest
from rooms.events import TypicalLeaf
from rooms.session import Session
from server.casebook import case_index_store
from server.casebook.store import published_cases
from server.db.engine import Database

_LIKELY: Final = 0.5  # confidence from which a trade counts


def typed_question(library: Library, text: str, days: Days) -> CaseQuestion:
    """A question in a person's words; triage says which trade they are of."""
    trades = triage(Submission(title=text[:200])).industry
    industry = trades[0].value if trades and trades[0].confidence >= _LIKELY else ""
    return asked(text, library, days, industry)


def question_of_complaint(
    library: Library,
    title: str,
    request: str,
    facts: str,
    problem: str,
    industry: str,
    amount: Decimal | None,
    days: Days,
) -> CaseQuestion:
    """A complaint that looks for its like. `problem`, `industry`: codes, "" when not known; `amount` in yuan."""
    account = "\n".join((title, request, facts[:LONGEST_ACCOUNT]))
    suggestions = suggest(library, account, problem, industry, days)
    best = suggestions[0].score if suggestions else 1.0
    implied = [(one.article.id, round(one.score / best, 3)) for one in suggestions]
    return alike(title, request, facts, implied, industry, problem, fen(amount))


NEAR: Final = 0.45
"""Of the best score: a case with less is not counted in the range of outcomes."""
MOST_COUNTED: Final = 30
MOST_LOOKED_AT: Final = 90
"""Of a search: near-copies among them are told of, not listed."""


class CaseSearch:
    """Published cases and samples found by words or by a complaint. Implements `CaseSearch`.

    Reads only: the index is `server.casebook.case_index_store`'s, the order `casebook.search.ranking`'s. Rooms ask it
    for the case a mediator wants to show.
    """

    def __init__(self, database: Database, library: Callable[[], Awaitable[Library]], samples: bool = False) -> None:
        """`library`: the law as it stands now.

        `samples`: a demo's, where samples are suggested, counted and shown to rooms like any other case."""
        self._database, self._library, self._samples = database, library, samples

    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        question = typed_question(await self._library(), text, days) if text.strip() else None
        if question:
            return await self._read(collapsed(await self._ranked(question, filters, MOST_LOOKED_AT), most))
        if text.strip():
            return []  # nothing but signs
        async with self._database.read() as connection:
            found = await case_index_store.newest(connection, filters.marks(), most)
        return await self._read([Ranked(entry, 0.0, ()) for entry in found])

    async def alike(self, account: ComplaintAccount, days: Days, most: int) -> SimilarCases:
        question = question_of_complaint(
            await self._library(),
            account.title,
            account.request,
            account.facts,
            account.problem,
            account.industry,
            account.amount,
            days,
        )
        found = await self._ranked(question, Filters(samples=self._samples), MOST_COUNTED) if question else []
        near = [one for one in found if one.score >= NEAR * found[0].score]
        return SimilarCases(await self._read(collapsed(near, most)), outcomes(one.entry for one in near))

    async def case(self, id: str) -> Case | None:
        if id.startswith(PREFIX):
            return starter().get(id)
        return next(iter(await published_cases(self._database, [id])), None)

    async def leaf(self, _session: Session, id: str) -> TypicalLeaf | None:
        """A case as a room is shown it."""
        case = await self.case(id)
        if case is None or (case.sample and not self._samples):
            return None
        return TypicalLeaf(
            case=case.id,
            number=case.number,
            title={"zh": case.title_zh, "en": case.title("en")},
            facts=case.facts,
            outcome=case.outcome,
            articles=[
                {language: catalogue()[article].citation(language) for language in ("zh", "en")}
                for article in case.articles
                if article in catalogue()
            ],
            sample=case.sample,
        )

    async def _ranked(self, question: CaseQuestion, filters: Filters, most: int) -> list[Ranked]:
        async with self._database.read() as connection:
            numbers = await case_index_store.numbers(connection, wanted_tokens(question))
            entries = await case_index_store.candidates(connection, plan(question, numbers), filters.marks())
        return ranked(question, entries, numbers, most)

    async def _read(self, found: Sequence[Ranked]) -> list[FoundCase]:
        own = [one.entry.id for one in found if not one.entry.id.startswith(PREFIX)]
        known = {case.id: case for case in await published_cases(self._database, own)} if own else {}
        cases = [(starter().get(one.entry.id) or known.get(one.entry.id), one) for one in found]
        return [FoundCase(case, one.score, one.why, one.alike) for case, one in cases if case is not None]
