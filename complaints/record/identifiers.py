"""Codes and phone numbers of businesses and people: whether one can be right, its written form, what of it may be
shown.

Check characters: GB 32100-2015 (unified social credit code, weights 3^i mod 31) and GB 11643-1999 (resident identity
number, ISO 7064 MOD 11-2).
"""

from __future__ import annotations

import operator
import re
from datetime import date
from typing import Protocol

from complaints import BadChoice, BadCode, BadPhone
from journal.numbers import narrow

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {char: value for value, char in enumerate(CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = tuple(pow(3, n, 31) for n in range(17))
_CREDIT = re.compile(r"[1-9A-HJ-NP-RT-UW-Y][0-9A-HJ-NP-RT-UW-Y][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}")
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_RESIDENT_CHECKS = "10X98765432"


def credit_check(first: str) -> str:
    """The 18th character for the first 17."""
    total = sum(map(operator.mul, map(_CREDIT_VALUES.__getitem__, first), _CREDIT_WEIGHTS))
    return CREDIT_ALPHABET[-total % 31]


def credit_code(text: str, field: str = "credit_code") -> str:
    """The code in its one written form, "" for none. BadCode when its form or check character is wrong."""
    if not text:
        return ""
    code = re.sub(r"[\s-]+", "", narrow(text)).upper()
    if code and not (_CREDIT.fullmatch(code) and credit_check(code[:17]) == code[17]):
        raise BadCode(field=field)
    return code


def resident_number(text: str, field: str = "id_number") -> str:
    """A resident identity number of 18 characters, "" for none. BadCode when no such number can exist."""
    number = re.sub(r"\s+", "", narrow(text)).upper()
    if number and not (_RESIDENT.fullmatch(number) and resident_check(number[:17]) == number[17] and born(number)):
        raise BadCode(field=field)
    return number


def resident_check(first: str) -> str:
    """The 18th character for the first 17 digits."""
    return _RESIDENT_CHECKS[sum(int(digit) * (pow(2, 17 - n, 11)) for n, digit in enumerate(first)) % 11]


def born(number: str) -> date | None:
    """The day of birth an identity number names; None when it is none."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def masked_id(number: str) -> str:
    """The last four characters of any identity document's number; shorter ones show nothing."""
    return f"**** {number[-4:]}" if len(number) >= 8 else "****" if number else ""


# GB/T 4754-2017: the last division (two digits) of each section; they run on from one section to the next.
_LASTS = (5, 12, 43, 46, 50, 52, 60, 62, 65, 69, 70, 72, 75, 79, 82, 83, 85, 90, 96, 97)
_SECTIONS = dict(zip("ABCDEFGHIJKLMNOPQRST", _LASTS, strict=True))
_INDUSTRY = re.compile(r"([A-T]?)([0-9]{2,4})?")


def industry_code(text: str, field: str = "industry_code") -> str:
    """A section, division, group or class with its section's letter ("F", "F52", "F5211"), "" for none. The letter may
    be left out when digits follow. BadChoice when there is no such section or division."""
    code = re.sub(r"\s+", "", narrow(text)).upper()
    if not code:
        return ""
    parts = _INDUSTRY.fullmatch(code)
    if not parts:
        raise BadChoice(field=field)
    letter, digits = parts[1], parts[2] or ""
    if digits:
        section = next((name for name, last in _SECTIONS.items() if 0 < int(digits[:2]) <= last), "")
        if not section or letter not in ("", section):
            raise BadChoice(field=field)
        letter = section
    return letter + digits


# ------------------------------------------------------------ phone numbers


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{9,11}")
_SEPARATORS = re.compile(r"[\s\-()（）·]+")

PHONE = "phone"  # the purpose full numbers are sealed for


class Sealer(Protocol):
    """Keeps a text so that only this installation reads it again; `server.identity.Seal`."""

    def seal(self, text: str, purpose: str) -> str: ...

    def open(self, sealed: str, purpose: str) -> str: ...

    def hash(self, text: str, purpose: str) -> str:
        """A keyed digest: the same text is recognised and not read."""
        ...


def normal_phone(text: str, field: str = "phone") -> str:
    """Digits only: a mainland mobile number, or a landline with its area code. BadPhone otherwise."""
    if _MOBILE.fullmatch(text):  # as most are written
        return text
    digits = _SEPARATORS.sub("", narrow(text)).removeprefix("+86").removeprefix("0086")
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise BadPhone(field=field)


def textable(phone: str) -> bool:
    """Whether a number in its normal form takes text messages."""
    return _MOBILE.fullmatch(phone) is not None


def textable_masked(masked: str) -> bool:
    """As `textable`, of a number that is masked: `masked_phone` shows where a mobile one begins."""
    return masked[:1] == "1"


def masked_phone(phone: str) -> str:
    """138 **** 5076; of a landline the last four digits."""
    if not phone:
        return ""
    return f"{phone[:3]} **** {phone[-4:]}" if textable(phone) else f"**** {phone[-4:]}"
