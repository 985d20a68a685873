"""Figures as they are drawn, in bars, tiles and months, and as an XLSX workbook with the definitions they follow."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from math import sqrt
from typing import Any, Final

from complaints.statistics import Statistic, current, day_names
from complaints.statistics.figures import QUARTERS, Figure, quarters
from complaints.statistics.views import (
    CellMonth,
    Dashboard,
    FigureGroup,
    Figures,
    MediationPerformance,
    Outline,
    Overview,
    PosterBar,
    ProvinceFigures,
    StatisticsQuery,
)
from web.i18n import N_, Words
from web.office import statistics as said
from web.office.statistics import Cell, Chart, ChartLine, new_workbook, packed, workbook_row
from web.office.statistics.asking import counted

IN_ORDER: Final = ("month", "day")
HOT: Final = 1.4  # times the comparison: it stands out, when there are enough
ENOUGH: Final = 10
BAR_WIDTH, BAR_HEIGHT, BAR_LEFT, BAR_BOTTOM = 1000.0, 250.0, 46.0, 220.0
_HEATS: Final = (1.0, 2.5, 4.0)  # spreads of a count above the comparison


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    name: str
    count: int
    more: int | None  # than the comparison
    heat: int  # 0 to 3


@dataclass(frozen=True, slots=True)
class MapArea:
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
class ChartColumn:
    x: float
    y: float
    width: float
    height: float
    label: str
    name: str
    count: Decimal


@dataclass(frozen=True, slots=True)
class Columns:
    columns: Sequence[ChartColumn]
    names: Sequence[tuple[float, str]]
    lines: Sequence[tuple[float, str]]
    width: float = BAR_WIDTH
    height: float = BAR_HEIGHT
    left: float = BAR_LEFT
    bottom: float = BAR_BOTTOM


def drawn_bars(board: Dashboard, name: Callable[[str], str], value: Callable[[Figure | None], str]) -> list[PosterBar]:
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


def areas(outline: Outline, board: Dashboard) -> list[MapArea]:
    rows = {row.label: row for row in board.rows}
    found = []
    for shape in outline.shapes:
        row = rows.get(shape.code)
        count, more = (row.now.top, _more(row)) if row else (0, None)
        warm = heat(count, _top(row)) if row else 0
        found.append(MapArea(shape.path, shape.code, shape.name, count, more, warm, shape.x, shape.y))
    return found


def upright(board: Dashboard, name: Callable[[str], str]) -> Columns | None:
    """None when nothing was counted, or on too many days to be told apart."""
    rows = board.rows
    most = max((_of(row.now) for row in rows), default=Decimal(0))
    if not most:
        return None
    room = (BAR_WIDTH - BAR_LEFT) / len(rows)
    columns, names, every = [], [], max(1, len(rows) // 12)
    for n, row in enumerate(rows):
        height = round(float(_of(row.now) / most) * (BAR_BOTTOM - 24), 1)
        x, width = round(BAR_LEFT + room * (n + 0.14), 1), round(room * 0.72, 1)
        columns.append(
            ChartColumn(x, round(BAR_BOTTOM - height, 1), width, height, row.label, name(row.label), _of(row.now))
        )
        if n % every == 0:
            names.append(
                (round(BAR_LEFT + room * (n + 0.5), 1), row.label[2:] if len(row.label) == 7 else row.label[5:])
            )
    lines = [(BAR_BOTTOM, "0"), (24.0, f"{most:,.0f}")]
    return Columns(columns, names, lines)


MONTHS_WIDTH: Final = 1000.0
MONTHS_HEIGHT: Final = 250.0
MONTHS_LEFT: Final = 46.0
TOP: Final = 12.0
MONTHS_BOTTOM: Final = 220.0
SERIES: Final = (("received@1", "c-act"), ("handled@1", "c-consumer"))
NICE: Final = (1, 2, 5)
LINES: Final = 4


@dataclass(frozen=True, slots=True)
class ChartBar:
    x: float
    y: float
    width: float
    height: float
    css: str
    series: str  # the statistic's id
    month: str
    count: int


@dataclass(frozen=True, slots=True)
class MonthsPicture:
    """`lines`: y and number of each grid line; `months`: x of its middle, and the month."""

    bars: Sequence[ChartBar]
    lines: Sequence[tuple[float, int]]
    months: Sequence[tuple[float, str]]
    width: float = MONTHS_WIDTH
    height: float = MONTHS_HEIGHT
    left: float = MONTHS_LEFT
    bottom: float = MONTHS_BOTTOM


def draw_months(months: Sequence[tuple[str, Figures]]) -> MonthsPicture | None:
    """None when nothing was counted in all of them."""
    counts = {
        (month, series): figures[series].top for month, figures in months for series, _ in SERIES if series in figures
    }
    most = max(counts.values(), default=0)
    if not most:
        return None
    step = _step(most)
    top = step * -(-most // step)
    room = (MONTHS_WIDTH - MONTHS_LEFT) / len(months)
    bars, middles = [], []
    for n, (month, _) in enumerate(months):
        middles.append((round(MONTHS_LEFT + room * (n + 0.5), 1), month))
        for place, (series, css) in enumerate(SERIES):
            count = counts.get((month, series), 0)
            height = round((MONTHS_BOTTOM - TOP) * count / top, 1)
            x = round(MONTHS_LEFT + room * (n + 0.14 + 0.37 * place), 1)
            bars.append(
                ChartBar(x, round(MONTHS_BOTTOM - height, 1), round(room * 0.34, 1), height, css, series, month, count)
            )
    lines = [(round(MONTHS_BOTTOM - (MONTHS_BOTTOM - TOP) * at / top, 1), at) for at in range(0, top + 1, step)]
    return MonthsPicture(bars, lines, middles)


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
    lines = [ChartLine(month, _number(figures, received), _number(figures, handled)) for month, figures in seen.months]
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


NAMES: Final = (N_("Figures"), N_("Groups"), N_("Months"), N_("Definitions"))
TITLES: Final = (
    N_("Statistic"), N_("Version"), N_("Unit"), N_("This period"), N_("Out of"),
    N_("Period before"), N_("A year before"),
)  # fmt: skip
MEANING: Final = (N_("Statistic"), N_("Version"), N_("Unit"), N_("Formula"), N_("Counts by"), N_("Digits"))


def workbook(seen: Overview, asked: StatisticsQuery, words: Words, name: Callable[[str], str]) -> bytes:
    """`name`: a group's name. Blocks for a moment: openpyxl packs the file."""
    book, _ = new_workbook(), words.gettext
    figures, groups, months, meaning = (book.create_sheet(_(title)) for title in NAMES)
    for sheet in (figures, meaning):
        sheet.column_dimensions["A"].width = 30
    asked_for = [counted(asked, words)]
    if asked.as_of:
        asked_for.append(_("As it was known at the end of %(day)s", day=asked.today))
    workbook_row(figures, asked_for, bold=True)
    workbook_row(figures, [_(title) for title in TITLES], bold=True)
    for one in current():
        now, before, earlier = (some.get(one.id) for some in (seen.now, seen.previous, seen.year_before))
        bottom = now.bottom if now else None
        workbook_row(
            figures,
            [
                one.title(words.language), one.version, _(said.UNITS[one.unit]),
                *(_value(now), bottom), _value(before), _value(earlier),
            ],
        )  # fmt: skip
    _table(groups, _(said.BY[asked.by]) if asked.by else "", seen.groups, current(), words, name)
    month = said.BY["month"]
    _table(months, _(month), seen.months, [one for one in current() if one.id in _told(seen.months)], words)
    workbook_row(meaning, [_(title) for title in MEANING], bold=True)
    for one in current():
        by = day_names(one.measures).replace("`", "")
        workbook_row(
            meaning,
            [
                one.title(words.language),
                one.version,
                _(said.UNITS[one.unit]),
                one.words(words.language),
                by,
                one.digits,
            ],
        )
    return packed(book)


