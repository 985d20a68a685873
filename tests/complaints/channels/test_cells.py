"""Cells as spreadsheets and clerks leave them behind."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from complaints.channels import BadCell, cells
from rooms.agreement.state import capitals

ZONE = "Asia/Shanghai"
MORNING = datetime(2026, 6, 8, 6, 30, tzinfo=UTC)  # half past two in the afternoon in the office's zone
MIDNIGHT = datetime(2026, 6, 7, 16, tzinfo=UTC)
EXCEL = 46181 + (14 * 60 + 30) / 1440

CELLS: st.SearchStrategy[cells.Cell] = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.from_regex(r"[0-9/.\-年月日: ]{1,24}"),
    st.from_regex(r"[0-9.,eE+\-元万¥]{1,20}"),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-06-08 14:30", "2026/6/8 14:30:00", "2026.6.8 14:30", "2026年6月8日14时30分", "2026年6月8日下午2:30",
        "2026-06-08T14:30:00+08:00", "2026-06-08T06:30:00Z", "２０２６－０６－０８　１４：３０", "20260608143000",
        "8-Jun-2026 2:30 PM", "2026年06月08日（星期一） 14:30", EXCEL, str(EXCEL)[:12], datetime(2026, 6, 8, 14, 30),
    ],
)  # fmt: skip
def test_every_usual_way_to_write_a_moment_is_the_same_moment(cell: cells.Cell) -> None:
    assert abs(cells.moment(cell, ZONE) - MORNING) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "cell",
    ["2026-06-08", "2026/6/8", "20260608", 20260608.0, "二〇二六年六月八日", "46181", 46181, date(2026, 6, 8)],
)
def test_a_day_alone_begins_where_the_office_is(cell: cells.Cell) -> None:
    assert cells.moment(cell, ZONE) == MIDNIGHT
    assert cells.day(cell, ZONE) == date(2026, 6, 8)


@pytest.mark.parametrize(
    ("text", "day"),
    [("二〇二六年十月三十一日", date(2026, 10, 31)), ("二零二六年十二月二十日", date(2026, 12, 20)),
     ("13/6/2026", date(2026, 6, 13)), ("6/13/2026", date(2026, 6, 13)), ("6/6/2026", date(2026, 6, 6))],
)  # fmt: skip
def test_days_in_words_and_in_other_orders(text: str, day: date) -> None:
    assert cells.day(text, ZONE) == day


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-06-08、2026-06-10", "two_dates"), ("2026年6月8日至6月10日", "two_dates"), ("6/8/2026", "ambiguous_date"),
        ("2026-13-01", "bad_date"), ("26-6-8", "bad_date"), ("明天", "bad_date"), (5, "bad_date"),
        (float("nan"), "bad_date"), ("2026-06-08 25:00", "bad_date"), ("0026-06-08", "bad_date"), (True, "bad_date"),
    ],
)  # fmt: skip
def test_what_is_no_one_day_is_refused_by_name(cell: cells.Cell, code: str) -> None:
    with pytest.raises(BadCell) as no:
        cells.moment(cell, ZONE)
    assert no.value.code == code


@pytest.mark.parametrize("cell", ["14:30", "下午2:30", time(14, 30), 14.5 / 24, timedelta(hours=14.5), "2:30pm"])
def test_a_time_of_day_in_its_own_column(cell: object) -> None:
    assert cells.clock(cell) == time(14, 30)


@pytest.mark.parametrize(
    "cell",
    [13800001234.0, 13800001234, "1.3800001234E10", "13800001234.0", "'13800001234", '="13800001234"',
     "+86 138-0000-1234", "１３８００００１２３４", "\u202d13800001234\u202c"],
)  # fmt: skip
def test_a_phone_number_survives_the_spreadsheet(cell: cells.Cell) -> None:
    assert cells.phones(cell) == ("13800001234",)


def test_two_numbers_in_one_cell_are_both_kept() -> None:
    assert cells.phones("13800001234/(027)87650000") == ("13800001234", "02787650000")


@pytest.mark.parametrize(
    ("cell", "code"),
    [("1.38E+10", "digits_lost"), ("1.38000E10", "digits_lost"), ("123", "bad_phone"), ("无此人", "bad_phone")],
)
def test_a_number_that_lost_digits_is_not_guessed_at(cell: cells.Cell, code: str) -> None:
    with pytest.raises(BadCell) as no:
        cells.phones(cell)
    assert no.value.code == code


@pytest.mark.parametrize("cell", [420106199001011234.0, 420106199001011234, "4.20106E+17", "4.20106199001011E+17"])
def test_an_identity_number_in_scientific_notation_has_lost_its_last_digits(cell: cells.Cell) -> None:
    with pytest.raises(BadCell) as no:
        cells.identity(cell)
    assert no.value.code == "digits_lost"


def test_an_identity_number_as_text_stays_as_it_is() -> None:
    assert cells.identity("42010619900101123x") == "42010619900101123X"


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [("1,234.50元", "1234.50"), ("￥99", "99.00"), ("1.2万元", "12000.00"), ("约300元", "300.00"), (99.9, "99.90"),
     (0.1 + 0.2, "0.30"), ("人民币 50 元整", "50.00"), (1200, "1200.00"),
     ("人民币伍仟元整", "5000.00"), ("壹万贰仟叁佰元", "12300.00"), ("贰万零捌拾元伍角", "20080.50"),
     ("叁佰零陆元零伍分", "306.05"),
     ("拾伍元整", "15.00"), ("2万3千", "23000.00"), ("2万3千5百元", "23500.00"), ("3千8百块", "3800.00")],
)  # fmt: skip
def test_amounts(cell: cells.Cell, yuan: str) -> None:
    assert cells.amount(cell) == Decimal(yuan)


@given(st.decimals(min_value=1, max_value=Decimal("99999999.99"), places=2))
def test_a_sum_in_capitals_as_papers_write_it_is_read_back(yuan: Decimal) -> None:
    assert cells.amount(f"人民币{capitals(yuan)}") == yuan


@pytest.mark.parametrize(
    ("cell", "code"),
    [("300-500", "two_amounts"), ("三百", "bad_amount"),
     ("三万二元", "bad_amount"), ("伍佰仟元", "bad_amount"), ("元整", "bad_amount"),
     (-1, "bad_amount"), ("12.345", "bad_amount"),
     (float("nan"), "bad_amount"), (float("inf"), "bad_amount"), (1e300, "bad_amount")],
)  # fmt: skip
def test_amounts_that_are_none_or_two(cell: cells.Cell, code: str) -> None:
    with pytest.raises(BadCell) as no:
        cells.amount(cell)
    assert no.value.code == code


def test_a_cell_that_calculates_is_refused_and_one_that_only_begins_like_it_is_not() -> None:
    with pytest.raises(BadCell) as no:
        cells.text('=HYPERLINK("http://x.example")')
    assert no.value.code == "formula"
    assert cells.text("=====") == "====="
    assert cells.text("-退款") == "-退款"


def test_what_people_write_for_nothing_is_nothing() -> None:
    assert all(cells.empty(cell) for cell in (None, "", "　", "/", "无", "N/A", "--"))
    assert not any(cells.empty(cell) for cell in (0, "0", False, "无理拒绝退款"))


@given(CELLS)
def test_a_reader_of_cells_knows_no_other_fault_than_its_own(cell: cells.Cell) -> None:
    for read in (cells.text, cells.phones, cells.identity, cells.amount, cells.flag, cells.clock):
        with suppress(BadCell):
            read(cell)
    for dated in (cells.moment, cells.day):
        with suppress(BadCell):
            assert dated(cell, ZONE)
    cells.empty(cell)


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2099, 1, 1)))
def test_an_excel_serial_is_the_day_it_counts(at: datetime) -> None:
    at = at.replace(microsecond=0)
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)
    assert cells.moment(serial, "UTC") == at.replace(tzinfo=UTC)


@pytest.mark.parametrize("cell", ["甲\ud800", "\udfff", "\udcff乙"])
def test_half_a_character_is_no_text(cell: str) -> None:
    with pytest.raises(BadCell) as no:
        cells.text(cell)
    assert no.value.code == "unreadable_text"
