"""Columns of cells, read at once. What nearly all cells of an export are is seen of all of them together; a column with
anything else in it is read cell by cell, which says the same and takes five times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from complaints.channels.cells import LONGEST_NOTHING, NOTHING, Cell, empty, text
from complaints.channels.errors import BadCell

_REMEMBERED: Final = 2_048  # cells of a column that say one of a few things in every row


class Column(NamedTuple):
    """`values`: None where a cell says nothing, and where it is at fault. `faults`: by the cell's place."""

    values: Sequence[Any]
    faults: dict[int, BadCell]


Read = Callable[[Sequence[Cell]], Column]


def each(read: Callable[[Cell], Any]) -> Read:
    """Cell by cell; `read` is not asked of what is empty."""

    def all_of(cells: Sequence[Cell]) -> Column:
        column = Column(values := [None] * len(cells), {})
        for place, cell in enumerate(cells):
            if not empty(cell):
                try:
                    values[place] = read(cell)
                except BadCell as no:
                    column.faults[place] = no
        return column

    return all_of


def often(read: Callable[[Cell], Any]) -> Read:
    """Of cells that say one of a few things in every row."""
    known = lru_cache(_REMEMBERED, typed=True)(lambda cell: None if empty(cell) else read(cell))
    slowly = each(read)

    def all_of(cells: Sequence[Cell]) -> Column:
        try:
            return Column(list(map(known, cells)), {})
        except BadCell:
            return slowly(cells)

    return all_of


def texts(most: int) -> Read:
    """Text of `most` characters. BadCell: as `text`, too_long."""

    def read(cell: Cell) -> str:
        plain = text(cell)
        if len(plain) > most:
            raise BadCell("too_long", most=most)
        return plain

    slowly = each(read)

    def all_of(cells: Sequence[Cell]) -> Column:
        if not _as_they_stand(cells, most):
            return slowly(cells)
        plain = cast(Sequence[str], cells)
        return Column(
            [None if len(cell) <= LONGEST_NOTHING and cell.lower() in NOTHING else cell for cell in plain], {}
        )

    return all_of


def _as_they_stand(cells: Sequence[Cell], most: int) -> bool:
    """Whether all are text that means what it shows: no blanks around it, nothing unseen, no sign of a formula."""
    try:
        if not "".join(cast(Sequence[str], cells)).isprintable():
            return False
    except TypeError:  # a workbook's numbers and dates
        return False
    lines = "\n".join(("", *cast(Sequence[str], cells), ""))  # they hold no line break themselves: none is printable
    odd = ("\n ", " \n", "\n=", "\n@", "\n'", "\ufffd")
    return not any(map(lines.__contains__, odd)) and max(map(len, cast(Sequence[str], cells)), default=0) <= most
