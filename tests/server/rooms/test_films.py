"""Recordings after a crash, and the video after closing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import server.rooms.films
from journal import Actor, Event
from journal.refusals import Busy
from recordings.composing import composition_plan
from recordings.composing.composition_plan import FilmProgress
from recordings.files.durable import PART, file_name
from recordings.files.encrypted_file import MAGIC
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.commands import Arrive, Command, NoteRecording
from server.rooms.films import Compositions, CompositionService
from server.serving.jobs import JobQueue
from tests.server.app.office import World


def films(world: World, data: Path) -> CompositionService:
    async def nothing() -> Sequence[str]:
        return []

    compositions = Compositions(data / "recordings", JobQueue(data / "jobs.db"))
    return CompositionService(
        data,
        EncryptedFileStore(data / "recordings", case_keys(data)),
        world.journal,
        world.rooms,
        compositions,
        nothing,
    )


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
    damaged.write_bytes(MAGIC + bytes(range(200)))
    (folder / (file_name(started + timedelta(minutes=1), "camera") + PART)).write_bytes(b"what was written")
    await films(world, tmp_path).account(session)
    (segment,) = (await world.rooms.state(session)).segments
    assert segment.size == 16
    assert damaged.read_bytes() == MAGIC + bytes(range(200))


async def test_a_video_is_noted_even_when_the_room_was_too_busy_at_first(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.rooms.films, "_AGAIN_AFTER", 0.01)
    session = await world.session()
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    ready = FilmProgress("ready", 1.0, path=f"{session}/composed.mp4", sha256="0" * 64, size=1, duration_ms=1000)
    composition_plan.write_progress(tmp_path / "recordings", session, replace(ready, origin=world.clock.now()))
    submit = world.rooms.submit
    refused: list[Command] = []

    async def busy_once(session: str, command: Command, actor: Actor) -> Sequence[Event]:
        if isinstance(command, NoteRecording) and not refused:
            refused.append(command)
            raise Busy
        return await submit(session, command, actor)

    monkeypatch.setattr(world.rooms, "submit", busy_once)
    watching = world.journal.follow(["session"])
    made = films(world, tmp_path)
    await made.start()
    async with asyncio.timeout(20):
        async for event in watching:
            if event.type == "RecordingComposed":
                break
    await made.stop()
    assert len(refused) == 1


async def test_a_session_nobody_recorded_gets_no_video(world: World, tmp_path: Path) -> None:
    session = await world.session()
    made = films(world, tmp_path)
    await made.closed(session, await world.rooms.state(session))
    assert await JobQueue(tmp_path / "jobs.db").waiting() == []


async def test_a_new_office_starts_its_job_process_with_its_first_job(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn, started = asyncio.create_subprocess_exec, asyncio.Event()

    async def noted(*command: str, **options: Any) -> asyncio.subprocess.Process:
        started.set()
        return await spawn(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(server.rooms.films, "_FIRST_WITHIN", 60)
    made = films(world, tmp_path)
    await made.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(started.wait(), 2 * server.rooms.films.LOOK_SECONDS)
    await JobQueue(tmp_path / "jobs.db").enqueue("forget_copy", session="s1", copy="c1")
    await asyncio.wait_for(started.wait(), 20)
    await made.stop()


async def test_the_job_process_is_tried_again_when_the_machine_cannot_start_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.rooms.films, "_AGAIN_AFTER", 0.01)
    monkeypatch.setattr(server.rooms.films, "_FIRST_WITHIN", 0.01)
    spawn, started, asked = asyncio.create_subprocess_exec, asyncio.Event(), []

    async def scarce(*command: str, **options: Any) -> asyncio.subprocess.Process:
        asked.append(command)
        if len(asked) < 3:
            raise BlockingIOError("no process to be had")
        process = await spawn(*command, **options)
        started.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", scarce)
    made = films(world, tmp_path)
    await made.start()
    async with asyncio.timeout(20):
        await started.wait()
    await made.stop()
    assert len(asked) == 3
