"""One's own practice, and the quarter's report."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from rooms.supervision.plans import quarter_before, quarter_of
from rooms.supervision.views import PracticeRange, QuarterlyReport
from web import i18n, words as office_words
from web.figures import money
from web.i18n import N_, Words
from web.rendering import go
from web.security import officer_page
from web.staff_pages import officer_in, show, today
from web.supervision import words
from web.supervision.services import REPORT_PRESS, SUPERVISION

FIGURES: Final = {
    "together": (N_("Together, minutes"), 120.0),
    "settled": (N_("Settled, per cent"), 100.0),
    "lesser": (N_("The quieter side’s part of what was said, per cent"), 50.0),
    "private": (N_("In private, per cent of the time"), 100.0),
    "recovered": (N_("Agreed, per cent of the claim"), 100.0),
}
WIDTH: Final = 240.0


@dataclass(frozen=True, slots=True)
class Scale:
    """One figure as a picture: the middle half of comparable ones as a bar, one's own as a point. 0 to WIDTH."""

    name: str
    range: PracticeRange
    bar: tuple[float, float] | None
    middle: float | None
    own: float | None


@officer_page("mediator")
async def own_practice(request: web.Request) -> web.StreamResponse:
    seen = await request.app[SUPERVISION].practice(officer_in(request))
    return show(
        request,
        "supervision/practice.html",
        "practice",
        seen=seen,
        scales=[
            practice_scale(name, seen.ranges[name], most) for name, (_, most) in FIGURES.items() if name in seen.ranges
        ],
        figures={name: text for name, (text, _) in FIGURES.items()},
        by_session={row.session: row for row in seen.reviews},
        words=words,
        office_words=office_words,
    )


def practice_scale(name: str, one: PracticeRange, most: float) -> Scale:
    top = max(most, one.high or 0.0, one.own or 0.0)

    def x(value: float) -> float:
        return round(WIDTH * value / top, 1)

    bar = None
    if one.low is not None and one.high is not None:
        bar = (x(one.low), max(2.0, round(x(one.high) - x(one.low), 1)))
    return Scale(name, one, bar, None if one.middle is None else x(one.middle), None if one.own is None else x(one.own))


BACK: Final = 4  # quarters offered beside the present one
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@officer_page("supervisor")
async def newest(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    return go(f"/supervision/reports/{officer.office.id}/{quarter_of(today(request))}")


@officer_page("supervisor")
async def report_page(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    seen = await desk.report(officer, request.match_info["unit"], request.match_info["quarter"])
    said = i18n.words_for(request)
    present = quarter_of(today(request))
    quarters = [present]
    while len(quarters) <= BACK:
        quarters.append(quarter_before(quarters[-1]))
    return show(
        request,
        "supervision/report.html",
        "supervision",
        seen=seen,
        quarters=quarters,
        offices=await desk.offices(officer),
        rules=[(one, words.in_words(one.rule, said)) for one in seen.editions],
        words=words,
        office_words=office_words,
    )


@officer_page("supervisor")
async def pdf(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    seen = await desk.report(officer, request.match_info["unit"], request.match_info["quarter"])
    made = await asyncio.to_thread(request.app[REPORT_PRESS], report_sheet(seen, i18n.words_for(request)))
    headers = {"Content-Disposition": f'attachment; filename="supervision-{seen.quarter}.pdf"'}
    return web.Response(body=made, content_type="application/pdf", headers=headers)


@officer_page("supervisor")
async def data_set(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    quarter = request.match_info["quarter"]
    rows = await desk.data_set(officer, request.match_info["unit"], quarter)
    headers = {"Content-Disposition": f'attachment; filename="mediations-{quarter}.csv"'}
    return web.Response(text=report_table(rows), content_type="text/csv", charset="utf-8", headers=headers)


def report_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV with a byte order mark for spreadsheets; nothing in it is read as a formula (ASVS 1.2.10)."""
    file = io.StringIO()
    file.write("\ufeff")
    if rows:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def report_sheet(seen: QuarterlyReport, said: Words) -> dict[str, Any]:
    """What the PDF says, as text; its layout decides nothing."""
    _ = said.gettext
    drawn = sum(one.drawn for one in seen.plans)
    return {
        "language": said.language,
        "office": seen.office.name,
        "title": _("Supervision report %(quarter)s", quarter=seen.quarter),
        "day": [seen.made.year, seen.made.month, seen.made.day],
        "lead": _(
            "%(count)s mediations closed, %(drawn)s were drawn for a review, %(money)s were recovered for consumers.",
            count=seen.closed,
            drawn=drawn,
            money=money(seen.recovered),
        ),
        "rule": [
            [_("Rule no. %(number)s", number=one.number), *words.in_words(one.rule, said)] for one in seen.editions
        ],
        "plans": [
            [one.period, f"{one.population}", f"{one.drawn}", one.seed, f"{one.size}", one.root] for one in seen.plans
        ],
        "heads": [_("Week"), _("Closed"), _("Drawn"), _("Seed"), _("Checkpoint")],
        "reasons": [[_(words.REASONS[code]), str(count)] for code, count in seen.reasons.items()],
        "passed": [[_(words.SKIPS[code]), str(count)] for code, count in seen.passed.items()],
        "aside": [list(one) for one in seen.aside],
        "findings": [
            [
                one.number,
                _(words.SEVERITIES[one.severity]) if one.stands else _("does not stand"),
                _(words.ITEMS[one.item]) if one.item else "",
                one.text,
                "；".join((*((one.remedy,) if one.remedy else ()), *one.done)),
            ]
            for one in seen.findings
        ],
        "sections": {
            "rule": _("The rule"),
            "draws": _("Draws"),
            "reasons": _("Why drawn"),
            "passed": _("Not drawn, and why"),
            "aside": _("Set aside"),
            "findings": _("Findings and remedies"),
            "none": _("none"),
        },
    }
