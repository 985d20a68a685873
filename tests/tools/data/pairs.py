"""Labelled pairs of complaints: those written by hand (`duplicates`), and how many suggested pairs are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from complaints.duplicates import DAYS, Particulars, brand_key, likely, resemblance

DAY = datetime(2026, 5, 6, 4, tzinfo=UTC)  # of the first account written by hand


def told_by_hand(name: str) -> list[tuple[str, int, Particulars]]:
    """(group, dispute, account) of a file, in its order."""
    found = []
    for line in (files(__package__) / "duplicates" / f"{name}.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            group, dispute, *told = line.split("|")
            phone, consumer, business, amount, day, account = ("" if one == "-" else one for one in told)
            phone, _, tail = phone.partition(":")
            paid, received = Decimal(amount) if amount else None, DAY + timedelta(days=int(day))
            one = Particulars(phone, consumer, "", business, paid, received, account, tail)
            found.append((group, int(dispute), one))
    return sorted(found, key=lambda row: row[2].received)


def suggestions(told: Sequence[Particulars]) -> set[tuple[int, int]]:
    """Pairs by their places, the smaller first, that a page of either would suggest: of those that share a phone or a
    brand, as the tables look candidates up."""
    found = set[tuple[int, int]]()
    beside: dict[int, list[int]] = defaultdict(list)
    for n, m in _pairs([(0, one) for one in told]):
        beside[n].append(m)
        beside[m].append(n)
    for n, places in beside.items():
        others = [(str(m), told[m]) for m in sorted(set(places))]
        found.update((min(n, int(m)), max(n, int(m))) for m, _ in likely(told[n], others))
    return found


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """How many of the suggested pairs are right and how many of the true ones are suggested, on labelled complaints."""

    suggested: int
    right: int
    true: int  # pairs of one dispute

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def measure_pairs(labelled: Sequence[tuple[int, Particulars]]) -> PairMeasures:
    """Over all pairs that share a phone, a code or a brand, as the tables look candidates up."""
    right = true = 0
    by_label: dict[int, int] = defaultdict(int)
    for label, _ in labelled:
        true += by_label[label]
        by_label[label] += 1
    pairs = set(_pairs(labelled))
    suggested = [(a, b) for a, b in pairs if resemblance(labelled[a][1], labelled[b][1]).likely]
    right = sum(labelled[a][0] == labelled[b][0] for a, b in suggested)
    return PairMeasures(len(suggested), right, true)


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
