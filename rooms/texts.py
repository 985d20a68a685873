"""What people type into a session, held to its limits: texts, and amounts of yuan."""

from __future__ import annotations

from decimal import Decimal

from journal.refusals import Missing, TooLong
from rooms.errors import BadValue

MOST_NAME = 40
MOST_LINE = 500
MOST_PLACE = 120
MOST_TEXT = 2000
LEAST_SENTENCE = 4  # characters; 听得出是他 has five


def line(value: str, field: str, most: int = MOST_LINE) -> str:
    """Trimmed, not empty, not too long. Missing, TooLong."""
    value = value.strip()
    if not value:
        raise Missing(field=field)
    return optional(value, field, most)


def recognition(value: str) -> str:
    """How an officer knew somebody: a sentence, no mark made to get past the question. Missing, TooLong, BadValue."""
    value = line(value, "recognised")
    if len(value) < LEAST_SENTENCE:
        raise BadValue(field="recognised")
    return value


def optional(value: str, field: str, most: int = MOST_LINE) -> str:
    value = value.strip()
    if len(value) > most:
        raise TooLong(field=field, most=most)
    return value


# ------------------------------------------------------------ amounts


MOST_YUAN = Decimal(10) ** 9
CENT = Decimal("0.01")


def yuan(amount: Decimal, field: str) -> Decimal:
    """With two decimals, not negative, a thousand million at most. BadValue."""
    if not amount.is_finite() or not 0 <= amount <= MOST_YUAN or amount != amount.quantize(CENT):
        raise BadValue(field=field)
    return abs(amount.quantize(CENT))  # there is no minus nought
