"""Files attached to leads, behind the same wall as the leads.

Owns `<data>/lead-files/`, a folder a lead, sealed under a key of the lead's own as a complaint's attachments are under
its (`server.complaints.attachments`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from complaints.leads import (
    AddLeadFile,
    Lead,
    LeadService,
    NoteLeadFileArchived,
    RemoveLeadFile,
    TakeLeadFile,
    fold,
    stream,
)
from complaints.record.attachments import AttachmentAdded
from journal import SYSTEM, Actor, Journal
from journal.refusals import DomainError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.stores import archive
from recordings.stores.archive import ArchiveMove, MoveItem
from server.archive.papers import attached, here
from server.archive.service import ArchiveTally, tally
from server.complaints.attachments import AttachmentFiles
from server.complaints.refusals import refusal_of
from server.jobs.queue import JobQueue

JOB = "archive_lead"
log = structlog.get_logger(__name__)


class LeadFiles:
    """`archived` as of `server.complaints.attachments.AttachmentFiles`."""

    def __init__(
        self, leads: LeadService, shelf: EncryptedFileStore, archived: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._leads = leads
        self._files = AttachmentFiles(shelf, self._named, archived, lead_case)

    async def add(self, actor: Actor, lead: str, name: str, content: bytes, note: str, key: str = "") -> None:
        """Sent again with the same `key` it is there once."""

        async def named(added: AttachmentAdded) -> None:
            await self._leads.submit(lead, AddLeadFile(added), actor)

        await self._files.add(lead, name, content, named, remark=note, key=key)

    async def take(
        self, actor: Actor, lead: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        async def taken() -> None:
            await self._leads.submit(lead, TakeLeadFile(attachment, original), actor)

        return await self._files.take(lead, attachment, original, taken)

    async def remove(self, actor: Actor, lead: str, attachment: str, reason: str) -> None:
        with refusal_of():
            await self._leads.submit(lead, RemoveLeadFile(attachment, reason), actor)
        await self._files.remove(lead, attachment)

    async def _named(self, lead: str) -> Sequence[AttachmentAdded]:
        return (await self._leads.state(lead)).files


def lead_case(lead: str) -> str:
    """Whose key: never one of a complaint or a session."""
    return f"lead-{lead}"


class LeadArchive:
    """Files of leads go to the archive like those of closed cases, once the lead is decided or withdrawn.

    Implements `server.archive.service.Beside`, and the job process carries the files (`server.archive.job`, over
    `lead-files/`). What the journal says of it stands in the lead's own stream, behind its wall; names in the archive
    say nothing but ids. `settled` names the leads that are not being verified.
    """

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
                except DomainError as no:  # it comes up again
                    log.warning("archived files cannot be noted", lead=lead, code=no.code)

    async def again(self) -> None:
        self._looked.clear()
        for lead in sorted(self._open):
            await self._queue.enqueue(JOB, session=lead)

    def tally(self) -> ArchiveTally:
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
        named = attached("lead-files", lead, lead_case(lead), state.files)
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
