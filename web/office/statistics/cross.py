"""`/statistics/cross`: one figure by two things at once, as industry and problem, or a place and the month; the same
as a picture and a workbook. Each number opens its records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from aiohttp import web

from complaints.statistics.definitions import Statistic, find_statistic
from complaints.statistics.figures import BETWEEN, COLUMNS, ROWS, Figure
from complaints.statistics.views import CrossTable, Poster, PosterBar
from web import i18n
from web.http.responses import PNG, XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office.charts import new_workbook, packed, workbook_row
from web.office.staff_pages import officer_in, show
from web.office.statistics import words as statistics_words
from web.office.statistics.boards import STATISTICS
from web.office.statistics.drawing import heat
from web.office.statistics.queries import StatisticsQuestion, question, shortcuts
from web.office.statistics.services import DASHBOARDS

MOST_ROWS: Final = 30
MOST_COLUMNS: Final = 14
MOST_BARS: Final = 20
IN_ORDER: Final = ("month",)


@dataclass(frozen=True, slots=True)
class WantedCrossTable:
    question: StatisticsQuestion
    statistic: Statistic
    rows: str
    columns: str

    @property
    def query(self) -> dict[str, str]:
        return {**self.question.query, "by": self.question.asked.by, "statistic": self.statistic.name}


@dataclass(frozen=True, slots=True)
class Cell:
    """`heat`: 0 to 3, by how far it lies above what its row and its column let one expect."""

    figure: Figure | None
    heat: int


@dataclass(frozen=True, slots=True)
class Grid:
    """What is shown of it: the rows and columns with most."""

    columns: Sequence[tuple[str, Figure]]
    rows: Sequence[tuple[str, Figure, Sequence[Cell]]]


def _wanted(request: web.Request) -> WantedCrossTable:
    asked = question(request, two=True)
    by = asked.asked.by if BETWEEN in asked.asked.by else ""
    rows, columns = request.query.get("rows", ""), request.query.get("columns", "")
    if by and not (rows or columns):
        rows, _, columns = by.partition(BETWEEN)
    rows = rows if rows in ROWS else "industry"
    if columns not in COLUMNS or columns == rows:
        columns = next(one for one in ("problem", "channel") if one != rows)
    asked = replace(asked, asked=replace(asked.asked, by=f"{rows}{BETWEEN}{columns}"))
    name = request.query.get("statistic", "")
    return WantedCrossTable(asked, find_statistic(name if name in STATISTICS else STATISTICS[0]), rows, columns)


async def _seen(request: web.Request, wanted: WantedCrossTable) -> CrossTable:
    return await request.app[DASHBOARDS].cross(officer_in(request), wanted.question.asked, wanted.statistic)


def grid(seen: CrossTable, wanted: WantedCrossTable) -> Grid:
    columns = _cut(seen.columns, MOST_COLUMNS, wanted.columns)
    found = []
    for label, figure in _cut(seen.rows, MOST_ROWS, wanted.rows):
        cells = []
        for column, of_column in columns:
            one = seen.cells.get((label, column))
            if one is None or not (label and column):  # that neither of two things was filled in says nothing
                cells.append(Cell(one, 0))
            else:
                cells.append(Cell(one, _heat(one, figure, of_column, seen.total)))
        found.append((label, figure, cells))
    return Grid(columns, found)


def _cut(groups: Sequence[tuple[str, Figure]], most: int, by: str) -> Sequence[tuple[str, Figure]]:
    """Those with most; time in its own order, the newest."""
    return sorted(groups)[-most:] if by in IN_ORDER else groups[:most]


def _heat(one: Figure, of_row: Figure, of_column: Figure, total: Figure) -> int:
    """Of counts only, and of five and more: a share has no expected number."""
    if one.bottom is not None or one.top < 5 or not total.top:
        return 0
    return heat(one.top, round(of_row.top * of_column.top / total.top))


def sentence(seen: CrossTable, wanted: WantedCrossTable, name: Any, said: Words) -> str:
    """The largest, and what stands out most. `name`: `words.group` of a label."""
    _, name = said.gettext, partial(name, coded=False)
    counted = [(one.bottom or one.top, labels, one) for labels, one in seen.cells.items()]
    if not counted:
        return _(N_("Nothing was counted in this period. Choose a longer one, or another statistic."))
    _most, labels, one = max(counted, key=lambda each: (each[0], each[1]))
    told = [
        _(
            N_("Most complaints: %(what)s, %(value)s."),
            what=name(BETWEEN.join(labels)),
            value=statistics_words.figure_text(one, said),
        )
    ]
    rows, columns = dict(seen.rows), dict(seen.columns)
    warm = [
        (_heat(figure, rows[first], columns[second], seen.total), figure.top, (first, second))
        for (first, second), figure in seen.cells.items()
        if first and second and first in rows and second in columns
    ]
    degree, top, labels = max(warm, default=(0, 0, ("", "")))
    if degree:
        expected = round(rows[labels[0]].top * columns[labels[1]].top / seen.total.top)
        told.append(
            _(
                N_("Most out of the ordinary: %(what)s, %(seen)s where its row and column suggest %(expected)s."),
                what=name(BETWEEN.join(labels)),
                seen=f"{top:,}",
                expected=f"{expected:,}",
            )
        )
    return ("" if said.language == "zh" else " ").join(told)


@officer_page("mediator", "supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(statistics_words.group_name, offices={one.id: one.short for one in seen.offices}, words=said)
    return show(
        request,
        "statistics/cross.html",
        "statistics",
        wanted=wanted.question,
        asked=wanted.question.asked,
        query=wanted.query,
        seen=seen,
        grid=grid(seen, wanted),
        statistic=wanted.statistic,
        statistics=[find_statistic(one) for one in STATISTICS],
        rows_by=wanted.rows,
        columns_by=wanted.columns,
        rows={one: statistics_words.ALL[one] for one in ROWS},
        columns={one: statistics_words.ALL[one] for one in COLUMNS},
        line=sentence(seen, wanted, partial(name, wanted.question.asked.by), said),
        shortcuts=shortcuts(wanted.question.day),
        over=lambda period: {**wanted.query, **wanted.question.over(period), "by": wanted.question.asked.by},
        value=partial(statistics_words.figure_text, words=said),
        row_name=partial(name, wanted.rows),
        column_name=partial(name, wanted.columns),
        behind=partial(_behind, request, wanted),
    )


@officer_page("mediator", "supervisor")
async def picture(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(
        statistics_words.group_name,
        wanted.question.asked.by,
        offices={one.id: one.short for one in seen.offices},
        words=said,
    )
    period = wanted.question.asked.period
    cells = sorted(seen.cells.items(), key=lambda one: (-(one[1].value or 0), one[0]))[:MOST_BARS]
    most = max((float(figure.value or 0) for _, figure in cells), default=0) or 1
    bars = [
        PosterBar(
            name(BETWEEN.join(labels)), statistics_words.figure_text(figure, said), float(figure.value or 0) / most
        )
        for labels, figure in cells
    ]
    note = f"{period} · {wanted.statistic.id}"
    poster = Poster(_title(wanted, said), sentence(seen, wanted, name, said), note, bars)
    return attachment_headers(await request.app[DASHBOARDS].picture(poster), PNG, _name(wanted, "png"))


@officer_page("mediator", "supervisor")
async def file(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(statistics_words.group_name, offices={one.id: one.short for one in seen.offices}, words=said)
    body = await asyncio.to_thread(_book, seen, wanted, name, said)
    return attachment_headers(body, XLSX, _name(wanted, "xlsx"))


def _book(seen: CrossTable, wanted: WantedCrossTable, name: Any, said: Words) -> bytes:
    """All rows and columns, whatever the page leaves out. Blocks for a moment."""
    book, period = new_workbook(), wanted.question.asked.period
    sheet, in_all = book.create_sheet(), said.gettext(N_("In all"))
    sheet.column_dimensions["A"].width = 30
    workbook_row(sheet, [_title(wanted, said), str(period)], bold=True)
    workbook_row(sheet, [sentence(seen, wanted, partial(name, wanted.question.asked.by), said)])
    workbook_row(sheet, [wanted.statistic.words(said.language), wanted.statistic.id])
    workbook_row(sheet, ["", *(name(wanted.columns, label) for label, _ in seen.columns), in_all], bold=True)
    for label, figure in seen.rows:
        cells = [seen.cells.get((label, column)) for column, _ in seen.columns]
        workbook_row(sheet, [name(wanted.rows, label), *(one.value if one else None for one in cells), figure.value])
    workbook_row(sheet, [in_all, *(figure.value for _, figure in seen.columns), seen.total.value])
    return packed(book)


def _title(wanted: WantedCrossTable, said: Words) -> str:
    both = [said.gettext(statistics_words.ALL[one]) for one in (wanted.rows, wanted.columns)]
    return f"{wanted.statistic.title(said.language)} · {both[0]} × {both[1]}"


def _name(wanted: WantedCrossTable, ending: str) -> str:
    period = wanted.question.asked.period
    return f"yuntiao-{wanted.statistic.name}-{wanted.rows}-{wanted.columns}-{period.first}-{period.last}.{ending}"


def _behind(request: web.Request, wanted: WantedCrossTable, first: str | None, second: str | None) -> str:
    """The complaints behind a cell; of a whole row or column when the other is None."""
    by, labels = wanted.question.asked.by, [one for one in (first, second) if one is not None]
    if len(labels) == 1:
        by = wanted.rows if first is not None else wanted.columns
    query = {**wanted.question.query, "by": by, "part": "top"}
    if labels:
        query["group"] = BETWEEN.join(labels)
    route = request.app.router["statistics_records"].url_for(statistic=wanted.statistic.id)
    return str(route.with_query(query))


def register(app: web.Application) -> None:
    app.router.add_get("/statistics/cross", page, name="cross")
    app.router.add_get("/statistics/cross.png", picture, name="cross_picture")
    app.router.add_get("/statistics/cross.xlsx", file, name="cross_file")
