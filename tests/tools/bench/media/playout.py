"""What a person hears and sees of packets that come late, twice or never: a model of a browser's two jitter buffers.

Nothing is decoded. Sound is frames of 20 ms, each played at its time or missed; pictures are frames that need all
their packets and the picture before. Times are seconds of one steady clock on both sides.
"""

from __future__ import annotations

import bisect
from collections import deque

FRAME = 0.02
COVERED = 0.97  # of the latest frames come before they are played: what NetEq aims at
RECENT = 500  # frames: ten seconds
LEAST_DELAY, MOST_DELAY = 0.04, 0.4  # aimed at, beyond the fastest packet
IN_TIME = 0.6  # beyond the fastest packet: what is played later was heard too late to talk to each other
QUICKER, SLOWER = 0.003, 0.008  # a frame: how fast playing is hurried or stretched to change the delay


class Ear:
    """Like NetEq: a frame that is not there while later ones are is lost, and concealed; where nothing is there at all,
    playing stands still and goes on later by so much.
    """

    def __init__(self) -> None:
        self.heard = self.late = self.missed = 0
        self.longest_mute = 0.0  # seconds
        self.delay = LEAST_DELAY  # of what is played, since it was spoken
        self.delays: list[float] = []  # one a second
        self._frames: set[int] = set()  # that have come and are not played
        self._next: int | None = None
        self._began = 0.0  # when frame 0 was spoken
        self._mute = 0
        self._took: deque[float] = deque(maxlen=RECENT)
        self._sorted: list[float] = []
        self._fastest = float("inf")

    @property
    def share(self) -> float:
        """Heard in time, of all that was spoken."""
        return self.heard / max(1, self.heard + self.late + self.missed)

    def arrived(self, frame: int, spoken: float, now: float) -> None:
        took = now - spoken
        if self._next is None:
            self._next, self._began, self.delay = frame, spoken - frame * FRAME, took + LEAST_DELAY
        if frame in self._frames:
            return
        self._fastest = min(self._fastest, took)
        if len(self._took) == RECENT:
            del self._sorted[bisect.bisect_left(self._sorted, self._took[0])]
        self._took.append(took)
        bisect.insort(self._sorted, took)
        if frame >= self._next:
            self._frames.add(frame)

    def play(self, now: float) -> None:
        """Call it at least every 20 ms."""
        if self._next is None:
            return
        aim = self._sorted[int(COVERED * (len(self._sorted) - 1))]
        aim = min(self._fastest + MOST_DELAY, max(self._fastest + LEAST_DELAY, aim))
        while self._began + self._next * FRAME + self.delay <= now:
            if self._next in self._frames:
                self._frames.discard(self._next)
                self._mute = 0
                if self.delay <= self._fastest + IN_TIME:
                    self.heard += 1
                else:
                    self.late += 1
            else:
                self._mute += 1
                self.longest_mute = max(self.longest_mute, self._mute * FRAME)
                if not self._frames:
                    self.delay += FRAME
                    continue
                self.missed += 1
            self._next += 1
            self.delay += min(SLOWER, max(-QUICKER, aim - self.delay))
            if self._next % 50 == 0:
                self.delays.append(self.delay)

    def forgive(self) -> None:
        """What was missed so far was of the beginning."""
        self.heard = self.late = self.missed = self._mute = 0
        self.longest_mute = 0.0
        self.delays.clear()


class Eye:
    """Freezes as in the W3C's statistics: a picture stands longer than three times the usual, and 150 ms more."""

    def __init__(self) -> None:
        self.shown = 0
        self.freezes = 0
        self.frozen = 0.0  # seconds
        self.paused = False  # no pictures are sent, on purpose
        self.waiting_since = float("inf")  # for something lost
        self._frames: dict[int, tuple[set[int], int, bool]] = {}
        self._last = -1  # shown
        self._shown_at: float | None = None
        self._steps: deque[float] = deque(maxlen=30)

    def arrived(self, frame: int, part: int, parts: int, key: bool, now: float) -> None:
        if frame <= self._last:
            return
        have, _, _ = self._frames.setdefault(frame, (set(), parts, key))
        have.add(part)
        while self._show(now):
            continue
        held = any(number > self._last for number in self._frames)
        self.waiting_since = min(self.waiting_since, now) if held else float("inf")

    def pause(self, paused: bool) -> None:
        self.paused = paused
        self._shown_at = None  # what stands meanwhile is no freeze

    def forgive(self) -> None:
        self.shown = self.freezes = 0
        self.frozen = 0.0

    def _show(self, now: float) -> bool:
        whole = sorted(n for n, (have, parts, _) in self._frames.items() if len(have) == parts)
        number = next((n for n in whole if n == self._last + 1 or self._frames[n][2]), None)
        if number is None:
            return False
        for old in [n for n in self._frames if n <= number]:
            del self._frames[old]
        self._last = number
        self.shown += 1
        if self._shown_at is not None:
            self._count(now - self._shown_at)
        self._shown_at = now
        self.waiting_since = float("inf")
        return True

    def _count(self, step: float) -> None:
        if self._steps:
            usual = sum(self._steps) / len(self._steps)
            if step > max(3 * usual, usual + 0.15):
                self.freezes += 1
                self.frozen += step
                return
        self._steps.append(step)
