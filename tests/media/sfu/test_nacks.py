"""When a missing packet is asked for, how often, and when it is given up."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from media.sfu.rtp import (
    MAX_MISSING,
    MAX_NACK_BURST,
    MAX_NACKS,
    RESEND_MAX,
    RESEND_START,
    NackTracker,
    ResendBudget,
    RttEstimator,
)


def test_a_missing_packet_is_asked_for_once_in_a_round_trip_and_ten_times_at_most() -> None:
    trip = RttEstimator()
    trip.sample(0.2)
    missing = NackTracker(trip, "video")
    missing.add_gap(7, 1)
    asked = [n for n in range(1000) if missing.due(n / 100, 0)]
    assert asked[0] == 0
    assert len(asked) == MAX_NACKS
    assert all(25 <= b - a <= 26 for a, b in itertools.pairwise(asked)), "1.25 times 0.2 s"
    assert (len(missing), missing.given_up) == (0, 1)


def test_the_round_trip_is_learned_from_answers() -> None:
    trip = RttEstimator()
    missing = NackTracker(trip, "video")
    missing.add_gap(1, 1)
    missing.due(0.0, 0)
    assert missing.on_received(1, 0.08)
    assert trip.seconds == 0.08
    missing.add_gap(2, 1)
    assert missing.due(1.0, 0) == [2]
    assert missing.due(1.05, 0) == []
    assert missing.due(1.11, 0) == [2]


def test_an_answer_long_after_the_last_asking_could_be_to_any_of_them() -> None:
    trip = RttEstimator()
    missing = NackTracker(trip, "video")
    missing.add_gap(1, 1)
    missing.due(0.0, 0)
    missing.due(0.4, 0)
    missing.on_received(1, 0.6)
    assert not trip.measured
    # One that comes right after the second asking answers the first: the round trip is longer than was thought.
    missing.add_gap(2, 1)
    missing.due(1.0, 0)
    missing.due(1.4, 0)
    missing.on_received(2, 1.42)
    assert 0.41 < trip.seconds < 0.43


def test_what_comes_before_it_was_asked_for_was_only_out_of_order() -> None:
    missing = NackTracker(RttEstimator(), "video")
    missing.add_gap(5, 2)
    assert not missing.on_received(5, 0.01)
    assert missing.due(0.02, 0) == [6]


def test_the_list_is_bounded_and_the_oldest_go() -> None:
    missing = NackTracker(RttEstimator(), "video")
    missing.add_gap(65_500, MAX_MISSING + 10)
    assert len(missing) == MAX_MISSING
    assert missing.given_up == 10
    due = missing.due(0.0, 1000)
    assert due == sorted(due)


def test_no_more_is_asked_for_than_half_of_what_comes_and_the_newest_first() -> None:
    missing = NackTracker(RttEstimator(), "video")
    missing.add_gap(100, 100)
    assert missing.due(0.0, 0) == list(range(200 - MAX_NACK_BURST, 200))
    assert missing.due(0.1, 0) == []
    assert missing.due(0.2, 20) == list(range(126, 136))


def test_sound_is_not_asked_for_when_it_would_come_too_late() -> None:
    trip = RttEstimator()
    trip.sample(0.3)
    missing = NackTracker(trip, "audio")
    missing.add_gap(1, 1)
    assert [n for n in range(40) if missing.due(n / 10, 100 * n)] == [0, 4, 8]
    assert (len(missing), missing.given_up) == (0, 1)


@given(st.lists(st.tuples(st.integers(0, 65_535), st.integers(1, 64), st.floats(0, 0.3)), max_size=60))
def test_nothing_is_asked_for_more_than_ten_times_whatever_comes(steps: list[tuple[int, int, float]]) -> None:
    missing, now = NackTracker(RttEstimator(), "video"), 0.0
    asked: dict[int, int] = {}
    for number, (first, count, pause) in enumerate(steps):
        missing.add_gap(first, count)
        if number % 3 == 0:
            missing.on_received(first, now)
        for lost in range(first, first + count):
            asked[lost & 0xFFFF] = 0  # noted anew
        now += pause
        for seq in missing.due(now, 0):
            asked[seq] += 1
        assert len(missing) <= MAX_MISSING
    for _ in range(20):
        now += 2.0
        for seq in missing.due(now, 0):
            asked[seq] += 1
    assert not missing
    assert max(asked.values(), default=0) <= MAX_NACKS


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 20_000)), max_size=200))
def test_a_client_that_lies_about_losses_gets_half_as_much_again_and_no_more(steps: list[tuple[int, int]]) -> None:
    allowance, sent, again = ResendBudget(), 0, 0
    for forwarded, asked in steps:
        sent += forwarded
        allowance.earn(sent)
        while asked > 0:
            if allowance.spend(min(1200, asked)):
                again += min(1200, asked)
            asked -= 1200
    assert again <= RESEND_START + sent // 2


def test_what_can_be_saved_up_is_bounded() -> None:
    allowance = ResendBudget()
    allowance.earn(100_000_000)
    assert allowance.spend(RESEND_MAX)
    assert not allowance.spend(1)
    assert allowance.refused == 1
