"""Which video layers a subscriber gets, from what its connection can carry.

Audio is paid first. Then screens, whole: the sender of a screen that does not fit lowers its frame rate (sharp before
smooth), and only if that does not help either, its small layer or nothing is sent. Then the small layer of every
camera, then the large ones, starting with the participant who is pinned or speaks. A camera without layers is elastic
like a screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from media.engine import Source
from media.sfu.bandwidth import DownlinkBandwidth, LossMeter, QueueDelay, VideoPause

Key = tuple[str, Source]  # participant and source

MIN_CAMERA = 250_000  # bit/s for a camera without a small layer
MIN_SCREEN = 80_000  # bit/s: a still page is sharp after a moment
HEADROOM = 1.25  # a costlier allocation needs this much more, so that it does not flap with the estimate
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

    def rank(self, want: VideoDemand) -> int:
        owner = want.key[0]
        return 0 if owner == self.pinned else 1 if owner == self.speaker else 2


NO_ATTENTION = Attention()
Layers = Mapping[Key, Layer]


def plan(available: int, wants: Sequence[VideoDemand], attention: Attention = NO_ATTENTION) -> dict[Key, Layer]:
    """Return the best layers for `available` bit/s, regardless of what was sent before."""
    levels = {want.key: Layer.NONE for want in wants}
    ordered = sorted(wants, key=attention.rank)
    left = available
    for want in (w for w in ordered if w.screen):
        if left >= want.minimum:
            levels[want.key] = Layer.HIGH
        elif 0 < want.low <= left:
            levels[want.key] = Layer.LOW
        left -= price(want, levels[want.key], left)
    cameras = [want for want in ordered if not want.screen]
    for want in cameras:
        if want.minimum <= left:
            levels[want.key] = Layer.LOW if want.low else Layer.HIGH
            left -= want.minimum
    for want in cameras:
        if levels[want.key] is Layer.LOW and want.high - want.low <= left:
            levels[want.key] = Layer.HIGH
            left -= want.high - want.low
        elif levels[want.key] is Layer.HIGH:
            left -= min(want.high - want.minimum, left)
    return levels


def price(want: VideoDemand, level: Layer, available: int) -> int:
    """Return the bit/s of one video; an elastic one makes do with what is available, down to its minimum."""
    if level is Layer.HIGH:
        return min(want.high, max(available, want.minimum)) if want.elastic else want.high
    return want.low if level is Layer.LOW else 0


def allocate(
    budget: int,
    sound: int,
    wants: Sequence[VideoDemand],
    before: Layers,
    attention: Attention = NO_ATTENTION,
    may_upgrade: bool = True,
) -> dict[Key, Layer]:
    """Return the layers that follow `before`: at most one downgrade each and, if `may_upgrade`, one upgrade in all.

    `budget` is all bit/s that the connection carries, of which `sound` are not for video. New sources start with their
    small layer. The total may exceed the last one only with HEADROOM to spare; at equal cost it may be rearranged.
    """
    available = budget - sound
    held_cost = cost(before, wants, available)
    goal = plan(available, wants, attention)
    if cost(goal, wants, available) > held_cost:
        goal = plan(max(held_cost, int(budget / HEADROOM) - sound), wants, attention)
    levels: dict[Key, Layer] = {}
    for want in wants:
        first = Layer.LOW if want.low else Layer.HIGH
        was = before.get(want.key)
        if was is None:
            levels[want.key] = min(goal[want.key], first)
        elif goal[want.key] < was:
            levels[want.key] = Layer.LOW if was is Layer.HIGH and want.low else Layer.NONE
        else:
            levels[want.key] = was
    for want in sorted(wants, key=attention.rank):
        if (
            may_upgrade
            and want.key in before
            and goal[want.key] > levels[want.key]
            and goal[want.key] >= before[want.key]
        ):
            step = Layer.LOW if levels[want.key] is Layer.NONE and want.low else Layer.HIGH
            raised = {**levels, want.key: step}
            if cost(raised, wants, available) <= available:
                return raised
    return levels


def cost(levels: Layers, wants: Sequence[VideoDemand], available: int) -> int:
    """Return the bit/s of all these layers; elastic ones get what the others leave."""
    shown = [(want, levels.get(want.key, Layer.NONE)) for want in wants]
    fixed = sum(price(want, level, 0) for want, level in shown)
    spare = sum(want.high - want.minimum for want, level in shown if want.elastic and level is Layer.HIGH)
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
        return now >= self._rest_until and now - self._upgraded_at >= UPGRADE_INTERVAL

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
    __slots__ = ("_pacer", "_rtts", "_video_pause", "bandwidth", "layers", "loss", "loss_meter")

    def __init__(self) -> None:
        self.bandwidth = DownlinkBandwidth()
        self.loss_meter = LossMeter()
        self.loss = 0.0  # 0-1, over the last second
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
        sound: int,
        wants: Sequence[VideoDemand],
        now: float,
        attention: Attention = NO_ATTENTION,
        cap: int = 0,
    ) -> None:
        """Estimate and allocate anew, once a second. `sent`: bit/s in the last second, of which `sound` were audio.

        `wants`: the videos that may be sent. `cap`: the most bit/s it may get, whatever its network carries; 0: no cap.
        """
        self.loss = self.loss_meter.take()
        reserved = max(sound, MIN_AUDIO)
        useful = reserved + sum(want.high for want in wants)
        budget = self.bandwidth.update(self.loss, sent, sound, useful, now, self._rtts.take())
        if cap:
            budget = min(budget, cap)
        was_paused = self.paused
        if wants or was_paused:
            least = reserved + min((want.minimum for want in wants), default=0)
            self._video_pause.update(budget, least, now)
        # A pause has its own wait. After it all small layers are sent at once, as at the start.
        before = {} if was_paused and not self.paused else self.layers
        if self.paused:
            self.layers = {want.key: Layer.NONE for want in wants}
        else:
            self.layers = allocate(budget, reserved, wants, before, attention, self._pacer.may_upgrade(now))
        self._pacer.on_allocated(before, self.layers, now)
