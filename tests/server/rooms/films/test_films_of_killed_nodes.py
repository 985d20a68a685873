"""A node is killed with a film in its hands: another makes it, it counts once, and nothing else is left of it."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import FileKeys
from recordings.files.object_store import LocalBlobs
from recordings.files.remote_files import RemoteFiles
from recordings.files.uploader import Uploader
from rooms import events as e
from rooms.events import history, stream
from server.db.engine import Database
from server.rooms.films import CompositionService
from server.rooms.recording_jobs import ComposeJob
from server.serving import jobs
from server.serving.jobs import Claim, JobResults
from server.serving.jobs.store import JobQueue
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean
from tests.server.app.office import World
from tests.server.db.databases import sqlite_url
from tests.server.db.history import MORNING, Teller
from tests.server.serving.jobs.work import deal

SESSION, SECONDS = "s1", 1.0


class Node:
    """A machine with a disk of its own; its store, keys and database are everybody's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        keys = FileKeys(folder / "keys" / "cases", folder / "keys" / "master.key")
        self.shelf = EncryptedFileStore(folder / name / "recordings", keys, away=self._remote())

    def _remote(self) -> RemoteFiles:
        return RemoteFiles(self._folder / self._name, lambda: LocalBlobs(self._folder / "store"))

    def settle(self) -> None:
        """Its web process is started, and takes to the store whatever waits on its disk."""
        uploader = Uploader(self._remote(), list, 1 << 30, piece_seconds=0.0)
        for _ in range(4):
            uploader.look()
            uploader.wait()
        uploader.stop()


def work_and_die(folder: Path, name: str, point: str) -> None:
    """A process of jobs that is killed on its way through the one there is."""
    put, end = LocalBlobs.put, JobQueue.end

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def dying_put(self: LocalBlobs, name: str, source: Path, sha256: str) -> None:
        if name.endswith(".mp4") and point == "before it is in the store":
            die()
        put(self, name, source, sha256)

    async def dying_end(self: JobQueue, *arguments: Any) -> bool:
        if point == "before it counts":
            die()
        taken = await end(self, *arguments)
        die()
        return taken

    LocalBlobs.put = dying_put  # type: ignore[method-assign]
    JobQueue.end = dying_end  # type: ignore[method-assign, assignment]

    async def work() -> None:
        database = Database(sqlite_url(folder / "yuntiao.db"))
        await deal(JobQueue(database), "compose", ComposeJob(Node(folder, name).shelf), name)

    asyncio.run(work())


