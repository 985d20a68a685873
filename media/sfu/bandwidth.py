"""What a connection can carry, in bit/s, and which video layers a subscriber gets from it.

Both directions go by loss: 5 % more below 2 % loss, less by half the loss above 10 % (draft-ietf-rmcat-gcc-02, section
6). What a downlink carries is also measured (`media.sfu.probing`), and the client's own estimate (REMB) is a ceiling if
loss or a queue confirms it; for an uplink we tell the client our estimate. One bad second may be due to a busy machine,
and at most halves the estimate.

Of what a subscriber's connection carries, audio is paid first. Then screens, whole: the sender of a screen that does
not fit lowers its frame rate (sharp before smooth), and only if that does not help either, its small layer or nothing
is sent. Then the small layer of every camera, then the large ones, starting with the participant who is pinned or
speaks. A camera without layers is elastic like a screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from media.engine import Source
from media.sfu.probing import LossMeter

OUTAGE_GRACE = 3.0  # seconds after an outage, whose loss says nothing about the connection's capacity
FEW_LOST, MANY_LOST = 0.02, 0.1  # 0-1
GROWTH = 1.05  # per second
FAST_GROWTH, FAST_GROWTH_BELOW = 1.1, 400_000  # per second, and below this bit/s without a queue: video is missed
REMB_SHORT_WITH_LOSS, REMB_SHORT = 0.9, 0.7  # a REMB below this share of what is sent is short
REMB_FALL = 0.97  # of the last REMB: overuse is told by a falling one, not by a low one
REMB_ERROR = 64_000  # bit/s by which a REMB may err
SECONDS_TO_BELIEVE = 2  # bad ones in a row
LONG_QUEUE = 0.3  # seconds in a queue
QUEUED_RTT = 0.15  # seconds by which a round trip exceeds the shortest: there is a queue
SEND_TIME_WRAP = 64.0  # seconds: abs-send-time has 6 bits of them
DRAIN_SHARE = 0.8  # of what arrives: sending this much makes a queue shorter
MIN_ESTIMATE = 100_000  # no estimate is lower, so that it recovers within a moment
AUDIO_BITRATE = 80_000  # Opus with its headers and a reserve: the least a publisher is told
PACKET_OVERHEAD = 60 * 8  # bits of each packet besides its payload: RTP and its extension, SRTP, UDP, IP

STOP_BELOW, RESUME_ABOVE = 150_000, 200_000  # bit/s: video is paused below, and resumed above
HEADROOM = 1.25  # how much more an estimate should allow than is needed
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

    __slots__ = (
        "_lossy_seconds", "_remb", "_remb_at", "_remb_fell_at", "_remb_short_seconds", "_sent", "estimate", "proven",
    )  # fmt: skip

    START, MAX = 1_000_000, 20_000_000
    REMB_VALID_FOR = 3.0  # seconds: a client that gets no video sends none
    REMB_FALL_VALID_FOR = 5.0

    def __init__(self) -> None:
        self.estimate = self.START
        self.proven = 0  # bit/s that the line was measured to carry, and has carried since
        self._remb = self._remb_short_seconds = self._lossy_seconds = self._sent = 0
        self._remb_at = self._remb_fell_at = float("-inf")

    def on_remb(self, bits: int, now: float) -> None:
        if self._remb_at == float("-inf") or bits < self._remb * REMB_FALL:
            self._remb_fell_at = now
        self._remb, self._remb_at = bits, now

    def on_measured(self, bits: int, short: bool) -> None:
        """Take a measurement (`media.sfu.probing.Measured`). A short one leaves of an estimate what is being sent."""
        carried = min(self.estimate, int(self._sent * HEADROOM)) if short else self.estimate
        self.estimate = min(self.MAX, max(bits, carried))
        self.proven = min(self.estimate, max(self.proven, bits))

    def update(self, loss: float, sent: int, audio: int, useful: int, now: float, queued: float = 0.0) -> int:
        """Update the estimate once a second, and return it.

        `loss`: 0-1. `sent`: bit/s, of which `audio` were audio. `useful`: bit/s that could be sent at most. `queued`:
        seconds by which a round trip exceeds the shortest. A client's REMB covers video only and follows what arrives,
        so it means something only if it is less. Jitter makes it a little less, a busy phone a tenth: neither counts
        without loss or a queue.
        """
        self._sent = sent
        self._lossy_seconds = self._lossy_seconds + 1 if loss > MANY_LOST else 0
        if self._lossy_seconds:
            least = MIN_ESTIMATE if self._lossy_seconds >= SECONDS_TO_BELIEVE else max(MIN_ESTIMATE, self.estimate // 2)
            self.estimate = int(min(self.estimate, max(sent, least)) * (1 - loss / 2))
        elif loss < FEW_LOST and self.estimate < useful * HEADROOM:
            quick = self.estimate < FAST_GROWTH_BELOW and queued < QUEUED_RTT
            self.estimate = int(self.estimate * (FAST_GROWTH if quick else GROWTH))
        # A REMB that only grows, after a pause or from a weak sender, is on its way up.
        fresh = now - self._remb_at <= self.REMB_VALID_FOR and now - self._remb_fell_at <= self.REMB_FALL_VALID_FOR
        video = sent - audio
        enough = REMB_SHORT_WITH_LOSS * video if loss > FEW_LOST else min(REMB_SHORT * video, video - REMB_ERROR)
        short = fresh and (loss > FEW_LOST or queued > QUEUED_RTT) and self._remb < enough
        self._remb_short_seconds = self._remb_short_seconds + 1 if short else 0
        if self._remb_short_seconds >= SECONDS_TO_BELIEVE:
            self.estimate = min(self.estimate, self._remb + audio)
        self.estimate = max(MIN_ESTIMATE, min(self.MAX, self.estimate))
        self.proven = min(self.proven, self.estimate)
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


ALLOCATION_HEADROOM = 1.25  # a costlier allocation needs this much more, so that it does not flap with the estimate
Key = tuple[str, Source]  # participant and source

MIN_CAMERA = 250_000  # bit/s for a camera without a small layer
MIN_SCREEN = 80_000  # bit/s: a still page is sharp after a moment
UPGRADE_INTERVAL = 2.0  # seconds between two upgrades: the first must show what it costs before the next
FAILED_UPGRADE_WITHIN = 6.0  # seconds: a downgrade this soon says that the upgrade was too much
MIN_REST, MAX_REST = 8.0, 120.0


class Layer(IntEnum):
    NONE = 0
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class VideoDemand:
    """A video source that may be sent: bit/s of its best layer, and of its small one (0: it has one layer)."""

    key: Key
    high: int
    low: int = 0

    @property
    def screen(self) -> bool:
        return self.key[1] == "screen"

    @property
    def elastic(self) -> bool:
        """True if its sender can lower the bit rate, by fewer frames or a coarser picture."""
        return self.screen or not self.low

    @property
    def minimum(self) -> int:
        """The bit/s needed to send it at all."""
        if self.screen:
            return min(self.high, MIN_SCREEN)
        return self.low or min(self.high, MIN_CAMERA)


@dataclass(frozen=True, slots=True)
class Attention:
    """The participant whom the subscriber's page shows large, and the one who speaks; "": nobody."""

    pinned: str = ""
    speaker: str = ""

    def rank(self, demand: VideoDemand) -> int:
        owner = demand.key[0]
        return 0 if owner == self.pinned else 1 if owner == self.speaker else 2


