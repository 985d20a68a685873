"""What pages ask of statistics and dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web

from complaints.statistics.definitions import Part, Statistic
from complaints.statistics.views import (
    Comparison as Against,
    CountedComplaint as Behind,
    CrossTable as Cross,
    Dashboard as Board,
    FigureChange as Since,
    MediationPerformance as Performance,
    Overview,
    Poster,
    StatisticsQuery as StatisticsQuery,
)
from offices.people import Officer


class Statistics(Protocol):
    """Scoped: a mediator counts their own office, a supervisor those they oversee. Refused(404): not_found."""

    async def overview(self, officer: Officer, asked: StatisticsQuery) -> Overview: ...

    async def records(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[Behind], int]:
        """A page of those behind the figure, in the order of their day, and how many in all.

        `group`: only those of it, one of the groups `asked.by` makes; None: all.
        """
        ...


class Dashboards(Protocol):
    """Scoped as `Statistics`. Refused(404): not_found."""

    async def board(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, against: Against | None, most: int
    ) -> Board: ...

    async def cross(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic) -> Cross:
        """`asked.by`: two groupings (`complaints.statistics.figures.crossed`)."""
        ...

    async def since(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, moment: datetime) -> Since:
        """TooMuchChanged."""
        ...

    async def performance(self, officer: Officer, asked: StatisticsQuery) -> Performance:
        """`asked.by`: problem, industry or channel."""
        ...

    async def picture(self, poster: Poster) -> bytes:
        """As PNG."""
        ...

    async def outline(self, office: str) -> bytes | None:
        """The map an office supplied, as `complaints.statistics.outlines` keeps it."""
        ...


DASHBOARDS: web.AppKey[Dashboards] = web.AppKey("dashboards", Dashboards)


STATISTICS: web.AppKey[Statistics] = web.AppKey("statistics", Statistics)
