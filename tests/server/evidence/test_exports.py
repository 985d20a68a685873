"""Exports from asking to deleting: made by the job, in the journal before they can be taken, gone after a week."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from journal import SYSTEM
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript, to_json
from rooms.commands import Arrive, Cancel, Close, NoteRecording, ProposeOutcome
from rooms.events import DocumentSealed, TranscriptMade, event_draft
from rooms.vocabulary import Outcome, OutcomeKind
from server.app import PACKAGE_PAGES
from server.complaints.attachments import AttachmentService
from server.evidence import exporting, exports as orders
from server.evidence.exporting import ExportJob
from server.evidence.exports import KEPT, ExportService, Gathering
from server.evidence.log_keeper import CheckpointKeeper, KnownKeys, existing_signer, installation_signer
from server.evidence.log_store import AttestationStore, LogStore
from server.evidence.verifying import check
from server.serving.jobs import JobResults
from server.serving.jobs.store import Job, JobQueue
from server.signing.copies import PapersOnFile
from tests.complaints.record.test_uploads import picture
from tests.recordings.keyring import Keyring
from tests.server.app.office import World
from tests.server.serving.jobs.work import deal


@dataclass
class Desk:
    """Exports of a world, with its job process in the same process: `work` does what waits."""

    world: World
    data: Path
    shelf: EncryptedFileStore
    documents: EncryptedFileStore
    attachments: EncryptedFileStore
    exports: ExportService
    queue: JobQueue

    async def cancelled(self) -> str:
        """A session that is over."""
        session = await self.world.session()
        await self.world.rooms.submit(session, Cancel("投诉人撤回"), self.world.zhou.actor)
        return session

    async def work(self) -> None:
        signer = partial(existing_signer, self.data)
        handler = ExportJob(self.shelf, self.documents, self.attachments, signer, PACKAGE_PAGES)
        assert await deal(self.queue, "export", handler)

    async def state(self, export: str) -> Job:
        found = await self.queue.of("export", export)
        assert found is not None
        return found

    async def package(self, export: str) -> bytes:
        job = await self.state(export)
        with self.shelf.open(job.subject, job.result["path"]) as file:
            return file.read()

    def order(self, session: str, export: str) -> Path:
        return self.shelf.folder / orders.export_path(session, export, ".order")


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    installation_signer(tmp_path)
    signer = partial(existing_signer, tmp_path)
    log = LogStore(world.database)
    keys = KnownKeys(world.journal, world.clock.now)
    keeper = CheckpointKeeper(log, keys, signer, tmp_path, timedelta(minutes=10), world.clock.now)
    gathering = Gathering(world.journal, log, AttestationStore(world.database), keeper, signer, None)
    shelf, queue = EncryptedFileStore(tmp_path / "recordings", Keyring()), JobQueue(world.database)
    exports = ExportService(shelf, gathering, world.rooms, queue, world.clock.now)
    documents, attachments = (EncryptedFileStore(tmp_path / name, Keyring()) for name in ("documents", "attachments"))
    return Desk(world, tmp_path, shelf, documents, attachments, exports, queue)


async def test_an_export_is_in_the_journal_before_it_can_be_taken_and_verifies(desk: Desk, tmp_path: Path) -> None:
    session = await desk.cancelled()
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    assert await desk.queue.depths() == {"export": 1}
    await desk.work()
    assert (await desk.exports.one(session, export)).state == "working", "the journal does not know of it yet"
    with pytest.raises(Refused, match="not_found"):
        await desk.exports.path(session, export)
    results = JobResults(desk.queue)
    results.notes, results.kept = {"export": desk.exports.note}, {"export"}
    made = await desk.state(export)
    await desk.exports.note(made)  # by whoever did not come to say so
    await results.look()
    (entry,) = [e for e in await desk.world.journal.read(f"session/{session}") if e.type == "Exported"]
    row = made.result
    assert entry.data == {"kind": "package", "export": export, "sha256": row["sha256"], "size": row["size"]}
    assert await desk.exports.path(session, export) == row["path"]
    assert entry.actor == desk.world.zhou.actor
    (tmp_path / "taken.zip").write_bytes(await desk.package(export))
    report = check(tmp_path / "taken.zip")
    assert [one.code for one in report.amiss] == ["wrong_key"]
    assert (report.verdict, report.session) == ("open", session)


@pytest.mark.parametrize("there", [True, False], ids=["there", "lost"])
async def test_its_page_shows_a_transcripts_lines_as_long_as_the_file_is_there(
    desk: Desk, tmp_path: Path, there: bool
) -> None:
    session, now = await desk.world.session(), desk.world.clock.now()
    for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)), Close()):
        await desk.world.rooms.submit(session, command, desk.world.zhou.actor)
    line = Line("1", "mediator", now, now + timedelta(seconds=2), "我们开始调解")
    content = to_json(Transcript(session, ModelIdentity("whisper", "whisper-base", "ab" * 32), now, (line,)))
    path = f"{session}/transcript.sealed"
    stored = await asyncio.to_thread(desk.shelf.put, session, path, io.BytesIO(content))
    made = TranscriptMade(path, stored.sha256, stored.size, 1, "whisper", "whisper-base", "ab" * 32)
    await desk.world.rooms.submit(session, NoteRecording(made), SYSTEM)
    if not there:
        desk.shelf.stored(path).unlink()
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    await desk.work()
    (tmp_path / "taken.zip").write_bytes(await desk.package(export))
    with zipfile.ZipFile(tmp_path / "taken.zip") as package:
        assert ("我们开始调解".encode() in package.read("index.zh.html")) is there
        assert (b"no longer in the bureau" in package.read("index.en.html")) is not there
    assert check(tmp_path / "taken.zip").verdict == "open"  # who checks does not know the key


async def test_what_lies_on_the_disk_is_sealed(desk: Desk) -> None:
    session = await desk.cancelled()
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    order = desk.order(session, export).read_bytes()
    await desk.work()
    package = (desk.shelf.folder / (await desk.state(export)).result["path"]).read_bytes()
    for lying in (order, package):
        assert lying.startswith(b"YTS1")
        assert "丁小禾".encode() not in lying
    assert not desk.order(session, export).exists()


async def test_asked_for_twice_it_is_one_export(desk: Desk) -> None:
    session = await desk.cancelled()
    first = await desk.exports.ask(desk.world.zhou, session, "package")
    assert await desk.exports.ask(desk.world.zhou, session, "package") == first
    assert await desk.exports.ask(desk.world.zhou, session, "masked") != first


async def test_a_session_that_is_not_over_is_not_exported(desk: Desk) -> None:
    with pytest.raises(Refused, match="not_closed"):
        await desk.exports.ask(desk.world.zhou, await desk.world.session(), "package")


async def test_without_the_logs_key_nothing_is_exported(desk: Desk) -> None:
    session = await desk.cancelled()
    (desk.data / "keys" / "log.key").unlink()
    with pytest.raises(Refused, match="not_signed"):
        await desk.exports.ask(desk.world.zhou, session, "package")


async def test_after_a_week_the_file_is_deleted(desk: Desk) -> None:
    session = await desk.cancelled()
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    await desk.work()
    desk.world.clock.move(KEPT - timedelta(minutes=1))
    assert len(await desk.exports.of(session)) == 1
    await desk.exports.clean()
    assert (await desk.state(export)).state == "ready"
    desk.world.clock.move(timedelta(minutes=1))
    assert await desk.exports.of(session) == []
    await desk.exports.clean()
    assert list(desk.order(session, export).parent.iterdir()) == []
    assert await desk.queue.of("export", export) is None


async def test_a_record_erased_meanwhile_is_not_exported(desk: Desk) -> None:
    session = await desk.cancelled()
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    desk.shelf.keys.destroy(session)
    await desk.work()
    made = await desk.state(export)
    assert (made.state, made.error) == ("failed", "erased")


async def test_a_disk_that_fails_is_tried_again_and_then_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PATIENCE", (0.0, 0.0))
    session = await desk.cancelled()
    export = await desk.exports.ask(desk.world.zhou, session, "package")

    def failing(*_: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(desk.shelf, "put", failing)
    for _ in range(2):
        await desk.work()
        assert (await desk.state(export)).state == "queued"
    await desk.work()
    made = await desk.state(export)
    assert (made.state, made.error) == ("failed", "io")


async def test_a_document_that_was_sealed_goes_with_the_package(desk: Desk, tmp_path: Path) -> None:
    session, agreement = await desk.cancelled(), b"%PDF-1.7 sealed"
    PapersOnFile(desk.documents).put_document(session, "d1", agreement)
    digest = hashlib.sha256(agreement).hexdigest()
    sealed = DocumentSealed("d1", "record", "东高一调〔2026〕0001号", digest, len(agreement), "ab" * 32, "B-B")
    stream = f"session/{session}"
    await desk.world.journal.append(
        stream, len(await desk.world.journal.read(stream)), [event_draft(sealed, desk.world.clock.now())]
    )
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    await desk.work()
    (tmp_path / "taken.zip").write_bytes(await desk.package(export))
    with zipfile.ZipFile(tmp_path / "taken.zip") as package:
        assert package.read("documents/d1.pdf") == agreement
    assert check(tmp_path / "taken.zip").verdict == "open"  # no key was given


async def test_a_file_of_the_complaint_goes_with_the_package_as_it_was_sent(desk: Desk, tmp_path: Path) -> None:
    session, sent = await desk.cancelled(), picture("JPEG")
    complaint = (await desk.world.rooms.state(session)).complaint
    attachments = AttachmentService(desk.world.complaints, desk.attachments)
    which = await attachments.add(desk.world.zhou, complaint, "收据.jpeg", sent, "evidence", "")
    export = await desk.exports.ask(desk.world.zhou, session, "package")
    await desk.work()
    (tmp_path / "taken.zip").write_bytes(await desk.package(export))
    with zipfile.ZipFile(tmp_path / "taken.zip") as package:
        assert package.read(f"attachments/{which}.jpeg") == sent
    assert [one.code for one in check(tmp_path / "taken.zip").amiss] == ["wrong_key"]
