"""The picture of a hot spot's weeks: a band of what is ordinary, what was expected, what was seen. Geometry only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from complaints.insight.report import ClassWeek, Week

WIDTH: Final = 320.0
HEIGHT: Final = 112.0
LEFT, RIGHT, TOP, BOTTOM = 6.0, 294.0, 30.0, 84.0
MUCH: Final = 1.4  # times the weeks before: drawn in red, and said in words


@dataclass(frozen=True, slots=True)
class Picture:
    band: str
    expected: str
    seen: str
    last: tuple[float, float]
    label_y: float


def draw(weeks: Sequence[Week]) -> Picture:
    """Two weeks at least."""
    most = max(1, *(max(week.seen, week.high) for week in weeks))
    step = (RIGHT - LEFT) / max(len(weeks) - 1, 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return round(LEFT + step * n, 1), round(BOTTOM - (BOTTOM - TOP) * value / most, 1)

    high = [at(n, week.high) for n, week in enumerate(weeks)]
    low = [at(n, week.low) for n, week in enumerate(weeks)]
    seen = [at(n, week.seen) for n, week in enumerate(weeks)]
    last = seen[-1]
    return Picture(
        band=_path([*high, *reversed(low)]) + "z",
        expected=_path([at(n, week.expected) for n, week in enumerate(weeks)]),
        seen=_path(seen),
        last=last,
        label_y=round(max(min(y for _, y in seen[-2:]) - 11, 14), 1),  # clear of the line's last stretch
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def much(row: ClassWeek) -> bool:
    return row.seen >= 10 and row.seen > MUCH * row.expected


def heat(row: ClassWeek) -> int:
    """0 ordinary, 3 far more than expected: by standard deviations of a count."""
    over = (row.seen - row.expected) / max(row.expected, 1.0) ** 0.5
    return 3 if over >= 4 else 2 if over >= 2.5 else 1 if over >= 1.5 else 0
