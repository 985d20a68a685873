"""Recordings after a crash, and the video after closing."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journal import SYSTEM, Actor, Event
from journal.refusals import Busy
from recordings.files import PART, answer_name, file_name
from recordings.files.encrypted_file import MAGICS
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.commands import (
    AnswerSound,
    Arrive,
    BeginCall,
    Command,
    ConfirmIdentity,
    KeyConsent,
    NoteCall,
    NoteRecording,
)
from rooms.vocabulary import Consent
from server.rooms.films import CompositionService
from server.serving.jobs import JobResults
from server.serving.jobs.store import JobQueue
from tests.server.app.office import World
from tests.server.serving.jobs.work import end


def films(world: World, data: Path) -> CompositionService:
    async def nothing() -> Sequence[str]:
        return []

    shelf = EncryptedFileStore(data / "recordings", case_keys(data))
    return CompositionService(shelf, world.journal, world.rooms, JobQueue(world.database), nothing)


async def test_a_file_a_dead_worker_left_is_sealed_once_and_in_the_journal(world: World, tmp_path: Path) -> None:
    session = await world.session()
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    folder = tmp_path / "recordings" / session / "consumer"
    folder.mkdir(parents=True)
    started = world.clock.now() - timedelta(minutes=5)
    (folder / (file_name(started, "camera") + PART)).write_bytes(b"what was written until then")
    for _ in range(2):
        await films(world, tmp_path).account(session)
    (segment,) = (await world.rooms.state(session)).segments
    assert (segment.seat, segment.started, segment.size) == ("consumer", started, 27)
    assert (tmp_path / "recordings" / segment.path).read_bytes() == b"what was written until then"


async def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_their_video(
    world: World, tmp_path: Path
) -> None:
    session = await world.session()
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    folder = tmp_path / "recordings" / session / "consumer"
    folder.mkdir(parents=True)
    case_keys(tmp_path).key(session)
    started = world.clock.now() - timedelta(minutes=5)
    damaged = folder / (file_name(started, "camera") + PART)
    damaged.write_bytes(MAGICS["aes"] + bytes(range(200)))
    (folder / (file_name(started + timedelta(minutes=1), "camera") + PART)).write_bytes(b"what was written")
    await films(world, tmp_path).account(session)
    (segment,) = (await world.rooms.state(session)).segments
    assert segment.size == 16
    assert damaged.read_bytes() == MAGICS["aes"] + bytes(range(200))


async def test_what_was_said_by_telephone_is_not_kept_where_the_process_died_before_the_answer_was_noted(
    world: World, tmp_path: Path
) -> None:
    session, shelf = await world.session(), EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path))
    paths = [f"{session}/consumer/{answer_name(world.clock.now() + timedelta(seconds=n))}" for n in range(3)]
    for path in paths:
        shelf.put(session, path, io.BytesIO(b"yes"))
    for way in (BeginCall("consumer", "t1", "out"), NoteCall("consumer", "t1", "answered")):
        await world.rooms.submit(session, way, SYSTEM)
    person, now = Actor("party", "consumer", "consumer"), world.clock.now()
    await world.rooms.submit(session, ConfirmIdentity("call"), person)
    sound = AnswerSound(paths[0], "ab" * 32, 3, now, now, 0)
    await world.rooms.submit(session, KeyConsent("t1", Consent.RECORD, True, "1", "2026-12-01.3", sound=sound), person)
    broken_off = shelf.stored(paths[1]).with_name(f".{paths[1].rpartition('/')[2]}.sealing")
    broken_off.write_bytes(b"half")
    service = films(world, tmp_path)
    os.utime(shelf.stored(paths[2]), (time.time() + 1, time.time() + 1))  # since the start: it is being noted
    await service.account(session)
    folder = tmp_path / "recordings" / session / "consumer"
    assert sorted(folder.iterdir()) == sorted(tmp_path / "recordings" / path for path in (paths[0], paths[2]))


def made(world: World, session: str, name: str = "composed-2.mp4") -> dict[str, Any]:
    return {
        "path": f"{session}/{name}", "sha256": "0" * 64, "size": 1, "duration_ms": 1000,
        "origin": world.clock.now().isoformat(),
    }  # fmt: skip


async def test_a_video_is_noted_once_even_when_the_room_was_too_busy_or_whoever_noted_it_was_killed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, queue, service = await world.session(), JobQueue(world.database), films(world, tmp_path)
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    await queue.enqueue("compose", of=session, session=session)
    job = await end(queue, "compose", session, **made(world, session))
    submit = world.rooms.submit
    refused: list[Command] = []

    async def busy_once(session: str, command: Command, actor: Actor) -> Sequence[Event]:
        if isinstance(command, NoteRecording) and not refused:
            refused.append(command)
            raise Busy
        return await submit(session, command, actor)

    monkeypatch.setattr(world.rooms, "submit", busy_once)
    results = JobResults(queue)
    results.notes = {"compose": service.note}
    await results.look()
    assert await queue.of("compose", session) is not None
    await service.note(job)  # by whoever did not come to say so
    await results.look()
    assert await queue.of("compose", session) is None
    told = [event.type for event in await world.journal.read(f"session/{session}")]
    assert told.count("RecordingComposed") == 1


async def test_what_a_dead_worker_made_of_a_video_goes_when_another_ones_counts(world: World, tmp_path: Path) -> None:
    session, queue, service = await world.session(), JobQueue(world.database), films(world, tmp_path)
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    folder = tmp_path / "recordings" / session
    folder.mkdir(parents=True)
    (folder / "composed-2.mp4").write_bytes(b"of one that died")
    for name in ("composed-1.mp4", "composed-3.mp4"):  # the second of a later composition, with what was found since
        (folder / name).write_bytes(b"a film")
        await queue.enqueue("compose", of=session, session=session)
        await service.note(await end(queue, "compose", session, **made(world, session, name)))
        await queue.forget("compose", session)
    assert sorted(file.name for file in folder.iterdir()) == ["composed-1.mp4", "composed-3.mp4"]


async def test_a_session_nobody_recorded_gets_no_video(world: World, tmp_path: Path) -> None:
    session = await world.session()
    await films(world, tmp_path).closed(session, await world.rooms.state(session))
    assert await JobQueue(world.database).waiting() == []
