"""Money as a legal text writes it: in figures, and in the capital numerals that no stroke of a pen can change.

The rules are those of the regulations for filling in bills: 整 after yuan and after jiao, not after fen; one 零 for the
noughts between.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "兆")
_MOST: Final = Decimal(10) ** 16


def figures(amount: Decimal) -> str:
    """`2,000.00`."""
    return f"{amount:,.2f}"


def capitals(amount: Decimal) -> str:
    """2000 → 贰仟元整, 105.06 → 壹佰零伍元零陆分. ValueError for what is not yuan with at most two decimals."""
    if not amount.is_finite() or not 0 <= amount < _MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"not an amount in yuan: {amount}")
    yuan, cents = divmod(int(amount * 100), 100)
    jiao, fen = divmod(cents, 10)
    said = f"{_whole(yuan)}元" if yuan or not cents else ""
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        said += "零"
    return said + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    if not number:
        return DIGITS[0]
    said, group = "", 0
    while number:
        number, low = divmod(number, 10_000)
        if low:
            # A group that does not fill its four places is set off from what stands before it.
            gap = DIGITS[0] if number and low < 1_000 else ""
            said = gap + _four(low) + _GROUPS[group] + said
        elif said and not said.startswith(DIGITS[0]):
            said = DIGITS[0] + said
        group += 1
    return said


def _four(number: int) -> str:
    said, nought = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if nought and said else "") + DIGITS[digit] + _PLACES[place]
        nought = not digit
    return said
