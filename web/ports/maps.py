"""An office's map of its divisions, as its administrator takes it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from complaints.statistics.outlines import Outline
from journal import Event
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class MapPage:
    """`now`: in force; `offered`: checked, and not in force yet; `before`: whether there is one to go back to."""

    now: Outline | None
    offered: Outline | None
    before: bool
    history: Sequence[Event] = ()


class OfficeMaps(Protocol):
    """By administrators, of their own office. Refused(403): not_allowed."""

    async def page(self, officer: Officer) -> MapPage: ...

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        """Checked and kept to be looked at. BadOutline says why not."""
        ...

    async def use(self, officer: Officer) -> None:
        """Refused: wrong_state when nothing was offered."""
        ...

    async def discard(self, officer: Officer) -> None: ...

    async def forget(self, officer: Officer) -> None:
        """Tiles are shown again."""
        ...

    async def back(self, officer: Officer) -> None:
        """The map before is in force again. Refused: wrong_state when there is none."""
        ...


MAPS: web.AppKey[OfficeMaps] = web.AppKey("maps", OfficeMaps)
