"""Maps that offices supply of their divisions. Owns `<data>/maps/`: of each office the one in force, the one that is
being looked at (`.next`), and the one before (`.before`), each as `complaints.statistics.views` keeps it.

Every change is one rename, durable before it is told; so whatever is cut off, one whole map is in force.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from complaints.statistics.views import MOST_BYTES, BadOutline, MapPage, Outline, read_outline
from journal import Conflict, Draft, Journal
from journal.refusals import Refused
from offices.people import Officer, require_role
from recordings.files.durable import NO_RESERVE, FreeSpace, sync_folder
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import in_thread, read_now

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _taken(geojson: bytes) -> bytes:
    if len(geojson) > MOST_BYTES:
        raise BadOutline("large")
    try:
        (kept,) = read_now("outline", geojson).frames
    except Declined as no:
        raise BadOutline(no.code, int(no.params["at"])) from None
    except ReaderStopped:
        raise BadOutline("hard") from None
    return kept


class Maps:
    def __init__(self, folder: Path, reserve: FreeSpace = NO_RESERVE) -> None:
        self._folder, self._reserve = folder, reserve

    def offer(self, office: str, geojson: bytes) -> None:
        """Checked and thinned out by a confined child, and not in force yet. BadOutline. Blocks."""
        kept = _taken(geojson)
        self._reserve.require(len(kept))
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._path(office, ".part")
        with part.open("wb") as file:
            file.write(kept)
            file.flush()
            os.fsync(file.fileno())
        self._move(part, self._path(office, ".next"))

    def use(self, office: str) -> str:
        """What was offered is in force, the one before is kept; its SHA-256, "" when nothing was offered."""
        offered = self._path(office, ".next")
        if not offered.is_file():
            return ""
        self.forget(office)
        self._move(offered, self._path(office))
        return hashlib.sha256(self._path(office).read_bytes()).hexdigest()

    def discard(self, office: str) -> None:
        self._path(office, ".next").unlink(missing_ok=True)

    def forget(self, office: str) -> bool:
        """Tiles are shown again; the map can be taken back. False when there was none."""
        if not self._path(office).is_file():
            return False
        self._move(self._path(office), self._path(office, ".before"))
        return True

    def back(self, office: str) -> bool:
        """The one before is in force; the one that was, is before. False when there is none before."""
        before, now, aside = self._path(office, ".before"), self._path(office), self._path(office, ".part")
        if not before.is_file():
            return False
        if now.is_file():
            self._move(now, aside)
        self._move(before, now)
        if aside.is_file():
            self._move(aside, before)
        return True

    def kept(self, office: str, which: str = "") -> bytes | None:
        """`which`: "" in force, ".next" offered, ".before"."""
        if not _ID.fullmatch(office):
            return None
        path = self._path(office, which)
        return path.read_bytes() if path.is_file() else None

    def _move(self, here: Path, there: Path) -> None:
        os.replace(here, there)  # noqa: PTH105 - atomic
        sync_folder(self._folder)

    def _path(self, office: str, which: str = "") -> Path:
        if not _ID.fullmatch(office):
            raise ValueError(office)
        return self._folder / f"{office}{which}.json"


class MapService:
    """An office's map as its administrator takes it in; who did it stands in the stream `map/<office>`.

    Implements `OfficeMaps`.
    """

    def __init__(self, journal: Journal, maps: Maps, now: Callable[[], datetime]) -> None:
        self._journal, self._maps, self._now = journal, maps, now

    async def page(self, officer: Officer) -> MapPage:
        require_role(officer, "administrator")
        office = officer.office.id
        now, offered, before = [await asyncio.to_thread(self._read, office, it) for it in ("", ".next", ".before")]
        return MapPage(now, offered, before is not None, await self._journal.read(f"map/{office}"))

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        require_role(officer, "administrator")
        await in_thread(partial(self._maps.offer, officer.office.id, geojson))

    async def use(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        if not (digest := await asyncio.to_thread(self._maps.use, officer.office.id)):
            raise Refused("wrong_state", 409)
        await self._note(officer, "MapTaken", {"sha256": digest})

    async def discard(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        await asyncio.to_thread(self._maps.discard, officer.office.id)

    async def forget(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        if await asyncio.to_thread(self._maps.forget, officer.office.id):
            await self._note(officer, "MapForgotten", {})

    async def back(self, officer: Officer) -> None:
        require_role(officer, "administrator")
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
