"""Dashboards: one figure by one thing complaints have in common (`/statistics/dashboard`), or by two
(`/statistics/cross`).

One thing stands beside another period or office; two are such as industry and problem, or a place and the month, and
each number opens its records. Both also as a picture (PNG) and a workbook (XLSX). What is said in words is in
`web.office.statistics`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.statistics import Statistic, UnknownStatistic, find_statistic
from complaints.statistics.figures import BETWEEN, COLUMNS, EARLIEST, GROUPS, MOST_DAYS, ROWS, Figure, Period
from complaints.statistics.views import (
    Comparison,
    CrossTable,
    Dashboard,
    FigureChange,
    Outline,
    Poster,
    PosterBar,
    TooMuchChanged,
    read_outline,
)
from journal.refusals import Refused
from web import i18n
from web.http.responses import PNG, XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office import statistics as statistics_words
from web.office.statistics import (
    DASHBOARDS,
    StatisticsQuestion,
    asking,
    drawing,
    new_workbook,
    packed,
    question,
    shortcuts,
    workbook_row,
)
from web.office.statistics.drawing import board_book, heat
from web.rendering import office_scopes, officer_in, show

STATISTICS: Final = (
    "received", "accepted", "refused", "handled", "mediated", "confirmed", "ended", "success_rate", "settled_share",
    "loss_recovered", "disputed_amount", "on_time_decision", "on_time_mediation", "on_time_notice",
    "median_days_to_decision", "median_days_to_handling", "median_days_to_settlement", "travel_saved",
    "turned_into_cases", "satisfaction", "felt_heard", "questions_answered",
)  # fmt: skip
BY: Final[Mapping[str, str]] = {name: statistics_words.ALL[name] for name in GROUPS}
MOST: Final = 30


@dataclass(frozen=True, slots=True)
class WantedDashboard:
    """`against`: "previous", "year", "none", an office's id, or the days of another period ("2025-01-01..2025-03-31").
    `since`: a day whose end is compared with now."""

    question: StatisticsQuestion
    statistic: Statistic
    against: str
    since: date | None

    @property
    def query(self) -> Mapping[str, str]:
        more = {"statistic": self.statistic.name, "against": self.against, "by": self.question.asked.by}
        return {**self.question.query, **more, **({"since": self.since.isoformat()} if self.since else {})}


def _wanted(request: web.Request) -> WantedDashboard:
    asked = question(request)
    if not asked.asked.by:
        asked = replace(asked, asked=replace(asked.asked, by="problem"))
    name = request.query.get("statistic", "")
    try:
        statistic = find_statistic(name if name in STATISTICS else STATISTICS[0])
    except UnknownStatistic:  # pragma: no cover - all of them are defined
        raise Refused("not_found", 404) from None
    try:
        since = date.fromisoformat(request.query.get("since", ""))
    except ValueError:
        since = None
    if since is not None and not EARLIEST <= since < asked.day:
        since = None
    against = request.query.get("against", "")[:64]
    if ".." in against and _other_period(against) is None:
        against = ""
    return WantedDashboard(asked, statistic, against or "previous", since)


def _against(wanted: WantedDashboard) -> Comparison | None:
    period = wanted.question.asked.period
    match wanted.against:
        case "previous":
            return Comparison(period.previous())
        case "year":
            return Comparison(period.year_before())
        case "none":
            return None
        case other if beside := _other_period(other):
            return Comparison(beside)
        case office:
            return Comparison(period, office)


def _other_period(against: str) -> Period | None:
    first, _, last = against.partition("..")
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None
    within = EARLIEST <= period.first <= period.last and (period.last - period.first).days <= MOST_DAYS
    return period if within else None


async def _board(request: web.Request, wanted: WantedDashboard) -> Dashboard:
    asked = wanted.question.asked
    return await request.app[DASHBOARDS].board(officer_in(request), asked, wanted.statistic, _against(wanted), MOST)


@officer_page("mediator", "supervisor")
async def dashboard(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    asked = wanted.question.asked
    seen, said = await _board(request, wanted), i18n.words_for(request)
    name = _names(request, wanted, seen)
    since, too_much = await _since(request, wanted)
    outline = await _outline(request, wanted, seen)
    upright = asked.by in drawing.IN_ORDER
    return show(
        request,
        "statistics/board.html",
        "statistics",
        tab="board",
        answer=await asking.answered(request),
        narrowed=asking.narrowings(asked.only, said),
        wanted=wanted.question,
        asked=asked,
        query=wanted.query,
        seen=seen,
        scopes=office_scopes(seen.offices, i18n.words_for(request)),
        statistic=wanted.statistic,
        statistics=[find_statistic(one) for one in STATISTICS],
        groups=BY,
        against=wanted.against,
        beside=_beside(wanted, seen, said),
        lines=statistics_words.dashboard_sentence(
            seen, wanted.statistic, name, _beside(wanted, seen, said), upright, said
        ),
        drawn=drawing.drawn_bars(seen, name, partial(statistics_words.figure_text, words=said)),
        tiles=drawing.tiles(seen, name) if asked.by in ("division", "street") and outline is None else (),
        outline=outline,
        picture=drawing.upright(seen, name) if upright else None,
        shortcuts=shortcuts(wanted.question.day),
        over=lambda period: {**wanted.query, **wanted.question.over(period)},
        since=since,
        too_much=too_much,
        since_day=wanted.since,
        value=partial(statistics_words.figure_text, words=said),
        moved=partial(statistics_words.change_text, words=said),
        group=name,
        behind=partial(_behind, request, wanted),
        behind_other=partial(_behind_other, request, wanted),
    )


@officer_page("mediator", "supervisor")
async def picture(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    seen, said = await _board(request, wanted), i18n.words_for(request)
    name, beside = _names(request, wanted, seen), _beside(wanted, seen, said)
    asked, upright = wanted.question.asked, wanted.question.asked.by in drawing.IN_ORDER
    by = said.gettext(BY[asked.by])
    note = f"{asking.counted(asked, said)} · {wanted.statistic.title(said.language)}"
    poster = Poster(
        title=f"{wanted.statistic.title(said.language)} · {by}",
        sentence=" ".join(statistics_words.dashboard_sentence(seen, wanted.statistic, name, beside, upright, said)),
        note=f"{note} · {said.gettext(N_('mark: %(what)s'), what=beside)}" if beside else note,
        bars=drawing.drawn_bars(seen, name, partial(statistics_words.figure_text, words=said)),
        upright=upright,
    )
    return _file(await request.app[DASHBOARDS].picture(poster), PNG, wanted, "png")


@officer_page("mediator", "supervisor")
async def file(request: web.Request) -> web.StreamResponse:
    wanted = _wanted(request)
    seen, said = await _board(request, wanted), i18n.words_for(request)
    name, beside = _names(request, wanted, seen), _beside(wanted, seen, said)
    by = said.gettext(BY[wanted.question.asked.by])
    make = partial(board_book, seen, wanted.question.asked, wanted.statistic, by, beside, said, name)
    return _file(await asyncio.to_thread(make), XLSX, wanted, "xlsx")


def _file(body: bytes, kind: str, wanted: WantedDashboard, ending: str) -> web.Response:
    asked = wanted.question.asked
    name = f"yuntiao-{wanted.statistic.name}-{asked.by}-{asked.period.first}-{asked.period.last}.{ending}"
    return attachment_headers(body, kind, name)


async def _since(request: web.Request, wanted: WantedDashboard) -> tuple[FigureChange | None, bool]:
    """What changed since the chosen day's end; whether that was too much to look at."""
    if wanted.since is None:
        return None, False
    officer = officer_in(request)
    moment = datetime.combine(wanted.since, time.max, ZoneInfo(officer.office.zone))
    try:
        told = request.app[DASHBOARDS].since(officer, wanted.question.asked, wanted.statistic, moment)
        return await told, False
    except TooMuchChanged:
        return None, True


