"""The job `archive`: files of a closed case go into the archive, and later their local copies go.

Called twice for a case: until every file that can be is there, and again when the journal has noted it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recordings.errors import StoreRefuses, StoreUnreachable
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.stores import archive
from recordings.stores.archive import ArchiveMove, MoveItem
from recordings.stores.object_store import BlobStore
from server.serving.jobs.queue import RetryLater

# Seconds between tries while the store is away; the last one goes on for ever.
PATIENCE = (10.0, 60.0, 300.0, 900.0)
# Somebody has to change a setting or a right first.
REFUSED_SECONDS = 600.0
FULL_SECONDS = 30.0
# One case at a time: what is being mediated now needs the line more.
BUSY_SECONDS = 2.0

log = logging.getLogger(__name__)

OpenStore = Callable[[Callable[[], None]], BlobStore | None]


class Halted(Exception):
    """The process ends; what was being sent goes on after the next start."""


class ArchiveJob:
    """Handler of `archive(session)`, and over `lead-files/` of `archive_lead(session)`, where it is a lead.

    One of each per job process. `open_store` is given what to call between steps; `shelf` is over the same folder.
    """

    def __init__(self, recordings: Path, open_store: OpenStore, shelf: EncryptedFileStore) -> None:
        self._recordings, self._open_store, self._shelf = recordings, open_store, shelf
        self._busy = False

    async def __call__(self, session: str) -> None:
        move = archive.read_move(self._recordings, session)
        if move is None or move.state in ("moved", "done"):
            return  # done by an earlier run of the same job
        if self._busy:
            raise RetryLater(BUSY_SECONDS)
        self._busy, halt = True, threading.Event()

        def check() -> None:
            if halt.is_set():
                raise Halted

        try:
            await self._go_on(session, move, check)
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Archiving of %s: %s", session, fault)
            raise RetryLater(FULL_SECONDS) from fault
        finally:
            halt.set()
            self._busy = False

    async def _go_on(self, session: str, move: ArchiveMove, check: Callable[[], None]) -> None:
        try:
            store = self._open_store(check)
            if store is None or store.address != move.store:
                log.info("Archiving of %s to %s: that is not the archive any more", session, move.store)
                return
            step, end = (archive.remove_local, "done") if move.state == "noted" else (archive.copy_to_store, "moved")
            if move.state == "queued":
                move = replace(move, state="moving")
            for number, item in enumerate(move.items):
                if not _waits(item, move):
                    continue
                if archive.read_move(self._recordings, session) is None:
                    return  # the record was erased meanwhile
                moved = await asyncio.to_thread(archive.identify_item, session, item, self._shelf)
                if not moved.error:
                    moved = await asyncio.to_thread(step, self._recordings, moved, store)
                items = (*move.items[:number], moved, *move.items[number + 1 :])
                move = replace(move, items=items, error="", tries=0)
                archive.write_move(self._recordings, session, move)
        except (StoreUnreachable, StoreRefuses, ValueError) as fault:
            log.warning("Archiving of %s: %s", session, fault)
            refused = not isinstance(fault, StoreUnreachable)
            code = "store_refuses" if refused else "store_unreachable"
            archive.write_move(self._recordings, session, replace(move, error=code, tries=move.tries + 1))
            raise RetryLater(REFUSED_SECONDS if refused else PATIENCE[min(move.tries, len(PATIENCE) - 1)]) from fault
        archive.write_move(
            self._recordings, session, replace(move, state="moved" if end == "moved" else "done", error="")
        )


def _waits(item: MoveItem, move: ArchiveMove) -> bool:
    if move.state == "noted":
        return item.step == "there" and not item.error
    return item.step == "here" and not item.error


def interrupted_moves(recordings: Path) -> list[str]:
    """Cases whose files are on their way."""
    return [session for session, move in archive.all_moves(recordings) if move.state in ("queued", "moving", "noted")]
