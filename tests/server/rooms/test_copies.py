"""Copies of a video for those who may see its record: one at a time, noted whenever taken, gone after a week."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import pytest

from journal import SYSTEM
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.commands import Arrive, NoteRecording
from rooms.events import RecordingComposed
from server.complaints.store import SqlReads
from server.rooms.films import RecordingCopies, words
from server.rooms.recording_jobs import CopyJob, ForgetCopyJob, copy_path
from server.serving.jobs.runner import Live
from server.serving.jobs.store import Job, JobQueue
from tests.server.app.office import World
from tests.server.serving.jobs.work import deal, end

FILM = b"a film with a name in it"


class Office:
    """A session with its composed video, and the service."""

    def __init__(self, world: World, data: Path, session: str) -> None:
        self.world, self.session = world, session
        self.shelf = EncryptedFileStore(data / "recordings", case_keys(data))
        self.queue = JobQueue(world.database)
        reads = SqlReads(world.database, world.rooms, data, world.clock.now)
        self.copies = RecordingCopies(self.shelf, self.queue, reads, world.rooms, world.clock.now)

    async def jobs(self) -> list[Job]:
        return await self.queue.every("copy", self.session)

    async def finish(self) -> None:
        """What the job does."""
        (job,) = await self.jobs()
        copy = job.arguments["copy"]
        path = copy_path(self.session, copy, "1")
        stored = await asyncio.to_thread(self.shelf.put, self.session, path, io.BytesIO(FILM))
        await end(self.queue, "copy", copy, path=path, sha256=stored.sha256, size=stored.size)

    async def refusal(self, *, copy: str = "", other: bool = False) -> str:
        officer = self.world.other if other else self.world.zhou
        with pytest.raises(Refused) as no:
            await (self.copies.take(officer, self.session, copy) if copy else self.copies.ask(officer, self.session))
        return no.value.code


@pytest.fixture
async def office(world: World, tmp_path: Path) -> Office:
    session = await world.session()
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    made = Office(world, tmp_path, session)
    await asyncio.to_thread(made.shelf.put, session, f"{session}/composed.mp4", io.BytesIO(b"film"))
    composed = RecordingComposed(f"{session}/composed.mp4", "0" * 64, 4, 1000, world.clock.now())
    await world.rooms.submit(session, NoteRecording(composed), SYSTEM)
    return made


async def test_a_copy_is_made_once_and_noted_whenever_it_is_taken(office: Office) -> None:
    zhou, session = office.world.zhou, office.session
    await office.copies.ask(zhou, session)
    await office.copies.ask(zhou, session)  # a second tap
    (job,) = await office.jobs()
    copy, said = job.arguments["copy"], job.arguments["words"]
    assert said == words(zhou, office.world.clock.now())
    assert zhou.name in said
    assert zhou.office.name in said
    assert ("forget_copy", {"session": session, "copy": copy}) in await office.queue.waiting()
    assert await office.queue.depths() == {"copy": 1}  # the other in a week
    assert await office.refusal(copy=copy) == "not_found"  # not made yet

    await office.finish()
    shown = await office.copies.newest(zhou, session)
    assert shown is not None
    assert (shown.state, shown.size) == ("ready", len(FILM))
    for _ in range(2):
        _, file = await office.copies.take(zhou, session, copy)
        with file:
            assert file.read() == FILM
    noted = [event for event in await office.world.journal.read(f"session/{session}") if event.type == "Exported"]
    assert [(event.actor, event.data["kind"], event.data["export"]) for event in noted] == [
        (zhou.actor, "video", copy)
    ] * 2
    assert noted[0].data["size"] == len(FILM)


async def test_a_copy_is_its_officers_alone_and_only_for_a_week(office: Office) -> None:
    zhou, session = office.world.zhou, office.session
    await office.copies.ask(zhou, session)
    await office.finish()
    (job,) = await office.jobs()
    copy = job.arguments["copy"]
    assert await office.refusal(copy=copy, other=True) == "not_found"
    assert await office.refusal(other=True) == "not_found"
    office.world.clock.move(timedelta(days=7))
    assert await office.refusal(copy=copy) == "not_found"
    assert await office.copies.newest(zhou, session) is None
    await office.queue.enqueue("forget_copy", of=copy, session=session, copy=copy)  # its time has come
    assert await deal(office.queue, "forget_copy", ForgetCopyJob(office.shelf))
    assert await office.jobs() == []
    assert list((office.shelf.folder / session / "copies").iterdir()) == []


async def test_a_session_without_a_video_has_no_copy(world: World, tmp_path: Path) -> None:
    office = Office(world, tmp_path, await world.session())
    assert await office.refusal() == "no_recording"


async def test_a_copy_that_cannot_be_made_says_so_and_is_not_tried_for_ever(office: Office) -> None:
    await office.copies.ask(office.world.zhou, office.session)
    (job,) = await office.jobs()
    film = office.shelf.folder / job.arguments["film"]
    film.rename(film.with_suffix(".away"))
    assert await deal(office.queue, "copy", CopyJob(office.shelf, Live()))
    (job,) = await office.jobs()
    assert (job.state, job.error) == ("failed", "source_missing")
    film.with_suffix(".away").rename(film)
    await office.copies.ask(office.world.zhou, office.session)  # asked for once more
    assert len(await office.jobs()) == 2
