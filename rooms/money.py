"""Amounts of yuan as people enter them."""

from __future__ import annotations

from decimal import Decimal

from rooms.errors import BadValue

MOST_YUAN = Decimal(10) ** 9
CENT = Decimal("0.01")


def yuan(amount: Decimal, field: str) -> Decimal:
    """With two decimals, not negative, a thousand million at most. BadValue."""
    if not amount.is_finite() or not 0 <= amount <= MOST_YUAN or amount != amount.quantize(CENT):
        raise BadValue(field=field)
    return abs(amount.quantize(CENT))  # there is no minus nought
