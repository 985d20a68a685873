"""What one subscriber's connection carries, and which layer of which picture it gets at the moment."""

from __future__ import annotations

from collections.abc import Sequence

from media.sfu.allocation import NOBODY, Attention, Key, Level, Pace, Want, allocate
from media.sfu.bandwidth import Downlink, Losses, Queue, SoundFirst

SOUND_LEAST = 40_000  # bit/s kept for sound while nobody speaks


class Reception:
    __slots__ = ("_first", "_pace", "_trips", "downlink", "levels", "loss", "losses")

    def __init__(self) -> None:
        self.downlink = Downlink()
        self.losses = Losses()
        self.loss = 0.0  # 0-1, over the last second
        self.levels: dict[Key, Level] = {}
        self._trips = Queue()
        self._first = SoundFirst()
        self._pace = Pace()

    @property
    def paused(self) -> bool:
        """No pictures, so that sound goes on."""
        return self._first.paused

    def level(self, key: Key) -> Level:
        """What is not judged yet begins small."""
        return self.levels.get(key, Level.NONE if self.paused else Level.LOW)

    def note_trip(self, seconds: float) -> None:
        """A round trip, as a receiver report tells it."""
        self._trips.note(0.0, seconds)

    def judge(
        self, sent: int, sound: int, wants: Sequence[Want], now: float, attention: Attention = NOBODY, cap: int = 0
    ) -> None:
        """Once a second: bit/s `sent` since the last time, how much of it `sound`, and the pictures that may be shown.

        `cap` bit/s is the most it may get whatever its network carries; 0: no cap.
        """
        self.loss = self.losses.take()
        reserved = max(sound, SOUND_LEAST)
        useful = reserved + sum(want.high for want in wants)
        budget = self.downlink.judge(self.loss, sent, sound, useful, now, self._trips.take())
        if cap:
            budget = min(budget, cap)
        was_paused = self.paused
        if wants or was_paused:
            least = reserved + min((want.least for want in wants), default=0)
            self._first.judge(budget, least, now)
        # After a pause, which had its own wait, it is as at the beginning: small pictures at once, whatever rests.
        before = {} if was_paused and not self.paused else self.levels
        if self.paused:
            self.levels = {want.key: Level.NONE for want in wants}
        else:
            self.levels = allocate(budget, reserved, wants, before, attention, self._pace.may_rise(now))
        self._pace.note(before, self.levels, now)
