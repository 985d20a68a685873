"""Geometry of dashboards: bars with a mark where the comparison ends, columns of time, tiles and areas with their heat.

Lengths are shares of the longest. Templates write the SVG, `server.documents.poster` the PNG.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Final

from complaints.statistics.figures import Figure
from complaints.statistics.outlines import Outline
from complaints.statistics.views import Dashboard, FigureGroup, PosterBar

IN_ORDER: Final = ("month", "day")
HOT: Final = 1.4  # times the comparison: it stands out, when there are enough
ENOUGH: Final = 10
WIDTH, HEIGHT, LEFT, BOTTOM = 1000.0, 250.0, 46.0, 220.0
_HEATS: Final = (1.0, 2.5, 4.0)  # spreads of a count above the comparison


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    name: str
    count: int
    more: int | None  # than the comparison
    heat: int  # 0 to 3


@dataclass(frozen=True, slots=True)
class Area:
    """`path`: of an SVG. `name`: "" of an area nothing was counted in."""

    path: str
    label: str
    name: str
    count: int
    more: int | None
    heat: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Column:
    x: float
    y: float
    width: float
    height: float
    label: str
    name: str
    count: Decimal


@dataclass(frozen=True, slots=True)
class Columns:
    columns: Sequence[Column]
    names: Sequence[tuple[float, str]]
    lines: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    bottom: float = BOTTOM


def drawn(board: Dashboard, name: Callable[[str], str], value: Callable[[Figure | None], str]) -> list[PosterBar]:
    most = max((amount for row in board.rows for amount in (_of(row.now), _of(row.other))), default=Decimal(0))
    if not most:
        return []
    return [
        PosterBar(
            name(row.label),
            value(row.now),
            float(_of(row.now) / most),
            None if row.other is None or row.other.value is None else float(_of(row.other) / most),
            _hot(row),
        )
        for row in board.rows
    ]


def _of(figure: Figure | None) -> Decimal:
    return max(Decimal(0), figure.value) if figure is not None and figure.value is not None else Decimal(0)


def _hot(row: FigureGroup) -> bool:
    """A share never is: more of it is no worse."""
    if row.other is None or row.now.bottom is not None:
        return False
    return row.now.top >= ENOUGH and row.now.top >= HOT * row.other.top


def heat(now: int, other: int | None) -> int:
    """0 to 3, by how many spreads a count lies above its comparison; a count alone has none."""
    if other is None:
        return 0
    spreads = (now - other) / sqrt(max(other, 1))
    return sum(spreads >= step for step in _HEATS)


def tiles(board: Dashboard, name: Callable[[str], str]) -> list[Tile]:
    return [
        Tile(row.label, name(row.label), row.now.top, _more(row), heat(row.now.top, _top(row))) for row in board.rows
    ]


def _top(row: FigureGroup) -> int | None:
    return None if row.other is None else row.other.top


def _more(row: FigureGroup) -> int | None:
    return None if row.other is None else row.now.top - row.other.top


def areas(outline: Outline, board: Dashboard) -> list[Area]:
    rows = {row.label: row for row in board.rows}
    found = []
    for shape in outline.shapes:
        row = rows.get(shape.code)
        count, more = (row.now.top, _more(row)) if row else (0, None)
        warm = heat(count, _top(row)) if row else 0
        found.append(Area(shape.path, shape.code, shape.name, count, more, warm, shape.x, shape.y))
    return found


def upright(board: Dashboard, name: Callable[[str], str]) -> Columns | None:
    """None when nothing was counted, or on too many days to be told apart."""
    rows = board.rows
    most = max((_of(row.now) for row in rows), default=Decimal(0))
    if not most:
        return None
    room = (WIDTH - LEFT) / len(rows)
    columns, names, every = [], [], max(1, len(rows) // 12)
    for n, row in enumerate(rows):
        height = round(float(_of(row.now) / most) * (BOTTOM - 24), 1)
        x, width = round(LEFT + room * (n + 0.14), 1), round(room * 0.72, 1)
        columns.append(Column(x, round(BOTTOM - height, 1), width, height, row.label, name(row.label), _of(row.now)))
        if n % every == 0:
            names.append((round(LEFT + room * (n + 0.5), 1), row.label[2:] if len(row.label) == 7 else row.label[5:]))
    lines = [(BOTTOM, "0"), (24.0, f"{most:,.0f}")]
    return Columns(columns, names, lines)