def province_book(
    seen: ProvinceFigures, standings: Mapping[str, str], words: Words, cell: CellMonth | None = None
) -> bytes:
    """All statistics of a month, added up and by bureau; of one bureau by day. Blocks for a moment."""
    book, _ = new_workbook(), words.gettext
    sheet = book.create_sheet(_(NAMES[0]))
    sheet.column_dimensions["A"].width = 30
    rows: list[tuple[list[Cell], Figures]] = [
        ([one.name, _(standings[one.standing]), one.edition.edition if one.edition else None], figures)
        for one, figures in seen.cells
    ]
    if cell is not None:
        rows = [([name, None, cell.shown.edition], figures) for name, figures in cell.days]
    total: list[Cell] = [_(N_("All bureaus")) if cell is None else cell.standing.name, None, None]
    day = said.BY["day"]
    head = [_(N_("Bureau")) if cell is None else _(day), _(N_("Figures reported")), _(N_("Edition"))]
    workbook_row(sheet, [seen.month], bold=True)
    workbook_row(sheet, [*head, *(one.title(words.language) for one in current())], bold=True)
    for first, figures in [(total, seen.total if cell is None else cell.total), *rows]:
        workbook_row(sheet, [*first, *(_value(figures.get(one.id)) for one in current())])
    return packed(book)


