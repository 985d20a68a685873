"""What a connection can carry, in bit/s, and when it carries no more than sound.

Both directions go by loss: 5 % more while under 2 % is lost, less by half the loss above 10 % (draft-ietf-rmcat-gcc-02,
section 6). Downwards the client's own estimate (REMB) is a ceiling as well, where loss or a queue bears it out; upwards
we tell ours to the client. One bad second may be a busy machine's: it takes half at most. The next one is the line's.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtp import RtcpReceiverInfo

FORGIVING = 3.0  # seconds after an outage, whose losses say nothing of what the connection carries
FEW_LOST, MANY_LOST = 0.02, 0.1
GROWTH = 1.05  # a second
QUICK_GROWTH, LITTLE = 1.1, 400_000  # where nothing waits, and below so many bit/s: pictures rest, and are missed
LITTLE_LESS, MUCH_LESS = 0.9, 0.7  # of what is sent, that a client estimates
FALLS = 0.97  # of the one before: what is overused is said by less, not by little
UNSURE = 64_000  # bit/s by which it may err
LASTING = 2  # seconds
UPSTREAM = 1.25
PAUSE = 3.0  # seconds without a packet of a stream
LONG_WAIT = 0.3  # seconds in a queue
LATER = 0.15  # seconds by which a round trip is longer than at its quickest: something waits
WRAP = 64.0  # seconds: abs-send-time is 6.18 bits
DRAINING = 0.8  # of what arrives: less than that, and a queue gets shorter
LEAST = 100_000  # an estimate never falls below: it must find its way back within a moment
SOUND = 80_000  # Opus with its headers, and something to spare: never told less than this
OVERHEAD = 60 * 8  # bits of each packet that are not payload: RTP and its extension, SRTP, UDP, IP

STOP_BELOW, RESUME_ABOVE = 150_000, 200_000  # bit/s: sound alone below, pictures again above
HEADROOM = 1.25
SHORT_FOR = 1.0  # seconds before pictures stop
FIRST_WAIT, LONGEST_WAIT = 5.0, 120.0  # before they are tried again
SOON = 30.0  # a pause this soon after the last one ended: the try was too early


def bits(packets: int, octets: int) -> int:
    """On the network, of so many packets with so much payload."""
    return octets * 8 + packets * OVERHEAD


@dataclass(frozen=True, slots=True)
class Caps:
    """Of one worker and per direction: bit/s of a room and of all rooms together (0: none), people in a room."""

    room_bits: int = 0
    worker_bits: int = 0
    participants: int = 16

    def share(self, sharers: int, rooms: int) -> int:
        """What each of `sharers` in one of `rooms` rooms may have, at least sound; 0: no cap."""
        caps = [cap for cap in (self.room_bits, self.worker_bits // max(1, rooms)) if cap]
        return max(SOUND, min(caps) // max(1, sharers)) if caps else 0


NO_CAPS = Caps()


class Downlink:
    """What a subscriber can take."""

    __slots__ = ("_bad", "_fell_at", "_remb", "_remb_at", "_short", "estimate")

    START, MOST = 1_000_000, 20_000_000
    REMB_FOR = 3.0  # seconds: a client that gets no pictures sends none
    FALL_FOR = 5.0

    def __init__(self) -> None:
        self.estimate = self.START
        self._remb = self._short = self._bad = 0
        self._remb_at = self._fell_at = float("-inf")

    def on_remb(self, bits: int, now: float) -> None:
        if self._remb_at == float("-inf") or bits < self._remb * FALLS:
            self._fell_at = now
        self._remb, self._remb_at = bits, now

    def judge(self, loss: float, sent: int, sound: int, useful: int, now: float, later: float = 0.0) -> int:
        """Once a second. `loss` 0-1; bit/s `sent`, how much of it `sound`, and what would be `useful` at most.

        `later`: seconds by which a round trip takes longer than at its quickest. A client's estimate covers pictures
        only, and follows what arrives: it says something only when it is less. A little less is what any jitter makes
        of it, and a busy phone makes it a tenth: neither counts unless something is lost, or waits on its way.
        """
        self._bad = self._bad + 1 if loss > MANY_LOST else 0
        if self._bad:
            least = LEAST if self._bad >= LASTING else max(LEAST, self.estimate // 2)
            self.estimate = int(min(self.estimate, max(sent, least)) * (1 - loss / 2))
        elif loss < FEW_LOST and self.estimate < useful * HEADROOM:
            quick = self.estimate < LITTLE and later < LATER
            self.estimate = int(self.estimate * (QUICK_GROWTH if quick else GROWTH))
        # One that only grows, from the little that came during a pause or from a weak sender, is on its way up.
        fresh = now - self._remb_at <= self.REMB_FOR and now - self._fell_at <= self.FALL_FOR
        pictures = sent - sound
        enough = LITTLE_LESS * pictures if loss > FEW_LOST else min(MUCH_LESS * pictures, pictures - UNSURE)
        short = fresh and (loss > FEW_LOST or later > LATER) and self._remb < enough
        self._short = self._short + 1 if short else 0
        if self._short >= LASTING:
            self.estimate = min(self.estimate, self._remb + sound)
        self.estimate = max(LEAST, min(self.MOST, self.estimate))
        return self.estimate


class Uplink:
    """What a publisher's network gets through to us."""

    __slots__ = ("_bad", "ceiling", "estimate")

    START, MOST = 1_500_000, 4_000_000

    def __init__(self) -> None:
        self.estimate = self.START
        self._bad = 0
        self.ceiling = 0  # more than this is of no use to anybody; 0: everything is

    @property
    def told(self) -> int:
        """What the publisher may send."""
        return min(self.estimate, self.ceiling) if self.ceiling else self.estimate

    def judge(self, loss: float, received: int, waiting: float = 0.0) -> int:
        """Once a second: loss 0-1 and bit/s received since the last time, and seconds that packets wait in a queue.

        A phone's network loses little: it keeps everything for seconds, and sound comes too late to be of use.
        """
        self._bad = self._bad + 1 if loss > MANY_LOST or waiting > LONG_WAIT else 0
        least = LEAST if self._bad >= LASTING else max(LEAST, self.estimate // 2)
        if loss > MANY_LOST:
            self.estimate = min(int(self.estimate * (1 - loss / 2)), max(received, least))
        elif waiting > LONG_WAIT:
            self.estimate = min(self.estimate, max(int(received * DRAINING), least))
        elif loss < FEW_LOST and waiting < LONG_WAIT / 2:
            self.estimate = int(self.estimate * GROWTH)
        self.estimate = max(LEAST, min(self.MOST, self.estimate))
        return self.estimate


class Queue:
    """How long packets wait on their way to us, from when they left (abs-send-time) and when they came.

    Clocks differ, so what counts is how much later one comes than at the quickest in the last while. A phone too busy
    to send in time is no queue: it stamps when it sends.
    """

    __slots__ = ("_lags", "_least")

    KEPT = 20  # seconds: clocks drift apart by milliseconds in that time

    def __init__(self) -> None:
        self._lags: list[float] = []  # the least of each second, newest last
        self._least = float("inf")

    def note(self, left: float, arrived: float) -> None:
        """A packet: seconds of its sender's clock, which begins again every 64, and of ours."""
        lag = arrived - left
        if self._lags:
            lag = self._lags[-1] + (lag - self._lags[-1] + WRAP / 2) % WRAP - WRAP / 2
        elif self._least < float("inf"):
            lag = self._least + (lag - self._least + WRAP / 2) % WRAP - WRAP / 2
        self._least = min(self._least, lag)

    def take(self) -> float:
        """Once a second: seconds that packets waited in it."""
        lag, self._least = self._least, float("inf")
        if lag == float("inf"):
            return 0.0
        if self._lags and lag - self._lags[-1] > 1.5:  # no queue grows faster than time: the clock jumped
            self._lags.clear()
        self._lags = [*self._lags[1 - self.KEPT :], lag]
        return lag - min(self._lags)


class SoundFirst:
    """Whether pictures rest so that sound goes on. Comes back late, and later each time it was too early."""

    __slots__ = ("_changed_at", "_short_since", "_wait", "paused")

    def __init__(self) -> None:
        self.paused = False
        self._short_since = float("inf")
        self._changed_at = float("-inf")
        self._wait = FIRST_WAIT

    def judge(self, budget: int, least: int, now: float) -> bool:
        """`least`: bit/s of sound and the smallest picture together."""
        if not self.paused:
            short = budget < max(STOP_BELOW, least)
            self._short_since = min(self._short_since, now) if short else float("inf")
            if now - self._short_since >= SHORT_FOR:
                early = now - self._changed_at < SOON
                self._wait = min(LONGEST_WAIT, self._wait * 2) if early else FIRST_WAIT
                self.paused, self._changed_at = True, now
        elif budget >= max(RESUME_ABOVE, least * HEADROOM) and now - self._changed_at >= self._wait:
            self.paused, self._changed_at, self._short_since = False, now, float("inf")
        return self.paused


class Losses:
    """Of all streams of a subscriber together, from its receiver reports (RFC 3550 6.4.1)."""

    __slots__ = ("_before", "_expected", "_lost")

    def __init__(self) -> None:
        # ssrc -> extended highest sequence number, lost in all, and when the number last advanced
        self._before: dict[int, tuple[int, int, float]] = {}
        self._expected = 0
        self._lost = 0.0

    def forgive(self) -> None:
        """What the next reports say of the time before them does not count."""
        self._before.clear()

    def note(self, report: RtcpReceiverInfo, now: float, upstream: float = 0.0) -> None:
        """`upstream`: what share of the stream never came to us. The subscriber counts it as lost on its own line."""
        highest, lost = report.highest_sequence, report.packets_lost
        before, lost_before, at = self._before.get(report.ssrc, (highest, lost, now))
        expected = (highest - before) & 0xFFFFFFFF
        self._before[report.ssrc] = highest, lost, now if expected else at
        # What was lost at the end before a pause is only noticed after it, and says nothing of now.
        if expected < 1 << 16 and now - at <= PAUSE:
            self._expected += expected
            # The two are counted at different moments, hence a little more.
            self._lost += max(0.0, lost - lost_before - UPSTREAM * upstream * expected)

    def take(self) -> float:
        """0-1 since the last time."""
        expected, lost, self._expected, self._lost = self._expected, self._lost, 0, 0.0
        return min(1.0, lost / expected) if expected else 0.0
