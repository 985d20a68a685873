"""The mail drop goes on in the job process, in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from recordings.encrypted_file_store import EncryptedFileStore
from recordings.keys import Keys
from server.attachment_desk import AttachmentDesk
from server.intake.mail_drop import MailDrop
from server.intake.offline import office_of, opened
from server.lead_files import LeadFiles
from server.settings import Settings

AGAIN: Final = 30.0  # seconds after which it is begun anew when it could not be

log = logging.getLogger(__name__)


class MailDropping:
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
            desk = AttachmentDesk(batches.complaints, of_complaints)
            files = LeadFiles(batches.leads, of_leads)
            await MailDrop(self._folder, office, batches, desk.put, files.add).watch(self._stopped)
