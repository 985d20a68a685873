"""Files of leads go to the archive like those of closed cases, once the lead is decided or withdrawn.

`server.archive` drives it and the job process carries the files (`server.jobs.archiving`, over `lead-files/`). What the
journal says of it stands in the lead's own stream, behind its wall; names in the archive say nothing but ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from complaints.errors import ComplaintError
from complaints.leads import Lead, LeadService, NoteLeadFileArchived, fold, stream
from journal import SYSTEM, Journal
from recordings import archive
from recordings.archive import ArchiveMove, MoveItem
from recordings.encrypted_file_store import EncryptedFileStore
from server.archive import Tally, tally
from server.archive_papers import Kept, here
from server.jobs.queue import JobQueue
from server.lead_files import lead_case, lead_path

log = structlog.get_logger(__name__)

JOB = "archive_lead"


class LeadArchive:
    """Implements `server.archive.Beside`. `settled` names the leads that are not being verified."""

    def __init__(
        self,
        journal: Journal,
        queue: JobQueue,
        shelf: EncryptedFileStore,
        store: str,
        settled: Callable[[], Awaitable[Iterable[str]]],
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._queue, self._shelf, self._store = journal, queue, shelf, store
        self._leads, self._settled = LeadService(journal, now), settled
        self._looked: dict[str, int] = {}  # lead -> its newest version when it was asked for
        self._open: set[str] = set()

    async def look(self, settled_before: datetime) -> None:
        for lead in await self._settled():
            if lead in self._open or not await asyncio.to_thread(_has_files, self._shelf.folder, lead):
                continue
            move = await asyncio.to_thread(archive.read_move, self._shelf.folder, lead)
            if move is not None and move.store == self._store and move.state != "done":
                self._open.add(lead)
                continue
            await self._ask(lead, settled_before)

    async def note(self) -> None:
        for lead in sorted(self._open):
            move = await asyncio.to_thread(archive.read_move, self._shelf.folder, lead)
            if move is None or move.state == "done":
                self._open.discard(lead)
            elif move.state == "moved":
                try:
                    await self._note(lead, move)
                except ComplaintError as no:  # it comes up again
                    log.warning("archived files cannot be noted", lead=lead, code=no.code)

    async def again(self) -> None:
        self._looked.clear()
        for lead in sorted(self._open):
            await self._queue.enqueue(JOB, session=lead)

    def tally(self) -> Tally:
        return tally(self._shelf.folder)

    async def _ask(self, lead: str, settled_before: datetime) -> None:
        events = await self._journal.read(stream(lead))
        state = fold(events)
        if state is None or state.state == "open" or events[-1].at >= settled_before:
            return
        if self._looked.get(lead) == events[-1].version:
            return  # what is left here could not go
        self._looked[lead] = events[-1].version
        items = await asyncio.to_thread(self._items, lead, state)
        if items:
            move = ArchiveMove("queued", self._store, items)
            await asyncio.to_thread(archive.write_move, self._shelf.folder, lead, move)
            self._open.add(lead)
            await self._queue.enqueue(JOB, session=lead)

    def _items(self, lead: str, state: Lead) -> tuple[MoveItem, ...]:
        named = []
        for one in state.files:
            for path, digest in (
                (lead_path(lead, one.attachment), one.sha256),
                *([(lead_path(lead, one.attachment, True), one.original_sha256)] if one.original else []),
            ):
                named.append(Kept("lead-files", lead_case(lead), path, digest))
        return tuple(here(named, {"lead-files": self._shelf}))

    async def _note(self, lead: str, move: ArchiveMove) -> None:
        for item in move.items:
            if item.step == "there":
                fact = NoteLeadFileArchived(item.path, move.store, item.sha256)
                await self._leads.submit(lead, fact, SYSTEM)
        await asyncio.to_thread(archive.write_move, self._shelf.folder, lead, replace(move, state="noted"))
        await self._queue.enqueue(JOB, session=lead)


def _has_files(folder: Path, lead: str) -> bool:
    kept = archive.move_file(folder, lead)
    return any(file.is_file() and file != kept for file in kept.parent.glob("*"))
