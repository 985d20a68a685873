"""Files attached to complaints and to leads: looked at by a confined child, sealed, given out with a note."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import BinaryIO

import structlog

from complaints import BadUpload, UnknownAttachment
from complaints.record import AddAttachment, AttachmentAdded, RemoveAttachment, TakeAttachment
from complaints.record.uploads import LARGEST, Upload, harmless_name
from complaints.service import ComplaintService
from complaints.state import LONGEST
from journal import Actor
from journal.refusals import Refused, refusal_of
from offices import Officer
from recordings import BlobError, FileMissing, KeyDestroyed, VaultError
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import unread
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import read

log = structlog.get_logger(__name__)


async def checked_upload(content: bytes) -> Upload:
    """Have a confined child look at it (`complaints.record.uploads`).

    BadUpload; "hard" when looking at it took more than it does of any ordinary file.
    """
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


class AttachmentFiles:
    """The sealed files of what is attached to complaints, or to leads: of each what is shown, and what was sent.

    Owns `<shelf>/<record>/<id>`. A picture is shown without what its camera wrote into it; beside it, as
    `<id>.original`, lies what was sent. Files are there before the journal names them; what it never named is removed.

    `named`: what the journal names of a record. `archived` removes a file of this name from the archive, where there
    is one; BlobError. `key_of`: whose key seals a record's files.
    """

    def __init__(
        self,
        shelf: EncryptedFileStore,
        named: Callable[[str], Awaitable[Sequence[AttachmentAdded]]],
        archived: Callable[[str], None],
        key_of: Callable[[str], str] = str,
    ) -> None:
        self._shelf, self._named, self._archived, self._key_of = shelf, named, archived, key_of

    async def add(
        self,
        record: str,
        name: str,
        content: bytes,
        note: Callable[[AttachmentAdded], Awaitable[None]],
        *,
        about: str = "evidence",
        remark: str = "",
        by: str = "",
        key: str = "",
    ) -> str:
        """Its id. `note` has the journal name it; sent again with the same `key` it is there once."""
        if len(remark) > LONGEST["note"]:
            raise Refused("too_long", 400, field="note", most=LONGEST["note"])
        attachment = uuid.uuid5(uuid.NAMESPACE_URL, f"{record}/{key}").hex if key else uuid.uuid4().hex
        with refusal_of():
            if await self._there(record, attachment):
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
            remark.strip(),
            by,
            original=checked.content != content,
            original_size=len(content),
        )
        try:
            await asyncio.to_thread(self._put, record, attachment, checked, content)
        except KeyDestroyed as fault:  # its files were erased: none comes after them
            raise Refused("erased", 410) from fault
        try:
            with refusal_of():
                await note(added)
        except BaseException:
            if not key or not await self._there(record, attachment):  # the same sent twice at once
                await asyncio.to_thread(self._remove, record, attachment)
            raise
        return attachment

    async def take(
        self, record: str, attachment: str, original: bool, note: Callable[[], Awaitable[None]]
    ) -> tuple[AttachmentAdded, BinaryIO]:
        """The file, once `note` has the journal say that it was taken. The original has its own size and hash; HEIC is
        given out as the JPEG that is shown of it."""
        with refusal_of():
            found = next((one for one in await self._named(record) if one.attachment == attachment), None)
            if found is None or (original and not found.original):
                raise UnknownAttachment
        path = attachment_path(record, attachment, original)
        try:
            file = await asyncio.to_thread(self._shelf.open, self._key_of(record), path)
        except VaultError as fault:
            raise unread(fault) from fault
        try:
            if original:
                found = replace(found, size=await asyncio.to_thread(_size, file), sha256=found.original_sha256)
            elif found.kind == "heic":
                found = replace(found, kind="jpeg", name=harmless_name(found.name, "jpeg"))
            with refusal_of():
                await note()
        except BaseException:
            file.close()
            raise
        return found, file

    async def remove(self, record: str, attachment: str) -> None:
        """Once the journal says that it was removed."""
        await asyncio.to_thread(self._remove, record, attachment)

    async def _there(self, record: str, attachment: str) -> bool:
        return any(one.attachment == attachment for one in await self._named(record))

    def _put(self, record: str, attachment: str, checked: Upload, content: bytes) -> None:
        key = self._key_of(record)
        if checked.content != content:
            self._shelf.put(key, attachment_path(record, attachment, True), io.BytesIO(content))
        self._shelf.put(key, attachment_path(record, attachment), io.BytesIO(checked.content))

    def _remove(self, record: str, attachment: str) -> None:
        for original in (False, True):
            path = attachment_path(record, attachment, original)
            with contextlib.suppress(FileMissing):
                self._shelf.remove(path)
            try:
                self._archived(path)
            except BlobError as fault:  # it goes with the record's key
                log.warning("a removed file is still in the archive", record=record, fault=str(fault))


class AttachmentService:
    """Files attached to complaints, in `<data>/attachments/`, each complaint's sealed under its own key.

    Implements `Attachments`. `archived` as of `AttachmentFiles`.
    """

    def __init__(
        self,
        complaints: ComplaintService,
        shelf: EncryptedFileStore,
        archived: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._complaints, self._shelf = complaints, shelf
        self._files = AttachmentFiles(shelf, self._named, archived)

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        return await self.put(officer.actor, complaint, name, content, about, note)

    async def put(
        self, actor: Actor, complaint: str, name: str, content: bytes, about: str, note: str = "", key: str = ""
    ) -> str:
        """Also for a side itself, whose actor says which. Sent again with the same `key` it is there once."""
        by = _side(actor)

        async def named(added: AttachmentAdded) -> None:
            await self._complaints.submit(complaint, AddAttachment(added), actor)

        return await self._files.add(
            complaint, name, content, named, about=about, remark=note, by=by, key=key and f"{by}/{key}"
        )

    async def take(
        self, officer: Officer, complaint: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        async def taken() -> None:
            await self._complaints.submit(complaint, TakeAttachment(attachment, original), officer.actor)

        return await self._files.take(complaint, attachment, original, taken)

    async def content(self, complaint: str, added: AttachmentAdded) -> bytes:
        """Of what was sent, where that is kept, for a bureau the complaint goes to; b"" once it is gone. Whoever sends
        it on has that in the journal."""

        def whole() -> bytes:
            with self._shelf.open(complaint, attachment_path(complaint, added.attachment, added.original)) as file:
                return file.read()

        try:
            return await asyncio.to_thread(whole)
        except VaultError:
            return b""

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        await self.drop(officer.actor, complaint, attachment, reason)

    async def drop(self, actor: Actor, complaint: str, attachment: str, reason: str) -> None:
        """A side takes back only what it sent itself."""
        with refusal_of():
            await self._complaints.submit(complaint, RemoveAttachment(attachment, reason, _side(actor)), actor)
        await self._files.remove(complaint, attachment)

    async def _named(self, complaint: str) -> Sequence[AttachmentAdded]:
        return (await self._complaints.state(complaint)).attachments


def attachment_path(record: str, attachment: str, original: bool = False) -> str:
    return f"{safe_id(record)}/{safe_id(attachment)}{'.original' if original else ''}"


def _side(actor: Actor) -> str:
    return actor.role if actor.kind == "party" else ""


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
