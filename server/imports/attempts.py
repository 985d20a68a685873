"""Readings that were begun: `<data>/imports/<batch>.reading` is there from before a file is read until that ended.

A process that dies while it reads leaves the record, with the row it began behind. Whoever finds it with no row noted
since sets the file aside instead of dying of it once more.
"""

from __future__ import annotations

import os
from pathlib import Path

from recordings.files.durable import sync_folder


class Attempts:
    """Of one folder of imports; whoever calls holds the batch's file. Blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, batch: str, row: int) -> None:
        """Durable when it returns. `row`: the last one noted."""
        with self._path(batch).open("w", encoding="ascii") as file:
            file.write(f"{os.getpid()} {row}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def end(self, batch: str) -> None:
        """However it ended, this process outlived it."""
        self._path(batch).unlink(missing_ok=True)

    def died_behind(self, batch: str) -> int | None:
        """The row behind which a process began that did not outlive the reading; None when none is known."""
        try:
            return int(self._path(batch).read_text("ascii").split()[1])
        except FileNotFoundError:
            return None
        except (ValueError, IndexError):  # it died while it wrote this
            return 0

    def put_back(self) -> None:
        """An orderly end of this process is no file's fault."""
        for path in self._folder.glob("*.reading"):
            if path.read_text("ascii").split()[:1] == [str(os.getpid())]:
                path.unlink(missing_ok=True)

    def _path(self, batch: str) -> Path:
        return self._folder / f"{batch}.reading"
