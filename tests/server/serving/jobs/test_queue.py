"""The queue: one of each job, done once, where its files are; and what is noted of results."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.db.engine import Database
from server.serving.jobs import JobResults
from server.serving.jobs.store import Job, JobQueue
from server.serving.logs import dealing_with
from tests.server.serving.jobs.work import end


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database)


async def test_a_job_is_claimed_by_one_of_many(database: Database, other: Database) -> None:
    queues = [JobQueue(database), JobQueue(other)]
    for number in range(20):
        await queues[0].enqueue("job", of=f"s{number}")

    async def take(worker: int) -> list[str]:
        taken = []
        while (job := await queues[worker % 2].claim(f"w{worker}", ["job"])) is not None:
            taken.append(job.key)
        return taken

    every = [key for taken in await asyncio.gather(*map(take, range(6))) for key in taken]
    # Whoever finds the one row that is left locked by another goes without.
    assert len(every) == len(set(every)) == 20


async def test_a_job_that_is_asked_for_twice_is_there_once(queue: JobQueue) -> None:
    await queue.enqueue("job", of="s1", after=60.0, session="s1", what="first")
    await queue.enqueue("job", of="s1", session="s1", what="second")
    assert await queue.waiting() == [("job", {"session": "s1", "what": "second"})]
    job = await queue.claim("w1", ["job"])
    assert job is not None
    assert job.arguments["what"] == "second"


async def test_a_job_that_is_asked_for_while_it_is_worked_at_is_begun_once_more(queue: JobQueue) -> None:
    await queue.enqueue("job", of="s1", what="first")
    first = await queue.claim("w1", ["job"])
    assert first is not None
    await queue.enqueue("job", of="s1", what="second")
    assert await queue.claim("w2", ["job"]) is None  # never two at a time
    assert not await queue.end(first, "ready", "", {"of": "the first"})
    second = await queue.claim("w2", ["job"])
    assert second is not None
    assert second.arguments == {"what": "second"}
    assert await queue.end(second, "ready", "", {"of": "the second"})


async def test_what_another_process_puts_in_and_is_done_with_meanwhile_is_asked_for_all_the_same(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = queue._put

    async def there_already(*_: Any) -> bool:
        monkeypatch.setattr(queue, "_put", put)
        return False

    monkeypatch.setattr(queue, "_put", there_already)
    await queue.enqueue("job", of="s1")  # not there, then there, and gone when it is looked for again
    assert await queue.waiting() == [("job", {})]


async def test_a_job_that_needs_a_disk_waits_for_the_node_that_has_it(database: Database) -> None:
    here, there = JobQueue(database, "a"), JobQueue(database, "b")
    await here.enqueue("job", of="s1")
    assert await there.claim("w", ["job"]) is None
    assert await here.claim("w", ["job"]) is not None


async def test_with_a_store_of_files_any_node_may_do_it_but_not_what_needs_the_disk(database: Database) -> None:
    here, there = JobQueue(database, "a", shared=True), JobQueue(database, "b", shared=True)
    await here.enqueue("job", of="files")
    await here.enqueue("job", of="disk", needs="disk")
    taken = await there.claim("w", ["job"])
    assert taken is not None
    assert taken.key == "job/files"
    assert await there.claim("w", ["job"]) is None


async def test_no_claim_has_the_number_of_another_also_of_a_job_that_was_forgotten_in_between(queue: JobQueue) -> None:
    numbers = []
    for _ in range(3):
        await queue.enqueue("job", of="s1")
        for _ in range(2):
            job = await queue.claim("w", ["job"], lease=0.0)
            assert job is not None
            numbers.append(job.claim)
        await queue.forget("job", "s1")
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)


async def test_a_result_is_noted_once_and_kept_only_where_it_is_told_of(queue: JobQueue) -> None:
    noted: list[str] = []

    async def note(job: Job) -> None:
        if len(noted) == 1:
            noted.append("refused")
            raise RuntimeError("the room is busy")
        noted.append(job.key)

    results = JobResults(queue)
    results.notes, results.kept = {"film": note, "package": note}, {"package"}
    for name in ("film", "package", "other"):
        await queue.enqueue(name, of="s1")
        await end(queue, name, "s1")
    for _ in range(3):
        await results.look()
    assert noted == ["film/s1", "refused", "package/s1"]
    assert await queue.of("film", "s1") is None
    kept = await queue.of("package", "s1")
    assert kept is not None
    assert kept.noted


async def test_of_an_erased_record_no_job_is_left(queue: JobQueue) -> None:
    await queue.enqueue("job", of="s1", session="s1")
    await queue.enqueue("job", of="s2", session="s2")
    await queue.forget_all("s1")
    assert [job.subject for job in await queue.every("job")] == ["s2"]


async def test_a_job_knows_the_request_that_asked_for_it(queue: JobQueue) -> None:
    with dealing_with(request="r-1234567"):
        await queue.enqueue("job", of="s1")
    job = await queue.claim("w", ["job"])
    assert job is not None
    assert job.request == "r-1234567"
