"""Kinds of day by the official calendar, and factors that are learnt from daily totals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from complaints.insight import ORDINARY, DayExposure, DayKind, fit_season, kind, observed_days
from law import WorkingCalendar

CALENDAR = WorkingCalendar()


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 17), DayKind.SPRING),  # the first day of the year of the horse
        (date(2026, 2, 10), DayKind.EVE),
        (date(2026, 2, 14), DayKind.MADE_UP),  # a Saturday that is worked
        (date(2026, 2, 24), DayKind.AFTER),
        (date(2025, 1, 29), DayKind.SPRING),  # and three weeks earlier the year before: by the moon
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 3, 15), DayKind.RIGHTS),
        (date(2026, 11, 12), DayKind.SALES),
        (date(2026, 4, 22), DayKind.ORDINARY),
        (date(2026, 4, 25), DayKind.ORDINARY),  # a Saturday: that is the weekday's
    ],
)
def test_a_day_is_of_the_kind_that_changes_it_most(day: date, expected: DayKind) -> None:
    assert kind(day, CALENDAR) is expected


def totals(days: DayExposure, by_weekday: list[float], swing: float, seed: int = 1) -> np.ndarray:
    mean = 400 * np.array(by_weekday)[days.weekday] * np.exp(swing * np.sin(2 * np.pi * days.of_year / 366))
    mean *= np.where(days.kind == DayKind.SPRING, 0.3, 1.0)
    return np.random.default_rng(seed).poisson(mean).astype(float)


def test_the_weeks_rhythm_spring_festival_and_the_season_are_found_again() -> None:
    days = DayExposure.of(date(2022, 1, 1), 4 * 365, CALENDAR)
    rhythm = [1.3, 1.1, 1.1, 1.0, 1.0, 0.8, 0.7]
    found = fit_season(totals(days, rhythm, 0.3), days)
    assert found.weekday == pytest.approx(np.array(rhythm), rel=0.03)
    assert found.kind[DayKind.SPRING] == pytest.approx(0.3, rel=0.1)
    assert found.season[91] == pytest.approx(np.exp(0.3), rel=0.06)
    assert found.season[274] == pytest.approx(np.exp(-0.3), rel=0.06)


def test_with_a_month_of_days_nothing_is_taken_for_a_season() -> None:
    days = DayExposure.of(date(2026, 5, 1), 30, CALENDAR)
    found = fit_season(np.full(30, 2.0), days)
    assert np.abs(found.season - 1).max() < 0.05


def test_a_small_group_goes_by_the_wider_one() -> None:
    days = DayExposure.of(date(2024, 1, 1), 730, CALENDAR)
    whole = fit_season(totals(days, [1.3, 1.1, 1.1, 1.0, 1.0, 0.8, 0.7], 0.3), days)
    small = np.zeros(730)
    small[::90] = 1
    found = fit_season(small, days, whole)
    assert found.weekday == pytest.approx(whole.weekday, rel=0.1)
    assert found.season == pytest.approx(whole.season, rel=0.1)


def test_a_gap_of_months_is_no_season() -> None:
    days = DayExposure.of(date(2023, 1, 1), 3 * 365, CALENDAR)
    seen = totals(days, [1.0] * 7, 0.0)
    seen[400:700] = 0
    there = observed_days(seen)
    assert there.sum() == 3 * 365 - 300
    assert np.abs(fit_season(seen, days, there=there).season - 1).max() < 0.1


def test_no_complaints_at_all_are_the_wider_group() -> None:
    days = DayExposure.of(date(2026, 1, 1), 60, CALENDAR)
    assert fit_season(np.zeros(60), days) is ORDINARY


def test_a_day_of_the_year_has_one_number_in_every_year() -> None:
    first = DayExposure.of(date(2023, 3, 1), 1, CALENDAR).of_year[0]
    assert DayExposure.of(date(2024, 3, 1), 1, CALENDAR).of_year[0] == first
    assert DayExposure.of(date(2024, 2, 29), 1, CALENDAR).of_year[0] == first - 1


def test_a_holiday_that_lies_before_the_first_day_still_has_its_days_after() -> None:
    after = date(2026, 10, 8)
    assert DayExposure.of(after, 1, CALENDAR).kind[0] == DayKind.AFTER
    assert DayExposure.of(after + timedelta(days=14), 1, CALENDAR).kind[0] == DayKind.ORDINARY
