"""Which jobs there are, and what an earlier process left undone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from recordings.encrypted_file_store import EncryptedFileStore
from recordings.errors import NotThere
from recordings.keys import Keys
from recordings.object_store import BlobStore
from server.archive_settings import NOTES, ArchiveSettings
from server.exhibits.preparing import JOB as PREPARE
from server.jobs import archiving, composing, copying, exporting, importing, preparing
from server.jobs.archiving import Archiving
from server.jobs.composing import Composing
from server.jobs.copying import Copying, Forgetting
from server.jobs.exporting import Exporting
from server.jobs.live import Live
from server.jobs.looking import JOB as LOOK, Looking
from server.jobs.runner import Handler
from server.lead_archive import JOB as ARCHIVE_LEAD
from server.log import signers
from server.settings import Settings


def handlers(data: Path, keys: Keys, live: Live) -> Mapping[str, Handler]:
    """Job name → coroutine function that takes the job's arguments by name. `data` is the data folder."""

    def archive(check: Callable[[], None] | None = None) -> BlobStore | None:
        return ArchiveSettings().archive_store(data / NOTES, check)

    def remote(path: str) -> BinaryIO:
        store = archive()
        if store is None:
            raise NotThere(path)
        return store.open(path)

    recordings, reserve = data / "recordings", Settings(data=data).reserve()
    shelf, documents, attachments, leads = (
        EncryptedFileStore(data / place, keys, remote=remote, reserve=reserve)
        for place in ("recordings", "documents", "attachments", "lead-files")
    )
    turn = threading.Lock()
    return {
        "compose": Composing(shelf, turn, live),
        "copy": Copying(shelf, turn, live),
        "forget_copy": Forgetting(recordings),
        "archive": Archiving(recordings, archive, shelf),
        ARCHIVE_LEAD: Archiving(data / "lead-files", archive, leads),
        "export": Exporting(shelf, documents, attachments, partial(signers.existing, data)),
        PREPARE: preparing.Preparing(shelf, live),
        "import": importing.Importing(data),
        "undo_import": importing.Undoing(data),
        LOOK: Looking(data),
    }


def unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Jobs that were begun by a process that died, or whose place in the queue was lost."""
    recordings = data / "recordings"
    return [
        *importing.unfinished(data),
        *(("compose", {"session": session}) for session in composing.interrupted(recordings)),
        *copying.unfinished(recordings),
        *(("archive", {"session": session}) for session in archiving.interrupted(recordings)),
        *((ARCHIVE_LEAD, {"session": lead}) for lead in archiving.interrupted(data / "lead-files")),
        *((PREPARE, {"session": one, "exhibit": exhibit}) for one, exhibit in preparing.interrupted(recordings)),
        *(("export", {"session": one, "export": export}) for one, export in exporting.interrupted(recordings)),
    ]
