"""`/statistics/bureaus`: the figures that bureaus with installations of their own have signed, together and by each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from aiohttp import web

from complaints.statistics import Statistic, UnknownStatistic, current, find_statistic
from complaints.statistics.figures import each_month, months_to
from complaints.statistics.views import (
    CellMonth,
    PosterBar,
    ProvinceFigures,
)
from offices.systems import CELL_PREFIX
from web import i18n
from web.http.responses import XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_
from web.office import statistics as statistics_words
from web.office.administration import CELL_FIGURES
from web.office.statistics.drawing import (
    as_csv,
    province_book,
)
from web.office.statistics.pages import COLUMNS
from web.rendering import go, number, officer_in, show, today

STANDINGS: Final = {"here": N_("reported"), "late": N_("reported late"), "missing": N_("not reported")}
_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ProvinceQuestion:
    """Which month and which statistic the bars are of."""

    month: str
    statistic: Statistic

    def query(self, **more: str) -> dict[str, str]:
        return {"month": self.month, "statistic": self.statistic.name, **more}


def _asked_of(request: web.Request) -> ProvinceQuestion:
    yesterday = today(request) - timedelta(days=1)
    name = request.query.get("month", "")
    try:
        statistic = find_statistic(request.query.get("statistic", "received"))
    except UnknownStatistic:
        statistic = find_statistic("received")
    return ProvinceQuestion(name if _MONTH.fullmatch(name) else f"{yesterday:%Y-%m}", statistic)


@officer_page("supervisor")
async def province(request: web.Request) -> web.StreamResponse:
    asked, said = _asked_of(request), i18n.words_for(request)
    seen = await request.app[CELL_FIGURES].province(officer_in(request), asked.month)
    counts = [(one.name, figures[asked.statistic.id]) for one, figures in seen.cells]
    most = max((figure.value or 0 for _, figure in counts), default=0)
    text = partial(statistics_words.figure_text, words=said)
    return show(
        request,
        "statistics/province.html",
        "statistics",
        asked=asked,
        seen=seen,
        months=list(reversed(each_month(months_to(today(request), 13)))),
        statistics=current(),
        columns=[find_statistic(name) for name in COLUMNS],
        bars=[PosterBar(name, text(one), float((one.value or 0) / most)) for name, one in counts if most],
        standings=STANDINGS,
        value=text,
    )


@officer_page("supervisor")
async def province_file(request: web.Request) -> web.StreamResponse:
    """The table as a workbook, or as CSV."""
    asked, said = _asked_of(request), i18n.words_for(request)
    seen = await request.app[CELL_FIGURES].province(officer_in(request), asked.month)
    return await _saved_as(request, partial(province_book, seen, STANDINGS, said), f"yuntiao-bureaus-{asked.month}")


async def _saved_as(request: web.Request, make: Callable[[], bytes], name: str) -> web.Response:
    body = await asyncio.to_thread(make)
    if request.path.endswith(".xlsx"):
        return attachment_headers(body, XLSX, f"{name}.xlsx")
    table = await asyncio.to_thread(as_csv, body)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return web.Response(text=table, content_type="text/csv", charset="utf-8", headers=headers)


@officer_page("supervisor")
async def pull_province(request: web.Request) -> web.StreamResponse:
    await request.app[CELL_FIGURES].pull_now(officer_in(request))
    return go(str(request.app.router["province"].url_for().with_query(_asked_of(request).query())))


async def _cell_month(request: web.Request) -> CellMonth:
    edition = number(request, "edition", 0) if request.query.get("edition") else 0
    cell = CELL_PREFIX + request.match_info["cell"][:120]
    return await request.app[CELL_FIGURES].one(officer_in(request), cell, _asked_of(request).month, edition)


@officer_page("supervisor")
async def province_cell(request: web.Request) -> web.StreamResponse:
    asked, said, seen = _asked_of(request), i18n.words_for(request), await _cell_month(request)
    return show(
        request,
        "statistics/province_cell.html",
        "statistics",
        asked=asked,
        seen=seen,
        statistics=current(),
        columns=[find_statistic(name) for name in COLUMNS],
        standings=STANDINGS,
        value=partial(statistics_words.figure_text, words=said),
    )


@officer_page("supervisor")
async def province_cell_file(request: web.Request) -> web.StreamResponse:
    asked, said, cell = _asked_of(request), i18n.words_for(request), await _cell_month(request)
    seen = ProvinceFigures(asked.month, cell.total, ())
    name = f"yuntiao-bureau-{asked.month}-{cell.shown.edition}"
    return await _saved_as(request, partial(province_book, seen, STANDINGS, said, cell), name)


def register(app: web.Application) -> None:
    app.router.add_get("/statistics/bureaus", province, name="province")
    app.router.add_get("/statistics/bureaus.xlsx", province_file, name="province_xlsx")
    app.router.add_get("/statistics/bureaus.csv", province_file, name="province_csv")
    app.router.add_post("/statistics/bureaus/pull", pull_province, name="province_pull")
    app.router.add_get("/statistics/bureaus/{cell}", province_cell, name="province_cell")
    app.router.add_get("/statistics/bureaus/{cell}/figures.xlsx", province_cell_file, name="province_cell_xlsx")
    app.router.add_get("/statistics/bureaus/{cell}/figures.csv", province_cell_file, name="province_cell_csv")
