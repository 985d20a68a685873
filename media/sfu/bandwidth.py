"""What a connection can carry, in bit/s, and when it carries audio only.

Both directions go by loss: 5 % more below 2 % loss, less by half the loss above 10 % (draft-ietf-rmcat-gcc-02, section
6). For a downlink the client's own estimate (REMB) is a ceiling too, if loss or a queue confirms it; for an uplink we
tell the client our estimate. One bad second may be due to a busy machine, and at most halves the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtp import RtcpReceiverInfo

OUTAGE_GRACE = 3.0  # seconds after an outage, whose loss says nothing about the connection's capacity
FEW_LOST, MANY_LOST = 0.02, 0.1
GROWTH = 1.05  # per second
FAST_GROWTH, FAST_GROWTH_BELOW = (
    1.1,
    400_000,
)  # per second, without a queue and below so many bit/s: video is paused, and missed
REMB_SHORT_WITH_LOSS, REMB_SHORT = 0.9, 0.7  # a REMB below this share of what is sent is short
REMB_FALL = 0.97  # of the last REMB: overuse is told by a falling one, not by a low one
REMB_ERROR = 64_000  # bit/s by which a REMB may err
SECONDS_TO_BELIEVE = 2  # bad ones in a row
UPSTREAM_MARGIN = 1.25  # loss up- and downstream is counted at different moments
MAX_SILENCE = 3.0  # seconds without a packet of a track
LONG_QUEUE = 0.3  # seconds in a queue
QUEUED_RTT = 0.15  # seconds by which a round trip exceeds the shortest: there is a queue
SEND_TIME_WRAP = 64.0  # seconds: abs-send-time has 6 bits of them
DRAIN_SHARE = 0.8  # of what arrives: sending this much makes a queue shorter
MIN_ESTIMATE = 100_000  # no estimate is lower, so that it recovers within a moment
AUDIO_BITRATE = 80_000  # Opus with its headers and a reserve: the least a publisher is told
PACKET_OVERHEAD = 60 * 8  # bits of each packet besides its payload: RTP and its extension, SRTP, UDP, IP

STOP_BELOW, RESUME_ABOVE = 150_000, 200_000  # bit/s: video is paused below, and resumed above
HEADROOM = 1.25
PAUSE_AFTER = 1.0  # seconds too little before video is paused
MIN_PAUSE, MAX_PAUSE = 5.0, 120.0  # seconds
PAUSED_AGAIN_WITHIN = 30.0  # seconds after the last pause: it was ended too early


def bits_on_wire(packets: int, octets: int) -> int:
    """Return the bits on the network of so many packets with so much payload."""
    return octets * 8 + packets * PACKET_OVERHEAD


@dataclass(frozen=True, slots=True)
class Caps:
    """Caps of one worker: bit/s per direction of a room and of all rooms (0: no cap), participants in a room."""

    room_bits: int = 0
    worker_bits: int = 0
    participants: int = 16

    def share(self, sharers: int, rooms: int) -> int:
        """Return the bit/s for each of `sharers` in one of `rooms` rooms, at least audio's; 0: no cap."""
        caps = [cap for cap in (self.room_bits, self.worker_bits // max(1, rooms)) if cap]
        return max(AUDIO_BITRATE, min(caps) // max(1, sharers)) if caps else 0


NO_CAPS = Caps()


class DownlinkBandwidth:
    """Estimates the bit/s that a subscriber's network carries."""

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
        """Update the estimate once a second, and return it.

        `loss`: 0-1. `sent`: bit/s, of which `sound` were audio. `useful`: bit/s that could be sent at most. `queued`:
        seconds by which a round trip exceeds the shortest. A client's REMB covers video only and follows what arrives,
        so it means something only if it is less. Jitter makes it a little less, a busy phone a tenth: neither counts
        without loss or a queue.
        """
        self._lossy_seconds = self._lossy_seconds + 1 if loss > MANY_LOST else 0
        if self._lossy_seconds:
            least = MIN_ESTIMATE if self._lossy_seconds >= SECONDS_TO_BELIEVE else max(MIN_ESTIMATE, self.estimate // 2)
            self.estimate = int(min(self.estimate, max(sent, least)) * (1 - loss / 2))
        elif loss < FEW_LOST and self.estimate < useful * HEADROOM:
            quick = self.estimate < FAST_GROWTH_BELOW and queued < QUEUED_RTT
            self.estimate = int(self.estimate * (FAST_GROWTH if quick else GROWTH))
        # A REMB that only grows, after a pause or from a weak sender, is on its way up.
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
    """Estimates the bit/s that a publisher's network carries."""

    __slots__ = ("_bad_seconds", "ceiling", "estimate")

    START, MAX = 1_500_000, 4_000_000

    def __init__(self) -> None:
        self.estimate = self.START
        self._bad_seconds = 0
        self.ceiling = 0  # bit/s: more is of no use to anybody; 0: no ceiling

    @property
    def announced(self) -> int:
        """The bit/s that the publisher is told it may send."""
        return min(self.estimate, self.ceiling) if self.ceiling else self.estimate

    def update(self, loss: float, received: int, queued: float = 0.0) -> int:
        """Update the estimate once a second, and return it.

        `loss`: 0-1. `received`: bit/s. `queued`: seconds that packets wait. A phone's network loses little but may
        queue packets for seconds, and audio then comes too late.
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
    """Estimates how long packets are queued on their way to us, from abs-send-time and arrival.

    Clocks differ, so the delay is relative to the shortest in the WINDOW. A phone too busy to send in time is no queue:
    it stamps packets when it sends them.
    """

    __slots__ = ("_minima", "_minimum")

    WINDOW = 20  # seconds, in which clocks drift apart by milliseconds

    def __init__(self) -> None:
        self._minima: list[float] = []  # of each second, newest last
        self._minimum = float("inf")

    def add(self, left: float, arrived: float) -> None:
        """Note a packet: when it `left` in seconds of its sender's clock, which wraps at 64, and `arrived` in ours."""
        lag = arrived - left
        if self._minima:
            lag = self._minima[-1] + (lag - self._minima[-1] + SEND_TIME_WRAP / 2) % SEND_TIME_WRAP - SEND_TIME_WRAP / 2
        elif self._minimum < float("inf"):
            lag = self._minimum + (lag - self._minimum + SEND_TIME_WRAP / 2) % SEND_TIME_WRAP - SEND_TIME_WRAP / 2
        self._minimum = min(self._minimum, lag)

    def take(self) -> float:
        """Return the seconds that packets were queued. Called once a second."""
        lag, self._minimum = self._minimum, float("inf")
        if lag == float("inf"):
            return 0.0
        if self._minima and lag - self._minima[-1] > 1.5:  # no queue grows faster than time passes: the clock jumped
            self._minima.clear()
        self._minima = [*self._minima[1 - self.WINDOW :], lag]
        return lag - min(self._minima)


class VideoPause:
    """Decides when video is paused so that audio gets through. Each resumption that was too early doubles the wait."""

    __slots__ = ("_changed_at", "_pause_for", "_short_since", "paused")

    def __init__(self) -> None:
        self.paused = False
        self._short_since = float("inf")
        self._changed_at = float("-inf")
        self._pause_for = MIN_PAUSE

    def update(self, budget: int, least: int, now: float) -> bool:
        """Decide for `budget` bit/s, and return `paused`. `least`: bit/s of audio and the smallest video."""
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
    """Measures the loss of all tracks of a subscriber, from its receiver reports (RFC 3550 6.4.1)."""

    __slots__ = ("_before", "_expected", "_lost")

    def __init__(self) -> None:
        # SSRC -> extended highest sequence number, packets lost, and when the number last advanced
        self._before: dict[int, tuple[int, int, float]] = {}
        self._expected = 0
        self._lost = 0.0

    def reset(self) -> None:
        """Ignore what the next reports say of the time before them."""
        self._before.clear()

    def add(self, report: RtcpReceiverInfo, now: float, upstream: float = 0.0) -> None:
        """Add a report block. `upstream`: the share of the track that never reached us, which the report counts too."""
        highest, lost = report.highest_sequence, report.packets_lost
        before, lost_before, at = self._before.get(report.ssrc, (highest, lost, now))
        expected = (highest - before) & 0xFFFFFFFF
        self._before[report.ssrc] = highest, lost, now if expected else at
        # A loss just before a pause is noticed only after it, and says nothing about now.
        if expected < 1 << 16 and now - at <= MAX_SILENCE:
            self._expected += expected
            # Hence UPSTREAM_MARGIN.
            self._lost += max(0.0, lost - lost_before - UPSTREAM_MARGIN * upstream * expected)

    def take(self) -> float:
        """Return the loss since the last call, 0-1."""
        expected, lost, self._expected, self._lost = self._expected, self._lost, 0, 0.0
        return min(1.0, lost / expected) if expected else 0.0
