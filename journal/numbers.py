"""Numbers that are keys: written in ASCII digits, and marked where they are invented."""

from __future__ import annotations

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


# ------------------------------------------------------------ the mark of what is invented


SAMPLE_MARK: Final = "样例"


def is_sample(number: str) -> bool:
    """True for the number of something invented, or for the prefix of an office that gives such numbers.

    Numbers stand on every line, paper and export, so the mark does. An office whose prefix begins with it is a demo's:
    all its complaints are samples, and no other office takes one. Nothing of a real office counts what has the mark.
    """
    return number.startswith(SAMPLE_MARK)
