"""RTP timestamps to wall-clock time, so that a person's picture and sound stay together.

The server's clock is the reference: the least delayed packets say where a source's timestamps lie on it. Sender
reports then say how the sender's own sources lie to each other, and the microphone is what the others follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from media.engine import Source

# Clocks of phones and servers drift apart by less than this, in seconds per second.
DRIFT = 1e-4
# A report that moves a source further than this against its arrival is not believed.
LARGEST_CORRECTION = 5.0
# Sound is moved by at most this much per packet: a click-free squeeze instead of a jump.
SOUND_STEP = 0.005
# A sender's clock stands still while its device sleeps or a call has taken it. Then everything seems this late, in
# seconds, for as long; what a crowded line holds back does not come so evenly late.
STANDSTILL, PERSISTS = 2.0, 2.0


# Seconds between the epochs of NTP (1900) and ours (1970).
_NTP_EPOCH = 2_208_988_800
# A sender without a clock counts from whatever it likes (RFC 3550 section 4): further off than this it is none.
_NO_CLOCK = 10 * 365 * 86_400.0


CLOCKS: dict[str, tuple[Source, ...]] = {"camera": ("mic", "camera"), "screen": ("screen",)}  # who says the time


def clock_ms(*lines: tuple[float | None, float | None]) -> int | None:
    """How far a sender's clock is ahead of ours, by the first of these bases and reports that says."""
    for base, ntp in lines:
        if base is not None and ntp is not None:
            ahead = ntp - _NTP_EPOCH - base
            if abs(ahead) < _NO_CLOCK:
                return round(ahead * 1000)
    return None


class Placed(NamedTuple):
    """Of packets: seconds since timestamp 0, wall clock of timestamp 0, and what its sender's reports said of that,
    which holds for so many of them."""

    offsets: list[float]
    bases: list[float]
    ntp: float | None
    told: int


class Timeline:
    """One numbering of one source. All results are seconds since the epoch."""

    __slots__ = ("_behind_since", "_last", "_least", "_rate", "_seen", "base", "ntp")

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._last: int | None = None
        self._seen = 0.0
        self.base: float | None = None  # wall clock of timestamp 0, by the least delayed arrival
        self.ntp: float | None = None  # sender's clock at timestamp 0, by its last report
        self._behind_since: float | None = None
        self._least = 0.0  # estimate since then

    def offset(self, timestamp: int) -> float:
        """Seconds since timestamp 0 of this numbering."""
        last = self._last
        if last is None:
            return timestamp / self._rate
        return (last + ((timestamp - last + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000) / self._rate

    def arrived(self, ats: Sequence[float], stamps: Sequence[int]) -> Placed:
        """Of packets that came one after the other, when (seconds since the epoch), and their timestamps."""
        if self._last is None or self.base is None:
            self._last, self.base, self._seen = stamps[0], ats[0] - stamps[0] / self._rate, ats[0]
        offsets, bases = self._offsets(stamps, self._last), list[float]()
        base, seen, ntp, told, behind = self.base, self._seen, self.ntp, len(ats), self._behind_since is not None
        for at, offset in zip(ats, offsets, strict=True):
            estimate = at - offset
            # Delay only ever adds, so the smallest estimate is the best; it may rise as fast as clocks drift.
            if at > seen:
                base += DRIFT * (at - seen)
            if estimate < base:
                base = estimate
            if estimate - base > STANDSTILL:
                base, behind = self._fall_behind(estimate, at, base), True
                if self.ntp is not ntp:
                    told = min(told, len(bases))
            elif behind:
                self._behind_since, behind = None, False
            seen = at
            bases.append(base)
        self.base, self._seen = base, seen
        return Placed(offsets, bases, ntp, told)

    def _offsets(self, stamps: Sequence[int], last: int) -> list[float]:
        """As `offset`, and each goes on from the newest so far."""
        rate, short = self._rate, last & 0xFFFF_FFFF
        if short <= min(stamps) and (highest := max(stamps)) - short < 0x8000_0000:
            rounds = last - short
            self._last = highest + rounds
            return [(stamp + rounds) / rate for stamp in stamps]
        offsets: list[float] = []
        for stamp in stamps:
            number = last + ((stamp - last + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
            offsets.append(number / rate)
            last = max(last, number)
        self._last = last
        return offsets

    def _fall_behind(self, estimate: float, at: float, base: float) -> float:
        """The base that holds from now on."""
        if self._behind_since is None:
            self._behind_since, self._least = at, estimate
            return base
        self._least = min(self._least, estimate)
        if at - self._behind_since < PERSISTS:
            return base
        self.ntp, self._behind_since = None, None
        return self._least

    def reported(self, ntp: int, timestamp: int) -> None:
        """A sender report: 64-bit NTP time and the timestamp of that instant (RFC 3550 section 6.4.1)."""
        if self._last is not None:
            self.ntp = ntp / (1 << 32) - self.offset(timestamp)


class Alignment:
    """The timelines of one participant's sources."""

    RATES: dict[Source, int] = {"mic": 48_000, "camera": 90_000, "screen": 90_000}  # noqa: RUF012

    def __init__(self) -> None:
        self._lines: dict[Source, Timeline] = {source: Timeline(rate) for source, rate in self.RATES.items()}
        self._sound: float | None = None  # the base the microphone is written with, following its timeline

    def restart(self, source: Source) -> None:
        self._lines[source] = Timeline(self.RATES[source])
        if source == "mic":
            self._sound = None

    def line(self, source: Source) -> Timeline:
        """Of the present numbering."""
        return self._lines[source]

    def arrived(self, source: Source, ats: Sequence[float], stamps: Sequence[int]) -> list[float]:
        """When what is in these packets, which came one after the other, was captured."""
        return self._walls(source, self._lines[source].arrived(ats, stamps))

    def reported(self, source: Source, ntp: int, timestamp: int) -> None:
        self._lines[source].reported(ntp, timestamp)

    def clock_ms(self, *sources: Source) -> int | None:
        """How far the sender's clock is ahead of ours, by the first of these sources that says."""
        return clock_ms(*((line.base, line.ntp) for line in (self._lines[source] for source in sources)))

    def clock_of(self, kind: Literal["camera", "screen"]) -> int | None:
        """The same, of whose file this is."""
        return self.clock_ms(*CLOCKS[kind])

    def wall(self, source: Source, timestamp: int) -> float:
        """When what is in a packet was captured; the source must have `arrived` before."""
        line = self._lines[source]
        assert line.base is not None
        return self._walls(source, Placed([line.offset(timestamp)], [line.base], line.ntp, 1))[0]

    def _walls(self, source: Source, placed: Placed) -> list[float]:
        offsets, bases, ntp, told = placed
        if source == "mic":
            return self._followed(offsets, bases)
        mic = self._lines["mic"]
        if ntp is not None and mic.base is not None and mic.ntp is not None:
            said = ntp + mic.base - mic.ntp
            for at in range(told):
                if -LARGEST_CORRECTION < said - bases[at] < LARGEST_CORRECTION:
                    bases[at] = said
        return [offset + base for offset, base in zip(offsets, bases, strict=True)]

    def _followed(self, offsets: list[float], bases: list[float]) -> list[float]:
        sound, walls = self._sound, list[float]()
        for offset, base in zip(offsets, bases, strict=True):
            if sound is None or base - sound > STANDSTILL:
                sound = base
            step = base - sound
            if step > SOUND_STEP:
                step = SOUND_STEP
            elif step < -SOUND_STEP:
                step = -SOUND_STEP
            sound += step
            walls.append(offset + sound)
        self._sound = sound
        return walls