class Cell:
    """Nodes "a" and "b", and what they have in common."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        (folder / "store").mkdir()
        self.queue = JobQueue(world.database)
        self.a, self.b = Node(folder, "a"), Node(folder, "b")

    def films(self, node: Node) -> CompositionService:
        async def nothing() -> Sequence[str]:
            return []

        return CompositionService(node.shelf, self.world.journal, self.world.rooms, self.queue, nothing)

    async def record(self) -> None:
        """A mediation that was held and recorded at "a"."""
        await Teller(self.world.journal).mediated("c-s1", SESSION)
        studio, sender = Studio(self.a.shelf.folder, seat="s-consumer", keys=self.a.shelf.keys), Sender()
        studio.send(clean(in_time(sender.picture(0, SECONDS), sender.sound(0, SECONDS))))
        files = [
            e.SegmentSealed(
                "s-consumer", one.path, one.sha256, one.size,
                MORNING, MORNING + timedelta(seconds=SECONDS), one.width, one.height, one.source,
            )
            for one in await studio.end(SECONDS + 0.1)
        ]  # fmt: skip
        await Teller(self.world.journal).session(SESSION, *files, at=MORNING + timedelta(minutes=10))
        self.a.settle()

    async def ask(self, node: Node) -> None:
        assert await self.films(node).ask(SESSION, history(await self.world.journal.read(stream(SESSION))))

    async def kill(self, name: str, point: str) -> None:
        process = multiprocessing.get_context("spawn").Process(target=work_and_die, args=(self.folder, name, point))
        process.start()
        await asyncio.to_thread(process.join, 60)
        assert process.exitcode == -signal.SIGKILL
        await self.queue.release(name)

    async def make(self, node: Node) -> None:
        assert await deal(self.queue, "compose", ComposeJob(node.shelf), "w")

    async def note(self, node: Node) -> None:
        results = JobResults(self.queue)
        results.notes = {"compose": self.films(node).note}
        await results.look()

    async def counted(self) -> list[dict[str, Any]]:
        told = await self.world.journal.read(stream(SESSION))
        return [dict(event.data) for event in told if event.type == "RecordingComposed"]

    def stored(self) -> list[str]:
        """Films, and what they are to be made from."""
        names = LocalBlobs(self.folder / "store").names(f"recordings/{SESSION}")
        return [name for name in names if name.endswith((".mp4", ".order"))]


@pytest.fixture
async def cell(world: World, tmp_path: Path) -> Cell:
    made = Cell(world, tmp_path)
    await made.record()
    return made


@pytest.mark.media
@pytest.mark.parametrize("point", ["before it is in the store", "before it counts", "after it counts"])
async def test_a_film_is_there_once_wherever_its_maker_was_killed(cell: Cell, point: str) -> None:
    await cell.ask(cell.a)
    await cell.kill("a", point)
    if point != "after it counts":
        await cell.make(cell.b)
    await cell.note(cell.b)
    for node in (cell.b, cell.a, cell.b):  # what one puts there the other may have had removed
        node.settle()
    (film,) = await cell.counted()
    assert [name for name in cell.stored() if name.endswith(".mp4")] == [f"recordings/{film['path']}"]
    with cell.b.shelf.open(SESSION, film["path"]) as file:
        assert hashlib.sha256(file.read()).hexdigest() == film["sha256"]


@pytest.mark.media
async def test_whoever_notes_a_film_late_leaves_the_next_one_alone(cell: Cell) -> None:
    """A node that stood still after the journal had its film goes on when another film is there."""
    await cell.ask(cell.a)
    await cell.make(cell.a)
    (late,) = await cell.queue.ended(["compose"])
    await cell.ask(cell.a)  # a file was found that belongs in it
    await cell.make(cell.b)
    await cell.films(cell.b).note(late)
    await cell.note(cell.a)
    for node in (cell.a, cell.b):
        node.settle()
    films = await cell.counted()
    assert cell.stored() == sorted(f"recordings/{film['path']}" for film in films)
    assert len(films) == 2


@pytest.mark.media
async def test_an_order_that_a_node_removes_late_is_not_the_next_ones(cell: Cell) -> None:
    await cell.ask(cell.a)
    await cell.make(cell.b)
    await cell.note(cell.a)
    await cell.ask(cell.a)  # before "b", which was killed, has come to take the first order from the store
    cell.b.settle()
    await cell.make(cell.b)
    await cell.note(cell.a)
    cell.b.settle()
    assert len(await cell.counted()) == 2
    assert all(name.endswith(".mp4") for name in cell.stored())


@pytest.mark.media
async def test_a_film_whose_maker_has_to_stop_while_it_goes_to_the_store_is_left_to_the_next(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cell.ask(cell.a)
    claim = await cell.queue.claim("w", ["compose"])
    assert claim is not None
    loop, put = asyncio.get_running_loop(), LocalBlobs.put

    def stopped_meanwhile(self: LocalBlobs, name: str, source: Path, sha256: str) -> None:
        if name.endswith(".mp4"):
            loop.call_soon_threadsafe(making.cancel)
        put(self, name, source, sha256)

    monkeypatch.setattr(LocalBlobs, "put", stopped_meanwhile)
    handler = ComposeJob(cell.a.shelf)
    making = asyncio.create_task(handler(Claim(claim, cell.queue), **claim.arguments))
    await asyncio.wait([making])
    assert making.cancelled()
    cell.a.settle()
    assert [name for name in cell.stored() if name.endswith(".mp4")] == []


@pytest.mark.media
async def test_a_store_that_is_away_is_waited_for_and_not_held_against_the_film(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FULL_SECONDS", 0.0)
    await cell.ask(cell.a)
    store, away = cell.folder / "store", cell.folder / "unplugged"
    store.rename(away)
    for _ in range(6):  # more often than any other fault may happen
        await cell.make(cell.a)
        job = await cell.queue.of("compose", SESSION)
        assert job is not None
        assert (job.state, job.error) == ("queued", "store_away")
    away.rename(store)
    await cell.make(cell.a)
    await cell.note(cell.a)
    assert len(await cell.counted()) == 1
