"""Which layer of which picture somebody gets from what their connection can carry: pure decisions.

Sound is paid first. Then screens, whole: of a screen that does not fit, its sender slows the frames down (sharp before
smooth), and only where even that does not help is the small layer or nothing shown. Then a small picture of everybody,
then the large ones, beginning with who is shown large or speaks. A camera with one layer only is elastic like a screen.

What one subscriber's connection carries, and which layer of which picture it gets at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from media.engine import Source
from media.sfu.bandwidth import DownlinkBandwidth, LossMeter, QueueDelay, VideoPause

Key = tuple[str, Source]  # whose, and which of their sources

MIN_CAMERA = 250_000  # bit/s of a camera without a small layer
MIN_SCREEN = 80_000  # bit/s at which a still page is sharp after a moment
HEADROOM = 1.25  # what a costlier allocation must have to spare, so that a wavering estimate does not flap
UPGRADE_INTERVAL = 2.0  # seconds between two steps up: the first shows what it costs before the next is taken
FAILED_UPGRADE_WITHIN = 6.0  # a fall this soon after a rise says that the rise was too much
MIN_REST, MAX_REST = 8.0, 120.0


class Layer(IntEnum):
    NONE = 0
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class VideoDemand:
    """A picture that may be shown: bit/s of its best layer, and of its small one (0: it has no other)."""

    key: Key
    high: int
    low: int = 0

    @property
    def screen(self) -> bool:
        return self.key[1] == "screen"

    @property
    def elastic(self) -> bool:
        """Its sender can make it cheaper, by fewer frames or a coarser picture."""
        return self.screen or not self.low

    @property
    def minimum(self) -> int:
        """What showing it at all takes."""
        if self.screen:
            return min(self.high, MIN_SCREEN)
        return self.low or min(self.high, MIN_CAMERA)


@dataclass(frozen=True, slots=True)
class Attention:
    """Whom the receiver's page shows large, and who speaks; "" is nobody."""

    pinned: str = ""
    speaker: str = ""

    def rank(self, want: VideoDemand) -> int:
        owner = want.key[0]
        return 0 if owner == self.pinned else 1 if owner == self.speaker else 2


NO_ATTENTION = Attention()
Layers = Mapping[Key, Layer]


def plan(available: int, wants: Sequence[VideoDemand], attention: Attention = NO_ATTENTION) -> dict[Key, Layer]:
    """The best use of `available` bit/s for pictures, as if nothing had been shown before."""
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
    """bit/s of one picture; an elastic one makes do with what there is, down to the least."""
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
    """The next levels after `before`: at most one step down each and, if `may_rise`, one step up in all.

    `budget` bit/s is everything the connection carries, `sound` of it is not for pictures. What was not there before
    begins small. The whole may cost more than before only with HEADROOM to spare; at equal cost it may be rearranged.
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
    """bit/s of these levels together, elastic ones at what is left for them."""
    shown = [(want, levels.get(want.key, Layer.NONE)) for want in wants]
    fixed = sum(price(want, level, 0) for want, level in shown)
    spare = sum(want.high - want.minimum for want, level in shown if want.elastic and level is Layer.HIGH)
    return fixed + max(0, min(spare, available - fixed))


class UpgradePacer:
    """When the next step up may be tried: rests longer and longer while steps up turn out to be too much."""

    __slots__ = ("_failed_upgrade_at", "_rest", "_rest_until", "_upgraded_at")

    def __init__(self) -> None:
        self._upgraded_at = float("-inf")
        self._failed_upgrade_at = float("-inf")  # the last rise that turned out to be too much
        self._rest_until = float("-inf")
        self._rest = MIN_REST

    def may_upgrade(self, now: float) -> bool:
        return now >= self._rest_until and now - self._upgraded_at >= UPGRADE_INTERVAL

    def on_allocated(self, before: Layers, after: Layers, now: float) -> None:
        """What an allocation changed."""
        common = before.keys() & after.keys()
        if any(after[key] < before[key] for key in common):
            if now - self._upgraded_at < FAILED_UPGRADE_WITHIN and self._upgraded_at != self._failed_upgrade_at:
                self._failed_upgrade_at = self._upgraded_at  # once, however many steps down it takes
                self._rest_until = now + self._rest
                self._rest = min(MAX_REST, self._rest * 2)
        elif any(after[key] > before[key] for key in common):
            if now - self._upgraded_at > 10 * FAILED_UPGRADE_WITHIN:
                self._rest = MIN_REST
            self._upgraded_at = now


MIN_AUDIO = 40_000  # bit/s kept for sound while nobody speaks


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
        """No pictures, so that sound goes on."""
        return self._video_pause.paused

    def layer(self, key: Key) -> Layer:
        """What is not judged yet begins small."""
        return self.layers.get(key, Layer.NONE if self.paused else Layer.LOW)

    def add_rtt(self, seconds: float) -> None:
        """A round trip, as a receiver report tells it."""
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
        """Once a second: bit/s `sent` since the last time, how much of it `sound`, and the pictures that may be shown.

        `cap` bit/s is the most it may get whatever its network carries; 0: no cap.
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
        # After a pause, which had its own wait, it is as at the beginning: small pictures at once, whatever rests.
        before = {} if was_paused and not self.paused else self.layers
        if self.paused:
            self.layers = {want.key: Layer.NONE for want in wants}
        else:
            self.layers = allocate(budget, reserved, wants, before, attention, self._pacer.may_upgrade(now))
        self._pacer.on_allocated(before, self.layers, now)
