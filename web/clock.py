"""The time as pages know it, and days that are typed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Protocol

from aiohttp import web


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, with a zone."""
        ...


CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)


def now(request: web.Request) -> datetime:
    return request.app[CLOCK]()


YEARS: Final = range(1990, 2101)  # as imports take them: a day beyond has no next one, or none in another zone


def typed_day(text: str) -> date | None:
    """None for what is no day (ISO 8601), and for one outside `YEARS`."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None
