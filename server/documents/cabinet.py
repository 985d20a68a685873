"""Issued PDFs in the data folder, sealed and readable for their owner alone: `notices/<complaint>/<notice>.sealed`, and
`certificates/<office>/<list>.sealed`, which put an office and a list where `complaint` and `notice` stand here."""

from __future__ import annotations

from pathlib import Path

from recordings.files.durable import safe_id, write_once
from recordings.files.reserve import NO_RESERVE, DiskReserve
from server.identity.sealing import Seal

_SHEET = "notice sheet"  # the purpose they are sealed for


class NoticeStore:
    def __init__(self, folder: Path, seal: Seal, reserve: DiskReserve = NO_RESERVE) -> None:
        self._folder, self._seal, self._reserve = folder, seal, reserve

    def put(self, complaint: str, notice: str, content: bytes) -> None:
        """Durable when it returns. ReserveReached."""
        self._reserve.require(len(content))
        path = self._path(complaint, notice)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, self._seal.seal_bytes(content, self._purpose(notice)))

    def get(self, complaint: str, notice: str) -> bytes:
        """FileNotFoundError, SealBroken."""
        return self._seal.open_bytes(self._path(complaint, notice).read_bytes(), self._purpose(notice))

    def _path(self, complaint: str, notice: str) -> Path:
        return self._folder / safe_id(complaint) / f"{safe_id(notice)}.sealed"

    def _purpose(self, notice: str) -> str:
        """One sheet cannot be put in another's place."""
        return f"{_SHEET} {notice}"
