"""A composition asked for by the web process is made by the job process, whatever ends it on the way."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

import server.serving.jobs
from recordings import CompositionError
from recordings.composing.composition import Composition
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.events import SessionEntry
from server.retention.erasure import remove
from server.rooms.films import CompositionService
from server.rooms.recording_jobs import ComposeJob
from server.serving.jobs import Claim
from server.serving.jobs.store import Job, JobQueue
from tests import ROOT
from tests.recordings.history import sealed, session
from tests.recordings.playback import play
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean
from tests.server.serving.jobs.work import deal, office_queue


async def recorded(data: Path, seconds: float) -> list[SessionEntry]:
    studio, sender = Studio(data / "recordings", seat="c", keys=case_keys(data)), Sender()
    studio.send(clean(in_time(sender.picture(0, seconds), sender.sound(0, seconds))))
    return session([sealed("c", segment) for segment in await studio.end(seconds + 0.1)])


async def asked(data: Path, queue: JobQueue, history: list[SessionEntry]) -> bool:
    """As the web process asks for it."""
    unused: Any = None
    return await CompositionService(shelf(data), unused, unused, queue, unused).ask("s1", history)


def shelf(data: Path) -> EncryptedFileStore:
    return EncryptedFileStore(data / "recordings", case_keys(data))


async def begin(data: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.serving.jobs", "--data", str(data), "--until-stdin-closes",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip


@asynccontextmanager
async def job_process(data: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await begin(data)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 15)


async def reaches(queue: JobQueue, wanted: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(40):
        while (job := await queue.of("compose", "s1")) is None or not wanted(job):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return job


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[JobQueue]:
    async with office_queue(tmp_path) as made:
        yield made


@pytest.mark.media
async def test_a_composition_is_made_by_another_process_and_is_what_its_job_says(
    tmp_path: Path, queue: JobQueue
) -> None:
    assert await asked(tmp_path, queue, await recorded(tmp_path, 2))
    async with job_process(tmp_path):
        job = await reaches(queue, lambda job: not job.open)
    assert (job.state, job.progress) == ("ready", 1.0)
    made, files = job.result, shelf(tmp_path)
    with files.open("s1", made["path"]) as film:
        assert hashlib.sha256(film.read()).hexdigest() == made["sha256"]
    assert hashlib.sha256(files.stored(made["path"]).read_bytes()).hexdigest() == made["stored_sha256"]
    assert len(play(files.open("s1", made["path"])).video) > 30
    assert not list(files.folder.glob("s1/*.order"))


@pytest.mark.media
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_an_interrupted_composition_is_made_after_the_next_start(
    tmp_path: Path, queue: JobQueue, how: signal.Signals
) -> None:
    await asked(tmp_path, queue, await recorded(tmp_path, 4))
    async with job_process(tmp_path) as process:
        await reaches(queue, lambda job: job.state == "working")
        process.send_signal(how)
        await asyncio.wait_for(process.wait(), 30)
    left = await queue.of("compose", "s1")
    assert left is not None
    assert (left.state, left.tries) == (("working", 1) if how == signal.SIGKILL else ("queued", 0))
    async with job_process(tmp_path):
        made = await reaches(queue, lambda job: not job.open)
    assert (made.state, made.tries) == ("ready", 1)  # pieces were finished since
    assert [path.name for path in (tmp_path / "recordings" / "s1").glob("*composing*")] == []
    assert len(list((tmp_path / "recordings" / "s1").glob("composed-*.mp4"))) == 1


@pytest.mark.media
async def test_a_worker_whose_claim_another_has_by_now_leaves_no_video(tmp_path: Path, queue: JobQueue) -> None:
    await asked(tmp_path, queue, await recorded(tmp_path, 1))
    stalled = Claim(await claimed(queue), queue)
    second = Claim(await claimed(queue), queue)
    handler = ComposeJob(shelf(tmp_path))
    (order,) = (tmp_path / "recordings" / "s1").glob("film-*.order")
    kept = order.read_bytes()
    await handler(second, **second.job.arguments)
    order.write_bytes(kept)  # it had read it before it stood still
    (counts,) = (tmp_path / "recordings" / "s1").glob("composed-*.mp4")
    await handler(stalled, **stalled.job.arguments)
    assert list((tmp_path / "recordings" / "s1").glob("composed-*.mp4")) == [counts]


async def claimed(queue: JobQueue) -> Job:
    job = await queue.claim("w", ["compose"], lease=0.0)
    assert job is not None
    return job


@pytest.mark.media
async def test_a_full_disk_is_waited_for_and_not_held_against_the_film(
    tmp_path: Path, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.serving.jobs, "FULL_SECONDS", 0.0)
    await asked(tmp_path, queue, await recorded(tmp_path, 1))

    async def full(*_: object) -> NoReturn:
        raise CompositionError("disk_full")

    with monkeypatch.context() as trouble:
        trouble.setattr(Composition, "make", full)
        for _ in range(8):  # more often than any other fault may happen
            assert await deal(queue, "compose", ComposeJob(shelf(tmp_path)))
            waiting = await reaches(queue, lambda job: job.state == "queued")
            assert waiting.error == "disk_full"
    assert await deal(queue, "compose", ComposeJob(shelf(tmp_path)))
    made = await reaches(queue, lambda job: not job.open)
    assert (made.state, made.tries) == ("ready", 1)


@pytest.mark.media
async def test_of_a_record_that_is_erased_while_its_film_is_made_nothing_is_left(
    tmp_path: Path, queue: JobQueue
) -> None:
    await asked(tmp_path, queue, await recorded(tmp_path, 1))
    keys, folder = case_keys(tmp_path), tmp_path / "recordings" / "s1"

    def erased() -> bool:
        if folder.exists():
            keys.destroy("s1", "2026-11-30T00:00:00Z")
            remove(folder)
        return False

    handler = ComposeJob(EncryptedFileStore(folder.parent, keys), erased)
    assert await deal(queue, "compose", handler)
    await queue.forget_all("s1")
    assert not folder.exists()


@pytest.mark.media
async def test_a_changed_recording_is_reported_as_such(tmp_path: Path, queue: JobQueue) -> None:
    history = await recorded(tmp_path, 1)
    (segment,) = (tmp_path / "recordings" / "s1" / "c").iterdir()
    segment.write_bytes(segment.read_bytes() + b"x")
    await asked(tmp_path, queue, history)
    assert await deal(queue, "compose", ComposeJob(shelf(tmp_path)))
    job = await reaches(queue, lambda job: not job.open)
    assert (job.state, job.error) == ("failed", "source_changed")


async def test_a_session_without_recordings_asks_for_nothing(tmp_path: Path, queue: JobQueue) -> None:
    assert not await asked(tmp_path, queue, session([]))
    assert await queue.waiting() == []


async def test_the_job_process_ends_with_the_one_that_started_it(tmp_path: Path, queue: JobQueue) -> None:
    process = await begin(tmp_path)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0
