from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from rooms.agreement.state import DIGITS, capitals, figures

PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def whole(said: str) -> int:
    """Read back, by a rule of its own: the great units split, the small ones multiply."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in said:
            high, _, low = said.rpartition(unit)
            return whole(high) * size + whole(low)
    total = 0
    digit = 0
    for sign in said:
        if sign in PLACES:
            total += digit * PLACES[sign]
            digit = 0
        else:
            digit = DIGITS.index(sign)
    return total + digit


def read(said: str) -> Decimal:
    yuan, _, rest = said.removesuffix("整").rpartition("元")
    cents = 0
    for sign, size in (("角", 10), ("分", 1)):
        before, found, after = rest.partition(sign)
        if found:
            cents += DIGITS.index(before[-1]) * size
            rest = after
    return Decimal(whole(yuan)) + Decimal(cents) / 100


AMOUNTS = st.decimals(0, Decimal(10) ** 9, places=2)


@given(AMOUNTS)
def test_capital_numerals_say_the_same_amount(amount: Decimal) -> None:
    assert read(capitals(amount)) == amount


@given(AMOUNTS)
def test_they_are_written_as_a_bill_wants_them(amount: Decimal) -> None:
    said = capitals(amount)
    assert "零零" not in said
    assert said.endswith("分") is bool(int(amount * 100) % 10)
    assert said.endswith("整") is not said.endswith("分")
    assert ("零元" in said) is (amount == 0), "nothing but nought itself ends its yuan with 零"
    for unit in ("零万", "零亿", "零拾", "零佰", "零仟", "亿万"):
        assert unit not in said


@given(AMOUNTS, AMOUNTS)
def test_two_amounts_are_never_written_alike(one: Decimal, other: Decimal) -> None:
    assert (capitals(one) == capitals(other)) is (one == other)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.5", "伍角整"),
        ("10", "壹拾元整"),
        ("105.06", "壹佰零伍元零陆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("2000", "贰仟元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("100000005", "壹亿零伍元整"),
        ("100005000", "壹亿零伍仟元整"),
        ("1000000000", "壹拾亿元整"),
        ("20010000.50", "贰仟零壹万元伍角整"),
    ],
)
def test_amounts_of_the_book(amount: str, said: str) -> None:
    assert capitals(Decimal(amount)) == said


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "Infinity", "1e20"])
def test_what_is_no_amount_has_no_numerals(amount: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        capitals(Decimal(amount))


def test_figures_have_two_decimals_and_commas() -> None:
    assert figures(Decimal("2000")) == "2,000.00"
