"""Bursts: what is found, what is not, and how many false alarms a city without bursts has."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from complaints.insight import Counts, observed_days
from complaints.insight.bursts import Alarm, Rules, judge
from tests.tools.bench.bursts import announced, each, recall
from tests.tools.data.city import Size, city

DAYS = 420
LAST = DAYS - 1


def counts(per_day: float, extra: dict[int, int] | None = None, others: int = 400, seed: int = 3) -> Counts:
    """Series 0 with `extra` complaints by day, among others of the same rate."""
    n = np.random.default_rng(seed).poisson(per_day, (others + 1, DAYS))
    for day, more in (extra or {}).items():
        n[0, day] += more
    series, at = np.nonzero(n)
    return Counts.of(
        "respondent", [f"r{k}" for k in range(others + 1)], np.zeros(others + 1, int), series, at, n[series, at]
    )


def alarms(one: Counts, day: int = LAST, rules: Rules | None = None) -> list[Alarm]:
    whole = np.bincount(one.day, one.n, DAYS).astype(float)
    return list(judge([one], whole, np.ones((1, DAYS)), day, rules or Rules()).alarms)


def test_a_business_that_shuts_is_found_on_the_third_day_with_the_day_it_began() -> None:
    found = alarms(counts(0.05, {LAST - 2: 3, LAST - 1: 4, LAST: 5}))
    assert [(one.key, one.since, one.seen) for one in found] == [("r0", LAST - 2, 12)]
    assert found[0].expected < 1


def test_what_was_expected_is_the_rate_of_the_past_times_the_window() -> None:
    found = alarms(counts(2.0, {LAST - n: 6 for n in range(7)}))
    [one] = [one for one in found if one.key == "r0"]
    assert one.expected / (LAST - one.since + 1) == pytest.approx(2.0, rel=0.25)


def test_fewer_than_the_least_are_nothing_however_rare() -> None:
    assert not alarms(counts(0.001, {LAST: 4}))
    assert alarms(counts(0.001, {LAST: 4}), rules=Rules(least=4))


def test_as_many_on_a_tuesday_as_on_mondays_are_a_burst_for_who_knows_the_weeks_rhythm() -> None:
    rhythm = np.tile([4.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], 60)
    n = np.random.default_rng(5).poisson(1.5 * rhythm, (100, DAYS))
    monday, tuesday = 7 * 59, 7 * 59 + 1
    n[0, monday], n[0, tuesday] = 6, 8
    series, day = np.nonzero(n)
    one = Counts.of("street", [str(k) for k in range(100)], np.zeros(100, int), series, day, n[series, day])
    whole = np.bincount(one.day, one.n, DAYS).astype(float)
    assert not judge([one], whole, rhythm[None, :], monday, Rules()).alarms
    assert [alarm.key for alarm in judge([one], whole, rhythm[None, :], tuesday, Rules()).alarms] == ["0"]
    assert not judge([one], whole, np.ones((1, DAYS)), tuesday, Rules()).alarms


def test_when_everything_doubles_nothing_stands_out() -> None:
    n = np.random.default_rng(7).poisson(1.0, (300, DAYS))
    n[:, -7:] += np.random.default_rng(8).poisson(1.0, (300, 7))
    series, day = np.nonzero(n)
    one = Counts.of("street", [str(k) for k in range(300)], np.zeros(300, int), series, day, n[series, day])
    assert not alarms(one)


def test_a_restless_series_needs_more_than_a_steady_one() -> None:
    generator = np.random.default_rng(11)
    weekly = np.repeat(generator.gamma(1.2, 1 / 1.2, DAYS // 7 + 1), 7)[:DAYS]
    n = np.stack([generator.poisson(2.0 * weekly), *generator.poisson(2.0, (60, DAYS))])
    n[:2, -7:] = 5
    series, day = np.nonzero(n)
    one = Counts.of("street", [str(k) for k in range(61)], np.zeros(61, int), series, day, n[series, day])
    found = {alarm.key for alarm in alarms(one)}
    assert "1" in found
    assert "0" not in found


def test_a_business_without_a_past_is_held_to_what_new_ones_bring() -> None:
    generator = np.random.default_rng(13)
    cells = []
    for k in range(1, 1500):  # one opens each few hours, and some are complained of often from then on
        begins = int(generator.integers(0, DAYS))
        days = begins + np.nonzero(generator.random(DAYS - begins) < (0.35 if k % 40 == 0 else 0.01))[0]
        cells += [(k, begins), *((k, int(day)) for day in days if day > begins)]
    series, day = (np.array(part) for part in zip(*cells, strict=True))
    one = Counts.of("respondent", [str(k) for k in range(1500)], np.zeros(1500, int), series, day)
    assert len(alarms(one)) <= 1


def test_with_no_days_or_one_complaint_there_is_nothing_to_say() -> None:
    nothing = Counts.of("street", [], np.zeros(0, int), np.zeros(0, int), np.zeros(0, int))
    assert not judge([nothing], np.zeros(1), np.ones((1, 1)), 0, Rules()).alarms
    single = Counts.of("street", ["a"], np.zeros(1, int), np.zeros(1, int), np.zeros(1, int))
    assert not judge([single], np.ones(1), np.ones((1, 1)), 0, Rules()).alarms


def test_a_years_gap_ends_without_an_alarm_for_everything() -> None:
    n = np.random.default_rng(17).poisson(1.0, (50, DAYS))
    n[:, 40:-3] = 0
    series, day = np.nonzero(n)
    one = Counts.of("street", [str(k) for k in range(50)], np.zeros(50, int), series, day, n[series, day])
    whole = np.bincount(one.day, one.n, DAYS).astype(float)
    assert len(judge([one], whole, observed_days(whole)[None, :], LAST, Rules()).alarms) <= 1


def test_the_budget_is_what_the_tails_of_all_tests_add_up_to() -> None:
    tested = judge([counts(0.5)], np.full(DAYS, 200.0), np.ones((1, DAYS)), LAST, Rules())
    assert 0 < tested.budget <= Rules().weekly * Rules().spend / 7
    assert tested.tests == 401 * 5


@pytest.mark.long
def test_a_city_without_bursts_has_at_most_the_false_alarms_that_are_promised() -> None:
    """Five weeks of a small city: 5 are promised at most; three times in four such runs there are none or one."""
    null = city(Size().smaller(40), date(2024, 9, 1), 455 + 35, seed=2)
    runs = dict(each(null, range(455, 455 + 35)))
    assert len(announced(runs)) <= 5 * Rules().weekly


def test_planted_bursts_are_found_within_three_days() -> None:
    days = range(455, 455 + 21)
    onsets = [day for day in days[:-5] for _ in range(2)]
    there = city(Size().smaller(40), date(2024, 9, 1), 455 + 21, 4, onsets, (8, 15))
    assert recall(there, dict(each(there, days))) >= 0.9
