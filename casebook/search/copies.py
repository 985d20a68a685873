"""Near-copies of one case: a list shows the best and says how many are alike, so that they crowd nobody else out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from casebook.search.entries import Entry
from casebook.search.impacts import digests
from casebook.search.ranking import Ranked

SAME: Final = 0.8
"""Of all tokens of two cases, the share both have, from which one is a near-copy of the other."""


def near_copies(one: Entry, other: Entry) -> bool:
    """Told alike, of one problem and trade; amounts and days do not count."""
    if (one.problem, one.industry) != (other.problem, other.industry):
        return False
    mine, others = digests(one.impacts), digests(other.impacts)
    if min(len(mine), len(others)) < SAME * max(len(mine), len(others)):
        return False
    both = len(mine & others)
    return both >= SAME * (len(mine) + len(others) - both)


def collapsed(found: Sequence[Ranked], most: int) -> list[Ranked]:
    """The first `most` that are no copies of a better one; `alike` counts those of `found` that are."""
    kept: list[Ranked] = []
    for one in found:
        at = next((n for n, better in enumerate(kept) if near_copies(better.entry, one.entry)), None)
        if at is not None:
            kept[at] = replace(kept[at], alike=kept[at].alike + 1)
        elif len(kept) < most:
            kept.append(one)
    return kept
