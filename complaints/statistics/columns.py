"""Columns of facts as numbers, so that they are added up by the column. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from complaints.statistics.sums import first_of

Numbers = NDArray[np.int64]
_NO_DAY: Final = date(1, 1, 1)


class Told:
    """`codes`: of each row, which of `words` it says; -1 where it says nothing."""

    __slots__ = ("codes", "words")

    def __init__(self, column: Sequence[Any]) -> None:
        seen: dict[Any, int] = {}
        self.codes: Numbers = np.fromiter(
            (-1 if one is None else seen.setdefault(one, len(seen)) for one in column), np.int64, len(column)
        )
        self.words: Sequence[Any] = list(seen)


class Days(Told):
    """A column of days. `there`: which rows have one; `ordinals`: as numbers that can be compared, where they have."""

    __slots__ = ("ordinals", "there")

    def __init__(self, column: Sequence[date | None]) -> None:
        super().__init__(column)
        self.there = self.codes >= 0
        self.ordinals: Numbers = np.array([day.toordinal() for day in (*self.words, _NO_DAY)], np.int64)[self.codes]

    def by(self, level: str) -> Told:
        """By the first day of the month or year that a day is in, or by day."""
        if level == "d":
            return self
        starts = Told([first_of(level, day) for day in self.words])
        wider = Told(())
        wider.codes = np.append(starts.codes, -1)[self.codes]
        wider.words = starts.words
        return wider
