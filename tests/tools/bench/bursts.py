"""Planted bursts: how many are found within three days, and how many false alarms there are in weeks without any.

The counts are a city's of 5,500 complaints a day (ten million in five years): 60,000 businesses, 160 streets, 60 trades
with 12 problems each, 3,000 words. Recall is of bursts planted in one such city, false alarms are counted in others
that have none. What is counted as one false alarm is a series that is announced anew, as the page would.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from complaints.insight import fit_season
from complaints.insight.bursts import RULES, Alarm, BurstTests, judge
from tests.tools.data.city import City, Size, city
from tests.tools.figures import Figures

FIRST: Final = date(2024, 9, 1)
BEFORE: Final = 455  # days of history before the first run
WEEKS, WEEKS_QUICK = 10, 3
SMALLER_QUICK: Final = 8
EACH_DAY: Final = 3  # bursts that begin, in the city that has them
STRENGTHS: Final = ((3.0, 6.0), (6.0, 15.0))  # standard deviations of three days; the second is what the target means
QUIET: Final = 28  # days after which a series that is announced again counts again
WITHIN: Final = 3  # days, the first counted
SEED: Final = 71


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    planted_bursts(figures, quick)
    return figures.json()


def planted_bursts(figures: Figures, quick: bool) -> None:
    """Fills `figures` and sets the targets; the detection's part of `bench insight`."""
    size = Size().smaller(SMALLER_QUICK) if quick else Size()
    weeks = WEEKS_QUICK if quick else WEEKS
    figures.values["burst_city_complaints_a_day"] = size.daily
    days = range(BEFORE, BEFORE + 7 * weeks)
    null = city(size, FIRST, BEFORE + 7 * weeks, SEED)
    begun, runs = time.perf_counter(), dict(each(null, days))
    figures.values["burst_run_s"] = round((time.perf_counter() - begun) / len(days), 2)
    figures.values["burst_tests"] = max(tested.tests for tested in runs.values())
    figures.values["burst_false_alarms_a_week"] = round(len(announced(runs)) / weeks, 2)
    figures.values["burst_false_alarms_promised_a_week"] = RULES.weekly
    for strengths in STRENGTHS:
        onsets = [day for day in days[:-LAST_PLANT] for _ in range(1 if quick else EACH_DAY)]
        there = city(size, FIRST, BEFORE + 7 * weeks, SEED + 1, onsets, strengths)
        found = dict(each(there, days))
        name = f"burst_recall_{strengths[0]:.0f}_to_{strengths[1]:.0f}_sd"
        figures.values[name] = round(recall(there, found), 3)
        figures.values[f"{name}_planted"] = len(there.plants)
    figures.values["burst_recall"] = figures.values[name]
    figures.at_least("burst_recall", 0.9)
    figures.at_most("burst_false_alarms_a_week", 1.0)


LAST_PLANT: Final = 7  # days before the end on which no burst begins any more


def each(there: City, days: Sequence[int]) -> Iterator[tuple[int, BurstTests]]:
    """The run of each day, knowing what was known then: the season is fitted anew once a week."""
    exposure = np.zeros(there.groups.shape)
    for n, day in enumerate(days):
        if n % 7 == 0:
            exposure = exposures(there, day)
        yield day, judge(there.kinds, there.city, exposure, day)


def exposures(there: City, day: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    known = there.groups[:, : day + 1]
    days = there.days
    past = type(days)(days.first, day + 1, days.weekday[: day + 1], days.kind[: day + 1], days.of_year[: day + 1])
    whole = fit_season(known[0], past)
    return np.stack([days.exposure(whole), *(days.exposure(fit_season(one, past, whole)) for one in known[1:])])


def announced(runs: dict[int, BurstTests]) -> list[tuple[int, Alarm]]:
    """Alarms as they are new: of a series that was not among the alarms for `QUIET` days."""
    last: dict[tuple[str, int], int] = {}
    new = []
    for day, tested in sorted(runs.items()):
        for alarm in tested.alarms:
            which = alarm.kind, alarm.series
            if day - last.get(which, -QUIET - 1) > QUIET:
                new.append((day, alarm))
            last[which] = day
    return new


def recall(there: City, runs: dict[int, BurstTests]) -> float:
    alarms = {(day, alarm.kind, alarm.series) for day, tested in runs.items() for alarm in tested.alarms}
    found = [any((plant.onset + n, plant.kind, plant.key) in alarms for n in range(WITHIN)) for plant in there.plants]
    return sum(found) / max(len(found), 1)
