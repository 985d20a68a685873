"""Which cases go to the archive and when, and what the journal has of it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from journal import SYSTEM, Actor, Event
from journal.refusals import Busy
from recordings.files import archive
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from recordings.files.s3 import S3Blobs
from rooms import events as e
from rooms.commands import Command, NoteRecording
from rooms.events import session_entry
from server.complaints.attachments import AttachmentService
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.retention.archive import REQUEST, Archive, ArchivePapers, tally
from server.retention.archive_job import ArchiveJob
from server.retention.erasure import RemovedFiles
from server.rooms.store import sessions_closed_before
from server.serving.jobs.store import JobQueue
from server.signing.copies import PapersOnFile
from tests.complaints.record.test_uploads import PDF, picture
from tests.contracts import s3_server
from tests.server.app.office import World
from tests.server.app.program import serving
from tests.server.db.history import MORNING, Teller
from tests.server.retention.closed_case import PATHS, closed, content, digest, facts, paths, recorded
from tests.server.serving.jobs.work import end

DAY = timedelta(days=1)
CLOSED = MORNING + timedelta(minutes=10)


class Cellar:
    """The archive of one world, with a job process that is called by hand."""

    def __init__(self, world: World, data: Path) -> None:
        self.world, self.data, self.recordings = world, data, data / "recordings"
        (data / "store").mkdir(exist_ok=True)
        self.store = LocalBlobs(data / "store")
        self.queue = JobQueue(world.database)
        keys, remote = case_keys(data), self.store.open
        self.documents = PapersOnFile(EncryptedFileStore(data / "documents", keys, remote=remote))
        attached = EncryptedFileStore(data / "attachments", keys, remote=remote)
        self.officer = replace(world.zhou, office=replace(world.zhou.office, id="o1"))
        self.attachments = AttachmentService(world.complaints, attached, self.store.delete)
        self.papers = ArchivePapers(world.complaints, self.documents.shelf, attached)
        self.archive = self.anew()
        self.job = ArchiveJob(self.recordings, lambda check: self.store, EncryptedFileStore(self.recordings, keys))

    async def jobs(self, session: str) -> None:
        claim: Any = None  # of which it makes no use
        await self.job(claim, session)

    def anew(self, closed: Callable[[datetime], Awaitable[Iterable[tuple[str, str]]]] | None = None) -> Archive:
        """As after a restart."""
        self.archive = Archive(
            self.data, self.world.journal, self.world.rooms, self.queue, self.store, DAY,
            closed or (lambda when: sessions_closed_before(self.world.database, when)), lambda: CLOSED + DAY,
            self.papers,
        )  # fmt: skip
        return self.archive

    async def asked(self) -> list[str]:
        return sorted({arguments["session"] for _, arguments in await self.queue.waiting()})

    async def noted(self, session: str = "s1") -> list[e.Archived]:
        told = (await self.world.rooms.state(session)).archived
        events = [event for event in await self.world.journal.read(f"session/{session}") if event.type == "Archived"]
        assert {event.data["path"]: event.data["store"] for event in events} == told
        return [e.Archived(**event.data) for event in events]


@pytest.fixture
def cellar(world: World, tmp_path: Path) -> Cellar:
    return Cellar(world, tmp_path)


async def test_a_closed_and_composed_case_moves_and_the_journal_says_so(cellar: Cellar) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    await cellar.archive.look(CLOSED + timedelta(seconds=1))
    assert await cellar.asked() == ["s1"]
    await cellar.jobs("s1")
    assert await cellar.noted() == []
    await cellar.archive.note()
    assert await cellar.noted() == [e.Archived(path, cellar.store.address, digest(path)) for path in paths("s1")]
    await cellar.jobs("s1")
    assert not archive.has_files(cellar.recordings, "s1")
    assert list(cellar.store.names()) == sorted(paths("s1"))
    await cellar.archive.note()
    await cellar.archive.look(CLOSED + timedelta(seconds=1))
    assert (cellar.archive.tally.archived, cellar.archive.tally.waiting) == (3, 0)
    assert len(await cellar.noted()) == 3


async def test_recordings_whose_own_hash_the_journal_lacks_move_by_it_and_the_journal_has_it_then(
    cellar: Cellar,
) -> None:
    shelf = EncryptedFileStore(cellar.recordings, case_keys(cellar.data))
    await closed(cellar.world.journal, cellar.data, "s1", sealed=shelf)
    *media, film = paths("s1")
    own = {path: sha256(shelf.stored(path).read_bytes()).hexdigest() for path in media}
    await cellar.archive.look(CLOSED + timedelta(seconds=1))
    await cellar.jobs("s1")
    await cellar.archive.note()
    noted = {fact.path: fact.stored_sha256 for fact in await cellar.noted()}
    assert noted == own | {film: digest(film)}
    assert not set(own.values()) & {digest(path) for path in media}
    await cellar.jobs("s1")
    assert not archive.has_files(cellar.recordings, "s1")
    with EncryptedFileStore(cellar.recordings, case_keys(cellar.data), remote=cellar.store.open).open(
        "s1", media[0]
    ) as file:
        assert file.read() == content(media[0])


async def test_a_case_stays_until_its_time_has_come(cellar: Cellar) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    await cellar.archive.look(CLOSED)
    assert await cellar.asked() == []


async def test_a_case_under_way_is_not_touched(cellar: Cellar) -> None:
    recorded(cellar.recordings, "s1")
    tell = Teller(cellar.world.journal)
    await tell.mediated("c2", "s2")
    stream = await cellar.world.journal.read("session/s2")
    open_session = [event for event in stream if event.type not in ("OutcomeProposed", "SessionClosed")]
    await tell.session("s1", *(session_entry(event).event for event in open_session), *facts("s1", MORNING))
    before = sorted(cellar.recordings.rglob("*"))
    await cellar.archive.look(CLOSED + 365 * DAY)
    assert await cellar.asked() == []

    async def wrongly(_: object) -> Sequence[tuple[str, str]]:
        return [("s1", "c-s1")]

    await cellar.anew(wrongly).look(CLOSED + 365 * DAY)
    assert await cellar.asked() == []
    assert sorted(cellar.recordings.rglob("*")) == before


async def test_a_case_stays_until_its_video_is_made_or_given_up(cellar: Cellar) -> None:
    recorded(cellar.recordings, "s1")
    tell = Teller(cellar.world.journal)
    await tell.mediated("c-s1", "s1", opened=MORNING, minutes=10)
    *segments, _ = facts("s1", MORNING)
    await tell.session("s1", *segments, at=CLOSED)
    await cellar.archive.look(CLOSED + DAY)
    assert await cellar.asked() == []  # not asked for
    await cellar.queue.enqueue("compose", of="s1", session="s1")
    await end(cellar.queue, "compose", "s1", error="encoder")
    await cellar.archive.look(CLOSED + DAY)
    assert await cellar.asked() == []  # and not noted
    await tell.session("s1", e.CompositionFailed("encoder"), at=CLOSED)
    await cellar.archive.look(CLOSED + DAY)
    assert await cellar.asked() == []
    await cellar.queue.forget("compose", "s1")
    await cellar.archive.look(CLOSED + DAY)
    assert await cellar.asked() == ["s1"]


async def test_a_case_stays_while_it_is_transcribed(cellar: Cellar) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    await cellar.queue.enqueue("transcribe", of="s1", after=60.0, session="s1")
    await cellar.archive.look(CLOSED + DAY)
    assert await cellar.queue.depths() == {}
    assert archive.read_move(cellar.recordings, "s1") is None


async def test_a_file_that_was_sealed_late_follows(cellar: Cellar) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    for _ in range(2):
        await cellar.anew().look(CLOSED + DAY)
        await cellar.jobs("s1")
        await cellar.archive.note()
        await cellar.jobs("s1")
        late = "s1/s-consumer/20260414T020300000Z-camera.webm"
        (cellar.recordings / late).write_bytes(b"found by a later start")
        sealed = next(iter(facts("s1", MORNING)))
        assert isinstance(sealed, e.SegmentSealed)
        there = replace(sealed, path=late, sha256=sha256(b"found by a later start").hexdigest())
        if not (await cellar.world.rooms.state("s1")).archived.get(late):
            await cellar.world.rooms.submit("s1", NoteRecording(there), SYSTEM)
    assert late in list(cellar.store.names())
    assert len(await cellar.noted()) == 4


async def test_what_was_noted_before_a_crash_is_not_noted_twice(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    await cellar.archive.look(CLOSED + DAY)
    await cellar.jobs("s1")
    submit, left = cellar.world.rooms.submit, [2]

    async def busy_soon(session: str, command: Command, actor: Actor) -> Sequence[Event]:
        if not left[0]:
            raise Busy
        left[0] -= 1
        return await submit(session, command, actor)

    with monkeypatch.context() as trouble:
        trouble.setattr(cellar.world.rooms, "submit", busy_soon)
        await cellar.archive.note()
    assert len(await cellar.noted()) == 2
    await cellar.jobs("s1")
    assert archive.has_files(cellar.recordings, "s1")
    await cellar.anew().look(CLOSED + DAY)
    await cellar.archive.note()
    assert len(await cellar.noted()) == 3


async def test_failures_are_counted_and_tried_again_when_somebody_asks(cellar: Cellar) -> None:
    await closed(cellar.world.journal, cellar.data, "s1")
    file = cellar.recordings / paths("s1")[0]
    good = file.read_bytes()
    file.write_bytes(good[:-1])
    await cellar.archive.look(CLOSED + DAY)
    await cellar.jobs("s1")
    await cellar.archive.note()
    await cellar.jobs("s1")
    await cellar.archive.note()
    await cellar.archive.look(CLOSED + DAY)
    assert (cellar.archive.tally.failed, cellar.archive.tally.archived) == (1, 2)

    file.write_bytes(good)
    await cellar.archive.again()
    await cellar.archive.look(CLOSED + DAY)
    await cellar.jobs("s1")
    await cellar.archive.note()
    await cellar.jobs("s1")
    assert tally(cellar.recordings).failed == 0
    assert not archive.has_files(cellar.recordings, "s1")


async def test_what_is_erased_goes_from_the_archive_too_and_does_not_come_back(cellar: Cellar) -> None:
    for session in ("s1", "s10"):
        await closed(cellar.world.journal, cellar.data, session)
    await cellar.archive.look(CLOSED + DAY)
    for session in ("s1", "s10"):
        await cellar.jobs(session)
    shutil.rmtree(cellar.recordings / "s1")
    size = sum(len(content(path)) for path in paths("s1"))
    assert await cellar.archive.remove("s1") == RemovedFiles(3, size)
    assert await cellar.archive.remove("s1") == RemovedFiles()
    await cellar.archive.note()
    await cellar.jobs("s1")
    assert list(cellar.store.names()) == sorted(paths("s10"))
    assert not (cellar.recordings / "s1").exists()


async def test_without_an_archive_nothing_is_looked_for(cellar: Cellar, world: World, tmp_path: Path) -> None:
    async def closed_ones(_: object) -> Sequence[tuple[str, str]]:
        raise AssertionError("looked")

    kept = Archive(
        tmp_path, world.journal, world.rooms, cellar.queue, None, DAY, closed_ones, lambda: CLOSED, cellar.papers
    )
    await kept.start()
    await kept.stop()


# ---------------------------------------------------------------- documents and files of the complaint


async def with_papers(cellar: Cellar) -> tuple[str, list[str]]:
    """A closed case with a signed document and a photo; the photo, and the names of all of it."""
    await closed(cellar.world.journal, cellar.data, "s1")
    text = sha256(b"text").hexdigest()
    shelf = cellar.documents.shelf
    for folder, name, said in (("texts", text, b"text"), ("hands", "h1", b"ink"), ("documents", "d1", b"%PDF sealed")):
        shelf.put("s1", f"s1/{folder}/{name}", io.BytesIO(said))
    ink, pdf = sha256(b"ink").hexdigest(), sha256(b"%PDF sealed").hexdigest()
    await Teller(cellar.world.journal).session(
        "s1",
        e.SigningOffered("1" * 64, text, "1号", "agreement", {"consumer": "s-consumer"}),
        e.Signed("s-consumer", text, "drawn", "丁小禾", "h1", ink),
        e.DocumentSealed("d1", "agreement", "1号", pdf, 11, "ab" * 32, "B-B", text),
        at=CLOSED,
    )
    sent = picture("JPEG")
    photo = await cellar.attachments.add(cellar.officer, "c-s1", "收据.jpeg", sent, "evidence", "")
    names = [f"s1/texts/{text}", "s1/hands/h1", "s1/documents/d1", f"c-s1/{photo}", f"c-s1/{photo}.original"]
    return photo, names


async def archived(cellar: Cellar) -> None:
    await cellar.archive.look(CLOSED + DAY)
    await cellar.jobs("s1")
    await cellar.archive.note()
    await cellar.jobs("s1")
    await cellar.archive.note()


async def test_documents_and_files_of_the_complaint_move_too_and_are_read_from_there(cellar: Cellar) -> None:
    photo, names = await with_papers(cellar)
    await archived(cellar)
    assert sorted(cellar.store.names()) == sorted([*paths("s1"), *names])
    assert {fact.path for fact in await cellar.noted()} == {*paths("s1"), *names}
    left = [file for place in ("documents", "attachments") for file in (cellar.data / place).rglob("*")]
    assert [file for file in left if file.is_file()] == []
    assert cellar.documents.document("s1", "d1", sha256(b"%PDF sealed").hexdigest()) == b"%PDF sealed"
    found, opened = await cellar.attachments.take(cellar.officer, "c-s1", photo)
    with opened:
        assert sha256(opened.read()).hexdigest() == found.sha256
    _, opened = await cellar.attachments.take(cellar.officer, "c-s1", photo, original=True)
    with opened:
        assert opened.read() == picture("JPEG")


async def test_a_document_that_is_not_what_the_journal_says_stays_here(cellar: Cellar) -> None:
    _, names = await with_papers(cellar)
    cellar.documents.put_document("s1", "d1", b"%PDF another")
    await archived(cellar)
    assert "s1/documents/d1" not in list(cellar.store.names())
    assert cellar.documents.shelf.stored("s1/documents/d1").is_file()
    assert set(names) - {"s1/documents/d1"} <= set(cellar.store.names())


async def test_a_file_that_is_removed_later_goes_from_the_archive_too(cellar: Cellar) -> None:
    photo, _ = await with_papers(cellar)
    await archived(cellar)
    await cellar.attachments.remove(cellar.officer, "c-s1", photo, "传错了")
    assert [name for name in cellar.store.names() if name.startswith("c-s1/")] == []


async def test_a_file_that_comes_after_the_case_was_archived_follows(cellar: Cellar) -> None:
    await with_papers(cellar)
    await archived(cellar)
    later = await cellar.attachments.add(cellar.officer, "c-s1", "b.pdf", PDF, "evidence", "")
    cellar.anew()
    await archived(cellar)
    assert f"c-s1/{later}" in list(cellar.store.names())
    assert not (cellar.data / "attachments" / "c-s1" / later).exists()


# ---------------------------------------------------------------- the whole program


@pytest.mark.long
async def test_the_program_archives_a_case_in_s3_when_it_is_told_to(tmp_path: Path, sqlite_template: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(sqlite_template, data / "yuntiao.db")
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    await closed(SqlJournal(database, projectors()), data, "s1")
    await database.close()
    secret = tmp_path / "secret"
    secret.write_text(s3_server.SECRET)
    secret.chmod(0o600)
    with s3_server.served() as endpoint:
        bucket = s3_server.bucket(endpoint, f"b-{uuid4().hex[:12]}", "east")
        settings = {
            "YUNTIAO_ARCHIVE": f"s3://{bucket.name}/east", "YUNTIAO_ARCHIVE_ENDPOINT": endpoint,
            "YUNTIAO_ARCHIVE_ACCESS_KEY": s3_server.KEY, "YUNTIAO_ARCHIVE_SECRET_FILE": str(secret),
            "YUNTIAO_ARCHIVE_AFTER_HOURS": "1000000", "YUNTIAO_DATA": str(data),
        }  # fmt: skip
        status, _ = await command(settings, "run")
        assert status == 2  # nobody serves
        async with serving(data, **settings) as program:
            status, found = await command(settings, "run")
            metrics = await read(f"{program.url}/metrics")
        assert (status, found["archived"], found["waiting"], found["failed"]) == (0, 3, 0, 0)
        assert 'yuntiao_archive_files{state="archived"}' in metrics
        store = S3Blobs(bucket, tmp_path / "uploads")
        assert list(store.names("s1")) == sorted(paths("s1"))
        assert all(store.verify(path, digest(path)) for path in paths("s1"))
        with store.open(paths("s1")[-1]) as film:
            film.seek(100)
            assert len(film.read(50)) == 50
    assert not archive.has_files(data / "recordings", "s1")
    assert not (data / REQUEST).exists()
    status, found = await command(settings, "status")
    assert (status, found["archived"]) == (0, len(PATHS))
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    events = [event.type for event in await SqlJournal(database).read("session/s1")]
    await database.close()
    assert events.count("Archived") == len(PATHS)


async def command(settings: dict[str, str], *words: str) -> tuple[int, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YUNTIAO_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "archive", *words, "--json",
        stdout=asyncio.subprocess.PIPE, env=environment | settings,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, json.loads(output) if output else {}


async def read(url: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return await answer.text()
