"""Recordings after a crash, and the video after closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from recordings.segment import PART, file_name
from rooms.commands import Arrive
from server.films import Films
from server.jobs.compositions import Compositions
from server.jobs.queue import JobQueue
from tests.identity.office import World


def films(world: World, data: Path) -> Films:
    async def nothing() -> Sequence[str]:
        return []

    compositions = Compositions(data / "recordings", JobQueue(data / "jobs.db"))
    return Films(data, world.journal, world.rooms, compositions, nothing)


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


async def test_a_session_nobody_recorded_gets_no_video(world: World, tmp_path: Path) -> None:
    session = await world.session()
    made = films(world, tmp_path)
    await made.closed(session, await world.rooms.state(session))
    assert await JobQueue(tmp_path / "jobs.db").waiting() == []
