"""Records erased when their time has come or on order: key, files, and what the journal then says."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journal import SYSTEM, Actor, unaccounted, verify
from journal.refusals import Busy, Unanswered
from recordings import KeyDestroyed
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from recordings.files.remote_files import RemoteFiles
from recordings.files.uploader import Uploader
from rooms.commands import Arrive, Close, LiftHold, OrderErasure, PlaceHold, ProposeOutcome, Say
from rooms.events import RecordErased
from rooms.record.rules import Retention
from rooms.vocabulary import Outcome, OutcomeKind
from server.retention import erasure
from server.retention.erasure import ERASURE, Erasures, OtherDisks, RemovedFiles, RemoveJob
from server.rooms.store import SqlRecords
from server.serving.jobs import Bell
from server.serving.jobs.runner import Worker
from server.serving.jobs.store import REMOVE, JobQueue
from tests.server.app.office import World
from tests.server.evidence.house import House

SUPERVISOR = Actor("officer", "u-lin", "林督", "supervisor", "office-1")
SECRET = "我的身份证号是四二"
YEAR = 366 * 24 * 3600.0


class Vault:
    """A shelf with one mediation's recording, and what erases it."""

    def __init__(self, world: World, data: Path) -> None:
        self.world = world
        self.shelf = EncryptedFileStore(data / "recordings", case_keys(data))
        self.remote: set[str] = set()
        self.erasures = self.made()

    def made(self, others: OtherDisks | None = None, bell: Bell | None = None) -> Erasures:
        return Erasures(
            self.shelf,
            self.world.journal,
            self.world.rooms,
            SqlRecords(self.world.database),
            self.rule,
            self.world.clock.now,
            [self.elsewhere],
            bell=bell,
            others=others,
        )

    async def rule(self) -> Retention:
        return Retention(2, {OutcomeKind.NOT_SETTLED: 1}, version=7)

    async def elsewhere(self, session: str) -> RemovedFiles:
        here = session in self.remote
        self.remote.discard(session)
        return RemovedFiles(1, 10) if here else RemovedFiles()

    async def closed(self, kind: OutcomeKind = OutcomeKind.NOT_SETTLED) -> str:
        session = await self.world.session()
        outcome = Outcome(kind, ground=1 if kind is OutcomeKind.ENDED else None)
        said = Say(SECRET), Say("请休息")
        for command in (Arrive(), *said, ProposeOutcome(outcome), Close()):
            await self.world.rooms.submit(session, command, self.world.zhou.actor)
        self.shelf.put(session, f"{session}/consumer/a.webm", io.BytesIO(b"what was said"))
        self.remote.add(session)
        return session

    async def erased(self, session: str) -> RecordErased | None:
        erasure = (await self.world.rooms.state(session)).erasure
        return erasure.done if erasure else None

    async def types(self, session: str) -> Sequence[str]:
        events = await self.world.journal.read(f"session/{session}")
        verify(events)
        return [event.type for event in events]


@pytest.fixture
def vault(world: World, tmp_path: Path) -> Vault:
    return Vault(world, tmp_path)


async def test_a_record_whose_time_has_passed_is_erased_and_the_journal_says_so(vault: Vault) -> None:
    due, later = await vault.closed(), await vault.closed(OutcomeKind.ENDED)
    assert await vault.erasures.look()
    assert await vault.erased(due) is None  # its year is not over
    vault.world.move(seconds=YEAR)
    assert await vault.erasures.look()
    stored = len("what was said") + 76 + 20 + 20
    assert await vault.erased(due) == RecordErased(2, stored + 10, 2)
    assert (await vault.types(due))[-3:] == ["ErasureOrdered", "ContentErased", "RecordErased"]
    events = await vault.world.journal.read(f"session/{due}")
    assert events[-3].data == {"reason": "retention", "due": True, "years": 1, "rule": 7}
    assert {event.type for event in events if event.erased} == {"Said"}
    assert unaccounted(events) == []
    assert SECRET not in str(events)
    assert (await vault.world.rooms.state(due)).written == {}
    assert not (vault.shelf.folder / due).exists()
    assert vault.shelf.keys.state(due) == "destroyed"
    with pytest.raises(KeyDestroyed):
        vault.shelf.keys.key(due)
    assert await vault.erased(later) is None
    with vault.shelf.open(later, f"{later}/consumer/a.webm") as file:
        assert file.read() == b"what was said"
    assert await vault.erasures.look()  # again: nothing is done twice
    assert (await vault.types(due)).count("RecordErased") == 1


