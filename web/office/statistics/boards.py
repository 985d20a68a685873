"""`/statistics/dashboard`: one figure by one thing complaints have in common, beside another period or another office.

The same as a picture (PNG) and a workbook (XLSX). What it says in words is `web.office.statistics.words`'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.statistics.definitions import Statistic, UnknownStatistic, find_statistic
from complaints.statistics.figures import GROUPS
from complaints.statistics.outlines import Outline, read_outline
from complaints.statistics.views import Comparison, Dashboard, FigureChange, Poster, TooMuchChanged
from offices.refusal import Refused
from web import i18n
from web.http.responses import PNG, XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_
from web.office.staff_pages import officer_in, show
from web.office.statistics import drawing, words as statistics_words
from web.office.statistics.queries import StatisticsQuestion, question, shortcuts
from web.office.statistics.services import DASHBOARDS
from web.office.statistics.workbook import board_book

STATISTICS: Final = (
    "received", "accepted", "refused", "handled", "mediated", "ended", "settled_share", "loss_recovered",
    "disputed_amount", "on_time_decision", "on_time_mediation", "on_time_notice", "travel_saved", "turned_into_cases",
)  # fmt: skip
BY: Final[Mapping[str, str]] = {name: statistics_words.ALL[name] for name in GROUPS}
MOST: Final = 30


@dataclass(frozen=True, slots=True)
class WantedDashboard:
    """`against`: "previous", "year", "none" or an office's id. `since`: a day whose end is compared with now."""

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
    if since is not None and not date(1990, 1, 1) <= since < asked.day:
        since = None
    return WantedDashboard(asked, statistic, request.query.get("against", "previous")[:64] or "previous", since)


def _against(wanted: WantedDashboard) -> Comparison | None:
    period = wanted.question.asked.period
    match wanted.against:
        case "previous":
            return Comparison(period.previous())
        case "year":
            return Comparison(period.year_before())
        case "none":
            return None
        case office:
            return Comparison(period, office)


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
        wanted=wanted.question,
        asked=asked,
        query=wanted.query,
        seen=seen,
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
    note = f"{asked.period} · {wanted.statistic.id}"
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
        case office:
            return next((one.short for one in seen.offices if one.id == office), office)


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
