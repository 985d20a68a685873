"""`/statistics`: the figures of a period, the complaints behind each, and the same as a workbook."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Final

from aiohttp import web

from complaints.statistics.definitions import Part, Share, Statistic, UnknownStatistic, current, find_statistic
from complaints.statistics.periods import Period
from complaints.statistics.views import Overview
from offices.refusal import Refused
from web import i18n, words as office_words
from web.charts import saved
from web.leads.services import CONSULTATIONS
from web.responses import XLSX, attachment_headers
from web.security import officer_page
from web.staff_pages import PAGE_SIZE, number, officer_in, show
from web.statistics import words
from web.statistics.drawing import SERIES, draw_months, twelve_months
from web.statistics.queries import Question, question, shortcuts
from web.statistics.services import STATISTICS
from web.statistics.workbook import workbook

COLUMNS: Final = (
    "received", "accepted", "handled", "mediated", "success_rate", "loss_recovered", "on_time_decision",
    "on_time_mediation",
)  # fmt: skip


@officer_page("mediator", "supervisor")
async def overview(request: web.Request) -> web.StreamResponse:
    wanted = question(request)
    _few(request, wanted)
    seen = await request.app[STATISTICS].overview(officer_in(request), wanted.asked)
    said = i18n.words_for(request)
    return show(
        request,
        "statistics/overview.html",
        "statistics",
        wanted=wanted,
        asked=wanted.asked,
        seen=seen,
        statistics=current(),
        columns=[find_statistic(name) for name in COLUMNS],
        picture=draw_months(seen.months),
        series=[(find_statistic(id), css) for id, css in SERIES],
        shortcuts=shortcuts(wanted.day),
        groups=words.BY,
        value=partial(words.figure_text, words=said),
        moved=partial(words.change_text, words=said),
        group=_group(request, wanted, seen),
        over=wanted.over,
        behind=partial(_behind, request, wanted),
        beside=await _beside(request, wanted),
    )


async def _beside(request: web.Request, wanted: Question) -> tuple[int, int]:
    """Consultations and other matters of the period: (received, answered). They are in no figure of complaints."""
    period = wanted.asked.period
    counts = await request.app[CONSULTATIONS].counts(officer_in(request), period.first, period.last)
    return sum(received for received, _ in counts.values()), sum(answered for _, answered in counts.values())


@officer_page("mediator", "supervisor")
async def records(request: web.Request) -> web.StreamResponse:
    wanted, statistic = question(request, two=True), _statistic(request)
    part: Part = "bottom" if isinstance(statistic.formula, Share) and request.query.get("part") != "top" else "top"
    group, page = request.query.get("group"), number(request, "page")
    group = group[:160] if group is not None and wanted.asked.by else None
    found, total = await request.app[STATISTICS].records(
        officer_in(request), wanted.asked, statistic, part, group, page
    )
    query = {**wanted.query, "part": part} | ({} if group is None else {"group": group})
    return show(
        request,
        "statistics/records.html",
        "statistics",
        wanted=wanted,
        asked=wanted.asked,
        statistic=statistic,
        part=part,
        share=isinstance(statistic.formula, Share),
        label=None if group is None else words.group_name(wanted.asked.by, group, {}, i18n.words_for(request)),
        rows=found,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        query=query,
        adds=statistic.unit in ("yuan", "days", "kilometres"),
        behind=partial(words.behind, words=i18n.words_for(request)),
        words=office_words,
    )


@officer_page("mediator", "supervisor")
async def file(request: web.Request) -> web.StreamResponse:
    wanted = question(request)
    _few(request, wanted)
    seen = await request.app[STATISTICS].overview(officer_in(request), wanted.asked)
    make = partial(workbook, seen, wanted.asked, i18n.words_for(request), _group(request, wanted, seen))
    body = await asyncio.to_thread(make)
    name = f"yuntiao-statistics-{wanted.asked.period.first}-{wanted.asked.period.last}.xlsx"
    return attachment_headers(body, XLSX, name)


@officer_page("mediator", "supervisor")
async def chart(request: web.Request) -> web.StreamResponse:
    """The twelve months of the overview: what was received, and beside it what was handled."""
    wanted, said = question(request), i18n.words_for(request)
    seen = await request.app[STATISTICS].overview(officer_in(request), replace(wanted.asked, by=""))
    (received, _), (handled, _) = ((find_statistic(id), css) for id, css in SERIES)
    return await saved(
        request, twelve_months(seen, received, handled, said), f"yuntiao-months-{wanted.asked.period.last}"
    )


def _few(request: web.Request, wanted: Question) -> None:
    """All figures of every street or business would be no page: a dashboard shows those with most."""
    if wanted.asked.by in words.MANY:
        raise web.HTTPSeeOther(request.app.router["board"].url_for().with_query(wanted.query))


def _behind(
    request: web.Request,
    wanted: Question,
    one: Statistic,
    part: str = "",
    label: str | None = None,
    period: Period | None = None,
) -> str:
    """The address of the complaints behind a figure; `label`: of a group's; `period`: not the one asked for."""
    query = {
        **(wanted.query if period is None else wanted.over(period)),
        **({"part": part} if part else {}),
        **({} if label is None else {"group": label}),
    }
    return str(request.app.router["statistics_records"].url_for(statistic=one.id).with_query(query))


def _statistic(request: web.Request) -> Statistic:
    try:
        return find_statistic(request.match_info["statistic"])
    except UnknownStatistic:
        raise Refused("not_found", 404) from None


def _group(request: web.Request, wanted: Question, seen: Overview) -> partial[str]:
    short = {office.id: office.short for office in seen.offices}
    return partial(words.group_name, wanted.asked.by, offices=short, words=i18n.words_for(request))


def register(app: web.Application) -> None:
    app.router.add_get("/statistics", overview, name="statistics")
    app.router.add_get("/statistics/figures.xlsx", file, name="statistics_file")
    app.router.add_get("/statistics/months.{ending}", chart, name="statistics_chart")
    app.router.add_get("/statistics/{statistic}/records", records, name="statistics_records")
