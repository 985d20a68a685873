"""What a connection can carry, in bit/s, and when it carries no more than sound.

Both directions go by loss: 5 % more while under 2 % is lost, less by half the loss above 10 % (draft-ietf-rmcat-gcc-02,
section 6). Downwards the client's own estimate (REMB) is a ceiling as well, where loss or a queue bears it out; upwards
we tell ours to the client. One bad second may be a busy machine's: it takes half at most. The next one is the line's.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtp import RtcpReceiverInfo

OUTAGE_GRACE = 3.0  # seconds after an outage, whose losses say nothing of what the connection carries
FEW_LOST, MANY_LOST = 0.02, 0.1
GROWTH = 1.05  # a second
FAST_GROWTH, FAST_GROWTH_BELOW = (
    1.1,
    400_000,
)  # where nothing waits, and below so many bit/s: pictures rest, and are missed
REMB_SHORT_WITH_LOSS, REMB_SHORT = 0.9, 0.7  # of what is sent, that a client estimates
REMB_FALL = 0.97  # of the one before: what is overused is said by less, not by little
REMB_ERROR = 64_000  # bit/s by which it may err
SECONDS_TO_BELIEVE = 2  # seconds
UPSTREAM_MARGIN = 1.25
MAX_SILENCE = 3.0  # seconds without a packet of a stream
LONG_QUEUE = 0.3  # seconds in a queue
QUEUED_RTT = 0.15  # seconds by which a round trip is longer than at its quickest: something waits
SEND_TIME_WRAP = 64.0  # seconds: abs-send-time is 6.18 bits
DRAIN_SHARE = 0.8  # of what arrives: less than that, and a queue gets shorter
MIN_ESTIMATE = 100_000  # an estimate never falls below: it must find its way back within a moment
AUDIO_BITRATE = 80_000  # Opus with its headers, and something to spare: never told less than this
PACKET_OVERHEAD = 60 * 8  # bits of each packet that are not payload: RTP and its extension, SRTP, UDP, IP

STOP_BELOW, RESUME_ABOVE = 150_000, 200_000  # bit/s: sound alone below, pictures again above
HEADROOM = 1.25
PAUSE_AFTER = 1.0  # seconds before pictures stop
MIN_PAUSE, MAX_PAUSE = 5.0, 120.0  # before they are tried again
PAUSED_AGAIN_WITHIN = 30.0  # a pause this soon after the last one ended: the try was too early


def bits_on_wire(packets: int, octets: int) -> int:
    """On the network, of so many packets with so much payload."""
    return octets * 8 + packets * PACKET_OVERHEAD


@dataclass(frozen=True, slots=True)
class Caps:
    """Of one worker and per direction: bit/s of a room and of all rooms together (0: none), people in a room."""

    room_bits: int = 0
    worker_bits: int = 0
    participants: int = 16

    def share(self, sharers: int, rooms: int) -> int:
        """What each of `sharers` in one of `rooms` rooms may have, at least sound; 0: no cap."""
        caps = [cap for cap in (self.room_bits, self.worker_bits // max(1, rooms)) if cap]
        return max(AUDIO_BITRATE, min(caps) // max(1, sharers)) if caps else 0


NO_CAPS = Caps()


class DownlinkBandwidth:
    """What a subscriber can take."""

    __slots__ = ("_lossy_seconds", "_remb", "_remb_at", "_remb_fell_at", "_remb_short_seconds", "estimate")

    START, MAX = 1_000_000, 20_000_000
    REMB_VALID_FOR = 3.0  # seconds: a client that gets no pictures sends none
    REMB_FALL_VALID_FOR = 5.0

    def __init__(self) -> None:
        self.estimate = self.START
        self._remb = self._remb_short_seconds = self._lossy_seconds = 0
        self._remb_at = self._remb_fell_at = float("-inf")

    def on_remb(self, bits: int, now: float) -> None:
        if self._remb_at == float("-inf") or bits < self._remb * REMB_FALL:
            self._remb_fell_at = now
        self._remb, self._remb_at = bits, now

    def update(self, loss: float, sent: int, sound: int, useful: int, now: float, queued: float = 0.0) -> int:
        """Once a second. `loss` 0-1; bit/s `sent`, how much of it `sound`, and what would be `useful` at most.

        `later`: seconds by which a round trip takes longer than at its quickest. A client's estimate covers pictures
        only, and follows what arrives: it says something only when it is less. A little less is what any jitter makes
        of it, and a busy phone makes it a tenth: neither counts unless something is lost, or waits on its way.
        """
        self._lossy_seconds = self._lossy_seconds + 1 if loss > MANY_LOST else 0
        if self._lossy_seconds:
            least = MIN_ESTIMATE if self._lossy_seconds >= SECONDS_TO_BELIEVE else max(MIN_ESTIMATE, self.estimate // 2)
            self.estimate = int(min(self.estimate, max(sent, least)) * (1 - loss / 2))
        elif loss < FEW_LOST and self.estimate < useful * HEADROOM:
            quick = self.estimate < FAST_GROWTH_BELOW and queued < QUEUED_RTT
            self.estimate = int(self.estimate * (FAST_GROWTH if quick else GROWTH))
        # One that only grows, from the little that came during a pause or from a weak sender, is on its way up.
        fresh = now - self._remb_at <= self.REMB_VALID_FOR and now - self._remb_fell_at <= self.REMB_FALL_VALID_FOR
        pictures = sent - sound
        enough = (
            REMB_SHORT_WITH_LOSS * pictures if loss > FEW_LOST else min(REMB_SHORT * pictures, pictures - REMB_ERROR)
        )
        short = fresh and (loss > FEW_LOST or queued > QUEUED_RTT) and self._remb < enough
        self._remb_short_seconds = self._remb_short_seconds + 1 if short else 0
        if self._remb_short_seconds >= SECONDS_TO_BELIEVE:
            self.estimate = min(self.estimate, self._remb + sound)
        self.estimate = max(MIN_ESTIMATE, min(self.MAX, self.estimate))
        return self.estimate


class UplinkBandwidth:
    """What a publisher's network gets through to us."""

    __slots__ = ("_bad_seconds", "ceiling", "estimate")

    START, MAX = 1_500_000, 4_000_000

    def __init__(self) -> None:
        self.estimate = self.START
        self._bad_seconds = 0
        self.ceiling = 0  # more than this is of no use to anybody; 0: everything is

    @property
    def announced(self) -> int:
        """What the publisher may send."""
        return min(self.estimate, self.ceiling) if self.ceiling else self.estimate

    def update(self, loss: float, received: int, queued: float = 0.0) -> int:
        """Once a second: loss 0-1 and bit/s received since the last time, and seconds that packets wait in a queue.

        A phone's network loses little: it keeps everything for seconds, and sound comes too late to be of use.
        """
        self._bad_seconds = self._bad_seconds + 1 if loss > MANY_LOST or queued > LONG_QUEUE else 0
        least = MIN_ESTIMATE if self._bad_seconds >= SECONDS_TO_BELIEVE else max(MIN_ESTIMATE, self.estimate // 2)
        if loss > MANY_LOST:
            self.estimate = min(int(self.estimate * (1 - loss / 2)), max(received, least))
        elif queued > LONG_QUEUE:
            self.estimate = min(self.estimate, max(int(received * DRAIN_SHARE), least))
        elif loss < FEW_LOST and queued < LONG_QUEUE / 2:
            self.estimate = int(self.estimate * GROWTH)
        self.estimate = max(MIN_ESTIMATE, min(self.MAX, self.estimate))
        return self.estimate


class QueueDelay:
    """How long packets wait on their way to us, from when they left (abs-send-time) and when they came.

    Clocks differ, so what counts is how much later one comes than at the quickest in the last while. A phone too busy
    to send in time is no queue: it stamps when it sends.
    """

    __slots__ = ("_minima", "_minimum")

    WINDOW = 20  # seconds: clocks drift apart by milliseconds in that time

    def __init__(self) -> None:
        self._minima: list[float] = []  # the least of each second, newest last
        self._minimum = float("inf")

    def add(self, left: float, arrived: float) -> None:
        """A packet: seconds of its sender's clock, which begins again every 64, and of ours."""
        lag = arrived - left
        if self._minima:
            lag = self._minima[-1] + (lag - self._minima[-1] + SEND_TIME_WRAP / 2) % SEND_TIME_WRAP - SEND_TIME_WRAP / 2
        elif self._minimum < float("inf"):
            lag = self._minimum + (lag - self._minimum + SEND_TIME_WRAP / 2) % SEND_TIME_WRAP - SEND_TIME_WRAP / 2
        self._minimum = min(self._minimum, lag)

    def take(self) -> float:
        """Once a second: seconds that packets waited in it."""
        lag, self._minimum = self._minimum, float("inf")
        if lag == float("inf"):
            return 0.0
        if self._minima and lag - self._minima[-1] > 1.5:  # no queue grows faster than time: the clock jumped
            self._minima.clear()
        self._minima = [*self._minima[1 - self.WINDOW :], lag]
        return lag - min(self._minima)


class VideoPause:
    """Whether pictures rest so that sound goes on. Comes back late, and later each time it was too early."""

    __slots__ = ("_changed_at", "_pause_for", "_short_since", "paused")

    def __init__(self) -> None:
        self.paused = False
        self._short_since = float("inf")
        self._changed_at = float("-inf")
        self._pause_for = MIN_PAUSE

    def update(self, budget: int, least: int, now: float) -> bool:
        """`least`: bit/s of sound and the smallest picture together."""
        if not self.paused:
            short = budget < max(STOP_BELOW, least)
            self._short_since = min(self._short_since, now) if short else float("inf")
            if now - self._short_since >= PAUSE_AFTER:
                early = now - self._changed_at < PAUSED_AGAIN_WITHIN
                self._pause_for = min(MAX_PAUSE, self._pause_for * 2) if early else MIN_PAUSE
                self.paused, self._changed_at = True, now
        elif budget >= max(RESUME_ABOVE, least * HEADROOM) and now - self._changed_at >= self._pause_for:
            self.paused, self._changed_at, self._short_since = False, now, float("inf")
        return self.paused


class LossMeter:
    """Of all streams of a subscriber together, from its receiver reports (RFC 3550 6.4.1)."""

    __slots__ = ("_before", "_expected", "_lost")

    def __init__(self) -> None:
        # ssrc -> extended highest sequence number, lost in all, and when the number last advanced
        self._before: dict[int, tuple[int, int, float]] = {}
        self._expected = 0
        self._lost = 0.0

    def reset(self) -> None:
        """What the next reports say of the time before them does not count."""
        self._before.clear()

    def add(self, report: RtcpReceiverInfo, now: float, upstream: float = 0.0) -> None:
        """`upstream`: what share of the stream never came to us. The subscriber counts it as lost on its own line."""
        highest, lost = report.highest_sequence, report.packets_lost
        before, lost_before, at = self._before.get(report.ssrc, (highest, lost, now))
        expected = (highest - before) & 0xFFFFFFFF
        self._before[report.ssrc] = highest, lost, now if expected else at
        # What was lost at the end before a pause is only noticed after it, and says nothing of now.
        if expected < 1 << 16 and now - at <= MAX_SILENCE:
            self._expected += expected
            # The two are counted at different moments, hence a little more.
            self._lost += max(0.0, lost - lost_before - UPSTREAM_MARGIN * upstream * expected)

    def take(self) -> float:
        """0-1 since the last time."""
        expected, lost, self._expected, self._lost = self._expected, self._lost, 0, 0.0
        return min(1.0, lost / expected) if expected else 0.0
