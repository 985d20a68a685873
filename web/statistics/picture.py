"""The picture of twelve months: two bars each, received and handled. Geometry only; the template writes the SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from complaints.statistics.definitions import Statistic
from complaints.statistics.views import Figures, Overview
from web.charts import Chart, Line
from web.i18n import Words

WIDTH: Final = 1000.0
HEIGHT: Final = 250.0
LEFT: Final = 46.0
TOP: Final = 12.0
BOTTOM: Final = 220.0
SERIES: Final = (("received@1", "c-act"), ("handled@1", "c-consumer"))
NICE: Final = (1, 2, 5)
LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    css: str
    series: str  # the statistic's id
    month: str
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`lines`: y and number of each grid line; `months`: x of its middle, and the month."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    months: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    bottom: float = BOTTOM


def draw(months: Sequence[tuple[str, Figures]]) -> Picture | None:
    """None when nothing was counted in all of them."""
    counts = {
        (month, series): figures[series].top for month, figures in months for series, _ in SERIES if series in figures
    }
    most = max(counts.values(), default=0)
    if not most:
        return None
    step = _step(most)
    top = step * -(-most // step)
    room = (WIDTH - LEFT) / len(months)
    bars, middles = [], []
    for n, (month, _) in enumerate(months):
        middles.append((round(LEFT + room * (n + 0.5), 1), month))
        for place, (series, css) in enumerate(SERIES):
            count = counts.get((month, series), 0)
            height = round((BOTTOM - TOP) * count / top, 1)
            x = round(LEFT + room * (n + 0.14 + 0.37 * place), 1)
            bars.append(Bar(x, round(BOTTOM - height, 1), round(room * 0.34, 1), height, css, series, month, count))
    lines = [(round(BOTTOM - (BOTTOM - TOP) * at / top, 1), at) for at in range(0, top + 1, step)]
    return Picture(bars, lines, middles)


def _step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that at most `LINES` lines stand above the axis."""
    power = 1
    while True:
        for nice in NICE:
            if most <= nice * power * LINES:
                return nice * power
        power *= 10


def twelve_months(seen: Overview, received: Statistic, handled: Statistic, words: Words) -> Chart:
    """The same to be taken along: a bar of what was received, a mark at what was handled."""
    lines = [Line(month, _number(figures, received), _number(figures, handled)) for month, figures in seen.months]
    last = seen.months[-1][0] if seen.months else ""
    first_name, second_name = received.title(words.language), handled.title(words.language)
    return Chart(
        words.gettext("Twelve months"),
        words.gettext(
            "%(what)s: %(many)s; %(other)s: %(others)s.",
            what=first_name,
            many=f"{sum(line.count or 0 for line in lines):,.0f}",
            other=second_name,
            others=f"{sum(line.beside or 0 for line in lines):,.0f}",
        ),
        words.gettext("Twelve months up to %(month)s; the mark: %(what)s", month=last, what=second_name),
        (words.gettext("Month"), first_name, second_name),
        lines,
        upright=True,
    )


def _number(figures: Figures, statistic: Statistic) -> float:
    found = figures.get(statistic.id)
    return float(found.value or 0) if found else 0.0
