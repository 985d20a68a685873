"""Imports in the job process: what an officer asked for on the page (`import`, `undo_import`), and the mail drop.

An import notes every thousand rows what became of them; one that is interrupted goes on behind those.

The mail drop is a folder the mail system puts the message board's mail and exports in. Every file becomes a batch
whose id is made of its name and content, so however often it is begun it is taken once. Then it is moved to `done/`
or, when it or a row of it was refused, to `refused/`, with a report beside it (`<name>.json`). A process that dies
leaves the file where it was and finds it again; a file that a process died reading goes to `refused/`, too
(`server.imports.batches`). Files being written are named `.…`, `….part` or `….tmp`, or their last change is less
than `SETTLED` seconds ago; links are not followed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from complaints.channels import UnreadableFile, said
from complaints.channels.documents import LARGEST
from journal import Actor
from journal.refusals import Refused
from offices import Office
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from server.complaints.attachments import AttachmentService
from server.confinement.reader import in_thread
from server.imports.batches import FOLDER, HARD, MAIL, Batches, attachments
from server.imports.encoding import RowOutcome
from server.imports.offline import office_of, opened
from server.imports.store import COUNTED, OUTCOMES, Batch
from server.imports.tables import is_message
from server.leads.desk import LeadFiles
from server.serving.jobs import Claim, RetryLater
from server.serving.settings import Settings

CHANNEL: Final = "board"
DONE, REFUSED = "done", "refused"
SETTLED: Final = 2.0  # seconds
EVERY: Final = 3.0
LONGEST_WAIT: Final = 300.0
MOST_AT_ONCE: Final = 200  # files of one look
_WRITING: Final = (".part", ".tmp", ".lock", ".crdownload")


class Attach(Protocol):
    """`server.complaints.attachments.AttachmentService.put`."""

    def __call__(
        self, actor: Actor, complaint: str, name: str, content: bytes, about: str, note: str = "", key: str = ""
    ) -> Awaitable[str]: ...


class AttachToLead(Protocol):
    """`server.leads.desk.LeadFiles.add`."""

    def __call__(
        self, actor: Actor, lead: str, name: str, content: bytes, note: str, key: str = ""
    ) -> Awaitable[None]: ...


@dataclass(slots=True)
class _Trouble:
    """A file that could not be dealt with, and when it is tried again (monotonic)."""

    wait: float
    again: float


class MailDrop:
    """Of one office. `clock` and `now` are seconds: monotonic, and of the files' times."""

    def __init__(
        self,
        folder: Path,
        office: Office,
        batches: Batches,
        attach: Attach,
        attach_to_lead: AttachToLead,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._office, self._batches = folder, office, batches
        self._attach, self._attach_to_lead = attach, attach_to_lead
        self._clock, self._now = clock, now
        self._actor = Actor("system", "mail-drop", "mail drop", "", office.id)
        self._troubles: dict[str, _Trouble] = {}

    async def watch(self, stopped: Callable[[], bool]) -> None:
        while not stopped():
            try:
                await self.sweep()
            except OSError as fault:  # the folder is not there for a while, or full
                log.warning("The mail drop cannot be read: %s", fault)
            await asyncio.sleep(EVERY)

    async def sweep(self) -> int:
        """Deal with what lies there; how many files. One that fails does not keep others waiting."""
        dealt = 0
        for path in await asyncio.to_thread(self._waiting):
            trouble = self._troubles.get(path.name)
            if trouble is not None and self._clock() < trouble.again:
                continue
            try:
                dealt += await self._deal(path)
            except Exception:
                wait = min(LONGEST_WAIT, trouble.wait * 2 if trouble else EVERY)
                self._troubles[path.name] = _Trouble(wait, self._clock() + wait)
                log.exception("A file of the mail drop was left where it is")
            else:
                self._troubles.pop(path.name, None)
        return dealt

    def _waiting(self) -> list[Path]:
        for name in ("", DONE, REFUSED):
            (self._folder / name).mkdir(mode=0o750, parents=True, exist_ok=True)
        before, found = self._now() - SETTLED, []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if (
                    entry.name.startswith(".")
                    or entry.name.endswith(_WRITING)
                    or not entry.is_file(follow_symlinks=False)
                ):
                    continue
                if entry.stat(follow_symlinks=False).st_mtime <= before:
                    found.append(Path(entry.path))
        return sorted(found)[:MOST_AT_ONCE]

    async def _deal(self, path: Path) -> bool:
        if (await asyncio.to_thread(path.stat)).st_size > LARGEST:
            report: dict[str, Any] = {"error": said("too_big", {"most": LARGEST >> 20})}
            await asyncio.to_thread(self._put_away, path, REFUSED, report, "")
            return True
        raw = await asyncio.to_thread(path.read_bytes)
        id = hashlib.sha256(b"\0".join([self._office.id.encode(), os.fsencode(path.name), raw])).hexdigest()[:32]
        batch = await self._batches.store.batch(id)
        if batch is None:
            mapping = await self._batches.mapping(self._office.id, CHANNEL)
            # A name may hold bytes that are no text.
            name = os.fsencode(path.name).decode("utf-8", "replace")
            batch = await self._batches.begin(self._office, self._actor, mapping, raw, name, MAIL, id=id)
        batch = await self._batches.run(batch, self._office)
        if batch.state in ("queued", "running"):
            return False  # another process is reading it
        rows, _ = await self._batches.store.rows(id, OUTCOMES, 1, 1_000)
        report = await self._report(batch, rows)
        fine = batch.state != "failed" and not any(row.outcome == "refused" for row in rows)
        if is_message(path.name, raw) and not self._never_read(batch):
            try:
                report["attachments"] = await self._attached(raw, rows)
            except UnreadableFile as no:  # what the message says was taken; whoever finds it here looks at its files
                report["error"], fine = said(no.code, no.params), False
        await asyncio.to_thread(self._put_away, path, DONE if fine else REFUSED, report, id)
        return True

    def _never_read(self, batch: Batch) -> bool:
        """Its reader did not survive it, so nobody opens it once more."""
        return batch.error is not None and batch.error["code"] in (HARD, "cut_off")

    async def _attached(self, raw: bytes, rows: Sequence[RowOutcome]) -> list[dict[str, Any]]:
        """What lay with a message, put to its complaint, or behind the wall to its report; each once. Unreadable."""
        found: list[dict[str, Any]] = []
        complaint = next((row.filed for row in rows if row.filed), "")
        lead = next((row.lead for row in rows if row.lead), "")
        for name, content in await in_thread(partial(attachments, raw)):
            one: dict[str, Any] = {"name": name, "taken": False, "why": ""}
            found.append(one)
            if not complaint and not lead:
                one["why"] = "no_complaint"
                continue
            key = hashlib.sha256(content).hexdigest()
            try:
                if complaint:
                    await self._attach(self._actor, complaint, name, content, "evidence", "", key)
                else:
                    await self._attach_to_lead(self._actor, lead, name, content, "", key)
            except Refused as no:
                one["why"] = str(no.params.get("why") or no.code)
            else:
                one["taken"] = True
        return found

    async def _report(self, batch: Batch, rows: Sequence[RowOutcome]) -> dict[str, Any]:
        numbers = await self._batches.store.numbers([row.filed for row in rows if row.filed][:500])
        return {
            "batch": batch.id,
            "counts": {name: getattr(batch, name) for name in COUNTED},
            "error": said(batch.error["code"], batch.error["params"]) if batch.error else None,
            "rows": [
                {
                    "row": row.row,
                    "outcome": row.outcome,
                    "number": row.number,
                    "complaint_number": numbers.get(row.filed),
                    "problems": [said(one["code"], one["params"], one["column"]) for one in row.problems or ()],
                }
                for row in rows
            ],
        }

    def _put_away(self, path: Path, where: str, report: dict[str, Any], id: str) -> None:
        """First the report, then the file: whoever sees one in `done/` finds the other beside it."""
        to = self._folder / where / path.name
        if to.exists():  # an earlier one of this name; nothing is written over
            to = to.with_name(f"{to.stem}.{id[:8] or int(self._now())}{to.suffix}")
        told = to.with_name(to.name + ".json")
        part = told.with_name(f".{told.name}.part")
        with part.open("w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(report, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        part.replace(told)
        path.replace(to)
        handle = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


log = logging.getLogger(__name__)

BUSY_SECONDS: Final = 2.0


class ImportJob:
    """Handler of `import(batch)`."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, job: Claim, batch: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, identity):
            found = await batches.store.batch(batch)
            office = None if found is None else await identity.office(found.office)
            if found is not None and office is not None:
                found = await batches.run(found, office)
                if found.state in ("queued", "running"):  # by a process that lost its claim and has not ended yet
                    raise RetryLater(BUSY_SECONDS)


class UndoImportJob:
    """Handler of `undo_import(batch, by, reason)`; begun again it undoes what is left."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, job: Claim, batch: str, by: dict[str, str], reason: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, _):
            found = await batches.store.batch(batch)
            if found is not None and found.state == "undoing":
                await batches.undo(found, Actor("officer", **by), reason)


class MapImportValueJob:
    """Handler of `map_import_value(batch, field, said, value, by)`; begun again it corrects what is left."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, job: Claim, batch: str, field: str, said: str, value: str, by: dict[str, str]) -> None:
        async with opened(Settings(data=self._data)) as (batches, _):
            await batches.values.apply(batch, field, said, value, Actor("officer", **by))


def unfinished_imports(data: Path) -> list[str]:
    """Batches whose process died. Their files are still there, so without files there is nothing to ask for."""
    folder = data / FOLDER
    if not folder.is_dir() or not any(folder.glob("*.bin")):
        return []
    return asyncio.run(_unfinished(data))


async def _unfinished(data: Path) -> list[str]:
    async with opened(Settings(data=data)) as (batches, _):
        return [one.id for one in await batches.store.unfinished() if batches.path(one.id).is_file()]


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
            office, away = await office_of(identity, self._office), settings.remote_files(self._data)
            of_complaints, of_leads = (
                EncryptedFileStore(self._data / folder, self._keys, settings.sm3, reserve=settings.reserve(), away=away)
                for folder in ("attachments", "lead-files")
            )
            desk = AttachmentService(batches.complaints, of_complaints)
            files = LeadFiles(batches.leads, of_leads)
            await MailDrop(self._folder, office, batches, desk.put, files.add).watch(self._stopped)
