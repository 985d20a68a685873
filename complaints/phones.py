"""Phone numbers: their one written form, and what of them may be shown."""

from __future__ import annotations

import re
from typing import Protocol

from complaints.errors import BadPhone
from journal.digits import narrow

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{9,11}")
_SEPARATORS = re.compile(r"[\s\-()（）·]+")

PHONE = "phone"  # the purpose full numbers are sealed for


class Sealer(Protocol):
    """Keeps a text so that only this installation reads it again; `server.identity.sealing.Seal`."""

    def seal(self, text: str, purpose: str) -> str: ...

    def open(self, sealed: str, purpose: str) -> str: ...

    def hash(self, text: str, purpose: str) -> str:
        """A keyed digest: the same text is recognised and not read."""
        ...


def normal(text: str, field: str = "phone") -> str:
    """Digits only: a mainland mobile number, or a landline with its area code. BadPhone otherwise."""
    digits = _SEPARATORS.sub("", narrow(text)).removeprefix("+86").removeprefix("0086")
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise BadPhone(field=field)


def textable(phone: str) -> bool:
    """Whether a number in its normal form takes text messages."""
    return _MOBILE.fullmatch(phone) is not None


def masked(phone: str) -> str:
    """138 **** 5076; of a landline the last four digits."""
    if not phone:
        return ""
    return f"{phone[:3]} **** {phone[-4:]}" if textable(phone) else f"**** {phone[-4:]}"