def as_csv(book: bytes) -> str:
    """The first sheet of a workbook, without its heading; with a mark that tells spreadsheets its encoding."""
    from openpyxl import load_workbook  # a tenth of all there is to load, and needed for a download only

    file = StringIO("\ufeff")
    file.seek(1)
    sheet = load_workbook(BytesIO(book), read_only=True).worksheets[0]
    rows = sheet.iter_rows(2, values_only=True)
    csv.writer(file).writerows(["" if one is None else one for one in row] for row in rows)
    return file.getvalue()


def board_book(
    seen: Dashboard,
    asked: StatisticsQuery,
    statistic: Statistic,
    by: str,
    beside: str,
    words: Words,
    name: Callable[[str], str],
) -> bytes:
    """A dashboard: what is on the page, with numbers as numbers, and what they mean. Blocks for a moment."""
    book, _ = new_workbook(), words.gettext
    sheet = book.create_sheet(_(NAMES[1]))
    sheet.column_dimensions["A"].width = 36
    workbook_row(sheet, [statistic.title(words.language), counted(asked, words)], bold=True)
    workbook_row(sheet, [statistic.words(words.language), statistic.id])
    if asked.as_of:
        workbook_row(sheet, [_("As it was known at the end of %(day)s", day=asked.today)])
    titles = [by, _(said.UNITS[statistic.unit]), _(N_("Complaints")), _(N_("Out of"))]
    workbook_row(sheet, [*titles, *([beside] if beside else [])], bold=True)
    rows = [(name(row.label), row.now, row.other) for row in seen.rows]
    for label, now, other in [*rows, (_(N_("In all")), seen.total, seen.other)]:
        workbook_row(sheet, [label, _value(now), now.top, now.bottom, *([_value(other)] if beside else [])])
    return packed(book)


def mediation_book(
    seen: MediationPerformance,
    asked: StatisticsQuery,
    wanted: Sequence[Statistic],
    by: str,
    short: Mapping[str, str],
    words: Words,
    name: Callable[[str], str],
) -> bytes:
    """How mediation goes, by office and by class; days by which a tenth, a quarter … were done. Blocks for a moment."""
    book, _ = new_workbook(), words.gettext
    titles = [one.title(words.language) for one in wanted]
    tenths = [f"{share:.0%}" for share in QUARTERS]
    expected = [_(N_("Expected of its mix")), _(N_("at least")), _(N_("at most"))]
    for title, rows in (
        (_(N_("Offices")), [(short.get(one.label, one.label), one) for one in seen.mine]),
        (_(NAMES[1]), [*[(name(one.label), one) for one in seen.classes], (_(N_("In all")), seen.total)]),
    ):
        sheet = book.create_sheet(title)
        sheet.column_dimensions["A"].width = 30
        workbook_row(sheet, [counted(asked, words)], bold=True)
        workbook_row(sheet, [by if title == _(NAMES[1]) else title, *titles, *tenths, *expected], bold=True)
        for label, one in rows:
            days = quarters(one.days)
            none: list[Cell] = [None] * len(tenths)
            like = one.like and (one.like.expected, one.like.low, one.like.high)
            figures = [_value(one.figures.get(each.id)) for each in wanted]
            known = [Decimal(f"{part:.1f}") for part in like] if like else []
            workbook_row(sheet, [label, *figures, *(days or none), *known])
    return packed(book)


def _table(
    sheet: Any, by: str, rows: Sequence[tuple[str, Figures]], wanted: Sequence[Statistic], words: Words,
    name: Callable[[str], str] = str,
) -> None:  # fmt: skip
    if not rows:
        return
    workbook_row(sheet, [by, *(one.title(words.language) for one in wanted)], bold=True)
    for label, figures in rows:
        workbook_row(sheet, [name(label), *(_value(figures.get(one.id)) for one in wanted)])


def _told(months: Sequence[tuple[str, Figures]]) -> set[str]:
    return {id for _, figures in months for id in figures}


def _value(figure: Any) -> Decimal | None:
    value: Decimal | None = figure.value if figure else None
    return value
