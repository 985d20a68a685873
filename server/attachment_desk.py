"""Files attached to complaints. Implements `web.ports.Attachments`.

Owns `<data>/attachments/<complaint>/<id>`: sealed under the complaint's own key, as recordings are under their
session's. The file is there before the journal names it; what the journal never named is removed at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import uuid
from typing import BinaryIO

from complaints.attachments import (
    AddAttachment,
    AttachmentAdded,
    AttachmentCommand,
    RemoveAttachment,
    TakeAttachment,
    kept,
)
from complaints.service import ComplaintService
from complaints.state import LONGEST
from complaints.uploads import Upload, harmless_name, upload
from recordings.errors import Missing, VaultError
from recordings.names import safe_id
from recordings.shelf import Shelf
from server.refusing import said
from web.ports import Officer, Refused


class AttachmentDesk:
    def __init__(self, complaints: ComplaintService, shelf: Shelf) -> None:
        self._complaints, self._shelf = complaints, shelf

    async def add(self, officer: Officer, complaint: str, name: str, content: bytes, about: str, note: str) -> str:
        if len(note) > LONGEST["note"]:
            raise Refused("too_long", 400, field="note", most=LONGEST["note"])
        attachment = uuid.uuid4().hex
        with said():
            await self._complaints.state(complaint)
            checked = await asyncio.to_thread(upload, content)
        added = AttachmentAdded(
            attachment,
            harmless_name(name, checked.kind),
            checked.kind,
            len(checked.content),
            hashlib.sha256(checked.content).hexdigest(),
            hashlib.sha256(content).hexdigest(),
            about,
            note.strip(),
        )
        await asyncio.to_thread(self._put, complaint, attachment, checked)
        try:
            await self._submit(officer, complaint, AddAttachment(added))
        except BaseException:
            await asyncio.to_thread(self._remove, complaint, attachment)
            raise
        return attachment

    async def take(self, officer: Officer, complaint: str, attachment: str) -> tuple[AttachmentAdded, BinaryIO]:
        with said():
            found = kept(await self._complaints.state(complaint), attachment)
        try:
            file = await asyncio.to_thread(self._shelf.open, complaint, _path(complaint, attachment))
        except VaultError as fault:
            raise Refused("unreadable", 500) from fault
        try:
            await self._submit(officer, complaint, TakeAttachment(attachment))
        except BaseException:
            file.close()
            raise
        return found, file

    async def remove(self, officer: Officer, complaint: str, attachment: str, reason: str) -> None:
        await self._submit(officer, complaint, RemoveAttachment(attachment, reason))
        await asyncio.to_thread(self._remove, complaint, attachment)

    async def _submit(self, officer: Officer, complaint: str, command: AttachmentCommand) -> None:
        with said():
            await self._complaints.submit(complaint, command, officer.actor)

    def _put(self, complaint: str, attachment: str, checked: Upload) -> None:
        self._shelf.put(complaint, _path(complaint, attachment), io.BytesIO(checked.content))

    def _remove(self, complaint: str, attachment: str) -> None:
        with contextlib.suppress(Missing, FileNotFoundError):
            self._shelf.stored(_path(complaint, attachment)).unlink()


def _path(complaint: str, attachment: str) -> str:
    return f"{safe_id(complaint)}/{safe_id(attachment)}"
