"""Days said in words: what is taken, and what may mean several days and is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from web.office.sessions.elsewhere import LATEST, day_in_words

WEDNESDAY = date(2026, 6, 24)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("in 7 days", date(2026, 7, 1)),
        ("within 2 weeks", date(2026, 7, 8)),
        ("7日内", date(2026, 7, 1)),
        ("十天之内", date(2026, 7, 4)),
        ("3天", date(2026, 6, 27)),
        ("一周", date(2026, 7, 1)),
        ("2个月内", date(2026, 8, 24)),
        ("in 1 month", date(2026, 7, 24)),
        ("今天", WEDNESDAY),
        ("Tomorrow", date(2026, 6, 25)),
        ("周五", date(2026, 6, 26)),
        ("Friday", date(2026, 6, 26)),
        ("下周五", date(2026, 7, 3)),
        ("next Monday", date(2026, 6, 29)),
        ("月底", date(2026, 6, 30)),
        ("end of the month", date(2026, 6, 30)),
        ("12月8日", date(2026, 12, 8)),
        ("3-1", date(2027, 3, 1)),
        ("2026-07-15", date(2026, 7, 15)),
    ],
)
def test_what_people_say_is_the_day_they_mean(said: str, meant: date) -> None:
    assert day_in_words(said, WEDNESDAY) == meant


@pytest.mark.parametrize(
    "said", ["", "7日", "soon", "2月30日", "2026-06-23", "9999-01-01", "尽快", "0x7 days", "٧ days"]
)
def test_what_may_mean_several_days_or_none_is_asked_again(said: str) -> None:
    assert day_in_words(said, WEDNESDAY) is None


def test_a_month_from_the_thirty_first_ends_with_the_next_month() -> None:
    assert day_in_words("1个月内", date(2027, 1, 31)) == date(2027, 2, 28)


@given(st.text(max_size=40))
def test_nothing_typed_breaks_it_or_leads_out_of_bounds(said: str) -> None:
    found = day_in_words(said, WEDNESDAY)
    assert found is None or 0 <= (found - WEDNESDAY).days <= LATEST
