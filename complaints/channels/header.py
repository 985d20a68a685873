"""The header: which row of a table names its columns, and which column is which field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from complaints.channels.cells import Cell, text
from complaints.channels.errors import ChannelError, Unreadable
from complaints.channels.mapping import NEEDED, ChannelMapping, header_key

SEARCHED = 10  # rows from the top
MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Header:
    """`row` counts from 1; `last` is the row it ends in (two when a merged head stands above the names)."""

    names: tuple[str, ...]
    columns: dict[str, int]  # field -> index
    kept: tuple[int, ...]  # columns that go below the facts
    row: int = 1
    last: int = 1

    @property
    def unused(self) -> list[str]:
        used = {*self.columns.values(), *self.kept}
        return [name for index, name in enumerate(self.names) if name and index not in used]

    def name_of(self, field: str) -> str:
        """What the file calls it; the field's own name when it has no such column."""
        return self.names[self.columns[field]] if field in self.columns else field


def header_of(mapping: ChannelMapping, names: Sequence[str], row: int = 1, last: int = 1) -> Header:
    """Columns by their names; nothing is said yet of what is missing."""
    keys: dict[str, int] = {}
    for index, name in enumerate(names):
        keys.setdefault(header_key(name), index)
    columns = {}
    for field, headers in mapping.columns.items():
        for header in headers:
            if (found := keys.get(header_key(header))) is not None:
                columns[field] = found
                break
    kept = (keys[key] for key in map(header_key, mapping.keep) if key in keys)
    return Header(tuple(names), columns, tuple(dict.fromkeys(kept)), row, last)


def find_header(mapping: ChannelMapping, rows: Sequence[Sequence[Cell]]) -> Header:
    """The header among the first rows. Unreadable: no_header, columns_missing, too_many_columns."""
    best: Header | None = None
    shown = [[_shown(cell) for cell in row] for row in rows[:SEARCHED]]
    for number, names in enumerate(shown, 1):
        if len(names) > MOST_COLUMNS:
            raise Unreadable("too_many_columns", most=MOST_COLUMNS)
        found = [header_of(mapping, names, number, number)]
        if number < len(shown):
            found.append(header_of(mapping, _joined(names, shown[number]), number, number + 1))
        for header in found:
            if best is None or len(header.columns) > len(best.columns):
                best = header
    if best is None or len(best.columns) < 2:
        raise Unreadable("no_header", rows=SEARCHED)
    if missing := [field for field in NEEDED if field not in best.columns]:
        wanted = [mapping.columns[field][0] for field in missing]
        raise Unreadable("columns_missing", columns="、".join(wanted), row=best.row)
    return best


def _shown(cell: Cell) -> str:
    try:
        return text(cell)[:200]
    except ChannelError:
        return ""


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """消费者 over 姓名 and 电话 names the columns 消费者姓名 and 消费者电话; a merged head reaches to the next one."""
    names, above = [], ""
    for index in range(max(len(upper), len(lower))):
        above = (upper[index] if index < len(upper) else "") or above
        below = lower[index] if index < len(lower) else ""
        names.append(below if above == below else above + below)
    return names
