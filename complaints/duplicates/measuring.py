"""How many of the suggested pairs are right and how many of the true ones are suggested, on labelled complaints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from complaints.duplicates.keys import brand_key
from complaints.duplicates.signals import DAYS, Particulars, resemblance


@dataclass(frozen=True, slots=True)
class Measured:
    suggested: int
    right: int
    true: int  # pairs of one dispute

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def measured(labelled: Sequence[tuple[int, Particulars]]) -> Measured:
    """Over all pairs that share a phone, a code or a brand, as the tables look candidates up."""
    right = true = 0
    by_label: dict[int, int] = defaultdict(int)
    for label, _ in labelled:
        true += by_label[label]
        by_label[label] += 1
    pairs = set(_pairs(labelled))
    suggested = [(a, b) for a, b in pairs if resemblance(labelled[a][1], labelled[b][1]).likely]
    right = sum(labelled[a][0] == labelled[b][0] for a, b in suggested)
    return Measured(len(suggested), right, true)


def _pairs(labelled: Sequence[tuple[int, Particulars]]) -> Iterable[tuple[int, int]]:
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, (_, one) in enumerate(labelled):
        keys = (("phone", one.phone_key), ("code", one.code_key), ("brand", brand_key(one.business)))
        for key in keys:
            if not key[1]:
                continue
            for m in reversed(shared[key]):
                if abs(one.received - labelled[m][1].received) > timedelta(days=DAYS):
                    break
                yield m, n
            shared[key].append(n)
