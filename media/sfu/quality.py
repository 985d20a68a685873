"""Connection quality in four steps, from loss and round-trip time; and which simulcast layer a subscriber gets."""

from __future__ import annotations

STEPS = ((0.02, 0.25), (0.06, 0.5), (0.15, 1.0))  # loss and round-trip seconds for 4, 3 and 2


def level(loss: float, rtt: float) -> int:
    """1 (bad) to 4 (very good)."""
    for step, (most_loss, most_rtt) in zip((4, 3, 2), STEPS, strict=True):
        if loss <= most_loss and rtt <= most_rtt:
            return step
    return 1


class Downlink:
    """Whether a subscriber can take high layers. Goes down quickly, comes back slowly, so that it cannot flap."""

    __slots__ = ("_bad_since", "_good_since", "high")

    DOWN_AFTER = 2.0
    UP_AFTER = 8.0

    def __init__(self) -> None:
        self.high = True
        self._bad_since = self._good_since = float("inf")

    def judge(self, estimate: int, needed: int, loss: float, now: float) -> bool:
        """`estimate`: the client's REMB in bit/s (0: none yet); `needed`: bit/s of its high layers together."""
        short = 0 < estimate < 0.7 * needed
        bad = loss > 0.1 or short
        good = loss < 0.02 and not 0 < estimate < needed
        self._bad_since = min(self._bad_since, now) if bad else float("inf")
        self._good_since = min(self._good_since, now) if good else float("inf")
        if self.high and now - self._bad_since >= self.DOWN_AFTER:
            self.high = False
        elif not self.high and now - self._good_since >= self.UP_AFTER:
            self.high = True
        return self.high


class Uplink:
    """What a publisher is told (REMB) it may send, from our loss of its packets."""

    __slots__ = ("bitrate",)

    LEAST, MOST, START = 150_000, 3_000_000, 1_500_000

    def __init__(self) -> None:
        self.bitrate = self.START

    def judge(self, loss: float) -> int:
        """Once a second; loss 0-1 since the last time."""
        if loss > 0.1:
            self.bitrate = int(self.bitrate * (1 - loss / 2))
        elif loss < 0.02:
            self.bitrate = int(self.bitrate * 1.05)
        self.bitrate = max(self.LEAST, min(self.MOST, self.bitrate))
        return self.bitrate
