"""Copies of the checkpoints outside the database: `<data>/log/checkpoints.jsonl`, a JSON object a line, only added to.

Whoever can change the database, or puts back an old copy of it, does not thereby change this file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

_TAIL = 64 * 1024  # bytes: many notes


class Copies:
    """Blocking; every line is on disk before `add` returns."""

    def __init__(self, data: Path) -> None:
        self.path = data / "log" / "checkpoints.jsonl"

    def add(self, size: int, note: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            line = json.dumps({"size": size, "note": note}, ensure_ascii=False).encode() + b"\n"
            # A kill in the middle of a line leaves half of one: it is ended, not continued.
            file.write(line if self._ended(file.tell()) else b"\n" + line)
            file.flush()
            os.fsync(file.fileno())

    def _ended(self, length: int) -> bool:
        if length == 0:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def newest(self) -> tuple[int, str] | None:
        """The last line that is whole, without reading the others."""
        try:
            with self.path.open("rb") as file:
                length = file.seek(0, os.SEEK_END)
                file.seek(max(0, length - _TAIL))
                found = _entries(file.read())
        except FileNotFoundError:
            return None
        return found[-1] if found else None

    def read(self) -> list[tuple[int, str]]:
        """Sizes and notes in the order they were written; half a line is left out."""
        try:
            return _entries(self.path.read_bytes())
        except FileNotFoundError:
            return []


def _entries(text: bytes) -> list[tuple[int, str]]:
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            found.append((int(entry["size"]), str(entry["note"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found