NO_ATTENTION = Attention()
Layers = Mapping[Key, Layer]


def plan(available: int, demands: Sequence[VideoDemand], attention: Attention = NO_ATTENTION) -> dict[Key, Layer]:
    """Return the best layers for `available` bit/s, regardless of what was sent before."""
    layers = {demand.key: Layer.NONE for demand in demands}
    ordered = sorted(demands, key=attention.rank)
    left = available
    for demand in (each for each in ordered if each.screen):
        if left >= demand.minimum:
            layers[demand.key] = Layer.HIGH
        elif 0 < demand.low <= left:
            layers[demand.key] = Layer.LOW
        left -= price(demand, layers[demand.key], left)
    cameras = [demand for demand in ordered if not demand.screen]
    for demand in cameras:
        if demand.minimum <= left:
            layers[demand.key] = Layer.LOW if demand.low else Layer.HIGH
            left -= demand.minimum
    for demand in cameras:
        if layers[demand.key] is Layer.LOW and demand.high - demand.low <= left:
            layers[demand.key] = Layer.HIGH
            left -= demand.high - demand.low
        elif layers[demand.key] is Layer.HIGH:
            left -= min(demand.high - demand.minimum, left)
    return layers


def price(demand: VideoDemand, layer: Layer, available: int) -> int:
    """Return the bit/s of one video; an elastic one makes do with what is available, down to its minimum."""
    if layer is Layer.HIGH:
        return min(demand.high, max(available, demand.minimum)) if demand.elastic else demand.high
    return demand.low if layer is Layer.LOW else 0


