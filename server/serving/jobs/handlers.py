"""Which jobs there are, and what an earlier process left undone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from recordings.errors import NotThere
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from recordings.stores.object_store import BlobStore
from server.app.package_pages import PACKAGE_PAGES
from server.evidence import exporting, log_keeper
from server.evidence.exporting import ExportJob
from server.exhibits import preparing
from server.exhibits.preparing import JOB as PREPARE
from server.imports import jobs
from server.insight.detection import JOB as LOOK, HotspotJob
from server.leads.desk import JOB as ARCHIVE_LEAD
from server.retention import archive_job
from server.retention.archive_job import ArchiveJob
from server.retention.archive_settings import NOTES, ArchiveSettings
from server.rooms import composing
from server.rooms.composing import ComposeJob, CopyJob, ForgetCopyJob
from server.serving.jobs.runner import Handler, Live
from server.serving.settings import Settings


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
        "compose": ComposeJob(shelf, turn, live),
        "copy": CopyJob(shelf, turn, live),
        "forget_copy": ForgetCopyJob(recordings),
        "archive": ArchiveJob(recordings, archive, shelf),
        ARCHIVE_LEAD: ArchiveJob(data / "lead-files", archive, leads),
        "export": ExportJob(
            shelf, documents, attachments, partial(log_keeper.configured_existing_signer, data), PACKAGE_PAGES
        ),
        PREPARE: preparing.PrepareExhibitJob(shelf, live),
        "import": jobs.ImportJob(data),
        "undo_import": jobs.UndoImportJob(data),
        LOOK: HotspotJob(data),
    }


def unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Jobs that were begun by a process that died, or whose place in the queue was lost."""
    recordings = data / "recordings"
    return [
        *jobs.unfinished_imports(data),
        *(("compose", {"session": session}) for session in composing.interrupted_compositions(recordings)),
        *composing.unfinished_copies(recordings),
        *(("archive", {"session": session}) for session in archive_job.interrupted_moves(recordings)),
        *((ARCHIVE_LEAD, {"session": lead}) for lead in archive_job.interrupted_moves(data / "lead-files")),
        *(
            (PREPARE, {"session": one, "exhibit": exhibit})
            for one, exhibit in preparing.interrupted_preparations(recordings)
        ),
        *(("export", {"session": one, "export": export}) for one, export in exporting.interrupted_exports(recordings)),
    ]
