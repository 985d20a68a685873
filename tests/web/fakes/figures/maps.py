"""Maps in a folder of its own, as the real desk keeps them, without a journal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from complaints.statistics.views import MapPage, read_outline
from journal.refusals import Refused
from offices import Officer
from server.statistics.store import Maps
from web.office.administration import OfficeMaps


class FakeMaps(OfficeMaps):
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.maps = Maps(Path(self._folder.name))

    async def page(self, officer: Officer) -> MapPage:
        now, offered, before = [self.maps.kept(officer.office.id, which) for which in ("", ".next", ".before")]
        return MapPage(
            read_outline(now) if now else None, read_outline(offered) if offered else None, before is not None
        )

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        self.maps.offer(officer.office.id, geojson)

    async def use(self, officer: Officer) -> None:
        if not self.maps.use(officer.office.id):
            raise Refused("wrong_state", 409)

    async def discard(self, officer: Officer) -> None:
        self.maps.discard(officer.office.id)

    async def forget(self, officer: Officer) -> None:
        self.maps.forget(officer.office.id)

    async def back(self, officer: Officer) -> None:
        if not self.maps.back(officer.office.id):
            raise Refused("wrong_state", 409)
