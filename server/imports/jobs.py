"""Imports in the job process: what an officer asked for on the page (`import`, `undo_import`), and the mail drop.

An import notes every thousand rows what became of them; one that is interrupted goes on behind those.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from journal import Actor
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from server.complaints.attachments import AttachmentService
from server.imports.batches import FOLDER
from server.imports.mail_drop import MailDrop
from server.imports.offline import office_of, opened
from server.leads.desk import LeadFiles
from server.serving.settings import Settings

log = logging.getLogger(__name__)


class ImportJob:
    """Handler of `import(batch)`."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, batch: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, identity):
            found = await batches.store.batch(batch)
            office = None if found is None else await identity.office(found.office)
            if found is not None and office is not None:
                await batches.run(found, office)


class UndoImportJob:
    """Handler of `undo_import(batch, by, reason)`; begun again it undoes what is left."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, batch: str, by: dict[str, str], reason: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, _):
            found = await batches.store.batch(batch)
            if found is not None and found.state == "undoing":
                await batches.undo(found, Actor("officer", **by), reason)


def unfinished_imports(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Imports whose process died. Their files are still there, so without files there is nothing to ask for."""
    folder = data / FOLDER
    if not folder.is_dir() or not any(folder.glob("*.bin")):
        return []
    return asyncio.run(_unfinished(data))


async def _unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    async with opened(Settings(data=data)) as (batches, _):
        return [("import", {"batch": one.id}) for one in await batches.store.unfinished()]


AGAIN: Final = 30.0  # seconds after which it is begun anew when it could not be


class MailDropJob:
    """Looks after the mail drop, in a thread with a loop of its own."""

    def __init__(self, data: Path, keys: Keys, folder: Path, office: str, stopped: Callable[[], bool]) -> None:
        self._data, self._keys, self._folder, self._office, self._stopped = data, keys, folder, office, stopped

    def run(self) -> None:
        """Until it is stopped; what keeps it from working is said and tried again."""
        while not self._stopped():
            try:
                asyncio.run(self._run())
            except LookupError as fault:
                log.warning("The mail drop waits: %s", fault.args[0])
            except Exception:
                log.exception("The mail drop ended, it is begun anew")
            until = time.monotonic() + AGAIN
            while not self._stopped() and time.monotonic() < until:
                time.sleep(0.2)

    async def _run(self) -> None:
        settings = Settings(data=self._data)
        async with opened(settings) as (batches, identity):
            office = await office_of(identity, self._office)
            of_complaints, of_leads = (
                EncryptedFileStore(self._data / folder, self._keys, settings.sm3, reserve=settings.reserve())
                for folder in ("attachments", "lead-files")
            )
            desk = AttachmentService(batches.complaints, of_complaints)
            files = LeadFiles(batches.leads, of_leads)
            await MailDrop(self._folder, office, batches, desk.put, files.add).watch(self._stopped)