async def _outline(request: web.Request, wanted: WantedDashboard, seen: Dashboard) -> Sequence[drawing.MapArea] | None:
    if wanted.question.asked.by != "division":
        return None
    kept = await request.app[DASHBOARDS].outline(officer_in(request).office.id)
    return None if kept is None else drawing.areas(_read(kept), seen)


def _read(kept: bytes) -> Outline:
    return read_outline(kept)


def _beside(wanted: WantedDashboard, seen: Dashboard, said: i18n.Words) -> str:
    """What it is compared with, in words; "" for nothing."""
    match wanted.against:
        case "previous":
            return said.gettext(N_("the period before"))
        case "year":
            return said.gettext(N_("a year before"))
        case "none":
            return ""
        case other if period := _other_period(other):
            return str(period)
        case office:
            return dict(office_scopes(seen.offices, said)).get(office, office).strip()


def _names(request: web.Request, wanted: WantedDashboard, seen: Dashboard) -> partial[str]:
    short = {office.id: office.short for office in seen.offices}
    by = wanted.question.asked.by
    return partial(statistics_words.group_name, by, offices=short, words=i18n.words_for(request), names=seen.names)


def _behind(request: web.Request, wanted: WantedDashboard, label: str | None) -> str:
    """The address of the complaints behind a number."""
    query = {**wanted.question.query, "by": wanted.question.asked.by, "part": "top"}
    more = {} if label is None else {"group": label}
    route = request.app.router["statistics_records"].url_for(statistic=wanted.statistic.id)
    return str(route.with_query({**query, **more}))


