"""Statutory dates against the calendar of 2026 as the State Council published it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from law import ORDER_20, ORDER_121, WorkingCalendar, accept_by, mediate_by, order_for, tell_end_by
from law.deadlines import HolidayNotice
from law.grounds import ending_grounds, refusal_grounds
from law.orders import chinese_number

CALENDAR = WorkingCalendar()
DAYS_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def test_seven_working_days_skip_the_dragon_boat_festival() -> None:
    deadline = accept_by(date(2026, 6, 12), ORDER_121, CALENDAR)
    assert deadline.due == date(2026, 6, 24)
    assert [(day.date.day, day.zh) for day in deadline.days] == [
        (12, "收到"), (13, "周六"), (14, "周日"), (15, "1"), (16, "2"), (17, "3"), (18, "4"),
        (19, "端午节"), (20, "周六"), (21, "周日"), (22, "5"), (23, "6"), (24, "7"),
    ]  # fmt: skip
    assert "第十五条、第四十五条" in deadline.article("zh")
    assert not deadline.estimated


def test_mediation_has_sixty_natural_days_from_acceptance() -> None:
    deadline = mediate_by(date(2026, 6, 12), ORDER_121, CALENDAR)
    assert deadline.due == date(2026, 8, 11)
    assert deadline.days[-1].number == 60
    assert "第二十三条第五项" in deadline.article("zh")


def test_a_period_ending_on_a_statutory_holiday_ends_on_the_first_day_that_is_none() -> None:
    deadline = mediate_by(date(2026, 8, 2), ORDER_121, CALENDAR)  # the 60th day is 1 October
    assert deadline.due == date(2026, 10, 4)  # a Sunday of the National Day holiday: no statutory holiday itself
    assert [day.date for day in deadline.days if day.number == 60] == [date(2026, 10, 1)]
    assert [day.zh for day in deadline.days[-3:]] == ["国庆节", "国庆节", "顺延到这天"]


def test_a_plain_weekend_moves_nothing() -> None:
    deadline = mediate_by(date(2026, 6, 10), ORDER_121, CALENDAR)
    assert deadline.due == date(2026, 8, 9)
    assert deadline.due.weekday() == 6


@pytest.mark.parametrize(
    ("last", "what"),
    [
        (date(2026, 6, 20), "the Saturday of the Dragon Boat holiday"),
        (date(2026, 10, 4), "the Sunday of the National Day holiday"),
        (date(2026, 10, 5), "a make-up day"),
        (date(2026, 10, 6), "a moved day of rest"),
        (date(2027, 2, 9), "a make-up day of a year whose notice is not out"),
    ],
)
def test_rest_around_a_holiday_moves_no_period_of_natural_days(last: date, what: str) -> None:
    deadline = mediate_by(last - timedelta(days=60), ORDER_121, CALENDAR)
    assert deadline.due == last, what
    assert deadline.days[-1].number == 60


def test_a_notice_of_the_state_council_moves_no_statutory_holiday() -> None:
    off = tuple((date(2026, 10, day), "国庆节", "National Day") for day in range(1, 8))
    noticed = WorkingCalendar(notices=(HolidayNotice(2026, off),))
    assert [day for day in range(1, 9) if noticed.festival(date(2026, 10, day))] == [1, 2, 3]
    assert mediate_by(date(2026, 8, 6), ORDER_121, noticed).due == date(2026, 10, 5)


def test_a_weekend_made_a_working_day_counts() -> None:
    deadline = accept_by(date(2026, 5, 6), ORDER_121, CALENDAR)
    assert date(2026, 5, 9) in [day.date for day in deadline.days if day.counted]
    assert deadline.due == date(2026, 5, 14)


def test_a_moved_day_of_rest_is_named() -> None:
    rest = CALENDAR.rest(date(2026, 2, 20))
    assert rest is not None
    assert (rest.zh, rest.en, rest.statutory) == ("调休", "moved day of rest", False)


def test_the_older_order_counts_forty_five_working_days() -> None:
    deadline = mediate_by(date(2026, 3, 2), ORDER_20, CALENDAR)
    assert deadline.due == date(2026, 5, 8)
    assert sum(day.counted for day in deadline.days) == 45
    assert "暂行办法" in deadline.article("zh")


@pytest.mark.parametrize(("received", "order"), [(date(2026, 4, 14), ORDER_20), (date(2026, 4, 15), ORDER_121)])
def test_the_day_of_receipt_chooses_the_order(received: date, order: object) -> None:
    assert order_for(received) is order


def test_a_date_in_a_year_not_yet_published_says_so() -> None:
    assert accept_by(date(2026, 12, 29), ORDER_121, CALENDAR).estimated
    assert not accept_by(date(2026, 12, 1), ORDER_121, CALENDAR).estimated


@given(DAYS_2026)
def test_a_working_day_period_never_ends_on_a_day_off_and_never_counts_its_first_day(start: date) -> None:
    deadline = tell_end_by(start, ORDER_121, CALENDAR)
    assert CALENDAR.worked(deadline.due)
    assert not deadline.days[0].counted
    assert [day.number for day in deadline.days if day.counted] == list(range(1, 8))


@given(DAYS_2026)
def test_every_day_of_a_period_is_explained_once_and_in_order(start: date) -> None:
    for deadline in (accept_by(start, ORDER_121, CALENDAR), mediate_by(start, ORDER_121, CALENDAR)):
        assert [day.date for day in deadline.days] == [
            start + timedelta(days=n) for n in range((deadline.due - start).days + 1)
        ]


# Measures for Public Holidays (2024), Art 2: the days of 2026 and of the beginning of 2027.
STATUTORY = {
    date(2026, 1, 1), *(date(2026, 2, day) for day in (16, 17, 18, 19)), date(2026, 4, 5), date(2026, 5, 1),
    date(2026, 5, 2), date(2026, 6, 19), date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 3)),
    date(2027, 1, 1), *(date(2027, 2, day) for day in (5, 6, 7, 8)),
}  # fmt: skip


@given(DAYS_2026)
def test_sixty_days_move_only_from_a_statutory_holiday_and_only_to_the_first_day_that_is_none(start: date) -> None:
    due = start + timedelta(days=60)
    while due in STATUTORY:
        due += timedelta(days=1)
    assert mediate_by(start, ORDER_121, CALENDAR).due == due


def test_grounds_have_the_numbers_of_their_articles() -> None:
    assert [ground.number for ground in refusal_grounds("121")] == list(range(1, 8))
    assert [ground.number for ground in ending_grounds("121")] == list(range(1, 9))
    assert [ground.number for ground in refusal_grounds("20")] == list(range(1, 7))
    assert [ground.number for ground in ending_grounds("20")] == list(range(1, 8))


@pytest.mark.parametrize(
    ("number", "written"), [(7, "七"), (10, "十"), (15, "十五"), (20, "二十"), (107, "一百零七"), (496, "四百九十六")]
)
def test_articles_are_numbered_as_in_print(number: int, written: str) -> None:
    assert chinese_number(number) == written
