"""Where a room is placed, and when a server is full."""

from __future__ import annotations

from typing import Any

import pytest

from media.engine import WorkerFull
from media.sfu.control import MediaLimits, TokenBucket
from media.sfu.engine import NEW_FOR, PACKETS_OF_NEW_ROOM, Placement


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def load(packets: int = 0, lag: float = 0.0) -> dict[str, Any]:
    return {"packets": packets, "lag": lag}


def test_the_worker_with_the_fewest_packets_gets_the_room(clock: Clock) -> None:
    placement = Placement(MediaLimits(), clock)
    assert placement.place("a", [load(30_000), load(10_000), load(20_000)]) == 1


def test_rooms_that_have_not_begun_to_send_are_counted_on_too(clock: Clock) -> None:
    placement = Placement(MediaLimits(), clock)
    loads = [load(0), load(PACKETS_OF_NEW_ROOM + 1)]
    assert [placement.place(room, loads) for room in "abc"] == [0, 0, 1]
    clock.now += NEW_FOR
    assert placement.place("d", [load(5000), load(4000)]) == 1, "what they send is in the load by now"


def test_a_worker_that_is_down_late_or_busy_gets_no_room(clock: Clock) -> None:
    placement = Placement(MediaLimits(packets=50_000, lag=0.1), clock)
    assert placement.place("a", [None, load(lag=0.1), load(50_000), load(49_000)]) == 3
    with pytest.raises(WorkerFull, match="every media worker"):
        placement.place("b", [None, load(lag=0.1), load(50_000), load(49_000)])
    assert placement.worker_of("b") is None


def test_a_worker_just_started_has_no_load_and_is_free(clock: Clock) -> None:
    assert Placement(MediaLimits(), clock).place("a", [{}]) == 0


def test_a_server_has_a_cap_on_rooms(clock: Clock) -> None:
    placement = Placement(MediaLimits(rooms=2), clock)
    placement.place("a", [{}])
    placement.place("b", [{}])
    with pytest.raises(WorkerFull, match="2 rooms are open"):
        placement.place("c", [{}])
    del placement.rooms["a"]
    placement.place("c", [{}])


def test_a_server_has_a_cap_on_people_and_counts_each_once(clock: Clock) -> None:
    placement = Placement(MediaLimits(participants=2), clock)
    placement.place("a", [{}])
    for who in ("ann", "bob", "ann"):
        placement.join("a", who)
    placement.place("b", [{}])
    with pytest.raises(WorkerFull, match="2 people are in rooms"):
        placement.join("b", "cy")
    assert placement.worker_of("b") is None, "an empty room keeps no place"
    placement.leave("a", "bob")
    placement.place("b", [{}])
    placement.join("b", "cy")


def test_an_allowance_is_used_up_and_comes_back_with_time() -> None:
    bucket = TokenBucket(rate=100.0, capacity=50.0, now=0.0)
    bucket.tokens -= 80
    assert not bucket.refill(0.1)
    assert bucket.refill(0.4)
    assert bucket.tokens == pytest.approx(10.0)
    assert bucket.refill(100.0)
    assert bucket.tokens == 50.0, "nobody saves up for a flood"


def test_taking_is_refused_without_owing() -> None:
    bucket = TokenBucket(rate=1.0, capacity=2.0, now=0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert bucket.take(1.0)
