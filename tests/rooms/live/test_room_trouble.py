"""What a room outlives: a second writer, a full or unreadable disk, dead media, a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

import rooms as errors
from journal import Draft, Event, MemoryJournal
from media import engine as m
from rooms import commands as c, events as e
from rooms.events import event_draft, wire_time
from rooms.live.registry import Rooms
from rooms.vocabulary import Phase, SeatStatus, Status
from tests.rooms.engine import FakeEngine
from tests.rooms.house import House, X, drain
from tests.rooms.scene import CO, MEDIATOR, START, M, scheduling, settled


async def test_two_servers_on_one_journal_let_one_close_and_tell_the_other(at: House) -> None:
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    other = Rooms(at.journal, FakeEngine(), at.clock)
    await other.start()
    await other.state(X)
    results = await asyncio.gather(at.ask(c.Close()), other.submit(X, c.Close(), MEDIATOR), return_exceptions=True)
    assert sum(isinstance(result, errors.AlreadyClosed) for result in results) == 1
    assert (await at.types()).count("SessionClosed") == 1
    await other.stop()


async def test_what_another_writer_appended_is_heard_before_deciding_again(at: House) -> None:
    await at.open(M)
    version = (await at.rooms.state(X)).version
    await at.journal.append(f"session/{X}", version, [event_draft(e.DoorLocked(), START)])
    assert await at.ask(c.SetDoor(True)) == []
    assert (await at.ask(c.SetDoor(False)))[0].version == version + 2


class _FullDisk(MemoryJournal):
    full = False

    async def append(self, stream: str, expected: int, drafts: list[Draft]) -> list[Event]:  # type: ignore[override]
        if self.full:
            raise OSError(28, "No space left on device")
        return await super().append(stream, expected, drafts)


async def test_a_journal_that_cannot_write_fails_the_command_not_the_room() -> None:
    journal = _FullDisk()
    rooms = Rooms(journal, FakeEngine(), House().clock)
    await rooms.start()
    await rooms.submit(X, scheduling(), MEDIATOR)
    journal.full = True
    with pytest.raises(OSError, match="No space"):
        await rooms.submit(X, c.Arrive(), MEDIATOR)
    journal.full = False
    await rooms.submit(X, c.Arrive(), MEDIATOR)
    assert (await rooms.state(X)).status is Status.LIVE
    await rooms.stop()


async def test_a_lost_worker_is_told_to_the_room_and_stops_its_recordings(at: House) -> None:
    await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.reported(m.Recording(X, CO, True))
    await drain(consumer)
    routes = len(at.engine.routes)
    await at.reported(m.RoomLost(X))
    told = await drain(consumer)
    assert told[-1] == ("media_lost", {})
    assert told[0][1]["events"][0]["data"] == {"seat": CO, "cause": "server"}
    await at.rooms.media_join(X, CO)
    assert len(at.engine.routes) == routes + 1  # the new worker is told who hears whom


class _DeadEngine(FakeEngine):
    async def route(self, room: str, matrix: m.RouteMatrix) -> None:
        raise m.WorkerFull

    async def close_room(self, room: str) -> None:
        raise m.MediaError


async def test_a_session_outlives_its_media() -> None:
    at = House(engine=_DeadEngine())
    await at.rooms.start()
    await at.open(M)
    await at.bring(CO)
    await at.ask(c.ProposeOutcome(settled()))
    await at.ask(c.Close("媒体故障"))
    assert (await at.rooms.state(X)).status is Status.CLOSED
    await at.rooms.stop()


async def test_after_a_restart_the_session_is_where_it_was_and_people_come_back(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.ask(c.EnterPhase(Phase.DISCUSSION))
    again = House(journal=at.journal, clock=at.clock)
    await again.rooms.start()
    await again.rooms.recover([X, "lost"])
    state = await again.rooms.state(X)
    assert (state.status, state.phase) == (Status.LIVE, Phase.DISCUSSION)
    assert state.seats[CO].status is SeatStatus.RECONNECTING
    await again.rooms.attach(X, CO)
    assert (await again.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    await again.rooms.media_join(X, CO)
    assert again.engine.routes[-1][1].hears[CO] == {M}
    await again.rooms.stop()


class _Unreadable(MemoryJournal):
    broken = False

    async def append(self, stream: str, expected: int, drafts: list[Draft]) -> list[Event]:  # type: ignore[override]
        if self.broken:
            raise OSError(5, "Input/output error")
        return await super().append(stream, expected, drafts)

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        if self.broken:
            raise OSError(5, "Input/output error")
        return await super().read(stream, after)


async def test_listeners_outlive_a_database_that_was_gone_for_a_while() -> None:
    journal = _Unreadable()
    at = House(journal=journal)
    await at.rooms.start()
    mediator = await at.open(M)
    journal.broken = True
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output"):
            await at.ask(c.SetDoor(True))
    journal.broken = False
    await at.ask(c.SetDoor(True))
    told = await drain(mediator)
    assert [event["type"] for event in told[-1][1]["events"]] == ["DoorLocked"]
    await at.rooms.stop()


async def test_before_a_restart_none_is_opened_everybody_is_told_and_also_who_comes_later(at: House) -> None:
    mediator = await at.open(M)
    ends = at.clock.now() + timedelta(minutes=5)
    at.rooms.drain(ends)
    assert ("restart", {"at": wire_time(ends)}) in await drain(mediator)
    assert at.rooms.occupied == 1
    assert ("restart", {"at": wire_time(ends)}) in await drain(await at.rooms.attach(X, M))
    await at.rooms.submit("other", scheduling(), MEDIATOR)
    with pytest.raises(errors.Restarting):
        await at.rooms.submit("other", c.Arrive(), MEDIATOR)


async def test_no_session_is_opened_that_the_disk_has_no_room_for_and_those_under_way_go_on() -> None:
    space = True
    rooms = Rooms(MemoryJournal(), FakeEngine(), House().clock, space=lambda: space)
    await rooms.start()
    await rooms.submit(X, scheduling(), MEDIATOR)
    space = False
    with pytest.raises(errors.DiskReserve):
        await rooms.submit(X, c.Arrive(), MEDIATOR)
    assert (await rooms.state(X)).status is Status.SCHEDULED
    space = True
    await rooms.submit(X, c.Arrive(), MEDIATOR)
    space = False
    await rooms.submit(X, c.EnterPhase(Phase.DISCUSSION), MEDIATOR)
    await rooms.submit(X, c.Leave(), MEDIATOR)
    await rooms.submit(X, c.Arrive(), MEDIATOR)  # comes back
    assert (await rooms.state(X)).status is Status.LIVE
    await rooms.stop()
