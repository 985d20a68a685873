"""The job `copy`: a session's video once more with somebody's name in it; `forget_copy` ends its week."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recordings import progress
from recordings.encrypted_file_store import EncryptedFileStore
from recordings.errors import CompositionError
from recordings.progress import Copy
from recordings.watermark import Watermark
from server.jobs.composing import BUSY_SECONDS, FULL_SECONDS, PASSING, PATIENCE, TOLD_SECONDS
from server.jobs.runner import Again

log = logging.getLogger(__name__)


class Copying:
    """Handler of `copy(session, copy)`; `turn` is held while a film is made, of whatever kind."""

    def __init__(self, shelf: EncryptedFileStore, turn: threading.Lock, live: Callable[[], bool]) -> None:
        self._recordings, self._shelf, self._live = shelf.folder, shelf, live
        self._turn = turn

    async def __call__(self, session: str, copy: str) -> None:
        wanted = progress.read_copy(self._recordings, session, copy)
        if wanted is None or wanted.state in ("ready", "failed"):
            return
        if not self._turn.acquire(blocking=False):
            raise Again(BUSY_SECONDS)
        try:
            await self._make(_Told(self._recordings, replace(wanted, state="making", tries=wanted.tries + 1)))
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Copy of %s: %s", session, fault)
            raise Again(FULL_SECONDS) from fault
        finally:
            self._turn.release()

    async def _make(self, told: _Told) -> None:
        told.write()
        copy = told.copy
        mark = Watermark(self._shelf, copy.session, copy.film, copy.words, live=self._live)
        try:
            if copy.tries > len(PATIENCE) + 1:
                raise CompositionError("encoder", "given up")
            stored = await mark.make(copy.path, told, told.kept)
        except CompositionError as fault:
            log.warning("Copy of %s: %s", copy.session, fault)
            waits = replace(told.copy, state="queued", error=fault.code)
            if fault.code == "disk_full":
                told.write(replace(waits, tries=waits.tries - 1))
                raise Again(FULL_SECONDS) from fault
            if fault.code in PASSING and waits.tries <= len(PATIENCE):
                told.write(waits)
                raise Again(PATIENCE[max(0, waits.tries - 1)]) from fault
            await asyncio.to_thread(mark.forget)
            told.write(replace(waits, state="failed"))
        else:
            told.write(replace(told.copy, state="ready", progress=1.0, sha256=stored.sha256, size=stored.size))


class _Told:
    def __init__(self, recordings: Path, copy: Copy) -> None:
        self.copy = copy
        self._recordings = recordings
        self._at = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= TOLD_SECONDS and share < 1.0:
            self._at = now
            self.write(replace(self.copy, progress=round(share, 3)))

    def kept(self) -> None:
        self.write(replace(self.copy, tries=1))

    def write(self, copy: Copy | None = None) -> None:
        self.copy = copy or self.copy
        progress.write_copy(self._recordings, self.copy)


class Forgetting:
    """Handler of `forget_copy(session, copy)`."""

    def __init__(self, recordings: Path) -> None:
        self._recordings = recordings

    async def __call__(self, session: str, copy: str) -> None:
        if (found := progress.read_copy(self._recordings, session, copy)) is not None:
            await asyncio.to_thread(progress.forget_copy, self._recordings, found)


def unfinished(recordings: Path, now: datetime | None = None) -> list[tuple[str, dict[str, str]]]:
    """Jobs that a process left behind: copies not ready, and such as are past their time."""
    now, found = now or datetime.now(UTC), []
    for copy in progress.all_copies(recordings):
        name = {"session": copy.session, "copy": copy.id}
        if copy.expired(now):
            found.append(("forget_copy", name))
        elif copy.state in ("queued", "making"):
            found.append(("copy", name))
    return found
