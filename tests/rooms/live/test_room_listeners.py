"""Who listens to a room: first views, newer connections, seats kept and given up, those who do not read."""

from __future__ import annotations

from datetime import timedelta

import pytest

import rooms
from journal import refusals
from rooms import commands as c
from rooms.vocabulary import SeatStatus
from tests.rooms.house import House, X, drain, settle, views
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, party, scheduling


async def test_a_listener_gets_its_parts_and_its_view_first_and_then_one_with_every_change(at: House) -> None:
    await at.ask(scheduling())
    mediator = await at.rooms.attach(X, M)
    await at.ask(c.Arrive())
    *parts, first, opened = await drain(mediator)
    assert first[0] == "view"
    assert first[1]["view"]["session"]["status"] == "scheduled"
    assert first[1]["events"] == []
    assert {body["name"]: body["edition"] for _, body in parts} == first[1]["view"]["parts"]
    assert parts[0] == ("part", {"name": "case", "members": {"case": {"request": "退还剩余积分款"}}, "edition": 1})
    assert [event["type"] for event in opened[1]["events"]] == ["SessionOpened", "PhaseEntered", "Arrived", "Admitted"]
    assert opened[1]["version"] == len(await at.types())


async def test_office_and_complaint_are_read_when_somebody_comes_and_not_for_a_room_that_nobody_is_in(
    at: House,
) -> None:
    await at.ask(scheduling())
    await at.prepare(CO)
    assert at.contexts == 0
    for seat, read in ((CO, 1), (BU, 1), (M, 2)):  # the case is the mediator's
        (first,) = await views(await at.rooms.attach(X, seat))
        assert first["view"]["session"]["office"] == "一所"
        assert at.contexts == read


async def test_a_dropped_socket_keeps_the_seat_and_coming_back_takes_it_again(at: House) -> None:
    mediator = await at.open(M)
    consumer = await at.bring(CO)
    await drain(mediator)
    consumer.close()
    ((_, body),) = await drain(mediator)
    assert [event["type"] for event in body["events"]] == ["Disconnected"]
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.RECONNECTING
    await at.wait(minutes=9)
    again = await at.rooms.attach(X, CO)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    await at.wait(minutes=9)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    assert not again.ended


async def test_ten_minutes_away_gives_the_seat_up(at: House) -> None:
    await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    consumer.close()
    await settle()
    await at.wait(minutes=10)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.LEFT
    assert (X, CO) in at.engine.removed


async def test_a_newer_connection_takes_the_seat_from_the_older(at: House) -> None:
    await at.open(M)
    older = await at.bring(CO)
    newer = await at.rooms.attach(X, CO)
    assert (await drain(older))[-1] == ("gone", {"code": "elsewhere"})
    older.close()
    await settle()
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    assert not newer.ended


@pytest.mark.parametrize(("command", "code"), [(c.Remove(CO, "捣乱"), "removed"), (c.SendBack(CO), "sent_back")])
async def test_whoever_is_put_out_is_told_why_their_connection_ends(at: House, command: c.Command, code: str) -> None:
    await at.open(M)
    await at.prepare(CO)
    consumer = await at.rooms.attach(X, CO)
    await at.ask(c.Arrive(), CONSUMER)
    await at.ask(command)
    assert (await drain(consumer))[-1] == ("gone", {"code": code})


async def test_a_listener_that_does_not_read_is_dropped_and_nobody_waits_for_it(at: House) -> None:
    mediator = await at.open(M)
    asleep = await at.bring(CO)
    for n in range(70):
        await at.ask(c.SetDoor(n % 2 == 0))
        await drain(mediator)
    assert asleep.code == "slow"
    assert await drain(asleep) == [("gone", {"code": "slow"})]


async def test_only_seats_of_the_session_are_attached(at: House) -> None:
    await at.open(M)
    with pytest.raises(rooms.UnknownSeat):
        await at.rooms.attach(X, "s-elsewhere")
    with pytest.raises(refusals.NotAllowed):
        await at.ask(c.Arrive(), party("s-elsewhere"))
    await at.bring(BU)
    await at.clock.until(START)
    assert at.clock.now() - START < timedelta(seconds=1)
    with pytest.raises(refusals.NotAllowed):
        await at.ask(c.Close(), BUSINESS)


@pytest.mark.parametrize("first", [M, CO])
async def test_what_only_the_mediator_is_told_of_a_seat_goes_to_nobody_else_whoever_listens_first(
    at: House, first: str
) -> None:
    """One view was made for all who see the same, and the mediator was counted among them."""
    listeners = {M: await at.open(M), CO: await at.bring(CO)}
    if first == CO:
        listeners[M] = await at.rooms.attach(X, M)
    for listener in listeners.values():
        await drain(listener)
    await at.ask(c.SetHand(True), CONSUMER)
    seen = {seat: (await views(listener))[-1]["view"]["seats"] for seat, listener in listeners.items()}
    assert all("identity" in seat and "help" in seat for seat in seen[M])
    assert not any("identity" in seat or "help" in seat for seat in seen[CO])