async def test_the_signed_log_holds_after_an_erasure(vault: Vault, tmp_path: Path) -> None:
    house = House(vault.world.database, tmp_path)
    await house.sign()
    session = await vault.closed()
    await house.sign()
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await vault.erasures.look()
    await house.sign()
    report = await house.check()
    assert report.holds, report.findings


async def test_a_copy_from_a_backup_stays_closed_after_the_key_is_destroyed(vault: Vault) -> None:
    session = await vault.closed()
    copy = vault.shelf.stored(f"{session}/consumer/a.webm").read_bytes()
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await vault.erasures.look()
    back = vault.shelf.folder / session / "consumer" / "a.webm"
    back.parent.mkdir(parents=True)
    back.write_bytes(copy)
    with pytest.raises(KeyDestroyed):
        vault.shelf.open(session, f"{session}/consumer/a.webm")


async def test_a_held_record_outlives_its_time_until_the_hold_is_lifted(vault: Vault) -> None:
    session = await vault.closed()
    await vault.world.rooms.submit(session, PlaceHold("法院调取"), SUPERVISOR)
    vault.world.move(seconds=YEAR)
    assert await vault.erasures.look()
    assert await vault.erased(session) is None
    assert vault.shelf.keys.state(session) == "there"
    await vault.world.rooms.submit(session, LiftHold("案件审结"), SUPERVISOR)
    assert await vault.erasures.look()
    assert await vault.erased(session) is not None


