"""How alike two texts are: the share of neighbouring Chinese characters they have in common (Jaccard over shingles)."""

from __future__ import annotations

import re
from typing import Final

SHINGLE: Final = 2
_SAID: Final = re.compile(r"[^\W0-9_]+")


def shingles(text: str) -> frozenset[str]:
    """Every two neighbouring characters of words; figures and signs are left out, amounts and days are signals of their
    own."""
    found = set[str]()
    for run in _SAID.findall(text):
        found.update(run[at : at + SHINGLE] for at in range(len(run) - SHINGLE + 1))
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1; 0 when either says nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
