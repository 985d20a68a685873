"""What a subscriber sees of others while the connection falls to sound alone and comes back."""

from __future__ import annotations

from collections.abc import Callable

from media.sfu.bandwidth import DownlinkEstimator, Layer, VideoDemand

ANN, BOB = (VideoDemand((name, "camera"), 600_000, 130_000) for name in ("ann", "bob"))


class Line:
    """A second at a time; `bits` a second is what the connection is taken to carry."""

    def __init__(self) -> None:
        self.estimator, self.now = DownlinkEstimator(), 0.0

    def second(self, bits: int) -> None:
        self.now += 1.0
        self.estimator.bandwidth.estimate = bits
        self.estimator.update(bits, 40_000, [ANN, BOB], self.now)

    def until(self, holds: Callable[[DownlinkEstimator], bool], bits: int) -> None:
        for _ in range(300):
            self.second(bits)
            if holds(self.estimator):
                return
        raise AssertionError(f"not in five minutes at {bits} bit/s")


def rest(estimator: DownlinkEstimator) -> bool:
    return estimator.paused


def are_back(estimator: DownlinkEstimator) -> bool:
    return not estimator.paused


def one_is_large(estimator: DownlinkEstimator) -> bool:
    return Layer.HIGH in estimator.layers.values()


def test_when_pictures_come_back_they_are_there_in_the_same_second() -> None:
    """However often pictures had to give way before: a page that says they are back shows them."""
    line = Line()
    for _ in range(6):  # each time the step up was too much, and the next one rests longer
        line.until(one_is_large, bits=2_000_000)
        line.until(rest, bits=120_000)
        assert set(line.estimator.layers.values()) == {Layer.NONE}
        line.until(are_back, bits=500_000)
        assert set(line.estimator.layers.values()) == {Layer.LOW}


def test_after_a_pause_no_more_comes_back_than_fits() -> None:
    line = Line()
    line.until(rest, bits=120_000)
    line.until(are_back, bits=230_000)
    assert sorted(line.estimator.layers.values()) == [Layer.NONE, Layer.LOW]
