"""Facts for tests, with only what a test is about."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from complaints.statistics.facts import Fact


def fact(id: str, received: date, **known: Any) -> Fact:
    """Counted, of office-1, registered and nothing else, unless it is said."""
    blank: dict[str, Any] = {
        one.name: None for one in fields(Fact) if one.default is MISSING and one.default_factory is MISSING
    }
    blank |= {"office": "office-1", "channel": "12315", "problem": "", "industry": "", "counted": True}
    blank |= {"amount": Decimal("0.00"), "recovered": Decimal("0.00"), "changed": datetime(2026, 1, 1, tzinfo=UTC)}
    return Fact(**blank | {"id": id, "received": received} | known)