def allocate(
    budget: int,
    audio: int,
    demands: Sequence[VideoDemand],
    before: Layers,
    attention: Attention = NO_ATTENTION,
    may_upgrade: bool = True,
    proven: int = 0,
) -> dict[Key, Layer]:
    """Return the layers that follow `before`: at most one downgrade each and, if `may_upgrade`, one upgrade in all.

    `budget` is all bit/s that the connection carries, of which `audio` are not for video. Within the `proven` ones any
    number of upgrades are made at once, of new sources too, which start with their small layer otherwise. The total may
    exceed the last one only with ALLOCATION_HEADROOM to spare; at equal cost it may be rearranged.
    """
    available = budget - audio
    held_cost = cost(before, demands, available)
    goal = plan(available, demands, attention)
    if cost(goal, demands, available) > held_cost:
        goal = plan(max(held_cost, int(budget / ALLOCATION_HEADROOM) - audio), demands, attention)
    layers: dict[Key, Layer] = {}
    for demand in demands:
        first = Layer.LOW if demand.low else Layer.HIGH
        was = before.get(demand.key)
        if was is None:
            layers[demand.key] = min(goal[demand.key], first)
        elif goal[demand.key] < was:
            layers[demand.key] = Layer.LOW if was is Layer.HIGH and demand.low else Layer.NONE
        else:
            layers[demand.key] = was
    for demand in sorted(demands, key=attention.rank):
        if layers[demand.key] < goal[demand.key] >= before.get(demand.key, Layer.NONE):
            step = Layer.LOW if layers[demand.key] is Layer.NONE and demand.low else Layer.HIGH
            raised = {**layers, demand.key: step}
            costs = cost(raised, demands, available)
            if costs <= min(available, proven - audio):
                layers = raised
            elif may_upgrade and demand.key in before and costs <= available:
                return raised
    return layers


def cost(layers: Layers, demands: Sequence[VideoDemand], available: int) -> int:
    """Return the bit/s of all these layers; elastic ones get what the others leave."""
    shown = [(demand, layers.get(demand.key, Layer.NONE)) for demand in demands]
    fixed = sum(price(demand, layer, 0) for demand, layer in shown)
    spare = sum(demand.high - demand.minimum for demand, layer in shown if demand.elastic and layer is Layer.HIGH)
    return fixed + max(0, min(spare, available - fixed))


class UpgradePacer:
    """Says when the next upgrade may be tried: each failed one doubles the rest before the next."""

    __slots__ = ("_failed_upgrade_at", "_rest", "_rest_until", "_upgraded_at")

    def __init__(self) -> None:
        self._upgraded_at = float("-inf")
        self._failed_upgrade_at = float("-inf")  # the last upgrade that was too much
        self._rest_until = float("-inf")
        self._rest = MIN_REST

    def may_upgrade(self, now: float) -> bool:
        return not self.rests(now) and now - self._upgraded_at >= UPGRADE_INTERVAL

    def rests(self, now: float) -> bool:
        """True for a while after an upgrade that was too much."""
        return now < self._rest_until

    def on_allocated(self, before: Layers, after: Layers, now: float) -> None:
        """Note what an allocation has changed."""
        common = before.keys() & after.keys()
        if any(after[key] < before[key] for key in common):
            if now - self._upgraded_at < FAILED_UPGRADE_WITHIN and self._upgraded_at != self._failed_upgrade_at:
                self._failed_upgrade_at = self._upgraded_at  # counted once, however many downgrades follow
                self._rest_until = now + self._rest
                self._rest = min(MAX_REST, self._rest * 2)
        elif any(after[key] > before[key] for key in common):
            if now - self._upgraded_at > 10 * FAILED_UPGRADE_WITHIN:
                self._rest = MIN_REST
            self._upgraded_at = now


