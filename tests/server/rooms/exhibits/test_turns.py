"""Drawing is fair: one seat's files keep no other seat waiting, and each seat has a budget."""

from __future__ import annotations

import asyncio

import pytest

from journal.refusals import Refused
from server.rooms.exhibits.uploads import BUDGET, REFILL, BadFile, BudgetUsed, DrawingQueue, ImageWorker
from tests.rooms.scene import BU, CO
from tests.server.rooms.exhibits.conftest import Room
from tests.server.rooms.exhibits.files import picture
from tests.server.rooms.exhibits.test_drawing import nameless_of

A, B, C = (("x", seat) for seat in "abc")


async def test_seats_take_turns_and_one_has_one_place_at_a_time() -> None:
    turns, order = DrawingQueue(2), list[str]()
    busy: dict[tuple[str, str], int] = {}

    async def drawn(seat: tuple[str, str]) -> None:
        async with turns.turn(seat):
            busy[seat] = busy.get(seat, 0) + 1
            assert busy[seat] == 1
            order.append(seat[1])
            await asyncio.sleep(0)
            busy[seat] -= 1

    await asyncio.gather(*(drawn(seat) for seat in (A, A, A, A, A, A, B, C)))
    assert order.index("b") <= 2
    assert order.index("c") <= 3
    assert len(order) == 8


async def test_who_gives_up_while_waiting_leaves_the_place_to_others() -> None:
    turns = DrawingQueue(1)
    async with turns.turn(A):
        waiting = [asyncio.create_task(turns.turn(seat).__aenter__()) for seat in (B, C)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    await asyncio.wait_for(waiting[1], 5)


async def test_a_seat_that_used_its_budget_waits_and_others_do_not() -> None:
    now = [0.0]
    turns = DrawingQueue(1, lambda: now[0])
    async with turns.turn(A) as used:
        used(BUDGET + 1)
    with pytest.raises(BudgetUsed):
        async with turns.turn(A):
            pass
    async with turns.turn(B):
        pass
    now[0] += 2 / REFILL
    async with turns.turn(A):
        pass


async def test_a_seat_that_had_too_much_drawn_is_told_so_before_it_sends_more(room: Room) -> None:
    turns = DrawingQueue(1)
    room.desk._easel = ImageWorker(turns)
    async with turns.turn((room.sitter(CO).session, CO)) as used:
        used(BUDGET + 1)
    with pytest.raises(Refused) as no:
        await room.begin(CO, ("a.jpg", picture()))
    assert no.value.params["problem"] == "often"
    assert await room.send(BU, ("a.jpg", picture()))


async def test_what_drawing_took_is_taken_from_the_budget() -> None:
    turns = DrawingQueue(1)
    before = turns._budget(A)
    with nameless_of(picture("PNG", (2_000, 2_000))) as file:
        await ImageWorker(turns).draw(file, "png", seat=A)
    after = turns._budget(A)
    assert after < before
    with nameless_of(b"\x89PNG\r\n\x1a\nbroken") as file, pytest.raises(BadFile):
        await ImageWorker(turns).draw(file, "png", seat=A)
    assert turns._budget(A) < after + 1
