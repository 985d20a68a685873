"""Everything that can be done to a package, by those who cannot sign and by those who can, and its name."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.recordings.evidence.insiders import INSIDE
from tests.recordings.evidence.outsiders import OUTSIDE, flip
from tests.recordings.evidence.target import Attack, Target


def attacks(at: Target, count: int, seed: int) -> Iterator[Attack]:
    """Each kind at least once when there are enough, then whatever comes; flips are the most."""
    random = Random(seed)
    kinds = [*OUTSIDE, *INSIDE]
    for turn in range(count):
        kind = kinds[turn] if turn < len(kinds) else random.choice([*kinds, *[flip] * 20])
        yield kind(at, random)
