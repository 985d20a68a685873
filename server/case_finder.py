"""Published cases and samples found by words or by a complaint. Implements `web.ports.case_search.CaseFinder`.

Reads only: the index is `server.storage.case_index`'s, the order `casebook.search.ranking`'s. Rooms ask it for the case
a mediator wants to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from casebook.case import Case
from casebook.outcomes import outcomes
from casebook.search.copies import collapsed
from casebook.search.question import Filters, Question
from casebook.search.ranking import Ranked, plan, ranked, wanted_tokens
from casebook.starter import PREFIX, starter
from law.articles import Days
from law.catalogue import catalogue
from rooms.events import TypicalLeaf
from rooms.session import Session
from server.case_questions import like_complaint, typed
from server.storage import case_index
from server.storage.cases import published_cases
from server.storage.engine import Database
from web.ports import LawShelf
from web.ports.case_search import Account, Alike, FoundCase

NEAR: Final = 0.45
"""Of the best score: a case with less is not counted in the range of outcomes."""
MOST_COUNTED: Final = 30
MOST_LOOKED_AT: Final = 90
"""Of a search: near-copies among them are told of, not listed."""


class CaseFinder:
    def __init__(self, database: Database, law: LawShelf, samples: bool = False) -> None:
        """`samples`: a demo's, where samples are suggested, counted and shown to rooms like any other case."""
        self._database, self._law, self._samples = database, law, samples

    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        question = typed(await self._law.library(), text, days) if text.strip() else None
        if question:
            return await self._read(collapsed(await self._ranked(question, filters, MOST_LOOKED_AT), most))
        if text.strip():
            return []  # nothing but signs
        async with self._database.read() as connection:
            found = await case_index.newest(connection, filters.marks(), most)
        return await self._read([Ranked(entry, 0.0, ()) for entry in found])

    async def alike(self, account: Account, days: Days, most: int) -> Alike:
        question = like_complaint(
            await self._law.library(),
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
        return Alike(await self._read(collapsed(near, most)), outcomes(one.entry for one in near))

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

    async def _ranked(self, question: Question, filters: Filters, most: int) -> list[Ranked]:
        async with self._database.read() as connection:
            numbers = await case_index.numbers(connection, wanted_tokens(question))
            entries = await case_index.candidates(connection, plan(question, numbers), filters.marks())
        return ranked(question, entries, numbers, most)

    async def _read(self, found: Sequence[Ranked]) -> list[FoundCase]:
        own = [one.entry.id for one in found if not one.entry.id.startswith(PREFIX)]
        known = {case.id: case for case in await published_cases(self._database, own)} if own else {}
        cases = [(starter().get(one.entry.id) or known.get(one.entry.id), one) for one in found]
        return [FoundCase(case, one.score, one.why, one.alike) for case, one in cases if case is not None]