async def test_what_was_interrupted_is_finished(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off after every step in turn, as a crash would."""
    cuts: list[tuple[object, str]] = [
        (vault.shelf.keys, "destroy"),
        (vault, "elsewhere"),
        (vault.world.journal, "erase"),
        (vault.world.rooms, "submit"),  # that it is done
    ]
    for where, cut in cuts:
        session = await vault.closed()
        await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)

        def fail(*_: object) -> None:
            raise OSError("power cut")

        with monkeypatch.context() as patch:
            patch.setattr(where, cut, fail)
            assert not await vault.made().look()
        assert await vault.erased(session) is None
        assert await vault.made().look()
        done = await vault.erased(session)
        assert done is not None
        assert done.entries == 2
        types = await vault.types(session)
        assert [types.count(kind) for kind in ("ErasureOrdered", "ContentErased", "RecordErased")] == [1, 1, 1]


async def test_an_order_is_carried_out_at_once(vault: Vault) -> None:
    session = await vault.closed()
    watching = vault.world.journal.follow(["session"])
    await vault.erasures.start()
    working = asyncio.create_task(vault.erasures.run())
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    async with asyncio.timeout(10):
        async for event in watching:
            if event.type == "RecordErased":
                break
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await vault.erasures.stop()
    assert vault.shelf.keys.state(session) == "destroyed"
    assert SYSTEM.kind == event.actor.kind
    assert vault.world.clock.now() - event.at < timedelta(seconds=10)


class OtherNode:
    """With a copy of the recording, its key, and a worker of its own."""

    def __init__(self, vault: Vault, data: Path, name: str) -> None:
        self.data, self.keys = data, case_keys(data)
        self.queue = JobQueue(vault.world.database, name)
        self.worker = Worker(self.queue, {REMOVE: RemoveJob(data, self.keys, None)}, name)

    def copied(self, session: str) -> None:
        for place in ("recordings", "documents"):
            EncryptedFileStore(self.data / place, self.keys).put(session, f"{session}/copy", io.BytesIO(b"said"))

    def left(self, session: str) -> list[Path]:
        return [file for file in self.data.rglob(f"{session}/*") if file.is_file()]


async def test_what_other_nodes_have_goes_too_at_once_or_when_they_come_back(vault: Vault, tmp_path: Path) -> None:
    session = await vault.closed()
    up, away = (OtherNode(vault, tmp_path / name, name) for name in ("up", "away"))
    for node in (up, away):
        await asyncio.to_thread(node.copied, session)

    async def nodes() -> dict[str, bool]:
        return {"own": True, "up": True, "away": False}

    others = OtherDisks(JobQueue(vault.world.database, "own"), "own", nodes)
    stopped = asyncio.Event()
    working = asyncio.create_task(up.worker.work(stopped))
    vault.world.move(seconds=YEAR)
    assert await vault.made(others).look()
    stopped.set()
    await working
    done = await vault.erased(session)
    assert done is not None
    assert done.files == 4  # here, elsewhere, and two at the other node
    assert (up.left(session), up.keys.state(session)) == ([], "destroyed")
    assert len(await asyncio.to_thread(away.left, session)) == 2
    assert await away.worker.once()
    assert (away.left(session), away.keys.state(session)) == ([], "destroyed")
    later = [job.key for job in await up.queue.every(REMOVE) if job.arguments.get("again")]
    assert len(later) == 3  # each looks once more: what a job was killed over may have come back


async def test_while_a_node_that_is_up_has_its_copies_the_record_is_not_said_to_be_erased(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "OTHERS_WITHIN", 0.2)
    session = await vault.closed()

    async def nodes() -> dict[str, bool]:
        return {"up": True}

    vault.world.move(seconds=YEAR)
    assert not await vault.made(OtherDisks(JobQueue(vault.world.database, "own"), "own", nodes)).look()
    assert await vault.erased(session) is None
    assert vault.shelf.keys.state(session) == "destroyed"


async def test_an_order_at_one_node_is_carried_out_at_the_one_that_has_the_duty(vault: Vault) -> None:
    session, queue = await vault.closed(), JobQueue(vault.world.database)
    asked, carries_out = (vault.made(bell=Bell(ERASURE, queue)) for _ in range(2))
    working = asyncio.create_task(carries_out.run())
    watching = vault.world.journal.follow(["session"])
    await asked.start()  # hears only what is ordered there
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    async with asyncio.timeout(20):
        async for event in watching:
            if event.type == "RecordErased":
                break
        while await queue.waiting():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await asked.stop()


async def test_an_order_that_could_not_be_passed_on_at_once_is_as_soon_as_the_database_answers(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "RING_AGAIN", 0.0)
    session, queue, silent = await vault.closed(), JobQueue(vault.world.database), JobQueue(vault.world.database)
    faults = [Unanswered("a switch-over"), Busy()]

    async def enqueue(*given: Any, **named: Any) -> None:
        if faults:
            raise faults.pop()
        await queue.enqueue(*given, **named)

    monkeypatch.setattr(silent, "enqueue", enqueue)
    asked, carries_out = vault.made(bell=Bell(ERASURE, silent)), vault.made(bell=Bell(ERASURE, queue))
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)  # and its node died of it
    await asked.start()
    async with asyncio.timeout(20):
        await carries_out._bell.heard(60.0)
    assert faults == []
    await asked.stop()


async def test_a_record_whose_files_have_a_home_elsewhere_is_gone_there_too_and_a_copy_of_it_stays_shut(
    vault: Vault, tmp_path: Path
) -> None:
    """A backup of the store brings the files back, and not what was in them. While the store is away it is not erased,
    and its key is gone already."""
    home = tmp_path / "store"
    home.mkdir()
    away = RemoteFiles(tmp_path, lambda: LocalBlobs(home))
    vault.shelf = EncryptedFileStore(tmp_path / "recordings", vault.shelf.keys, away=away)
    vault.erasures = vault.made()
    session = await vault.closed()
    uploader = Uploader(away, list, 1 << 30)
    uploader.look()
    uploader.wait()
    backup = shutil.copytree(home, tmp_path / "backup of the store")
    unplugged = home.rename(tmp_path / "unplugged")
    vault.world.move(seconds=YEAR)
    assert not await vault.erasures.look()
    assert await vault.erased(session) is None
    assert vault.shelf.keys.state(session) == "destroyed"
    unplugged.rename(home)
    assert await vault.erasures.look()
    assert await vault.erased(session) is not None
    assert list(LocalBlobs(home).names()) == []
    for folder in (backup / "recordings").iterdir():
        shutil.copytree(folder, home / "recordings" / folder.name, dirs_exist_ok=True)
    with pytest.raises(KeyDestroyed):
        vault.shelf.open(session, f"{session}/consumer/a.webm")
    uploader.stop()