MIN_AUDIO = 40_000  # bit/s reserved for audio while nobody speaks


class DownlinkEstimator:
    __slots__ = ("_pacer", "_rtts", "_video_pause", "bandwidth", "layers", "loss", "loss_meter", "queued", "wanted")

    def __init__(self) -> None:
        self.bandwidth = DownlinkBandwidth()
        self.loss_meter = LossMeter()
        self.loss = 0.0  # 0-1, over the last second
        self.queued = 0.0  # seconds by which a round trip exceeds the shortest
        self.wanted = 0  # bit/s that the connection should carry for all that may be sent
        self.layers: dict[Key, Layer] = {}
        self._rtts = QueueDelay()
        self._video_pause = VideoPause()
        self._pacer = UpgradePacer()

    @property
    def paused(self) -> bool:
        """True while no video is sent, so that audio gets through."""
        return self._video_pause.paused

    def layer(self, key: Key) -> Layer:
        """Return the layer to send of a source; a new one starts with its small layer."""
        return self.layers.get(key, Layer.NONE if self.paused else Layer.LOW)

    def add_rtt(self, seconds: float) -> None:
        """Note a round trip in seconds, from a receiver report."""
        self._rtts.add(0.0, seconds)

    def update(
        self,
        sent: int,
        audio: int,
        demands: Sequence[VideoDemand],
        now: float,
        attention: Attention = NO_ATTENTION,
        cap: int = 0,
    ) -> None:
        """Estimate and allocate anew, once a second. `sent`: bit/s in the last second, of which `audio` were audio.

        `demands`: the videos that may be sent. `cap`: bit/s it may get at most (0: no cap).
        """
        self.loss, self.queued = self.loss_meter.take(), self._rtts.take()
        self.want(audio, demands, cap)
        useful = max(audio, MIN_AUDIO) + sum(demand.high for demand in demands)
        self.bandwidth.update(self.loss, sent, audio, useful, now, self.queued)
        self.allocate(audio, demands, now, attention, cap)

    @property
    def quiet(self) -> bool:
        """True if nothing is lost or waits: then the connection may be measured."""
        return self.loss < FEW_LOST and self.queued < QUEUED_RTT and not self.paused

    def want(self, audio: int, demands: Sequence[VideoDemand], cap: int) -> None:
        """Set what is `wanted` of the connection: with room to spare for pictures, nothing without any."""
        useful = max(audio, MIN_AUDIO) + sum(demand.high for demand in demands)
        useful = min(useful, cap) if cap else useful
        self.wanted = min(DownlinkBandwidth.MAX, int(useful * HEADROOM)) if demands else 0

    def allocate(
        self,
        audio: int,
        demands: Sequence[VideoDemand],
        now: float,
        attention: Attention = NO_ATTENTION,
        cap: int = 0,
    ) -> None:
        """Allocate by the present estimate. Arguments as of `update`."""
        reserved, budget, proven = max(audio, MIN_AUDIO), self.bandwidth.estimate, self.bandwidth.proven
        if cap:
            budget = min(budget, cap)
        if self._pacer.rests(now):
            proven = 0
        was_paused = self.paused
        if demands or was_paused:
            least = reserved + min((demand.minimum for demand in demands), default=0)
            self._video_pause.update(budget, least, now)
        # A pause has its own wait. After it all small layers are sent at once, as at the start.
        before = {} if was_paused and not self.paused else self.layers
        if self.paused:
            self.layers = {demand.key: Layer.NONE for demand in demands}
        else:
            may_upgrade = self._pacer.may_upgrade(now)
            self.layers = allocate(budget, reserved, demands, before, attention, may_upgrade, proven)
        self._pacer.on_allocated(before, self.layers, now)
