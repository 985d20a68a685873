"""Maps that offices supply of their divisions. Owns `<data>/maps/`: of each office the one in force, the one that is
being looked at (`.next`), and the one before (`.before`), each as `complaints.statistics.outlines` keeps it.

Every change is one rename, durable before it is told; so whatever is cut off, one whole map is in force.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from complaints.statistics.outlines import MOST_BYTES, BadOutline
from recordings.durable import sync_folder
from recordings.reserve import NO_RESERVE, DiskReserve
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import read_now

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
    def __init__(self, folder: Path, reserve: DiskReserve = NO_RESERVE) -> None:
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
