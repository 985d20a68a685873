"""What people type into a session, held to its limits."""

from __future__ import annotations

from rooms.errors import Missing, TooLong

MOST_NAME = 40
MOST_LINE = 500
MOST_TEXT = 2000


def line(value: str, field: str, most: int = MOST_LINE) -> str:
    """Trimmed, not empty, not too long. Missing, TooLong."""
    value = value.strip()
    if not value:
        raise Missing(field=field)
    return optional(value, field, most)


def optional(value: str, field: str, most: int = MOST_LINE) -> str:
    value = value.strip()
    if len(value) > most:
        raise TooLong(field=field, most=most)
    return value
