"""How a worker deals with jobs: tries, interruptions, leases that end, and signals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from server.db.engine import Database
from server.serving.jobs import PATIENCE, Claim, RetryLater, runner
from server.serving.jobs.__main__ import stopping
from server.serving.jobs.runner import Live, Worker
from server.serving.jobs.store import LEASE, Job, JobQueue
from tests.server.db.relay import Relay, relayed
from tests.server.serving.jobs.work import deal, end


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database)


async def reaches(queue: JobQueue, wanted: Callable[[Job], bool], of: str = "s1") -> Job:
    async with asyncio.timeout(20):
        while (found := await queue.of("job", of)) is None or not wanted(found):  # noqa: ASYNC110 - another thread
            await asyncio.sleep(0.01)
    return found


async def test_a_job_put_by_one_process_is_run_by_another_with_its_arguments(
    database: Database, other: Database
) -> None:
    seen: list[tuple[str, int]] = []

    async def greet(_job: Claim, name: str, times: int) -> None:
        seen.append((name, times))

    await JobQueue(database).enqueue("greet", name="张女士", times=2)
    assert await deal(JobQueue(other), "greet", greet)
    assert seen == [("张女士", 2)]
    assert not await deal(JobQueue(other), "greet", greet)
    assert await JobQueue(database).waiting() == []


async def test_a_job_that_asks_for_it_waits_for_its_next_try(queue: JobQueue) -> None:
    async def busy(_job: Claim) -> None:
        raise RetryLater(60.0, "io")

    await queue.enqueue("job", of="s1")
    assert await deal(queue, "job", busy)
    assert not await deal(queue, "job", busy)
    found = await queue.of("job", "s1")
    assert found is not None
    assert (found.state, found.error, found.tries) == ("queued", "io", 1)
    assert await queue.depths() == {}  # not due


async def test_a_faulty_job_does_not_take_the_others_along_and_an_unknown_one_waits_for_who_knows_it(
    queue: JobQueue,
) -> None:
    done: list[str] = []

    async def faulty(_job: Claim) -> None:
        raise ValueError("a fault")

    async def fine(_job: Claim) -> None:
        done.append("fine")

    for name in ("faulty", "unknown", "fine"):
        await queue.enqueue(name, of="s1")
    worker = Worker(queue, {"faulty": faulty, "fine": fine}, "w1")
    while await worker.once():
        pass
    assert done == ["fine"]
    assert [name for name, _ in await queue.waiting()] == ["unknown"]
    failed = await queue.of("faulty", "s1")
    assert failed is not None
    assert failed.state == "failed"


async def test_an_interrupted_job_is_back_in_the_queue_and_no_try_is_held_against_it(queue: JobQueue) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def endless(_job: Claim, session: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        await asyncio.Event().wait()

    await queue.enqueue("job", of="s1", session="s1")
    working = asyncio.create_task(Worker(queue, {"job": endless}, "w1").work(stopped))
    await asyncio.wait_for(begun.wait(), 10)
    stopped.set()
    await asyncio.wait_for(working, 10)
    found = await queue.of("job", "s1")
    assert found is not None
    assert (found.state, found.tries) == ("queued", 0)


async def test_a_worker_tells_how_far_it_is_and_renews_also_while_the_handler_keeps_its_thread_busy(
    queue: JobQueue, other: Database
) -> None:
    stopped, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def slow(job: Claim) -> None:
        job(0.5)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)  # blocks this thread and its loop
        await job.ready(made="it")

    await queue.enqueue("job", of="s1")
    working = asyncio.create_task(Worker(queue, {"job": slow}, "w1", lease=5.0).work(stopped))
    half = await reaches(queue, lambda job: job.progress == 0.5)
    assert half.state == "working"
    assert await JobQueue(other).claim("w2", ["job"]) is None
    go_on.set()
    ready = await reaches(queue, lambda job: job.state == "ready")
    assert ready.result == {"made": "it"}
    stopped.set()
    await asyncio.wait_for(working, 10)


async def test_what_a_dead_worker_had_is_anothers_after_its_lease_and_the_first_ones_result_is_not_taken(
    queue: JobQueue, other: Database
) -> None:
    await queue.enqueue("job", of="s1")
    stalled = await queue.claim("w1", ["job"], lease=0.0)
    assert stalled is not None
    made = await end(JobQueue(other), "job", "s1", made="by the second")
    assert made.result == {"made": "by the second"}
    assert not await queue.renew(stalled)
    assert not await queue.end(stalled, "ready", "", {"made": "by the first"})
    await queue.done(stalled)
    await queue.put_back(stalled, 0.0)
    found = await queue.of("job", "s1")
    assert found is not None
    assert (found.state, found.result) == ("ready", {"made": "by the second"})


async def test_a_worker_that_has_lost_its_claim_stops_what_it_does(queue: JobQueue, other: Database) -> None:
    begun, over, stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def endless(_job: Claim) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon_threadsafe(over.set)

    await queue.enqueue("job", of="s1")
    working = asyncio.create_task(Worker(queue, {"job": endless}, "w1").work(stopped))
    await asyncio.wait_for(begun.wait(), 10)
    await JobQueue(other).forget("job", "s1")  # the record was erased
    await asyncio.wait_for(over.wait(), 10)
    stopped.set()
    await asyncio.wait_for(working, 10)
    assert await queue.of("job", "s1") is None


class SlowlyRenewed(JobQueue):
    """A renewal is answered once the job is nobody's any more."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.begun, self.answered = threading.Event(), asyncio.Event()

    async def renew(self, job: Job, lease: float = LEASE) -> bool:
        self.begun.set()
        async with asyncio.timeout(20):
            while held := await super().renew(job, lease):  # noqa: ASYNC110 - another thread
                await asyncio.sleep(0.01)
        self.answered.set()
        return held


