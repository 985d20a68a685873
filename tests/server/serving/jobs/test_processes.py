"""The processes that work jobs off: begun with the first job, begun anew, any number, ended with their server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import server.serving.jobs
from recordings.files.keys import make_master
from server import serving
from server.serving.jobs import JobProcesses
from server.serving.jobs.store import JobQueue
from tests.server.app.program import yuntiao
from tests.server.serving.jobs.work import office_queue

Begun = list[asyncio.subprocess.Process]

PATIENCE = 120
"""Seconds: whoever asks first for a fork waits until the whole program is loaded, on a busy machine too."""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    """Every process that is started."""
    spawn, found = asyncio.create_subprocess_exec, Begun()

    async def noted(*command: str, **options: Any) -> asyncio.subprocess.Process:
        found.append(await spawn(*command, **options))
        return found[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(server.serving.jobs, "_AGAIN_AFTER", 0.01)
    return found


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not reached():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.01)


async def done(queue: JobQueue, copy: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while await queue.of("forget_copy", copy) is not None:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)


async def test_a_new_office_starts_them_with_its_first_job_and_they_end_with_it(tmp_path: Path, begun: Begun) -> None:
    async with office_queue(tmp_path) as queue:
        working = asyncio.create_task(JobProcesses(queue, tmp_path, number=2).run())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until(lambda: bool(begun)), 2 * server.serving.jobs.LOOK_SECONDS)
        await queue.enqueue("forget_copy", of="c1", session="s1", copy="c1")
        await until(lambda: len(begun) == 2)
        await done(queue, "c1")
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert [process.returncode for process in begun] == [0, 0]


async def test_one_that_is_killed_is_begun_anew_and_its_job_is_taken_up_at_once(tmp_path: Path, begun: Begun) -> None:
    async with office_queue(tmp_path) as queue:
        await queue.enqueue("forget_copy", of="c1", session="s1", copy="c1")
        working = asyncio.create_task(JobProcesses(queue, tmp_path).run())
        await done(queue, "c1")
        begun[0].kill()
        await until(lambda: len(begun) == 2)
        await queue.enqueue("forget_copy", of="c2", session="s1", copy="c2")
        await done(queue, "c2")
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_they_are_tried_again_when_the_machine_cannot_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.serving.jobs, "_AGAIN_AFTER", 0.01)
    spawn, started, asked = asyncio.create_subprocess_exec, asyncio.Event(), []

    async def scarce(*command: str, **options: Any) -> asyncio.subprocess.Process:
        asked.append(command)
        if len(asked) < 3:
            raise BlockingIOError("no process to be had")
        process = await spawn(*command, **options)
        started.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", scarce)
    async with office_queue(tmp_path) as queue:
        await queue.enqueue("forget_copy", of="c1", session="s1", copy="c1")
        working = asyncio.create_task(JobProcesses(queue, tmp_path).run())
        async with asyncio.timeout(20):
            await started.wait()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert len(asked) == 3


async def test_yuntiao_work_does_jobs_beside_the_server_of_a_folder_until_it_is_stopped(tmp_path: Path) -> None:
    async with office_queue(tmp_path) as queue:
        (tmp_path / "lock").touch()  # as a server leaves it
        await queue.enqueue("forget_copy", of="c1", needs="disk", session="s1", copy="c1")
        working = await yuntiao("work", "--data", str(tmp_path))
        await done(queue, "c1")
        working.terminate()
        assert await asyncio.wait_for(working.wait(), 30) == 0


async def test_yuntiao_work_for_nobody_says_what_it_needs(tmp_path: Path) -> None:
    working = await yuntiao("work", "--data", str(tmp_path))
    _, said = await working.communicate()
    assert working.returncode == 2
    assert b"YUNTIAO_DATABASE_URL, YUNTIAO_FILES, YUNTIAO_KEYS_URL" in said


async def test_two_of_them_for_servers_elsewhere_have_each_a_folder_of_their_own(tmp_path: Path) -> None:
    elsewhere = {
        "YUNTIAO_DATABASE_URL": "postgresql+psycopg://u@127.0.0.1:1/db", "YUNTIAO_FILES": f"file://{tmp_path}/files",
        "YUNTIAO_KEYS_URL": "postgresql://u@127.0.0.1:1/keys", "YUNTIAO_MASTER_KEY": str(tmp_path / "master.key"),
    }  # fmt: skip
    make_master(tmp_path / "master.key")
    (data := tmp_path / "data").mkdir()
    with serving.locked(data, RuntimeError(), serving.VISITED):
        second = await yuntiao("work", "--data", str(data), **elsewhere)
        _, said = await second.communicate()
    assert second.returncode == 2
    assert b"another yuntiao work is using" in said
    alone = await yuntiao("work", "--data", str(data), **elsewhere)
    assert await alone.wait() == 1  # the keys' database does not answer, and may again
