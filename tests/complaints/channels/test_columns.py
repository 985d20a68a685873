"""A column read at once says what its cells say one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import example, given, strategies as st

from complaints.channels import BadCell, cells
from complaints.channels.cells import Cell
from tests.complaints.channels.test_cells import CELLS

AMONG = {"是": "yes", "否": "no"}
_USUAL = st.sampled_from(
    ["张三", "武汉悦动有限公司", "退款 3 次", "是", "13800001234", "91420102MAQUP0C7QX", "12.50", "无", "N/A", "", "—"]
)
_ODD = st.sampled_from(
    ["是 ", " 否", "=1+1", "'0917", "@SUM(A1)", "甲\n乙", "\u200b丙", "\ufffd", "长" * 41, "\u3000", None, 7]
)
_COLUMNS = st.lists(_USUAL, max_size=12) | st.lists(_USUAL | _ODD, max_size=12) | st.lists(CELLS, max_size=9)


def by_themselves(
    read: Callable[[Cell], Any], column: Sequence[Any]
) -> tuple[list[Any], dict[int, tuple[str, dict[str, Any]]]]:
    """What single cells say, and what is wrong with them."""
    return _told(cells.each_cell(read)(column))


def _told(column: cells.Column) -> tuple[list[Any], dict[int, tuple[str, dict[str, Any]]]]:
    return list(column.values), {place: (no.code, no.params) for place, no in column.faults.items()}


@given(_COLUMNS)
@example(["", "无", "甲"])
@example(["甲", " 乙"])
@example(["甲", "=HYPERLINK(1)"])
def test_texts_that_stand_as_they_are_and_others_are_read_as_each_is_by_itself(column: list[Any]) -> None:
    def read(cell: Cell) -> str:
        plain = cells.text(cell)
        if len(plain) > 40:
            raise BadCell("too_long", most=40)
        return plain

    assert _told(cells.text_cells(40)(column)) == by_themselves(read, column)


@given(_COLUMNS)
def test_cells_that_were_read_before_are_read_as_the_first_time(column: list[Any]) -> None:
    often = cells.repeated_cells(lambda cell: cells.choice(cell, AMONG))
    once = by_themselves(lambda cell: cells.choice(cell, AMONG), column)
    assert _told(often(column)) == once
    assert _told(often(column)) == once


@given(st.lists(st.booleans() | st.integers(0, 1) | st.sampled_from([0.0, 1.0]), max_size=6))
def test_what_only_counts_as_equal_is_not_taken_for_the_same_cell(column: list[Any]) -> None:
    assert _told(cells.repeated_cells(cells.text)(column)) == by_themselves(cells.text, column)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "\t", "\u3000"]))
def test_a_mobile_number_that_stands_alone_is_read_as_among_blanks(number: str, blank: str) -> None:
    assert cells.phones(number) == cells.phones(f"{blank}{number}{blank}") == (number,)


@given(st.from_regex(r"[0-9]{1,9}\.[0-9]{2}", fullmatch=True))
def test_an_amount_in_yuan_and_fen_is_read_as_with_its_sign(amount: str) -> None:
    assert cells.amount(amount) == cells.amount(f"¥{amount}")
    assert str(cells.amount(amount)) == str(cells.amount(f"¥{amount}"))


@given(st.from_regex(r"[0-9A-Za-z]{18}", fullmatch=True))
def test_a_code_of_eighteen_characters_is_read_as_with_hyphens_between_them(code: str) -> None:
    assert cells.identity(code) == cells.identity(f"{code[:6]}-{code[6:]}")
