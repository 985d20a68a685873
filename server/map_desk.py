"""An office's map as its administrator takes it in. Implements `web.ports.maps.OfficeMaps`; who did it stands in the
stream `map/<office>`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from complaints.statistics.outlines import Outline, read_outline
from journal import Conflict, Draft, Journal
from server.confinement.reader import in_thread
from server.maps import Maps
from web.ports import Officer, Refused
from web.ports.maps import MapPage


class MapDesk:
    def __init__(self, journal: Journal, maps: Maps, now: Callable[[], datetime]) -> None:
        self._journal, self._maps, self._now = journal, maps, now

    async def page(self, officer: Officer) -> MapPage:
        _administers(officer)
        office = officer.office.id
        now, offered, before = [await asyncio.to_thread(self._read, office, it) for it in ("", ".next", ".before")]
        return MapPage(now, offered, before is not None, await self._journal.read(f"map/{office}"))

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        _administers(officer)
        await in_thread(partial(self._maps.offer, officer.office.id, geojson))

    async def use(self, officer: Officer) -> None:
        _administers(officer)
        if not (digest := await asyncio.to_thread(self._maps.use, officer.office.id)):
            raise Refused("wrong_state", 409)
        await self._note(officer, "MapTaken", {"sha256": digest})

    async def discard(self, officer: Officer) -> None:
        _administers(officer)
        await asyncio.to_thread(self._maps.discard, officer.office.id)

    async def forget(self, officer: Officer) -> None:
        _administers(officer)
        if await asyncio.to_thread(self._maps.forget, officer.office.id):
            await self._note(officer, "MapForgotten", {})

    async def back(self, officer: Officer) -> None:
        _administers(officer)
        if not await asyncio.to_thread(self._maps.back, officer.office.id):
            raise Refused("wrong_state", 409)
        await self._note(officer, "MapTakenBack", {})

    def _read(self, office: str, which: str) -> Outline | None:
        kept = self._maps.kept(office, which)
        return None if kept is None else read_outline(kept)

    async def _note(self, officer: Officer, what: str, data: dict[str, Any]) -> None:
        stream = f"map/{officer.office.id}"
        draft = Draft(what, data, self._now(), officer.actor)
        for last in (False, True):
            try:
                await self._journal.append(stream, len(await self._journal.read(stream)), [draft])
                return
            except Conflict:
                if last:
                    raise Refused("busy", 503) from None


def _administers(officer: Officer) -> None:
    if officer.role != "administrator":
        raise Refused("not_allowed", 403)
