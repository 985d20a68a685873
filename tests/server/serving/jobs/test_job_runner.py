"""Jobs are durable, can ask to be tried again, and go back into the queue when they are interrupted."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from server.serving.jobs import JobQueue, Jobs, RetryLater
from server.serving.jobs.__main__ import stopping
from server.serving.jobs.runner import Consumer, Live, Runner


def run_next(runner: Runner) -> None:
    """What a consumer's thread does."""
    task: Any = runner.jobs.huey.dequeue()
    runner.jobs.huey.execute(task)


async def test_a_job_put_by_one_process_is_run_by_another_with_its_arguments(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    async def greet(name: str, times: int) -> None:
        seen.append((name, times))

    await JobQueue(tmp_path / "jobs.db").enqueue("greet", name="张女士", times=2)
    await asyncio.to_thread(run_next, Runner(tmp_path / "jobs.db", {"greet": greet}))
    assert seen == [("张女士", 2)]
    assert await JobQueue(tmp_path / "jobs.db").waiting() == []


def test_a_queue_is_read_on_by_the_name_its_jobs_always_had(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "jobs.db", {})
    runner.jobs.put("greet", {})
    assert b"server.serving.jobs.queue.job" in runner.jobs.huey.storage.dequeue()


def test_a_job_that_asks_for_it_waits_for_its_next_try(tmp_path: Path) -> None:
    async def busy() -> None:
        raise RetryLater(60.0)

    runner = Runner(tmp_path / "jobs.db", {"busy": busy})
    runner.jobs.put("busy", {})
    run_next(runner)
    (task,) = runner.jobs.huey.pending()
    assert task.eta - datetime.now(UTC).replace(tzinfo=None) > timedelta(seconds=50)
    run_next(runner)  # a consumer only puts it where its time is watched
    assert runner.jobs.waiting() == [("busy", {})]
    assert runner.jobs.huey.scheduled_count() == 1


def test_a_faulty_or_unknown_job_does_not_take_the_others_along(tmp_path: Path) -> None:
    done: list[bool] = []

    async def faulty() -> None:
        raise ValueError("a fault")

    async def fine() -> None:
        done.append(True)

    runner = Runner(tmp_path / "jobs.db", {"faulty": faulty, "fine": fine})
    for name in ("faulty", "unknown", "fine"):
        runner.jobs.put(name, {})
    for _ in range(3):
        run_next(runner)
    assert done == [True]
    assert Jobs(tmp_path / "jobs.db", lambda name, arguments, request: None).waiting() == []


def test_an_interrupted_job_is_back_in_the_queue(tmp_path: Path) -> None:
    begun = threading.Event()

    async def endless(session: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    runner = Runner(tmp_path / "jobs.db", {"endless": endless})
    runner.jobs.put("endless", {"session": "s1"})
    thread = threading.Thread(target=run_next, args=(runner,))
    thread.start()
    assert begun.wait(5)
    runner.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert runner.jobs.waiting() == [("endless", {"session": "s1"})]


def test_from_the_first_job_on_a_signal_is_heard_by_the_process_and_not_by_the_consumer(tmp_path: Path) -> None:
    heard = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    consumer = Consumer(Runner(tmp_path / "jobs.db", {}).jobs.huey, workers=2, periodic=False)
    consumer.start()
    try:
        assert {number: signal.getsignal(number) for number in heard} == heard
    finally:
        consumer.stop(graceful=True)
        for number, handler in heard.items():
            signal.signal(number, handler)


def test_a_signal_ends_the_process_also_while_it_is_about_to_wait_for_one() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stopped: Any = stopping(False, Live())
    try:
        with stopped._cond:  # as the main thread holds it on its way into `wait`
            os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.wait(5)
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
