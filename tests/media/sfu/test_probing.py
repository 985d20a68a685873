"""What is found out about a line by trains of padding, on lines that are computed, and what a room makes of it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

import pytest

from media.sfu.bandwidth import DownlinkEstimator, Layer, VideoDemand
from media.sfu.probing import LineProbe, PaddedLine

OTHERS = [VideoDemand((name, "camera"), 650_000, 140_000) for name in ("ann", "bob", "con", "dan", "eva", "fay", "gil")]
TICK = 0.05


class Line(PaddedLine):
    """A line of `rate` bit/s in front of a client who answers checks `trip` later; `busy(now)` seconds later still."""

    def __init__(self, rate: int, trip: float = 0.06, busy: Callable[[float], float] = lambda _: 0.0) -> None:
        self.rate, self._trip, self._busy = rate, trip, busy
        self.probe, self.estimator = LineProbe(), DownlinkEstimator()
        self.now = 0.0
        self.longest_queue = 0.0
        self.padding = 0
        self.answers = True
        self._free_at = 0.0
        self._numbers = itertools.count()
        self._coming: list[tuple[float, int, Callable[[], None]]] = []

    @property
    def time(self) -> float:
        return self.now

    def send_padding(self, octets: int) -> int:
        self._free_at = max(self.now, self._free_at) + octets * 8 / self.rate
        self.longest_queue = max(self.longest_queue, self._free_at - self.now)
        self.padding += octets
        return octets

    def send_check(self) -> bytes:
        transaction, sent = str(number := next(self._numbers)).encode(), self.now
        back = max(self.now, self._free_at) + self._trip + self._busy(self.now)

        def answer() -> None:
            self.probe.on_round_trip(self, transaction, self.now - sent)

        if self.answers:
            heapq.heappush(self._coming, (back, number, answer))
        return transaction

    def send_train_later(self, seconds: float) -> None:
        heapq.heappush(self._coming, (self.now + seconds, next(self._numbers), lambda: self.probe.send_train(self)))

    def run(self, seconds: float, demands: list[VideoDemand]) -> None:
        """As the room does: every 50 ms, and once a second."""
        end, tick = self.now + seconds, self.now
        while tick < end:
            while self._coming and self._coming[0][0] <= tick:
                self.now, _, call = heapq.heappop(self._coming)
                call()
            self.now = tick
            estimator, probe, bandwidth = self.estimator, self.probe, self.estimator.bandwidth
            if (measured := probe.measured) is not None:
                probe.measured = None
                bandwidth.on_measured(measured.bits, measured.short)
                estimator.allocate(40_000, demands, tick)
            estimator.want(40_000, demands, 0)
            if probe.due(tick):
                known = max(bandwidth.proven, bandwidth.estimate) if probe.tested else 0
                probe.measure(self, estimator.wanted, known, bandwidth.estimate)
            tick += TICK

    @property
    def large(self) -> int:
        return sum(layer is Layer.HIGH for layer in self.estimator.layers.values())


@pytest.mark.parametrize("people", [2, 7])
def test_on_a_good_line_all_large_pictures_come_at_once(people: int) -> None:
    line = Line(20_000_000)
    line.run(1.0, OTHERS[:people])
    assert line.large == people


def test_who_is_to_receive_nothing_any_more_gets_no_padding_either() -> None:
    line = Line(20_000_000)
    line.run(2 * TICK, OTHERS)
    assert line.probe.under_way
    sent = line.padding
    line.probe.stop(line.now)
    line.run(TICK, OTHERS)
    assert line.padding == sent
    line.run(2.0, OTHERS)
    assert line.large == len(OTHERS), "it says nothing about the line"


def test_a_distant_client_sees_everybody_within_two_seconds() -> None:
    line = Line(20_000_000, trip=0.4)
    line.run(2.0, OTHERS)
    assert line.large == 7


@pytest.mark.parametrize("rate", [300_000, 700_000, 1_500_000, 3_000_000])
def test_no_more_is_taken_for_granted_than_the_line_carries(rate: int) -> None:
    line = Line(rate)
    line.run(1.5, OTHERS)
    assert 0.6 * rate < line.estimator.bandwidth.estimate <= rate
    assert 650_000 * line.large <= rate


@pytest.mark.parametrize("rate", [100_000, 200_000, 400_000, 1_000_000, 4_000_000])
def test_measuring_holds_nobodys_sound_up_for_long(rate: int) -> None:
    line = Line(rate)
    line.run(60.0, OTHERS)
    assert line.longest_queue < 0.25
    assert line.padding * 8 / 60 < 0.1 * rate, "a tenth of the line at most, over a minute"


def test_who_answers_late_now_and_then_is_measured_again_at_once() -> None:
    line = Line(20_000_000, busy=lambda now: 0.3 if int(now * 10) % 4 == 1 else 0.0)
    line.run(2.5, OTHERS)
    assert line.large == 7


def test_who_answers_no_checks_is_left_to_the_other_ways() -> None:
    line = Line(20_000_000)
    line.answers = False
    line.run(120.0, OTHERS)
    assert line.estimator.bandwidth.proven == 0
    assert line.estimator.bandwidth.estimate == 1_000_000
    assert line.padding < 150_000


def test_who_comes_later_is_measured_for_too_and_a_line_that_became_wider_is_found_out() -> None:
    line = Line(1_500_000)
    line.run(5.0, OTHERS[:1])
    assert line.large == 1
    line.run(10.0, OTHERS[:3])
    assert line.large == 1
    line.rate = 20_000_000
    line.run(25.0, OTHERS[:3])
    assert line.large == 3


def test_a_room_without_pictures_is_sent_no_padding() -> None:
    line = Line(20_000_000)
    line.run(10.0, [])
    assert line.padding == 0
