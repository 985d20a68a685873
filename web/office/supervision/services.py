"""What supervision's pages ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from aiohttp import web

from offices.people import Office, Officer
from rooms.supervision.drawing import RuleEdition, SamplingRule
from rooms.supervision.plans import PlanCommand
from rooms.supervision.reviewing import ReviewCommand
from rooms.supervision.views import (
    PassedRow,
    PlanPage,
    Practice,
    QuarterlyReport as Report,
    ReviewFilter,
    ReviewList,
    ReviewPage,
    SupervisorDesk as Monday,
)


class Supervision(Protocol):
    # ------------------------------------------------------------ plans

    async def monday(self, officer: Officer) -> Monday: ...

    async def plan(self, officer: Officer, office: str, period: str) -> PlanPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def passed(
        self, officer: Officer, office: str, period: str, page: int
    ) -> tuple[Sequence[PassedRow], int, Mapping[str, int]]:
        """A page of them, how many pages, and how many for which reason."""
        ...

    async def published(self, officer: Officer, office: str, period: str) -> Mapping[str, Any]:
        """What anybody needs to do the draw over."""
        ...

    async def change_plan(self, officer: Officer, office: str, period: str, command: PlanCommand) -> None: ...

    async def editions(self, officer: Officer, office: str) -> Sequence[RuleEdition]: ...

    async def choose_rule(self, officer: Officer, office: str, rule: SamplingRule, reason: str) -> None: ...

    # ------------------------------------------------------------ reviews

    async def reviews(self, officer: Officer, wanted: ReviewFilter) -> ReviewList: ...

    async def review(self, officer: Officer, session: str) -> ReviewPage:
        """Refused: not_found. A mediator sees theirs once it was handed on."""
        ...

    async def open_review(self, officer: Officer, session: str) -> None:
        """Refused: not_closed, erased."""
        ...

    async def ask(self, officer: Officer, session: str, command: ReviewCommand) -> None: ...

    async def keep_draft(self, officer: Officer, session: str, changes: Mapping[str, str]) -> None: ...

    # ------------------------------------------------------------ practice and report

    async def practice(self, officer: Officer) -> Practice: ...

    async def report(self, officer: Officer, office: str, quarter: str) -> Report:
        """Refused: not_found."""
        ...

    async def data_set(self, officer: Officer, office: str, quarter: str) -> Sequence[Mapping[str, Any]]:
        """One row a mediation that closed in the quarter, naming nobody."""
        ...

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """Those they oversee, by name."""
        ...


SUPERVISION: web.AppKey[Supervision] = web.AppKey("supervision", Supervision)


REPORT_PRESS: web.AppKey[Callable[[Mapping[str, Any]], bytes]] = web.AppKey("report_press")
"""Prints what the quarter's report says, as PDF/A."""
"""From what web.office.supervision.plans.report_sheet says to a PDF; takes a quarter of a second: in a thread."""