@pytest.mark.parametrize("outcome", [ValueError("a fault"), RetryLater(60.0)], ids=["fails", "later"])
async def test_a_job_that_ends_while_its_lease_is_renewed_is_not_said_to_be_anothers(
    database: Database, caplog: pytest.LogCaptureFixture, outcome: Exception
) -> None:
    queue, stopped = SlowlyRenewed(database), asyncio.Event()

    async def ends(_job: Claim) -> None:
        assert queue.begun.wait(20)
        raise outcome

    await queue.enqueue("job", of="s1")
    working = asyncio.create_task(Worker(queue, {"job": ends}, "w1").work(stopped))
    await asyncio.wait_for(queue.answered.wait(), 20)
    stopped.set()
    await asyncio.wait_for(working, 10)
    assert "somebody else" not in caplog.text


@contextlib.asynccontextmanager
async def locked(_relay: Relay, other: Database) -> AsyncIterator[None]:
    async with other.write() as connection:
        await connection.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        yield


@contextlib.asynccontextmanager
async def cut_off(relay: Relay, _other: Database) -> AsyncIterator[None]:
    with relay.silent():
        yield


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("silence", [locked, cut_off])
async def test_a_worker_whose_database_says_nothing_stops_before_another_may_have_its_jobs(
    database_url: URL, other: Database, silence: Callable[[Relay, Database], AbstractAsyncContextManager[None]]
) -> None:
    lease, clock, begun = 4.0, asyncio.get_running_loop().time, asyncio.Queue[str]()
    over, stopped = list[float](), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def endless(job: Claim) -> None:
        loop.call_soon_threadsafe(begun.put_nowait, job.job.key)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon_threadsafe(lambda: over.append(clock()))

    async with relayed(database_url) as relay, asyncio.timeout(40):
        database = Database(relay.url)
        queue = JobQueue(database)
        await queue.enqueue("job", of="s1")
        await queue.enqueue("job", of="s2")
        working = asyncio.create_task(Worker(queue, {"job": endless}, "w1", lease).work(stopped))
        await begun.get()
        await begun.get()
        async with silence(relay, other):
            silent = clock()  # no lease was renewed later
            while len(over) < 2:  # noqa: ASYNC110 - threads
                await asyncio.sleep(0.01)
        assert max(over) - silent < lease
        stopped.set()
        await working
        await database.close()


async def test_a_process_that_is_known_to_be_dead_has_its_jobs_taken_back_at_once(queue: JobQueue) -> None:
    await queue.enqueue("job", of="s1")
    assert await queue.claim("w1", ["job"]) is not None
    assert await queue.claim("w2", ["job"]) is None
    await queue.release("w1")
    again = await queue.claim("w2", ["job"])
    assert again is not None
    assert again.tries == 2


async def test_tries_are_counted_until_something_was_done_for_good(queue: JobQueue) -> None:
    found: list[bool] = []

    async def vain(job: Claim) -> None:
        found.append(job.vain)
        if len(found) == 2:
            job.kept()
        raise RetryLater(0.0)

    await queue.enqueue("job", of="s1")
    for _ in range(len(PATIENCE) + 4):
        assert await deal(queue, "job", vain)
    assert found == [False] * (len(PATIENCE) + 2) + [True] * 2


async def test_a_full_disk_counts_as_no_try(queue: JobQueue) -> None:
    async def full(job: Claim) -> None:
        job.put_off("disk_full", set())

    await queue.enqueue("job", of="s1")
    assert await deal(queue, "job", full)
    found = await queue.of("job", "s1")
    assert found is not None
    assert (found.state, found.error, found.tries) == ("queued", "disk_full", 0)


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


async def test_a_process_makes_one_film_at_a_time_and_other_jobs_wait_for_none(queue: JobQueue) -> None:
    stopped, begun, go_on = asyncio.Event(), asyncio.Queue[str](), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def slow(job: Claim) -> None:
        loop.call_soon_threadsafe(begun.put_nowait, job.job.name)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)

    for name in ("compose", "copy", "transcribe", "export"):
        await queue.enqueue(name, of="s1")
    handlers = dict.fromkeys(("compose", "copy", "transcribe", "export"), slow)
    working = asyncio.create_task(Worker(queue, handlers, "w1").work(stopped))
    async with asyncio.timeout(10):
        under_way = {await begun.get() for _ in range(3)}
    assert under_way == {"compose", "transcribe", "export"}
    assert await queue.depths() == {"copy": 1}
    go_on.set()
    assert await asyncio.wait_for(begun.get(), 10) == "copy"
    stopped.set()
    await asyncio.wait_for(working, 20)


async def test_what_nothing_breaks_off_is_back_in_the_queue_when_its_process_ends(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STOP_WITHIN", 0.1)
    begun, go_on, stopped = asyncio.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def deaf(_job: Claim) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(60)

    await queue.enqueue("job", of="s1")
    worker = Worker(queue, {"job": deaf}, "w1")
    working = asyncio.create_task(worker.work(stopped))
    await asyncio.wait_for(begun.wait(), 10)
    stopped.set()
    await asyncio.wait_for(working, 10)
    assert worker.busy
    assert await queue.claim("w2", ["job"]) is not None
    go_on.set()
    async with asyncio.timeout(10):
        while worker.busy:  # noqa: ASYNC110 - a thread
            await asyncio.sleep(0.01)
    found = await queue.of("job", "s1")
    assert found is not None
    assert (found.state, found.tries) == ("working", 2)  # the other's
