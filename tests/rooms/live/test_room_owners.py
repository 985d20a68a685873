"""A room that another server has: what is asked goes there, what is read is read as it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from journal import Actor, Event, MemoryJournal
from journal.refusals import Busy, Unanswered, UnknownSession
from media import engine as m
from rooms import OtherNode, UnknownSeat, commands as c
from rooms.live.registry import Rooms
from rooms.vocabulary import SeatStatus, Status
from tests.rooms.engine import FakeEngine
from tests.rooms.house import House, X, drain, settle
from tests.rooms.scene import CO, MEDIATOR, START, M


class Owners:
    """Two servers' word on who has what. `ended`: whoever's lease is over."""

    def __init__(self) -> None:
        self.has: dict[str, str] = {}
        self.abandoned: set[str] = set()
        self.servers: dict[str, Rooms] = {}
        self.ended: set[str] = set()

    def of(self, name: str) -> Owner:
        return Owner(self, name)


class Owner:
    def __init__(self, owners: Owners, name: str) -> None:
        self._owners, self._name = owners, name

    def mine(self, session: str) -> bool:
        return self._owners.has.get(session) == self._name and self._name not in self._owners.ended

    async def take(self, session: str, here: bool = False) -> None:
        if self._name in self._owners.ended:
            raise Busy
        other = self._owners.has.get(session, self._name)
        if other in self._owners.ended:
            self._owners.abandoned.add(session)
        elif other != self._name:
            raise OtherNode(node=other, path=f"/n/{other}/socket.io/")
        self._owners.has[session] = self._name

    def left(self, session: str) -> bool:
        there = session in self._owners.abandoned
        self._owners.abandoned.discard(session)
        return there

    def give(self, session: str) -> None:
        self._owners.has.pop(session, None)

    async def others(self) -> bool:
        return len(self._owners.servers) > 1

    async def leave(self, session: str) -> None:
        self._owners.has.pop(session)
        self._owners.abandoned.add(session)

    async def forward(self, node: str, session: str, command: c.Command, actor: Actor) -> Sequence[Event]:
        return await self._owners.servers[node].submit_here(session, command, actor)


@pytest.fixture
def owners() -> Owners:
    return Owners()


@pytest.fixture
async def at(owners: Owners) -> AsyncIterator[House]:
    """Server a, which has the room: the mediator is in it, and the consumer."""
    async for made in served(owners, "a", MemoryJournal()):
        await made.open(M)
        await made.bring(CO)
        yield made


@pytest.fixture
async def other(owners: Owners, at: House) -> AsyncIterator[House]:
    """Server b on the same journal."""
    async for made in served(owners, "b", at.journal):
        yield made


async def served(owners: Owners, name: str, journal: MemoryJournal) -> AsyncIterator[House]:
    made = House(journal=journal)
    made.rooms = Rooms(journal, made.engine, made.clock, owner=owners.of(name))
    owners.servers[name] = made.rooms
    await made.rooms.start()
    yield made
    await made.rooms.stop()


async def test_what_is_asked_elsewhere_is_decided_by_the_room_and_nowhere_else(at: House, other: House) -> None:
    listener = await at.rooms.attach(X, M)
    await drain(listener)
    await other.ask(c.SetDoor(True))
    assert [name for name, _ in await drain(listener)], "who listens at the room's own server is told"
    assert (await other.rooms.state(X)).locked
    assert (at.rooms.awake, other.rooms.awake) == (1, 0)
    with pytest.raises(UnknownSeat):
        await other.ask(c.Admit("nobody"))


async def test_a_socket_is_told_where_the_room_is(at: House, other: House) -> None:
    with pytest.raises(OtherNode) as no:
        await other.rooms.own(X)
    assert no.value.params == {"node": "a", "path": "/n/a/socket.io/"}
    with pytest.raises(Busy):
        other.rooms.attach(X, CO)


async def test_what_is_read_elsewhere_is_what_is_written(at: House, other: House) -> None:
    await at.ask(c.Say("你好"))
    assert await other.rooms.state(X) == await at.rooms.state(X)
    assert [line["text"] for line in await other.rooms.read_lines(X, CO)] == ["你好"]
    with pytest.raises(UnknownSession):
        await other.rooms.state("nobody")


async def test_whoever_takes_a_room_that_was_left_says_first_that_everybody_was_cut_off(
    owners: Owners, at: House, other: House
) -> None:
    owners.ended.add("a")
    await other.ask(c.SetDoor(True))
    assert (await at.types())[-3:] == ["Disconnected", "Disconnected", "DoorLocked"]
    state = await other.rooms.state(X)
    assert state.seats[CO].status is SeatStatus.RECONNECTING


async def test_that_everybody_was_cut_off_is_written_when_the_database_is_back_if_it_was_away(
    owners: Owners, at: House, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners.ended.add("a")

    async def away(*_: object) -> list[Event]:
        raise Unanswered("no answer")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(at.journal, "append", away)
        with pytest.raises(Unanswered):
            await other.ask(c.SetDoor(True))
    await other.ask(c.SetDoor(True))
    assert (await at.types())[-3:] == ["Disconnected", "Disconnected", "DoorLocked"]


async def test_past_its_lease_a_server_decides_nothing_and_whoever_listens_is_cut(owners: Owners, at: House) -> None:
    listener = await at.rooms.attach(X, CO)
    await drain(listener)
    before = await at.types()
    owners.ended.add("a")
    asked = [at.rooms.submit(X, c.SetDoor(True), MEDIATOR)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [Busy]
    with pytest.raises(Busy):
        at.rooms.post(X, c.SetDoor(True), MEDIATOR)
    await at.rooms.lapse()
    assert (listener.ended, listener.code, listener.unsent) == (True, "cut", 0)
    assert at.rooms.awake == 0
    assert await at.types() == before


async def test_a_room_in_recess_is_handed_over_with_all_that_was_recorded(at: House, other: House) -> None:
    listener = await at.rooms.attach(X, CO)
    await at.rooms.hand_over()
    assert not listener.ended, "somebody speaks"
    await at.ask(c.StartRecess())
    await at.rooms.media_join(X, CO)
    at.engine.sealed_at = START
    before = len(await at.types())
    await at.rooms.hand_over()
    assert (listener.ended, listener.code, at.rooms.awake) == (True, "cut", 0)
    assert (await at.types())[before:] == ["Disconnected", "Disconnected", "SegmentSealed"]
    await other.rooms.own(X)
    assert (await other.rooms.state(X)).seats[CO].status is SeatStatus.RECONNECTING
    with pytest.raises(OtherNode):
        await at.rooms.own(X)


async def test_at_the_end_rooms_are_handed_over_whatever_goes_on_in_them_unless_there_is_nobody_else(
    owners: Owners, at: House
) -> None:
    await at.rooms.hand_over(all_of_them=True)
    assert at.rooms.awake == 1
    async for _ in served(owners, "b", at.journal):
        await at.rooms.hand_over(all_of_them=True)
        assert (at.rooms.awake, owners.abandoned) == (0, {X})


async def test_who_comes_while_a_room_is_being_handed_over_comes_again(at: House, other: House) -> None:
    listener = await at.rooms.attach(X, CO)
    at.engine.may_close.clear()
    leaving = asyncio.create_task(at.rooms.hand_over(all_of_them=True))
    while not listener.ended:
        await settle()
    with pytest.raises(Busy):
        await at.rooms.own(X)
    at.engine.may_close.set()
    await leaving
    await other.rooms.own(X)


async def test_recovering_leaves_alone_what_another_server_has(at: House, other: House) -> None:
    before = await at.types()
    await other.rooms.recover([X])
    assert await at.types() == before
    assert (await at.rooms.state(X)).status is Status.LIVE


async def test_what_was_recorded_before_the_room_moved_is_noted_where_it_is(
    owners: Owners, at: House, other: House
) -> None:
    owners.ended.add("a")
    await other.rooms.own(X)
    owners.ended.clear()
    await at.rooms.lapse()
    at.engine.tell(m.Segment(X, CO, f"{X}/{CO}/1.webm", "0" * 64, 5, START, START + timedelta(seconds=5), 0, 0))
    async with asyncio.timeout(5):
        while "SegmentSealed" not in await at.types():  # noqa: ASYNC110 - by a task of its own
            await asyncio.sleep(0)
    assert (at.rooms.awake, other.rooms.awake) == (0, 1)


async def test_a_room_that_nobody_is_in_any_more_is_anybodys(owners: Owners) -> None:
    engine = FakeEngine()
    idle = House(journal=MemoryJournal(), engine=engine)
    idle.rooms = Rooms(idle.journal, engine, idle.clock, owner=owners.of("c"))
    await idle.rooms.start()
    with pytest.raises(UnknownSession):
        await idle.rooms.submit(X, c.SetDoor(True), MEDIATOR)
    await settle()
    assert X not in owners.has
    await idle.rooms.stop()
