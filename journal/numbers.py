"""Numbers as people type them: keys in ASCII digits, marked where they are invented; and sums in numerals."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DIGITS: Final = frozenset("0123456789")
_NARROW: Final = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
_ASCII: Final = {0xFF10 + n: 0x30 + n for n in range(10)}


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as ASCII: （１３８）is (138). Other scripts' digits stay what they are."""
    return text if text.isascii() else text.translate(_NARROW)


def ascii_digits(text: str) -> str:
    """Full-width digits as ASCII, all else as it is."""
    return text if text.isascii() else text.translate(_ASCII)


def digits_in(text: str) -> str:
    """The ASCII digits of what somebody typed, full width among them: "１２３ 456" is "123456"."""
    return "".join(char for char in narrow(text) if char in DIGITS)


def is_number(text: str) -> bool:
    """True for ASCII digits and nothing else; `str.isdigit` takes ² and ٣ too, which `int` refuses or reads."""
    return text.isascii() and text.isdigit()


# ------------------------------------------------------------ numerals


ONES: Final = {
    char: value
    for value, chars in enumerate(
        ("零〇", "一壹", "二贰貳两兩", "三叁叄參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
TENS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIADS: Final = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}


def read_numerals(text: str) -> Decimal | None:
    """三千八百六十 → 3860, 壹万贰仟叁佰 → 12300; 一万二 → 12000, as people say it. None for what is no number."""
    whole, _, part = text.partition("点")
    total = section = number = 0
    last = 1
    for char in whole:
        if char in ONES:
            number = number * 10 + ONES[char] if number and last == 0 else ONES[char]
            last = 0 if ONES[char] else 1
        elif char in TENS:
            section += (number or 1) * TENS[char]
            number, last = 0, TENS[char]
        elif char in MYRIADS:
            total = (total + section + number) * MYRIADS[char]
            section, number, last = 0, 0, MYRIADS[char]
        else:
            return None
    if number and len(whole) > 1 and (named := TENS.get(whole[-2], MYRIADS.get(whole[-2], 0))) in (100, 1000, 10_000):
        number *= named // 10
    value = Decimal(total + section + number)
    if part:
        value += Decimal("0." + "".join(str(ONES.get(char, 0)) for char in part))
    return value


# ------------------------------------------------------------ the mark of what is invented


SAMPLE_MARK: Final = "样例"


def is_sample(number: str) -> bool:
    """True for the number of something invented, or for the prefix of an office that gives such numbers.

    Numbers stand on every line, paper and export, so the mark does. An office whose prefix begins with it is a demo's:
    all its complaints are samples, and no other office takes one. Nothing of a real office counts what has the mark.
    """
    return number.startswith(SAMPLE_MARK)
