"""Files attached to leads, behind the same wall as the leads.

Owns `<data>/lead-files/<lead>/<id>`, sealed under a key of the lead's own as a complaint's attachments are under its
(`server.complaints.attachments`): what is shown, and beside it, as `<id>.original`, what was sent. `server.leads.files`
has them carried elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from complaints.errors import ComplaintError, UnknownAttachment
from complaints.leads import (
    AddLeadFile,
    Lead,
    LeadCommand,
    LeadService,
    NoteLeadFileArchived,
    RemoveLeadFile,
    TakeLeadFile,
    fold,
    stream,
)
from complaints.record.attachments import AttachmentAdded
from complaints.record.uploads import Upload, harmless_name
from complaints.state import LONGEST
from journal import SYSTEM, Actor, Journal
from recordings.errors import BlobError, KeyDestroyed, Missing, VaultError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.stores import archive
from recordings.stores.archive import ArchiveMove, MoveItem
from server.archive.papers import Kept, here
from server.archive.service import ArchiveTally, tally
from server.complaints import attachments
from server.complaints.refusals import refusal_of
from server.jobs.queue import JobQueue
from web.ports import Refused

log = structlog.get_logger(__name__)


class LeadFiles:
    """`archived` as of `server.complaints.attachments.AttachmentService`."""

    def __init__(
        self, leads: LeadService, shelf: EncryptedFileStore, archived: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._leads, self._shelf, self._archived = leads, shelf, archived

    async def add(self, actor: Actor, lead: str, name: str, content: bytes, note: str, key: str = "") -> None:
        """Sent again with the same `key` it is there once."""
        if len(note) > LONGEST["note"]:
            raise Refused("too_long", 400, field="note", most=LONGEST["note"])
        attachment = uuid.uuid5(uuid.NAMESPACE_URL, f"{lead}/{key}").hex if key else uuid.uuid4().hex
        with refusal_of():
            if await self._there(lead, attachment):
                return
            checked = await attachments.checked_upload(content)
        added = AttachmentAdded(
            attachment,
            harmless_name(name, checked.kind),
            checked.kind,
            len(checked.content),
            hashlib.sha256(checked.content).hexdigest(),
            hashlib.sha256(content).hexdigest(),
            note=note.strip(),
            original=checked.content != content,
            original_size=len(content),
        )
        try:
            await asyncio.to_thread(self._put, lead, attachment, checked, content)
        except KeyDestroyed as fault:  # its files were erased: none comes after them
            raise Refused("erased", 410) from fault
        try:
            await self._submit(actor, lead, AddLeadFile(added))
        except BaseException:
            if not key or not await self._there(lead, attachment):  # the same sent twice at once
                await asyncio.to_thread(self._unlink, lead, attachment)
            raise

    async def take(
        self, actor: Actor, lead: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        """The original has the same name and its own size."""
        with refusal_of():
            found = (await self._leads.state(lead)).file(attachment)
            if original and not found.original:
                raise UnknownAttachment
        try:
            file = await asyncio.to_thread(self._shelf.open, lead_case(lead), lead_path(lead, attachment, original))
        except VaultError as fault:
            raise Refused("unreadable", 500) from fault
        try:
            if original:
                found = replace(found, size=await asyncio.to_thread(_size, file), sha256=found.original_sha256)
            await self._submit(actor, lead, TakeLeadFile(attachment, original))
        except BaseException:
            file.close()
            raise
        return found, file

    async def remove(self, actor: Actor, lead: str, attachment: str, reason: str) -> None:
        await self._submit(actor, lead, RemoveLeadFile(attachment, reason))
        await asyncio.to_thread(self._unlink, lead, attachment)

    async def _there(self, lead: str, attachment: str) -> bool:
        return any(one.attachment == attachment for one in (await self._leads.state(lead)).files)

    async def _submit(self, actor: Actor, lead: str, command: LeadCommand) -> None:
        with refusal_of():
            await self._leads.submit(lead, command, actor)

    def _put(self, lead: str, attachment: str, checked: Upload, content: bytes) -> None:
        if checked.content != content:
            self._shelf.put(lead_case(lead), lead_path(lead, attachment, True), io.BytesIO(content))
        self._shelf.put(lead_case(lead), lead_path(lead, attachment), io.BytesIO(checked.content))

    def _unlink(self, lead: str, attachment: str) -> None:
        for original in (False, True):
            path = lead_path(lead, attachment, original)
            with contextlib.suppress(Missing, FileNotFoundError):
                self._shelf.stored(path).unlink()
            try:
                self._archived(path)
            except BlobError as fault:  # it goes with the lead's key
                log.warning("a removed file is still in the archive", lead=lead, fault=str(fault))


def lead_case(lead: str) -> str:
    """Whose key: never one of a complaint or a session."""
    return f"lead-{lead}"


def lead_path(lead: str, attachment: str, original: bool = False) -> str:
    return f"{safe_id(lead)}/{safe_id(attachment)}{'.original' if original else ''}"


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


# Files of leads go to the archive like those of closed cases, once the lead is decided or withdrawn.
#
# `server.archive.service` drives it and the job process carries the files (`server.archive.job`, over `lead-files/`).
# What the journal says of it stands in the lead's own stream, behind its wall; names in the archive say nothing but
# ids.


JOB = "archive_lead"


class LeadArchive:
    """Implements `server.archive.service.Beside`. `settled` names the leads that are not being verified."""

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
