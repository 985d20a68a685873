"""Of whom nothing reaches the server, the journal says so once it has lasted: a start needs no entry."""

from __future__ import annotations

from datetime import timedelta

from media import engine as m
from rooms import commands as c, events as e
from rooms.events import history, stream
from tests.rooms.house import House, X, settle
from tests.rooms.scene import CO, CONSUMER, START, M


async def of_the_consumer(at: House, *kinds: type[e.SessionEvent]) -> list[e.SessionEvent]:
    """Entries of these kinds, in order."""
    told = [entry.event for entry in history(await at.journal.read(stream(X)))]
    return [event for event in told if isinstance(event, kinds) and getattr(event, "seat", "") == CO]


async def waits(at: House) -> list[e.SessionEvent]:
    """What was noted of the consumer's sound and picture."""
    return await of_the_consumer(at, e.MediaAwaited, e.MediaConnected)


async def joined(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)


async def test_a_connection_that_takes_long_is_noted_with_when_it_was_first_waited_for(at: House) -> None:
    await joined(at)
    await at.wait(seconds=4)
    assert await waits(at) == []
    await at.wait(seconds=8)  # a busy machine comes to it late
    assert await waits(at) == [e.MediaAwaited(CO, START, "connection")]
    await at.wait(seconds=60)
    await at.reported(m.PublisherState(X, CO, "connecting"), m.PublisherState(X, CO, "connected"))
    assert await waits(at) == [e.MediaAwaited(CO, START, "connection"), e.MediaConnected(CO)]


async def test_a_connection_that_comes_in_time_leaves_no_entry(at: House) -> None:
    await joined(at)
    await at.wait(seconds=2)
    await at.reported(m.PublisherState(X, CO, "connected"))
    await at.wait(minutes=5)
    assert await waits(at) == []


async def test_what_ends_the_wait_comes_behind_its_entry(at: House) -> None:
    """The mediation may be ended before the timer has rung."""
    await joined(at)
    at.clock.move(timedelta(seconds=40))
    await at.ask(c.Leave(), CONSUMER)
    found = await of_the_consumer(at, e.MediaAwaited, e.Left)
    assert found == [e.MediaAwaited(CO, START, "connection"), e.Left(CO)]


async def test_a_device_that_receives_and_offers_nothing_is_told_apart(at: House) -> None:
    await joined(at)
    await at.reported(m.Connection(X, CO, "connected"))
    await at.wait(seconds=6)
    assert await waits(at) == [e.MediaAwaited(CO, START, "nothing")]


async def test_a_server_without_room_for_it_is_told_apart(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    at.rooms._room(X).turned_away(CO)
    await settle()
    await at.wait(seconds=6)
    assert await waits(at) == [e.MediaAwaited(CO, START, "full")]


async def test_more_of_why_is_noted_and_the_same_is_not(at: House) -> None:
    await joined(at)
    await at.wait(seconds=6)
    await at.reported(m.Connection(X, CO, "connected"))
    await at.wait(seconds=60)
    assert await waits(at) == [e.MediaAwaited(CO, START, "connection"), e.MediaAwaited(CO, START, "nothing")]


async def test_who_reads_and_writes_is_waited_for_by_nobody(at: House) -> None:
    await at.open(M)
    await at.prepare(CO)
    await at.ask(c.CheckDevice("text"), CONSUMER)
    await at.rooms.attach(X, CO)
    await at.ask(c.Arrive(), CONSUMER)
    await at.ask(c.Admit(CO))
    await at.wait(minutes=2)
    assert await waits(at) == []


async def test_media_that_ends_while_the_seat_stays_is_waited_for_anew(at: House) -> None:
    """Its page loads itself anew: what was connected is not, and nobody was away."""
    await joined(at)
    await at.reported(m.PublisherState(X, CO, "connected"))
    await at.wait(seconds=60)
    await at.rooms.media_join(X, CO)
    await at.wait(seconds=6)
    assert await waits(at) == [e.MediaAwaited(CO, START + timedelta(seconds=60), "connection")]


async def test_what_a_lost_worker_knew_of_somebody_not_recorded_yet_is_lost_with_it(at: House) -> None:
    await joined(at)
    await at.reported(m.PublisherState(X, CO, "connected"))
    await at.wait(seconds=20)
    await at.reported(m.RoomLost(X))
    assert await waits(at) == [e.MediaAwaited(CO, START + timedelta(seconds=20), "server")]
