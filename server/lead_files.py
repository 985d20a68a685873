"""Files attached to leads, behind the same wall as the leads.

Owns `<data>/lead-files/<lead>/<id>`, sealed under a key of the lead's own as a complaint's attachments are under its
(`server.attachment_desk`): what is shown, and beside it, as `<id>.original`, what was sent. `server.lead_archive` has
them carried elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

import structlog

from complaints.errors import UnknownAttachment
from complaints.leads import AddLeadFile, LeadCommand, LeadService, RemoveLeadFile, TakeLeadFile
from complaints.record.attachments import AttachmentAdded
from complaints.record.uploads import Upload, harmless_name
from complaints.state import LONGEST
from journal import Actor
from recordings.durable import safe_id
from recordings.encrypted_file_store import EncryptedFileStore
from recordings.errors import BlobError, KeyDestroyed, Missing, VaultError
from server import uploads
from server.refusing import said
from web.ports import Refused

log = structlog.get_logger(__name__)


class LeadFiles:
    """`archived` as of `server.attachment_desk.AttachmentDesk`."""

    def __init__(
        self, leads: LeadService, shelf: EncryptedFileStore, archived: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._leads, self._shelf, self._archived = leads, shelf, archived

    async def add(self, actor: Actor, lead: str, name: str, content: bytes, note: str, key: str = "") -> None:
        """Sent again with the same `key` it is there once."""
        if len(note) > LONGEST["note"]:
            raise Refused("too_long", 400, field="note", most=LONGEST["note"])
        attachment = uuid.uuid5(uuid.NAMESPACE_URL, f"{lead}/{key}").hex if key else uuid.uuid4().hex
        with said():
            if await self._there(lead, attachment):
                return
            checked = await uploads.checked(content)
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
        with said():
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
        with said():
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
