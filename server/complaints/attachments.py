"""Files to be attached, looked at by a confined child (`complaints.record.uploads`)."""

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

from complaints.errors import BadUpload, UnknownAttachment
from complaints.record.attachments import (
    AddAttachment,
    AttachmentAdded,
    AttachmentCommand,
    RemoveAttachment,
    TakeAttachment,
    kept,
)
from complaints.record.uploads import LARGEST, Upload, harmless_name
from complaints.service import ComplaintService
from complaints.state import LONGEST
from journal import Actor
from recordings.errors import BlobError, KeyDestroyed, Missing, VaultError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.complaints.refusals import refusal_of
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import read
from web.ports import Officer, Refused


async def checked_upload(content: bytes) -> Upload:
    """BadUpload; "hard" when looking at it took more than it does of any ordinary file."""
    if len(content) > LARGEST:
        raise BadUpload(why="large")
    try:
        (frame,) = (await read("upload", content)).frames
    except Declined as no:
        raise BadUpload(why=no.code) from None
    except ReaderStopped:
        raise BadUpload(why="hard") from None
    kind, _, kept = frame.partition(b"\0")
    return Upload(kind.decode(), kept)


# Files attached to complaints. Implements `web.ports.Attachments`.
#
# Owns `<data>/attachments/<complaint>/<id>`: sealed under the complaint's own key, as recordings are under their
# session's. Of a picture there are two: what is shown, without what its camera wrote into it, and beside it, as
# `<id>.original`, what was sent. The files are there before the journal names them; what it never named is removed.


log = structlog.get_logger(__name__)


class AttachmentService:
    """`archived` removes a file of this name from the archive, where there is one; BlobError."""

    def __init__(
        self,
        complaints: ComplaintService,
        shelf: EncryptedFileStore,
        archived: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._complaints, self._shelf, self._archived = complaints, shelf, archived

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        return await self.put(officer.actor, complaint, name, content, about, note)

    async def put(
        self, actor: Actor, complaint: str, name: str, content: bytes, about: str, note: str = "", key: str = ""
    ) -> str:
        """Also for a side itself, whose actor says which. Sent again with the same `key` it is there once."""
        if len(note) > LONGEST["note"]:
            raise Refused("too_long", 400, field="note", most=LONGEST["note"])
        by = actor.role if actor.kind == "party" else ""
        attachment = uuid.uuid5(uuid.NAMESPACE_URL, f"{complaint}/{by}/{key}").hex if key else uuid.uuid4().hex
        with refusal_of():
            state = await self._complaints.state(complaint)
            if any(one.attachment == attachment for one in state.attachments):
                return attachment
            checked = await checked_upload(content)
        added = AttachmentAdded(
            attachment,
            harmless_name(name, checked.kind),
            checked.kind,
            len(checked.content),
            hashlib.sha256(checked.content).hexdigest(),
            hashlib.sha256(content).hexdigest(),
            about,
            note.strip(),
            by,
            original=checked.content != content,
            original_size=len(content),
        )
        try:
            await asyncio.to_thread(self._put, complaint, attachment, checked, content)
        except KeyDestroyed as fault:  # its files were erased: none comes after them
            raise Refused("erased", 410) from fault
        try:
            await self._submit(actor, complaint, AddAttachment(added))
        except BaseException:
            if not key or not await self._named(complaint, attachment):  # the same sent twice at once
                await asyncio.to_thread(self._remove, complaint, attachment)
            raise
        return attachment

    async def take(
        self, officer: Officer, complaint: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        """The original has the same name and its own size."""
        with refusal_of():
            found = kept(await self._complaints.state(complaint), attachment)
            if original and not found.original:
                raise UnknownAttachment
        try:
            file = await asyncio.to_thread(
                self._shelf.open, complaint, attachment_path(complaint, attachment, original)
            )
        except VaultError as fault:
            raise Refused("unreadable", 500) from fault
        try:
            if original:
                found = replace(found, size=await asyncio.to_thread(_size, file), sha256=found.original_sha256)
            await self._submit(officer.actor, complaint, TakeAttachment(attachment, original))
        except BaseException:
            file.close()
            raise
        return found, file

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        await self.drop(officer.actor, complaint, attachment, reason)

    async def drop(self, actor: Actor, complaint: str, attachment: str, reason: str) -> None:
        """A side takes back only what it sent itself."""
        by = actor.role if actor.kind == "party" else ""
        await self._submit(actor, complaint, RemoveAttachment(attachment, reason, by))
        await asyncio.to_thread(self._remove, complaint, attachment)

    async def _named(self, complaint: str, attachment: str) -> bool:
        state = await self._complaints.state(complaint)
        return any(one.attachment == attachment for one in state.attachments)

    async def _submit(self, actor: Actor, complaint: str, command: AttachmentCommand) -> None:
        with refusal_of():
            await self._complaints.submit(complaint, command, actor)

    def _put(self, complaint: str, attachment: str, checked: Upload, content: bytes) -> None:
        if checked.content != content:
            self._shelf.put(complaint, attachment_path(complaint, attachment, True), io.BytesIO(content))
        self._shelf.put(complaint, attachment_path(complaint, attachment), io.BytesIO(checked.content))

    def _remove(self, complaint: str, attachment: str) -> None:
        for original in (False, True):
            path = attachment_path(complaint, attachment, original)
            with contextlib.suppress(Missing, FileNotFoundError):
                self._shelf.stored(path).unlink()
            try:
                self._archived(path)
            except BlobError as fault:  # it goes with the complaint's key
                log.warning("a removed file is still in the archive", complaint=complaint, fault=str(fault))


def attachment_path(complaint: str, attachment: str, original: bool = False) -> str:
    return f"{safe_id(complaint)}/{safe_id(attachment)}{'.original' if original else ''}"


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
