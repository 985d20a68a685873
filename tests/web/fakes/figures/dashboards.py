"""Dashboards over facts kept in memory, counted by the pure core."""

from __future__ import annotations

from datetime import datetime

from complaints.statistics import Measure, Statistic, find_statistic
from complaints.statistics.figures import (
    BETWEEN,
    TOTAL,
    Period,
    SettlementCount,
    Tallies,
    figure,
    like_for_like,
    tallies,
)
from complaints.statistics.views import (
    Comparison,
    CrossTable,
    Dashboard,
    FigureChange,
    FigureGroup,
    MediationFigures,
    MediationPerformance,
    Poster,
    StatisticsQuery,
    TooMuchChanged,
    crossing,
)
from offices import Officer
from server.documents.poster import png
from tests.web.fakes.figures.statistics import FakeStatistics
from web.office.statistics import Dashboards

MEDIATION = ("settled_share", "median_days_to_settlement", "mediated", "loss_recovered", "travel_saved")


class FakeDashboards(Dashboards):
    def __init__(self, statistics: FakeStatistics) -> None:
        self._statistics = statistics
        self.names: dict[str, str] = {}
        self.changed: FigureChange | None = None
        self.map: bytes | None = None
        self.posters: list[Poster] = []

    async def board(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, against: Comparison | None, most: int
    ) -> Dashboard:
        offices, facts = self._statistics.seen(officer, asked)

        def counted(period: Period, by: str, office: str = "") -> Tallies:
            some = [one for one in self._statistics.facts if one.office == office] if office else facts
            return tallies(some, list(dict.fromkeys(statistic.measures)), period, asked.today, by)

        now = counted(asked.period, asked.by)
        beside = counted(against.period, asked.by, against.office) if against else {}
        labels = sorted({label for _, label in now}, key=lambda one: (-figure(statistic, now, one).top, one))
        rows = [
            FigureGroup(one, figure(statistic, now, one), figure(statistic, beside, one) if against else None)
            for one in labels
        ]
        total = figure(statistic, counted(asked.period, ""), TOTAL)
        other = figure(statistic, counted(against.period, "", against.office), TOTAL) if against else None
        return Dashboard(offices, total, other, rows[:most], len(rows), self.names)

    async def cross(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic) -> CrossTable:
        offices, facts = self._statistics.seen(officer, asked)
        first, _, second = asked.by.partition(BETWEEN)
        counted = [
            tallies(facts, statistic.measures, asked.period, asked.today, by) for by in (asked.by, first, second, "")
        ]
        return crossing(offices, statistic, *counted)

    async def since(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, moment: datetime
    ) -> FigureChange:
        self._statistics.seen(officer, asked)
        if self.changed is None:
            raise TooMuchChanged
        return self.changed

    async def performance(self, officer: Officer, asked: StatisticsQuery) -> MediationPerformance:
        offices, facts = self._statistics.seen(officer, asked)
        wanted = [find_statistic(name) for name in MEDIATION]
        measures = list(dict.fromkeys(measure for one in wanted for measure in one.measures))
        spread = find_statistic("median_days_to_settlement").measures[0]

        def of(by: str) -> dict[str, MediationFigures]:
            found = tallies(facts, measures, asked.period, asked.today, by)
            labels = {label for _, label in found} | (set() if by else {TOTAL})
            return {
                label: MediationFigures(
                    label,
                    {one.id: figure(one, found, label) for one in wanted},
                    found[spread, label].days if (spread, label) in found else {},
                )
                for label in labels
            }

        mixed = {}
        for one in offices:
            mine = tallies([f for f in facts if f.office == one.id], measures, asked.period, asked.today, asked.by)
            for label in {label for _, label in mine}:
                counts = [
                    mine[m, label].count if (m, label) in mine else 0 for m in map(Measure, ("settled", "concluded"))
                ]
                mixed[one.id, label] = SettlementCount(*counts)
        alike, mine_, nothing = like_for_like(mixed), of("office"), of("")[TOTAL]
        blank = {one.id: figure(one, {}) for one in wanted}
        listed = [mine_.get(one.id, MediationFigures(one.id, blank, {})) for one in offices]
        return MediationPerformance(
            offices,
            nothing,
            [MediationFigures(one.label, one.figures, one.days, alike.get(one.label)) for one in listed],
            sorted(of(asked.by).values(), key=lambda one: one.label),
        )

    async def picture(self, poster: Poster) -> bytes:
        self.posters.append(poster)
        return png(poster)

    async def outline(self, office: str) -> bytes | None:
        return self.map
