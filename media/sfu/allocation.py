"""Which layer of which picture somebody gets from what their connection can carry: pure decisions.

Sound is paid first. Then screens, whole: of a screen that does not fit, its sender slows the frames down (sharp before
smooth), and only where even that does not help is the small layer or nothing shown. Then a small picture of everybody,
then the large ones, beginning with who is shown large or speaks. A camera with one layer only is elastic like a screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from media.engine import Source

Key = tuple[str, Source]  # whose, and which of their sources

CAMERA_LEAST = 250_000  # bit/s of a camera without a small layer
SCREEN_LEAST = 80_000  # bit/s at which a still page is sharp after a moment
HEADROOM = 1.25  # what a costlier allocation must have to spare, so that a wavering estimate does not flap
RISE_EVERY = 2.0  # seconds between two steps up: the first shows what it costs before the next is taken
SOON = 6.0  # a fall this soon after a rise says that the rise was too much
FIRST_REST, LONGEST_REST = 8.0, 120.0


class Level(IntEnum):
    NONE = 0
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Want:
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
    def least(self) -> int:
        """What showing it at all takes."""
        if self.screen:
            return min(self.high, SCREEN_LEAST)
        return self.low or min(self.high, CAMERA_LEAST)


@dataclass(frozen=True, slots=True)
class Attention:
    """Whom the receiver's page shows large, and who speaks; "" is nobody."""

    large: str = ""
    speaker: str = ""

    def rank(self, want: Want) -> int:
        owner = want.key[0]
        return 0 if owner == self.large else 1 if owner == self.speaker else 2


NOBODY = Attention()
Levels = Mapping[Key, Level]


def plan(available: int, wants: Sequence[Want], attention: Attention = NOBODY) -> dict[Key, Level]:
    """The best use of `available` bit/s for pictures, as if nothing had been shown before."""
    levels = {want.key: Level.NONE for want in wants}
    ordered = sorted(wants, key=attention.rank)
    left = available
    for want in (w for w in ordered if w.screen):
        if left >= want.least:
            levels[want.key] = Level.HIGH
        elif 0 < want.low <= left:
            levels[want.key] = Level.LOW
        left -= price(want, levels[want.key], left)
    cameras = [want for want in ordered if not want.screen]
    for want in cameras:
        if want.least <= left:
            levels[want.key] = Level.LOW if want.low else Level.HIGH
            left -= want.least
    for want in cameras:
        if levels[want.key] is Level.LOW and want.high - want.low <= left:
            levels[want.key] = Level.HIGH
            left -= want.high - want.low
        elif levels[want.key] is Level.HIGH:
            left -= min(want.high - want.least, left)
    return levels


def price(want: Want, level: Level, available: int) -> int:
    """bit/s of one picture; an elastic one makes do with what there is, down to the least."""
    if level is Level.HIGH:
        return min(want.high, max(available, want.least)) if want.elastic else want.high
    return want.low if level is Level.LOW else 0


def allocate(
    budget: int, sound: int, wants: Sequence[Want], before: Levels, attention: Attention = NOBODY, may_rise: bool = True
) -> dict[Key, Level]:
    """The next levels after `before`: at most one step down each and, if `may_rise`, one step up in all.

    `budget` bit/s is everything the connection carries, `sound` of it is not for pictures. What was not there before
    begins small. The whole may cost more than before only with HEADROOM to spare; at equal cost it may be rearranged.
    """
    available = budget - sound
    held = cost(before, wants, available)
    goal = plan(available, wants, attention)
    if cost(goal, wants, available) > held:
        goal = plan(max(held, int(budget / HEADROOM) - sound), wants, attention)
    levels: dict[Key, Level] = {}
    for want in wants:
        first = Level.LOW if want.low else Level.HIGH
        was = before.get(want.key)
        if was is None:
            levels[want.key] = min(goal[want.key], first)
        elif goal[want.key] < was:
            levels[want.key] = Level.LOW if was is Level.HIGH and want.low else Level.NONE
        else:
            levels[want.key] = was
    for want in sorted(wants, key=attention.rank):
        if may_rise and want.key in before and goal[want.key] > levels[want.key] and goal[want.key] >= before[want.key]:
            step = Level.LOW if levels[want.key] is Level.NONE and want.low else Level.HIGH
            raised = {**levels, want.key: step}
            if cost(raised, wants, available) <= available:
                return raised
    return levels


def cost(levels: Levels, wants: Sequence[Want], available: int) -> int:
    """bit/s of these levels together, elastic ones at what is left for them."""
    shown = [(want, levels.get(want.key, Level.NONE)) for want in wants]
    fixed = sum(price(want, level, 0) for want, level in shown)
    spare = sum(want.high - want.least for want, level in shown if want.elastic and level is Level.HIGH)
    return fixed + max(0, min(spare, available - fixed))


class Pace:
    """When the next step up may be tried: rests longer and longer while steps up turn out to be too much."""

    __slots__ = ("_blamed", "_rest", "_rested_until", "_rose_at")

    def __init__(self) -> None:
        self._rose_at = float("-inf")
        self._blamed = float("-inf")  # the last rise that turned out to be too much
        self._rested_until = float("-inf")
        self._rest = FIRST_REST

    def may_rise(self, now: float) -> bool:
        return now >= self._rested_until and now - self._rose_at >= RISE_EVERY

    def note(self, before: Levels, after: Levels, now: float) -> None:
        """What an allocation changed."""
        common = before.keys() & after.keys()
        if any(after[key] < before[key] for key in common):
            if now - self._rose_at < SOON and self._rose_at != self._blamed:
                self._blamed = self._rose_at  # once, however many steps down it takes
                self._rested_until = now + self._rest
                self._rest = min(LONGEST_REST, self._rest * 2)
        elif any(after[key] > before[key] for key in common):
            if now - self._rose_at > 10 * SOON:
                self._rest = FIRST_REST
            self._rose_at = now
