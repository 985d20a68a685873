"""The clocks of reports, counted again from the articles as they are worded, with the official calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from law import ORDER_20, ORDER_121, Pause, StatutoryOrder, WorkingCalendar, tell_filing_by, verify_by
from law.grounds import MATTERS, cited_matter
from law.orders import SUBJECTS, rules

CALENDAR = WorkingCalendar()
DAYS = st.dates(date(2020, 1, 1), date(2026, 10, 31))
ORDERS = st.sampled_from([ORDER_121, ORDER_20])


def counted(start: date, days: int, pauses: list[Pause]) -> date:
    """Order 121 Art 45: the day it begins is not counted. Penalty procedure Art 18: nor is the time of testing."""
    day = start
    while days:
        day += timedelta(days=1)
        if any(one.since < day <= (one.until or date.max) for one in pauses):
            continue
        days -= CALENDAR.worked(day)
    return day


@given(DAYS, st.booleans(), st.booleans(), ORDERS)
def test_a_report_is_verified_in_fifteen_working_days_and_once_as_many_again_with_approval(
    found: date, reported: bool, extended: bool, order: StatutoryOrder
) -> None:
    deadline = verify_by(found, order, CALENDAR, reported, extended)
    assert deadline.due == counted(found, 30 if extended else 15, [])
    assert not deadline.standing


@given(DAYS, st.booleans(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=2), ORDERS)
def test_testing_and_identification_are_taken_out_of_the_period(
    found: date, extended: bool, spans: list[tuple[int, int]], order: StatutoryOrder
) -> None:
    pauses, after = [], found
    for wait, length in spans:
        begun = after + timedelta(days=wait)
        after = begun + timedelta(days=length)
        pauses.append(Pause(begun, after))
    deadline = verify_by(found, order, CALENDAR, True, extended, pauses)
    assert deadline.due == counted(found, 30 if extended else 15, pauses)
    assert sum(day.counted for day in deadline.days) == (30 if extended else 15)
    assert "《市场监督管理行政处罚程序规定》第十八条" in deadline.article("zh")


def test_a_lead_found_in_mediation_cites_the_penalty_procedure_once_testing_takes_time() -> None:
    plain = verify_by(date(2026, 6, 12), ORDER_121, CALENDAR, reported=False, extended=False)
    assert "第二十七条" in plain.article("zh")
    assert "程序规定" not in plain.article("zh")
    tested = [Pause(date(2026, 6, 15), date(2026, 6, 18))]
    assert "程序规定》第十八条" in verify_by(date(2026, 6, 12), ORDER_121, CALENDAR, False, False, tested).article("zh")


def test_while_testing_lasts_the_clock_stands_and_says_what_is_left() -> None:
    deadline = verify_by(date(2026, 6, 12), ORDER_121, CALENDAR, True, False, [Pause(date(2026, 6, 16), None)])
    assert (deadline.standing, deadline.left) == (True, 13)


@given(DAYS)
def test_order_20_has_whoever_reported_by_name_told_within_five_working_days_of_the_decision(decided: date) -> None:
    deadline = tell_filing_by(decided, ORDER_20, CALENDAR)
    assert deadline is not None
    assert deadline.due == counted(decided, 5, [])
    assert "暂行办法》第三十一条第二款" in deadline.article("zh")
    assert "Art 31(2)" in deadline.article("en")


def test_order_121_sets_no_time_for_telling_whether_a_case_is_filed() -> None:
    assert tell_filing_by(date(2026, 6, 12), ORDER_121, CALENDAR) is None


@pytest.mark.parametrize(
    ("subject", "newer", "older"),
    [
        ("conduct", ["第二十九条"], ["第二十五条"]),
        ("platform", ["第三十一条第一款"], ["第二十七条第一款"]),
        ("seller", ["第三十一条第二款"], ["第二十七条第二款"]),
        ("media", ["第三十二条第一款"], ["第二十八条第一款"]),
        ("online_ad", ["第三十二条第一款", "第三十二条第二款"], ["第二十八条第一款", "第二十八条第二款"]),
        ("own_ad", ["第三十二条第三款"], ["第二十八条第三款"]),
        ("monopoly", ["第四十三条第二款"], ["第三十八条第二款"]),
        ("drug", ["第四十三条第三款"], ["第三十八条第三款"]),
    ],
)
def test_the_rule_of_competence_that_is_hinted_at_is_the_one_for_what_is_reported(
    subject: str, newer: list[str], older: list[str]
) -> None:
    assert [rule.citation.place("zh") for rule in rules(ORDER_121, subject)] == [*newer, "第三十条"]
    assert [rule.citation.place("zh") for rule in rules(ORDER_20, subject)] == [*older, "第二十六条"]


def test_every_subject_and_matter_has_words_in_both_languages() -> None:
    for subject in SUBJECTS:
        assert all(rule.text("zh") and rule.text("en") for rule in rules(ORDER_121, subject))
    for kind, matter in MATTERS.items():
        assert matter.way("zh")
        assert matter.way("en")
        article = cited_matter(ORDER_121, kind)
        assert article is not None
        assert article.place("zh") == ("第二条" if kind == "elsewhere" else "第四十四条")
