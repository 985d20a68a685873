"""Supervision where nothing was ever drawn or reviewed: what its pages are made of is tests/server's."""

from __future__ import annotations

from datetime import date
from typing import Any

from journal.refusals import Refused
from rooms.supervision import Practice, PracticeRange, ReviewFilter, ReviewList, SupervisorDesk


class FakeSupervision:
    async def monday(self, officer: Any, office: str = "", page: int = 1) -> SupervisorDesk:
        return SupervisorDesk("2026-W48", 0, 0, 1, [], [officer.office], [], [], [], [])

    async def offices(self, officer: Any) -> list[Any]:
        return [officer.office]

    async def practice(self, officer: Any) -> Practice:
        empty = PracticeRange(None, None, None, None)
        return Practice(date(2026, 6, 1), [], {}, {"together": empty}, 0, 0, [], [])

    async def reviews(self, officer: Any, wanted: ReviewFilter) -> ReviewList:
        return ReviewList([], 0, 50, [officer.office])

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any) -> None:
            raise Refused("not_found", 404)

        return nothing
