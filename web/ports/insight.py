"""What complaints say, as pages ask for it: the newest report, its hot spots with what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from aiohttp import web

from complaints.insight.report import Report, SpotFigures
from complaints.insight.spots import Spot, SpotCommand
from journal import Event
from web.ports.people import Office, Officer


@dataclass(frozen=True, slots=True)
class SpotNow:
    """A hot spot: its figures of the newest report, and what people did."""

    figures: SpotFigures
    spot: Spot


@dataclass(frozen=True, slots=True)
class FocusPage:
    """`report` None: nothing has been looked at yet. `made`: when it was. `complaints`: how many were counted."""

    offices: Sequence[Office]
    report: Report | None = None
    made: datetime | None = None
    complaints: int = 0
    spots: Sequence[SpotNow] = ()


@dataclass(frozen=True, slots=True)
class SpotRecord:
    """A complaint behind a hot spot."""

    id: str
    number: str
    title: str
    state: str
    office: str  # its short name
    received: date


@dataclass(frozen=True, slots=True)
class SpotPage:
    """`figures` None: nothing of it is counted in the newest report any more."""

    id: str
    spot: Spot
    figures: SpotFigures | None
    day: date  # of the figures
    records: Sequence[SpotRecord]
    history: Sequence[Event]


class Focus(Protocol):
    """By supervisors, of the offices they see, and read by mediators of their own: a hot spot of others does not exist.
    What was done about one is told to supervisors only. Refused(404): not_found."""

    async def page(self, officer: Officer) -> FocusPage: ...

    async def spot(self, officer: Officer, spot: str) -> SpotPage: ...

    async def ask(self, officer: Officer, spot: str, command: SpotCommand) -> None:
        """Refused: wrong_state, bad_choice, missing, too_long, not_allowed."""
        ...


FOCUS: web.AppKey[Focus] = web.AppKey("focus", Focus)
