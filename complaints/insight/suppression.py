"""What may be published of counts by kind: small cells are kept back, and so that nobody can subtract them out.

A cell of 1 to `LEAST` - 1 is kept back. As the total is published too, the smallest of the other cells goes with it,
and every cell as large as that one. So the choice depends on counts and never on which label has which: exchanging the
counts of what is kept back gives a table that looks the same. Each cell that is kept back may therefore be a small one
or a large one, also for somebody who knows this rule and every other cell. A table in which there is no other is kept
back whole. Cells of nothing tell of nobody and stay.

Held by counting every table that could stand behind what was published (tests/complaints/insight/test_suppression.py).
It protects one table with its total. Whoever publishes the same counts for a part as well (an office beside its bureau,
a week beside its month) makes a second table to subtract: a public bulletin is monthly, and of one period only one of
scopes that overlap is published (`issuing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

LEAST: Final = 5

Cells = Sequence[tuple[str, int | None]]
"""By label in the order of the labels, never of the counts; None is kept back."""


def published(counts: Mapping[str, int], least: int = LEAST) -> Cells | None:
    """None when the table is kept back whole."""
    kept = small = {label for label, count in counts.items() if 0 < count < least}
    if small:
        smallest = min((count for count in counts.values() if count >= least), default=None)
        if smallest is None:
            return None
        kept = small | {label for label, count in counts.items() if count == smallest}
    return [(label, None if label in kept else counts[label]) for label in sorted(counts)]


def total(count: int, least: int = LEAST) -> int | None:
    """A count that stands alone, as published."""
    return None if 0 < count < least else count
