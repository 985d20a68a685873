"""What came of many sources in one pass as one table: a row for each source, and what is in it by columns.

When it was captured is found here for all rows at once, by the rules of `recordings.timeline`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recordings.offer import Offer
from recordings.timeline import DRIFT, LARGEST_CORRECTION, SOUND_STEP, STANDSTILL, Alignment
from recordings.vp8 import LARGEST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Column = TypeVar("Column", Floats, Ints)

# As `FRAME_ENTRY` has them; its last two bytes are nothing.
_ENTRY = np.dtype(
    [
        ("at", "f8"), ("lead", "u8"), ("timestamp", "u4"), ("size", "u4"), ("sequence", "u2"), ("count", "u2"),
        ("marker", "u1"), ("skip", "u1"), ("", "V2"),
    ]
)  # fmt: skip


class Rows:
    """Of each packet its `row`, its bytes (`sizes`), the first byte of what it is (`begins`) and when it was captured
    (`walls`, seconds since the epoch).

    Of each row its place among the offers (`owner`), its `last` packet, whether all of it is next in order, in time,
    and whole (`fine`), and where its line stands after it: `newest`, `floors`, `bases`, `delays`, `lately`, `counts`
    (packets), `layered`.
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.rows = rows = [row for offer in offers for row in offer.rows]
        self.owner = np.repeat(np.arange(len(offers)), [len(offer.rows) for offer in offers])
        lengths = np.array([len(row.batch.bodies) for row in rows])
        ends = np.cumsum(lengths)
        self._first, self.last = ends - lengths, ends - 1
        self.row = np.repeat(np.arange(len(rows)), lengths)
        self.sounds = np.array([row.source == "mic" for row in rows])
        table = np.frombuffer(b"".join([row.batch.table for row in rows]), _ENTRY)
        self.sizes = table["size"].astype(np.int64)
        # The first byte of a sound, and of a picture that behind its descriptor.
        behind = table["lead"] >> (56 - 8 * table["skip"]).astype(np.uint64) & 0xFF
        self.begins = np.where(self.sounds[self.row], table["lead"], behind).astype(np.int64)
        odd = self._in_parts(table) | self._out_of_order(table)
        odd |= self._place(table, offers)
        # Whether a picture of it has a number of its layer.
        self.layered = np.logical_or.reduceat((table["lead"] >> 48 & 0x8040) == 0x8040, self._first)
        self.fine = ~np.logical_or.reduceat(odd, self._first)

    def _in_parts(self, table: NDArray[Any]) -> Bools:
        begins = (table["skip"] > 0) & (table["lead"] >> 56 & 0x17 == 0x10)
        whole = begins & (table["marker"] > 0) & (table["size"] <= LARGEST)
        odd: Bools = ~(whole | self.sounds[self.row])
        return odd

    def _out_of_order(self, table: NDArray[Any]) -> Bools:
        count = table["count"].astype(np.int64)
        before = np.cumsum(count) - count
        self.counts = np.add.reduceat(count, self._first)
        expected = np.array([row.line.order.expected for row in self.rows]) - before[self._first]
        odd: Bools = before + expected[self.row] & 0xFFFF != table["sequence"]
        return odd

    def _place(self, table: NDArray[Any], offers: Sequence[Offer]) -> Bools:
        """`recordings.timeline.Timeline.arrived` and `Alignment.wall`."""
        row, first, at = self.row, self._first, table["at"]
        lines = [each.line.timeline for each in self.rows]
        # Timestamps, counted on past their 32 bits.
        newest = np.array([line.last for line in lines], np.int64)
        step = _moved(table["timestamp"].astype(np.int64), first, newest)
        step = (step + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
        gone = np.cumsum(step)
        number = gone + (newest - gone[first] + step[first])[row]
        offset = number / np.array([float(Alignment.RATES[each.source]) for each in self.rows])[row]
        estimate, drift = at - offset, DRIFT * at
        floor = self._least(estimate - drift, np.array([line.floor for line in lines]))
        base = floor + drift
        odd: Bools = (step <= 0) | (estimate - base > STANDSTILL)
        self.newest, self.floors, self.bases = number[self.last], floor[self.last], base[self.last]
        self.delays = estimate[self.last] - self.bases
        self.lately = np.minimum.reduceat(estimate, first)
        # Sounds follow their base as long as it moves little; pictures what is said in reports, if that can be true.
        sounds = np.array([nan if (sound := offer.align.sound) is None else sound for offer in offers])[self.owner]
        odd |= self.sounds[row] & ~(np.abs(_moved(base, first, sounds)) <= SOUND_STEP)
        said = self._said(offers)[row]
        self.walls = offset + np.where(np.abs(said - base) < LARGEST_CORRECTION, said, base)
        return odd

    def _least(self, found: Floats, before: Floats) -> Floats:
        """Of each row the least so far, and of what was `before` it."""
        place = np.arange(len(found)) - self._first[self.row]
        table = np.full((len(self.rows), int(place.max()) + 1), inf)
        table[self.row, place] = found
        table[:, 0] = np.minimum(table[:, 0], before)
        least: Floats = np.minimum.accumulate(table, axis=1)[self.row, place]
        return least

    def _said(self, offers: Sequence[Offer]) -> Floats:
        said, bases = list[float](), iter(self.bases.tolist())
        for offer in offers:
            mic: float | None = None  # the microphone's base, which has come on if it came first
            for row in offer.rows:
                base = next(bases)
                if row.source == "mic":
                    mic = base
                said.append(nan if row.source == "mic" else offer.align.said(row.source, mic))
        return np.array(said)


def _moved(column: Column, first: Ints, before: Column) -> Column:
    """From each to the next in its row; `before`: what was before the row."""
    moved = np.empty_like(column)
    moved[1:] = column[1:] - column[:-1]
    moved[first] = column[first] - before
    return moved
