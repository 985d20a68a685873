"""A composition asked for by the web process is made by the job process, whatever ends it on the way."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from recordings import CompositionError
from recordings.composing import composition_plan
from recordings.composing.composition import Composition
from recordings.composing.composition_plan import FilmProgress
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.codec import SessionEntry
from rooms.events import CompositionFailed, RecordingComposed
from server.retention.erasure import remove
from server.rooms.composing import ComposeJob
from server.rooms.films import Compositions, Fact
from server.serving import data_folder
from server.serving.jobs import JobQueue, RetryLater
from tests import ROOT
from tests.recordings.history import sealed, session
from tests.recordings.playback import play
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean


async def recorded(data: Path, seconds: float) -> list[SessionEntry]:
    studio, sender = Studio(data / "recordings", seat="c", keys=case_keys(data)), Sender()
    studio.send(clean(in_time(sender.picture(0, seconds), sender.sound(0, seconds))))
    return session([sealed("c", segment) for segment in await studio.end(seconds + 0.1)])


def compositions(data: Path) -> Compositions:
    return Compositions(data / "recordings", JobQueue(data / "jobs.db"))


async def begin(data: Path, stderr: int | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.serving.jobs", "--data", str(data), "--until-stdin-closes",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stderr=stderr,
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


async def first(made: Compositions) -> tuple[str, Fact]:
    async with aclosing(made.watch()) as facts, asyncio.timeout(30):
        async for fact in facts:
            return fact
    raise AssertionError("watching ended")


async def reaches(data: Path, wanted: Callable[[FilmProgress], bool]) -> FilmProgress:
    async with asyncio.timeout(30):
        while True:
            state = composition_plan.read_progress(data / "recordings", "s1")
            if state is not None and wanted(state):
                return state
            await asyncio.sleep(0.02)


@pytest.mark.media
async def test_a_composition_is_made_and_handed_out_until_it_is_noted(tmp_path: Path) -> None:
    history = await recorded(tmp_path, 2)
    asked = compositions(tmp_path)
    assert await asked.state("s1") is None
    assert await asked.start("s1", history)
    async with job_process(tmp_path):
        name, fact = await first(asked)  # taken, but the taker went away before the next
    assert (name, type(fact)) == ("s1", RecordingComposed)
    assert isinstance(fact, RecordingComposed)
    files = EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path))
    with files.open("s1", fact.path) as film:
        assert hashlib.sha256(film.read()).hexdigest() == fact.sha256
    assert hashlib.sha256(files.stored(fact.path).read_bytes()).hexdigest() == fact.stored_sha256
    assert len(play(files.open("s1", fact.path)).video) > 30

    later = compositions(tmp_path)  # a web process started anew
    async with aclosing(later.watch()) as facts, asyncio.timeout(10):
        assert await anext(facts) == ("s1", fact)
        waiting = asyncio.ensure_future(anext(facts))
        assert (await reaches(tmp_path, lambda state: state.noted)).state == "ready"
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


@pytest.mark.media
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_an_interrupted_composition_is_made_after_the_next_start(tmp_path: Path, how: signal.Signals) -> None:
    history = await recorded(tmp_path, 4)
    asked = compositions(tmp_path)
    await asked.start("s1", history)
    async with job_process(tmp_path) as process:
        await reaches(tmp_path, lambda state: state.state == "composing")
        process.send_signal(how)
        await asyncio.wait_for(process.wait(), 30)
    state = composition_plan.read_progress(tmp_path / "recordings", "s1")
    assert state is not None
    assert (state.state, state.tries) == ("composing", 1)
    async with job_process(tmp_path):
        _, fact = await first(asked)
    assert isinstance(fact, RecordingComposed)
    assert (await reaches(tmp_path, lambda state: state.state == "ready")).tries == 1  # pieces were finished since
    assert [path.name for path in (tmp_path / "recordings" / "s1").glob("*composing*")] == []


async def test_a_job_process_waits_for_the_one_before_to_end_and_takes_up_what_that_lost(tmp_path: Path) -> None:
    with data_folder.alone_with_jobs(tmp_path, threading.Event()) as mine:
        assert mine
        process = await begin(tmp_path, stderr=asyncio.subprocess.PIPE)
        await until_it_waits(process)
        composition_plan.write_progress(
            tmp_path / "recordings", "s1", FilmProgress("queued")
        )  # and in no queue: taken by who is ending
    assert (await reaches(tmp_path, lambda state: state.state == "failed")).error == "bad_plan"
    process.terminate()
    await asyncio.wait_for(process.communicate(), 15)


async def test_a_job_process_that_waits_for_the_one_before_can_be_ended(tmp_path: Path) -> None:
    with data_folder.alone_with_jobs(tmp_path, threading.Event()):
        process = await begin(tmp_path, stderr=asyncio.subprocess.PIPE)
        await until_it_waits(process)
        process.terminate()
        await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0


async def until_it_waits(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    async with asyncio.timeout(30):
        async for line in process.stderr:
            if b"Another job process" in line:
                return
    raise AssertionError("it did not wait")


@pytest.mark.media
async def test_a_full_disk_is_waited_for_and_not_held_against_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await compositions(tmp_path).start("s1", await recorded(tmp_path, 1))
    recordings = tmp_path / "recordings"
    handler = ComposeJob(EncryptedFileStore(recordings, case_keys(tmp_path)), threading.Lock())

    async def full(*_: object) -> NoReturn:
        raise CompositionError("disk_full")

    def unwritable(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as trouble:
        trouble.setattr(Composition, "make", full)
        for _ in range(8):  # more often than any other fault may happen
            with pytest.raises(RetryLater):
                await handler("s1")
        trouble.setattr(composition_plan, "write_progress", unwritable)  # nor can it be said how far it is
        with pytest.raises(RetryLater):
            await handler("s1")
    await handler("s1")
    state = composition_plan.read_progress(recordings, "s1")
    assert state is not None
    assert (state.state, state.tries) == ("ready", 1)


@pytest.mark.media
async def test_of_a_record_that_is_erased_while_its_film_is_made_nothing_is_left(tmp_path: Path) -> None:
    await compositions(tmp_path).start("s1", await recorded(tmp_path, 1))
    keys, folder = case_keys(tmp_path), tmp_path / "recordings" / "s1"

    def erased() -> bool:
        if folder.exists():
            keys.destroy("s1", "2026-11-30T00:00:00Z")
            remove(folder)
        return False

    handler = ComposeJob(EncryptedFileStore(folder.parent, keys), threading.Lock(), erased)
    with contextlib.suppress(RetryLater):
        await handler("s1")
    await handler("s1")
    assert not folder.exists()


@pytest.mark.media
async def test_a_changed_recording_is_reported_as_such(tmp_path: Path) -> None:
    history = await recorded(tmp_path, 1)
    (segment,) = (tmp_path / "recordings" / "s1" / "c").iterdir()
    segment.write_bytes(segment.read_bytes() + b"x")
    asked = compositions(tmp_path)
    await asked.start("s1", history)
    async with job_process(tmp_path):
        assert await first(asked) == ("s1", CompositionFailed("source_changed"))


async def test_a_session_without_recordings_asks_for_nothing(tmp_path: Path) -> None:
    asked = compositions(tmp_path)
    assert not await asked.start("s1", session([]))
    assert await asked.state("s1") is None
    assert await JobQueue(tmp_path / "jobs.db").waiting() == []


async def test_the_job_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    process = await begin(tmp_path)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0
