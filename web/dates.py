"""Days as people and scripts name them: one reading for every page, within years that can be counted in."""

from __future__ import annotations

from datetime import date
from typing import Final

YEARS: Final = range(1990, 2101)  # as imports take them: a day beyond has no next one, or none in another zone


def day_of(text: str) -> date | None:
    """None for what is no day (ISO 8601), and for one outside `YEARS`."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None
