"""The time as the pages have it: the application's own clock, so that a page and what it asks agree on the day."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from aiohttp import web


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, with a zone."""
        ...


CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)


def now(request: web.Request) -> datetime:
    return request.app[CLOCK]()