def _behind_other(request: web.Request, wanted: WantedDashboard, label: str | None) -> str:
    against = _against(wanted)
    assert against is not None
    query = {**wanted.question.over(against.period), "by": wanted.question.asked.by, "part": "top"}
    if against.office:
        query["office"] = against.office
    more = {} if label is None else {"group": label}
    route = request.app.router["statistics_records"].url_for(statistic=wanted.statistic.id)
    return str(route.with_query({**query, **more}))


def register(app: web.Application) -> None:
    app.router.add_get("/statistics/dashboard", dashboard, name="board")
    app.router.add_get("/statistics/dashboard.png", picture, name="board_picture")
    app.router.add_get("/statistics/dashboard.xlsx", file, name="board_file")


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


def _wanted_cross(request: web.Request) -> WantedCrossTable:
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
    wanted = _wanted_cross(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(statistics_words.group_name, offices={one.id: one.short for one in seen.offices}, words=said)
    return show(
        request,
        "statistics/cross.html",
        "statistics",
        answer=await asking.answered(request),
        narrowed=asking.narrowings(wanted.question.asked.only, said),
        wanted=wanted.question,
        asked=wanted.question.asked,
        query=wanted.query,
        seen=seen,
        scopes=office_scopes(seen.offices, i18n.words_for(request)),
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
        behind=partial(_behind_cross, request, wanted),
    )


@officer_page("mediator", "supervisor")
async def cross_picture(request: web.Request) -> web.StreamResponse:
    wanted = _wanted_cross(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(
        statistics_words.group_name,
        wanted.question.asked.by,
        offices={one.id: one.short for one in seen.offices},
        words=said,
    )
    cells = sorted(seen.cells.items(), key=lambda one: (-(one[1].value or 0), one[0]))[:MOST_BARS]
    most = max((float(figure.value or 0) for _, figure in cells), default=0) or 1
    bars = [
        PosterBar(
            name(BETWEEN.join(labels)), statistics_words.figure_text(figure, said), float(figure.value or 0) / most
        )
        for labels, figure in cells
    ]
    note = f"{asking.counted(wanted.question.asked, said)} · {wanted.statistic.title(said.language)}"
    poster = Poster(_title(wanted, said), sentence(seen, wanted, name, said), note, bars)
    return attachment_headers(await request.app[DASHBOARDS].picture(poster), PNG, _name(wanted, "png"))


@officer_page("mediator", "supervisor")
async def cross_file(request: web.Request) -> web.StreamResponse:
    wanted = _wanted_cross(request)
    seen, said = await _seen(request, wanted), i18n.words_for(request)
    name = partial(statistics_words.group_name, offices={one.id: one.short for one in seen.offices}, words=said)
    body = await asyncio.to_thread(_book, seen, wanted, name, said)
    return attachment_headers(body, XLSX, _name(wanted, "xlsx"))


def _book(seen: CrossTable, wanted: WantedCrossTable, name: Any, said: Words) -> bytes:
    """All rows and columns, whatever the page leaves out. Blocks for a moment."""
    book, in_all = new_workbook(), said.gettext(N_("In all"))
    sheet = book.create_sheet()
    sheet.column_dimensions["A"].width = 30
    workbook_row(sheet, [_title(wanted, said), asking.counted(wanted.question.asked, said)], bold=True)
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


def _behind_cross(request: web.Request, wanted: WantedCrossTable, first: str | None, second: str | None) -> str:
    """The complaints behind a cell; of a whole row or column when the other is None."""
    by, labels = wanted.question.asked.by, [one for one in (first, second) if one is not None]
    if len(labels) == 1:
        by = wanted.rows if first is not None else wanted.columns
    query = {**wanted.question.query, "by": by, "part": "top"}
    if labels:
        query["group"] = BETWEEN.join(labels)
    route = request.app.router["statistics_records"].url_for(statistic=wanted.statistic.id)
    return str(route.with_query(query))


def register_cross(app: web.Application) -> None:
    app.router.add_get("/statistics/cross", page, name="cross")
    app.router.add_get("/statistics/cross.png", cross_picture, name="cross_picture")
    app.router.add_get("/statistics/cross.xlsx", cross_file, name="cross_file")
