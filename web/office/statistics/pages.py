"""`/statistics`: the figures of a period, the complaints behind each, and the same as a workbook; and
`/statistics/mediation`: how mediation goes, by office and by class of dispute.

Of mediation spreads are shown, not means, and no ranks: an office stands beside what its own mix of disputes lets one
expect, not beside the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from complaints.statistics import Part, Share, Statistic, UnknownStatistic, current, find_statistic
from complaints.statistics.figures import FEW, Likeness, Period, bins, quarters
from complaints.statistics.views import (
    ComparedOffice,
    Dashboard,
    FigureGroup,
    MediationFigures,
    MediationPerformance,
    OfficeComparison,
    Overview,
    Poster,
    PosterBar,
)
from journal.refusals import Refused
from web import i18n
from web.http.responses import PNG, XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office import statistics as statistics_words
from web.office.administration import CELL_FIGURES
from web.office.administration.tree import LEVEL_NAMES
from web.office.leads import CONSULTATIONS
from web.office.statistics import (
    DASHBOARDS,
    STATISTICS,
    Chart,
    ChartLine,
    StatisticsQuestion,
    asking,
    question,
    saved,
    shortcuts,
)
from web.office.statistics.drawing import (
    SERIES,
    draw_months,
    drawn_bars,
    mediation_book,
    twelve_months,
    workbook,
)
from web.rendering import PAGE_SIZE, number, office_scopes, officer_in, show

COLUMNS: Final = (
    "received", "accepted", "handled", "mediated", "success_rate", "loss_recovered", "on_time_decision",
    "on_time_mediation",
)  # fmt: skip


@officer_page("mediator", "supervisor")
async def overview(request: web.Request) -> web.StreamResponse:
    wanted = question(request)
    _few(request, wanted)
    officer = officer_in(request)
    seen = await request.app[STATISTICS].overview(officer, wanted.asked)
    below = officer.role == "supervisor" and await request.app[CELL_FIGURES].below(officer)
    said = i18n.words_for(request)
    return show(
        request,
        "statistics/overview.html",
        "statistics",
        narrowed=asking.narrowings(wanted.asked.only, said),
        wanted=wanted,
        asked=wanted.asked,
        seen=seen,
        scopes=office_scopes(seen.offices, i18n.words_for(request)),
        statistics=current(),
        columns=[find_statistic(name) for name in COLUMNS],
        picture=draw_months(seen.months),
        series=[(find_statistic(id), css) for id, css in SERIES],
        shortcuts=shortcuts(wanted.day),
        groups=statistics_words.BY,
        value=partial(statistics_words.figure_text, words=said),
        moved=partial(statistics_words.change_text, words=said),
        group=_group(request, wanted, seen),
        over=wanted.over,
        behind=partial(_behind, request, wanted),
        beside=await _beside(request, wanted),
        below=bool(below),
    )


async def _beside(request: web.Request, wanted: StatisticsQuestion) -> tuple[int, int]:
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
        narrowed=asking.narrowings(wanted.asked.only, i18n.words_for(request)),
        wanted=wanted,
        asked=wanted.asked,
        statistic=statistic,
        part=part,
        share=isinstance(statistic.formula, Share),
        label=None
        if group is None
        else statistics_words.group_name(wanted.asked.by, group, {}, i18n.words_for(request)),
        rows=found,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        query=query,
        adds=statistic.unit in ("yuan", "days", "kilometres"),
        behind=partial(statistics_words.behind, words=i18n.words_for(request)),
        words=i18n,
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
    made = twelve_months(seen, received, handled, said)
    if narrowed := asking.told_narrowed(wanted.asked.only, said):
        made = replace(made, note=f"{made.note} · {narrowed}")
    return await saved(request, made, f"yuntiao-months-{wanted.asked.period.last}")


COMPARED: Final = (
    "received", "accepted", "handled", "success_rate", "loss_recovered", "on_time_decision", "on_time_mediation",
    "satisfaction",
)  # fmt: skip


async def _compared(request: web.Request) -> tuple[StatisticsQuestion, Statistic, OfficeComparison]:
    asked, name = question(request), request.query.get("statistic", "")
    chosen = find_statistic(name if name in COMPARED else COMPARED[0])
    wanted = [find_statistic(one) for one in COMPARED]
    return asked, chosen, await request.app[STATISTICS].compare(officer_in(request), asked.asked, wanted)


def _row_name(seen: OfficeComparison, row: ComparedOffice, said: Words) -> str:
    """An office beside those below it is named for what is its own."""
    alone = seen.at is not None and row.office.id == seen.at.id and len(seen.rows) > 1
    return said.gettext(N_("%(office)s alone"), office=row.office.short) if alone else row.office.short


@officer_page("mediator", "supervisor")
async def compare(request: web.Request) -> web.StreamResponse:
    """An office and those right below it, each with all below them; a tap leads on down."""
    wanted, chosen, seen = await _compared(request)
    said = i18n.words_for(request)
    name = partial(_row_name, seen, said=said)
    query = {**wanted.query, "statistic": chosen.name}
    groups = [FigureGroup(row.asked, row.figures[chosen.id], None) for row in seen.rows]
    names = {row.asked: name(row) for row in seen.rows}
    value = partial(statistics_words.figure_text, words=said)
    board = Dashboard(seen.offices, seen.total[chosen.id], None, groups, len(groups), names)

    def behind(one: Statistic, scope: str) -> str:
        address = request.app.router["statistics_records"].url_for(statistic=one.id)
        return str(address.with_query({**wanted.query, "office": scope} if scope else wanted.query))

    return show(
        request,
        "statistics/compare.html",
        "statistics",
        tab="compare",
        narrowed=asking.narrowings(wanted.asked.only, said),
        wanted=wanted,
        asked=wanted.asked,
        query=query,
        seen=seen,
        scopes=office_scopes(seen.offices, said),
        statistic=chosen,
        columns=[find_statistic(one) for one in COMPARED],
        drawn=drawn_bars(board, names.__getitem__, value),
        name=name,
        levels=LEVEL_NAMES,
        shortcuts=shortcuts(wanted.day),
        over=lambda period: {**query, **wanted.over(period)},
        value=value,
        behind=behind,
    )


@officer_page("mediator", "supervisor")
async def compare_file(request: web.Request) -> web.StreamResponse:
    """One figure of each, as a picture or as rows."""
    wanted, chosen, seen = await _compared(request)
    said, period = i18n.words_for(request), wanted.asked.period
    lines = [
        ChartLine(_row_name(seen, row, said), None if value is None else float(value))
        for row in seen.rows
        for value in (row.figures[chosen.id].value,)
    ]
    title, total = chosen.title(said.language), statistics_words.figure_text(seen.total[chosen.id], said)
    made = Chart(
        f"{title} · {seen.at.short if seen.at else said.gettext(N_('Offices'))}",
        said.gettext(N_("%(what)s: %(value)s in all."), what=title, value=total),
        f"{asking.counted(wanted.asked, said)} · {said.gettext(statistics_words.UNITS[chosen.unit])}",
        (said.gettext(N_("Office")), title, ""),
        lines,
    )
    return await saved(request, made, f"yuntiao-offices-{chosen.name}-{period.first}-{period.last}")


def _few(request: web.Request, wanted: StatisticsQuestion) -> None:
    """All figures of every street or business would be no page: a dashboard shows those with most."""
    if wanted.asked.by in statistics_words.MANY:
        raise web.HTTPSeeOther(request.app.router["board"].url_for().with_query(wanted.query))


def _behind(
    request: web.Request,
    wanted: StatisticsQuestion,
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


def _group(request: web.Request, wanted: StatisticsQuestion, seen: Overview) -> partial[str]:
    short = {office.id: office.short for office in seen.offices}
    return partial(statistics_words.group_name, wanted.asked.by, offices=short, words=i18n.words_for(request))


def register(app: web.Application) -> None:
    app.router.add_get("/statistics", overview, name="statistics")
    app.router.add_get("/statistics/figures.xlsx", file, name="statistics_file")
    app.router.add_get("/statistics/offices", compare, name="compare")
    app.router.add_get("/statistics/offices.{ending}", compare_file, name="compare_file")
    app.router.add_get("/statistics/months.{ending}", chart, name="statistics_chart")
    app.router.add_get("/statistics/{statistic}/records", records, name="statistics_records")


BY: Final = ("problem", "industry", "channel")
SHOWN: Final = (
    "mediated", "settled_share", "median_days_to_settlement", "loss_recovered", "travel_saved",
)  # fmt: skip
SCALE: Final = 60  # days across a spread's picture


@dataclass(frozen=True, slots=True)
class ShownSpread:
    """From a tenth to nine tenths, in 240 × 28; `days` the five numbers of `QUARTERS`, `told` the same in words."""

    days: Sequence[int]
    told: str
    whisker: tuple[float, float]
    box: tuple[float, float]
    middle: float


@dataclass(frozen=True, slots=True)
class ShownMediation:
    """A row of a table. `cells`: of each of `SHOWN` its title, what it is, and the address of the complaints behind it,
    "" for none."""

    name: str
    cells: Sequence[tuple[str, str, str]]
    spread: ShownSpread | None
    like: Likeness | None


class _Rows:
    """Makes rows for a page with hundreds of them: what they have in common, above all most of each address, is worked
    out once."""

    def __init__(self, request: web.Request, asked: StatisticsQuestion, said: Words) -> None:
        self._said = said
        records = request.app.router["statistics_records"]
        query = {**asked.query, "by": asked.asked.by, "part": "top"}

        def columns(query: Mapping[str, str]) -> list[tuple[str, str, str]]:
            return [
                (one.id, one.title(said.language), str(records.url_for(statistic=one.id).with_query(query)))
                for one in map(find_statistic, SHOWN)
            ]

        self._asked = columns(query)
        self._of_any = columns({name: value for name, value in query.items() if name != "office"})

    def of_office(self, one: MediationFigures, name: str) -> ShownMediation:
        return self._row(one, name, self._of_any, "&" + urlencode({"office": one.label}))

    def of_class(self, one: MediationFigures, name: str) -> ShownMediation:
        return self._row(one, name, self._asked, "&" + urlencode({"group": one.label}))

    def of_all(self, one: MediationFigures) -> ShownMediation:
        return self._row(one, self._said.gettext(N_("In all")), self._asked, "")

    def _row(
        self, one: MediationFigures, name: str, columns: Sequence[tuple[str, str, str]], more: str
    ) -> ShownMediation:
        cells = []
        for id_, title, address in columns:
            found = one.figures[id_]
            there = found.bottom or found.top
            cells.append((title, statistics_words.figure_text(found, self._said), address + more if there else ""))
        return ShownMediation(name, cells, _spread(one, self._said), one.like)


_TOLD: Final = N_("Days: a tenth %(a)s, a quarter %(b)s, half %(c)s, three quarters %(d)s, nine tenths %(e)s")


def _spread(one: MediationFigures, said: Words) -> ShownSpread | None:
    days = quarters(one.days)
    if days is None:
        return None
    at = [round(4 + 232 * min(day, SCALE) / SCALE, 1) for day in days]
    told = said.gettext(_TOLD, **dict(zip("abcde", days, strict=True)))
    return ShownSpread(days, told, (at[0], at[4]), (at[1], max(2.0, round(at[3] - at[1], 1))), at[2])


async def _asked(request: web.Request) -> tuple[StatisticsQuestion, MediationPerformance]:
    asked = question(request)
    by = asked.asked.by if asked.asked.by in BY else "problem"
    asked = replace(asked, asked=replace(asked.asked, by=by))
    return asked, await request.app[DASHBOARDS].performance(officer_in(request), asked.asked)


@officer_page("mediator", "supervisor")
async def mediation(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said = i18n.words_for(request)
    short = {office.id: office.short for office in seen.offices}
    group = partial(statistics_words.group_name, asked.asked.by, offices=short, words=said)
    rows = _Rows(request, asked, said)
    classes = [rows.of_class(one, group(one.label)) for one in seen.classes]
    return show(
        request,
        "statistics/mediation.html",
        "statistics",
        tab="mediation",
        narrowed=asking.narrowings(asked.asked.only, said),
        wanted=asked,
        asked=asked.asked,
        query={**asked.query, "by": asked.asked.by},
        scopes=office_scopes(seen.offices, said),
        mine=[rows.of_office(one, short[one.label]) for one in seen.mine],
        classes=[*classes, rows.of_all(seen.total)] if classes else [],
        by=BY,
        groups=statistics_words.BY,
        statistics=[find_statistic(name) for name in SHOWN],
        lines=_sentence(seen, said),
        days=_days(seen.total, said),
        few=FEW,
        scale=SCALE,
        shortcuts=shortcuts(asked.day),
        over=lambda period: {**asked.over(period), "by": asked.asked.by},
    )


@officer_page("mediator", "supervisor")
async def mediation_picture(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said, period = i18n.words_for(request), asked.asked.period
    taken = find_statistic("median_days_to_settlement@1")
    poster = Poster(
        title=said.gettext(N_("How long a settlement takes")),
        sentence=" ".join(_sentence(seen, said)),
        note=f"{asking.counted(asked.asked, said)} · {taken.title(said.language)}",
        bars=_days(seen.total, said),
    )
    body = await request.app[DASHBOARDS].picture(poster)
    name = f"yuntiao-mediation-{period.first}-{period.last}.png"
    return attachment_headers(body, PNG, name)


@officer_page("mediator", "supervisor")
async def mediation_file(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said, period = i18n.words_for(request), asked.asked.period
    short = {office.id: office.short for office in seen.offices}
    name = partial(statistics_words.group_name, asked.asked.by, offices=short, words=said)
    by = said.gettext(statistics_words.BY[asked.asked.by])
    wanted = [find_statistic(one) for one in SHOWN]
    body = await asyncio.to_thread(mediation_book, seen, asked.asked, wanted, by, short, said, name)
    return attachment_headers(body, XLSX, f"yuntiao-mediation-{period.first}-{period.last}.xlsx")


def _sentence(seen: MediationPerformance, said: Words) -> list[str]:
    _, total = said.gettext, seen.total
    share, settled = total.figures["settled_share@1"], total.figures["mediated@1"]
    if not share.bottom:
        return [_(N_("No mediation was concluded in this period."))]
    told = [
        _(
            N_("Of %(all)s mediations concluded, %(share)s ended in a settlement."),
            all=f"{share.bottom:,}",
            share=statistics_words.figure_text(share, said),
        )
    ]
    if (days := quarters(total.days)) is not None:
        told.append(
            _(
                N_("Half of the settlements took up to %(half)s days, nine in ten up to %(most)s."),
                half=days[2],
                most=days[4],
            )
        )
    elif settled.top:
        told.append(_(N_("There are too few settlements to say how long they take.")))
    recovered, travel = total.figures["loss_recovered@1"], total.figures["travel_saved@1"]
    told.append(
        _(
            N_("Consumers got back %(money)s, and %(way)s of travel were not needed."),
            money=statistics_words.figure_text(recovered, said),
            way=statistics_words.figure_text(travel, said),
        )
    )
    return told


def _days(one: MediationFigures, said: Words) -> list[PosterBar]:
    """How many settlements took how many days, in steps of five."""
    steps = bins(one.days)
    most = max((count for _, _, count in steps), default=0)
    if not most:
        return []
    return [
        PosterBar(
            said.gettext(N_("%(first)s to %(last)s days"), first=first, last=last)
            if last >= 0
            else said.gettext(N_("%(first)s days and more"), first=first),
            f"{count:,}",
            count / most,
        )
        for first, last, count in steps
    ]


def register_mediation(app: web.Application) -> None:
    app.router.add_get("/statistics/mediation", mediation, name="mediation")
    app.router.add_get("/statistics/mediation.png", mediation_picture, name="mediation_picture")
    app.router.add_get("/statistics/mediation.xlsx", mediation_file, name="mediation_file")
