"""The State Council's notice on top of the package's calendar: read as pasted, and counted with."""

from __future__ import annotations

from datetime import date

import pytest

from law import ORDER_121, WorkingCalendar, accept_by, mediate_by
from law.deadlines import BadNotice, HolidayNotice, read_holiday_notice

# Invented for a year without a notice yet; the weekdays are that year's.
TEXT = """关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假调休，共3天。1月4日（周一）上班。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月5日（周一）放假，与周末连休。
节假日期间，各地区、各部门要妥善安排好值班和安全工作。"""


def test_a_notice_is_read_as_it_is_published() -> None:
    notice = read_holiday_notice(TEXT, 2027)
    assert [day for day, zh, _ in notice.off if zh == "元旦"] == [date(2027, 1, day) for day in (1, 2, 3)]
    assert [day for day, zh, _ in notice.off if zh == "春节"] == [date(2027, 2, day) for day in range(5, 12)]
    assert (date(2027, 4, 5), "清明", "Qingming Festival") in notice.off
    assert notice.worked == (date(2027, 1, 4), date(2027, 1, 31), date(2027, 2, 20))


def test_plain_lines_say_the_same() -> None:
    notice = read_holiday_notice("2027-02-05..2027-02-11 春节\n2027-02-20 班\n", 2027)
    assert len(notice.off) == 7
    assert notice.off[0] == (date(2027, 2, 5), "春节", "Spring Festival")
    assert notice.worked == (date(2027, 2, 20),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("没有日期的通知", "empty"),
        (TEXT.replace("（周五）至3日", "（周四）至3日"), "weekday"),
        ("一、元旦：13月1日放假", "date"),
        ("2027-02-30 春节", "date"),
        ("2027-02-05..2027-03-31 春节", "date"),
        ("2027-02-05..2027-02-01 春节", "date"),
        ("2031-02-05 春节", "year"),
        ("2026-12-31 元旦", "year"),
        ("x" * 20_001, "long"),
    ],
)
def test_what_cannot_be_this_years_notice_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadNotice) as no:
        read_holiday_notice(text, 2027)
    assert no.value.problem == problem


def test_last_years_notice_is_not_taken_for_this_years() -> None:
    with pytest.raises(BadNotice):
        read_holiday_notice(TEXT, 2028)


def test_dates_rest_on_the_notice_and_are_no_estimate_any_more() -> None:
    plain, noticed = WorkingCalendar(), WorkingCalendar(notices=(read_holiday_notice(TEXT, 2027),))
    before, after = (accept_by(date(2027, 2, 4), ORDER_121, calendar) for calendar in (plain, noticed))
    assert before.estimated
    assert not after.estimated
    assert after.due == date(2027, 2, 20)  # the 12th, 15th to 19th, and the Saturday that is worked
    assert [day.zh for day in after.days][1:8] == ["春节"] * 7
    assert noticed.worked(date(2027, 1, 4))
    assert noticed.worked(date(2027, 1, 31))
    assert noticed.rest(date(2027, 10, 1)) is None  # this invented notice has no such holiday
    assert noticed.rest(date(2026, 10, 1)) is not None  # other years stay what they are


def test_a_period_that_ends_in_a_noticed_holiday_ends_after_it() -> None:
    calendar = WorkingCalendar(notices=(HolidayNotice(2027, ((date(2027, 6, 9), "端午", "Dragon Boat Festival"),)),))
    assert mediate_by(date(2027, 4, 10), ORDER_121, calendar).due == date(2027, 6, 10)
