"""How often somebody may try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal.refusals import LONGEST_KEY, Refused, Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def throttle(clock: Clock, most: int = 3, keys: int = 100) -> Throttle:
    return Throttle(most, timedelta(minutes=1), "too_many_tries", clock, keys)


def seconds_refused(tried: Throttle, key: str) -> int:
    with pytest.raises(Refused) as no:
        tried.pass_(key)
    assert (no.value.code, no.value.status) == ("too_many_tries", 429)
    seconds: int = no.value.params["seconds"]
    return seconds


def test_the_window_moves_with_every_try(clock: Clock) -> None:
    tried = throttle(clock)
    for clock.now in (100.0, 110.0, 120.0):
        tried.pass_("zhou")
    assert seconds_refused(tried, "zhou") == 40
    clock.now = 159.9
    assert seconds_refused(tried, "zhou") == 1
    clock.now = 160.0  # the first try is a minute old
    tried.pass_("zhou")
    assert seconds_refused(tried, "zhou") == 10


def test_being_refused_does_not_make_the_wait_longer(clock: Clock) -> None:
    tried = throttle(clock, most=1)
    tried.pass_("zhou")
    for clock.now in (110.0, 150.0):
        seconds_refused(tried, "zhou")
    clock.now = 160.0
    tried.pass_("zhou")


def test_one_key_does_not_count_for_another(clock: Clock) -> None:
    tried = throttle(clock, most=1)
    tried.pass_("zhou")
    tried.pass_("lin")
    assert seconds_refused(tried, "zhou") == 60


def test_what_is_out_of_its_window_is_not_kept(clock: Clock) -> None:
    tried = throttle(clock)
    for n in range(50):
        tried.pass_(f"192.0.2.{n}")
    assert len(tried) == 50
    clock.now += 60
    tried.pass_("zhou")
    assert len(tried) == 1


def test_a_crowd_of_keys_does_not_fill_the_memory(clock: Clock) -> None:
    tried = throttle(clock, most=1, keys=10)
    for n in range(1000):
        tried.pass_(f"address {n}")
    assert len(tried) == 10
    seconds_refused(tried, "address 999")


def test_a_long_key_is_not_kept_whole_and_still_counts(clock: Clock) -> None:
    tried = throttle(clock, most=1)
    tried.pass_("x" * LONGEST_KEY)
    seconds_refused(tried, "x" * 10_000)


def test_looking_whether_one_more_may_try_counts_nothing(clock: Clock) -> None:
    tried = throttle(clock)
    for _ in range(10):
        tried.check("zhou")
    for clock.now in (100.0, 110.0, 120.0):
        tried.check("zhou")
        tried.pass_("zhou")
    with pytest.raises(Refused) as no:
        tried.check("zhou")
    assert (no.value.status, no.value.params["seconds"]) == (429, 40)
    tried.check("lin")
    clock.now = 160.0
    tried.check("zhou")
    assert tried.pass_("zhou").tries == 0
