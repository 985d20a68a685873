"""Copies of a video for those who may see its record: one at a time, noted whenever taken, gone after a week."""

from __future__ import annotations

import asyncio
import io
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal import SYSTEM
from journal.refusals import Refused
from recordings.composing import composition_plan
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.commands import Arrive, NoteRecording
from rooms.events import RecordingComposed
from server.complaints.store import SqlReads
from server.rooms import composing
from server.rooms.composing import CopyJob, ForgetCopyJob
from server.rooms.films import RecordingCopies, words
from server.serving.jobs import JobQueue
from server.serving.jobs.runner import Live
from tests.server.app.office import World

FILM = b"a film with a name in it"


class Office:
    """A session with its composed video, and the service."""

    def __init__(self, world: World, data: Path, session: str) -> None:
        self.world, self.session = world, session
        self.shelf = EncryptedFileStore(data / "recordings", case_keys(data))
        self.queue = JobQueue(data / "jobs.db")
        reads = SqlReads(world.database, world.rooms, data, world.clock.now)
        self.copies = RecordingCopies(self.shelf, self.queue, reads, world.rooms, world.clock.now)

    @property
    def states(self) -> list[composition_plan.Copy]:
        return composition_plan.copies_of(self.shelf.folder, self.session)

    @property
    def left_over(self) -> list[tuple[str, dict[str, str]]]:
        return composing.unfinished_copies(self.shelf.folder, self.world.clock.now())

    def finish(self) -> None:
        """What the job does."""
        (copy,) = self.states
        stored = self.shelf.put(self.session, copy.path, io.BytesIO(FILM))
        composition_plan.write_copy(
            self.shelf.folder, replace(copy, state="ready", sha256=stored.sha256, size=stored.size)
        )

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
    (copy,) = office.states
    assert copy.words == words(zhou, office.world.clock.now())
    assert zhou.name in copy.words
    assert zhou.office.name in copy.words
    wanted = {"session": session, "copy": copy.id}
    assert sorted(await office.queue.waiting()) == [("copy", wanted), ("forget_copy", wanted)]
    assert await office.refusal(copy=copy.id) == "not_found"  # not made yet

    await asyncio.to_thread(office.finish)
    shown = await office.copies.newest(zhou, session)
    assert shown is not None
    assert (shown.state, shown.size) == ("ready", len(FILM))
    for _ in range(2):
        _, file = await office.copies.take(zhou, session, copy.id)
        with file:
            assert file.read() == FILM
    noted = [event for event in await office.world.journal.read(f"session/{session}") if event.type == "Exported"]
    assert [(event.actor, event.data["kind"], event.data["export"]) for event in noted] == [
        (zhou.actor, "video", copy.id)
    ] * 2
    assert noted[0].data["size"] == len(FILM)


async def test_a_copy_is_its_officers_alone_and_only_for_a_week(office: Office) -> None:
    zhou, session = office.world.zhou, office.session
    await office.copies.ask(zhou, session)
    await asyncio.to_thread(office.finish)
    (copy,) = office.states
    assert await office.refusal(copy=copy.id, other=True) == "not_found"
    assert await office.refusal(other=True) == "not_found"
    assert not office.left_over
    office.world.clock.move(timedelta(days=7))
    assert office.left_over == [("forget_copy", {"session": session, "copy": copy.id})]
    assert await office.refusal(copy=copy.id) == "not_found"
    assert await office.copies.newest(zhou, session) is None
    await ForgetCopyJob(office.shelf.folder)(session, copy.id)
    assert office.states == []
    assert not (office.shelf.folder / copy.path).exists()


async def test_a_session_without_a_video_has_no_copy(world: World, tmp_path: Path) -> None:
    office = Office(world, tmp_path, await world.session())
    assert await office.refusal() == "no_recording"


async def test_a_copy_that_cannot_be_made_says_so_and_is_not_tried_for_ever(office: Office) -> None:
    await office.copies.ask(office.world.zhou, office.session)
    (copy,) = office.states
    assert office.left_over == [("copy", {"session": office.session, "copy": copy.id})]
    film = office.shelf.folder / copy.film
    film.rename(film.with_suffix(".away"))
    await CopyJob(office.shelf, threading.Lock(), Live())(office.session, copy.id)
    (copy,) = office.states
    assert (copy.state, copy.error) == ("failed", "source_missing")
    film.with_suffix(".away").rename(film)
    await office.copies.ask(office.world.zhou, office.session)  # asked for once more
    assert len(office.states) == 2
