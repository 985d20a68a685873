"""Facts kept in memory, counted by the pure core."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.statistics import Part, Statistic, current
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Period, belongs, each_month, figure, fits, group_of, months_to, tallies
from complaints.statistics.views import (
    CountedComplaint,
    Figures,
    OfficeComparison,
    Overview,
    StatisticsQuery,
    compared,
)
from journal.refusals import Refused
from offices import Office, Officer
from tests.web.fakes.people import EAST_LAKE, ELSEWHERE
from web.office.statistics import Statistics

PAGE = 50


class FakeStatistics(Statistics):
    """A supervisor sees both offices, anybody else their own."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.asked: list[StatisticsQuery] = []

    def seen(self, officer: Officer, asked: StatisticsQuery) -> tuple[list[Office], list[Fact]]:
        self.asked.append(asked)
        offices = [EAST_LAKE, ELSEWHERE] if officer.role == "supervisor" else [officer.office]
        if asked.office and asked.office not in [office.id for office in offices]:
            raise Refused("not_found", 404)
        wanted = {asked.office} if asked.office else {office.id for office in offices}
        return offices, [fact for fact in self.facts if fact.office in wanted and fits(fact, asked.only)]

    async def offices(self, officer: Officer) -> list[Office]:
        return [EAST_LAKE, ELSEWHERE] if officer.role == "supervisor" else [officer.office]

    async def overview(self, officer: Officer, asked: StatisticsQuery) -> Overview:
        offices, facts = self.seen(officer, asked)

        def figures(period: Period, by: str = "") -> dict[str, Figures]:
            measures = list(dict.fromkeys(measure for one in current() for measure in one.measures))
            found = tallies(facts, measures, period, asked.today, by)
            groups = {group for _, group in found} | (set() if by else {""})
            return {group: {one.id: figure(one, found, group) for one in current()} for group in groups}

        trend = months_to(asked.period.last)
        months = figures(trend, "month")
        return Overview(
            offices,
            figures(asked.period)[""],
            figures(asked.period.previous())[""],
            figures(asked.period.year_before())[""],
            sorted(figures(asked.period, asked.by).items()) if asked.by else [],
            [(month, months.get(month, {})) for month in each_month(trend)],
        )

    async def compare(self, officer: Officer, asked: StatisticsQuery, wanted: Sequence[Statistic]) -> OfficeComparison:
        offices, facts = self.seen(officer, asked)
        measures = list(dict.fromkeys(measure for one in wanted for measure in one.measures))
        return compared(offices, asked.office, wanted, tallies(facts, measures, asked.period, asked.today, "office"))

    async def records(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[CountedComplaint], int]:
        _, facts = self.seen(officer, asked)
        measure = statistic.measures[0 if part == "top" else -1]
        found = [
            CountedComplaint(
                fact.id, f"号{fact.id}", "退款", "registered", fact.channel, fact.office,
                getattr(fact, measure.by), getattr(fact, measure.of) if measure.of else None,
            )
            for fact in facts
            if belongs(fact, measure, asked.period, asked.today)
            and (group is None or group_of(fact, measure, asked.by) == group)
        ]  # fmt: skip
        return found[PAGE * (page - 1) : PAGE * page], len(found)
