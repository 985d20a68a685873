"""A shelf: sums of facts on their way to the table that keeps them. Pure."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import compress, repeat
from typing import Any

from complaints.statistics.facts import Fact
from complaints.statistics.particulars import band
from complaints.statistics.sums import (
    ADDED,
    AT,
    COARSE,
    COLUMNS,
    DUES,
    FINE,
    SPREAD,
    SPREAD_BY,
    STEPS,
    UPWARDS,
    Key,
    Taken,
    Values,
    first_of,
    values_of,
    weights,
)

_Sums = dict[tuple[str, str, date, str], list[int]]


class Shelf:
    """Sums that are still to be added to those that are kept. What adds up to nothing is left out."""

    def __init__(self) -> None:
        self._days: _Sums = {}
        self._months: _Sums = {}
        self._taken: dict[Taken, int] = {}

    def __len__(self) -> int:
        return len(self._days) + len(self._months) + len(self._taken)

    def put(self, fact: Fact, sign: int = 1) -> None:
        """`sign` -1: take it off. One that is not counted changes nothing."""
        if not fact.counted:
            return
        office, values = fact.office, values_of(fact)
        for day, added in weights(fact).items():
            self.add(office, day, values, added, sign)
        for by, of in SPREAD:
            at, days = getattr(fact, by), getattr(fact, of)
            if at is not None and days is not None:
                for dim in SPREAD_BY:
                    key = Taken(of, dim, office, first_of("m", at), values[dim], days)
                    self._taken[key] = self._taken.get(key, 0) + sign

    def add(
        self, office: str, day: date, values: Mapping[str, str], added: Sequence[tuple[int, int]], sign: int = 1
    ) -> None:
        start = first_of("m", day)
        for dims, at, shelf in ((COARSE, day, self._days), (FINE, start, self._months)):
            for dim in dims:
                row = _row(shelf, (dim, office, at, values[dim]))
                for place, amount in added:
                    row[place] += sign * amount

    def pile(self, facts: Mapping[str, Sequence[Any]]) -> None:
        """Put many facts, all of them counted: a column of values for each of `FIELDS`, money in fen. Adds what `put`
        does one by one; counting is done by the column, which is faster the more of them have a sum in common."""
        columns = dict(facts, total=list(repeat("", len(facts["office"]))))
        columns["band"] = [_band(fen or 0) for fen in facts["amount"]]
        for name in STEPS:
            self._count(columns, name, name, [day is not None for day in columns[name]])
        for due, done in DUES:
            days = columns[due]
            self._count(columns, due, due, [day is not None for day in days])
            over = [day is not None and end is not None for day, end in zip(days, columns[done], strict=True)]
            self._count(columns, f"{due}_done", due, over)
            kept = [a and end <= day for a, end, day in zip(over, columns[done], days, strict=True)]
            self._count(columns, f"{due}_kept", due, kept)
        for by, of in ADDED:
            self._weigh(columns, of, by)
        for by, of in SPREAD:
            both = [a is not None and b is not None for a, b in zip(columns[by], columns[of], strict=True)]
            chosen = _chosen(columns, ("office", by, of, *SPREAD_BY), both)
            months = _months(chosen[by])
            for dim in SPREAD_BY:
                found = Counter(zip(chosen["office"], months, chosen[dim], chosen[of], strict=True))
                for (office, start, value, days), count in found.items():
                    key = Taken(of, dim, office, start, value, days)
                    self._taken[key] = self._taken.get(key, 0) + count

    def _count(self, columns: Mapping[str, Sequence[Any]], column: str, by: str, which: Sequence[bool]) -> None:
        if not any(which):
            return
        place, chosen = AT[column], _chosen(columns, ("office", by, *COARSE, *FINE), which)
        for dims, at, shelf in ((COARSE, chosen[by], self._days), (FINE, _months(chosen[by]), self._months)):
            for dim in dims:
                found = Counter(zip(chosen["office"], at, chosen[dim], strict=True))
                for (office, day, value), count in found.items():
                    _row(shelf, (dim, office, day, value))[place] += count

    def _weigh(self, columns: Mapping[str, Sequence[Any]], of: str, by: str) -> None:
        which = [day is not None and bool(amount) for day, amount in zip(columns[by], columns[of], strict=True)]
        place, chosen = AT[of], _chosen(columns, ("office", by, of, *COARSE, *FINE), which)
        for dims, at, shelf in ((COARSE, chosen[by], self._days), (FINE, _months(chosen[by]), self._months)):
            for dim in dims:
                found: dict[tuple[str, date, str], int] = {}
                for key, amount in zip(zip(chosen["office"], at, chosen[dim], strict=True), chosen[of], strict=True):
                    found[key] = found.get(key, 0) + amount
                for (office, day, value), total in found.items():
                    _row(shelf, (dim, office, day, value))[place] += total

    def sums(self) -> Iterator[tuple[Key, Values]]:
        """In a fixed order, so that two who write at once meet in the same one."""
        for (level, coarser), shelf in zip(UPWARDS, (self._days, self._months), strict=True):
            wider: dict[tuple[str, str, date, str], list[int]] = {}
            for key in sorted(shelf):
                row = shelf[key]
                if not any(row):
                    continue
                dim, office, day, value = key
                yield Key(level, dim, office, day, value), row
                whole_one = dim, office, first_of(coarser, day), value
                above = wider.get(whole_one)
                wider[whole_one] = row if above is None else list(map(operator.add, above, row))
            for (dim, office, day, value), row in sorted(wider.items()):
                if any(row):
                    yield Key(coarser, dim, office, day, value), row

    def taken(self) -> Iterator[tuple[Taken, int]]:
        return ((key, count) for key, count in sorted(self._taken.items()) if count)


def _row(shelf: _Sums, key: tuple[str, str, date, str]) -> list[int]:
    row = shelf.get(key)
    if row is None:
        row = shelf[key] = [0] * len(COLUMNS)
    return row


def _chosen(
    columns: Mapping[str, Sequence[Any]], names: Sequence[str], which: Sequence[bool]
) -> Mapping[str, Sequence[Any]]:
    return columns if all(which) else {name: list(compress(columns[name], which)) for name in names}


def _months(days: Sequence[date]) -> Sequence[date]:
    return [first_of("m", day) for day in days]


@lru_cache(maxsize=8192)
def _band(fen: int) -> str:
    return band(Decimal(fen) / 100)
