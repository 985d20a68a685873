"""`/bulletins`: each week's and each month's, as a page and as PDF; a month's also for the public."""

from __future__ import annotations

from datetime import date
from typing import Final

from aiohttp import web

from complaints.insight.bulletin import KINDS, Kind, earlier, latest, period_of
from complaints.statistics.periods import Period
from web import i18n
from web.downloads import PDF, attached
from web.insight.bulletin_paper import TITLES, paper
from web.office.pages import now, officer_in, show, today
from web.ports import BULLETINS, Refused
from web.ports.bulletins import Paper
from web.security import officer_page

LISTED: Final = {"week": 8, "month": 12}


@officer_page("supervisor", "inspector")
async def listing(request: web.Request) -> web.StreamResponse:
    day = today(officer_in(request), now())
    kinds = [(kind, TITLES[kind], earlier(latest(kind, day), kind, LISTED[kind])[::-1]) for kind in KINDS]
    current = {kind: period_of(kind, day) for kind in KINDS}
    return show(request, "insight/bulletins.html", "bulletins", kinds=kinds, current=current)


@officer_page("supervisor", "inspector")
async def page(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    made, public = await _paper(request, kind, period), "public" in request.query
    return show(
        request,
        "insight/bulletin.html",
        "bulletins",
        paper=made,
        kind=kind,
        period=period,
        public=public,
        query={"public": "1"} if public else {},
        most=[max((count or 0 for _, count in one.bars.bars), default=0) if one.bars else 0 for one in made.sections],
    )


@officer_page("supervisor", "inspector")
async def file(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    made = await _paper(request, kind, period)
    body = await request.app[BULLETINS].printed(made)
    name = f"yuntiao-bulletin-{kind}-{period.first}{'-public' if made.public else ''}.pdf"
    return attached(body, PDF, name)


async def _paper(request: web.Request, kind: Kind, period: Period) -> Paper:
    officer, public = officer_in(request), "public" in request.query
    bulletin = await request.app[BULLETINS].bulletin(officer, kind, period, today(officer, now()), public)
    return paper(bulletin, officer.office.name, i18n.words(request))


def _asked(request: web.Request) -> tuple[Kind, Period]:
    """A period is named by its first day."""
    kind = next((known for known in KINDS if known == request.match_info["span"]), None)
    try:
        first = date.fromisoformat(request.match_info["first"])
    except ValueError:
        first = None
    if kind is None or first is None or first.year < 1990 or period_of(kind, first).first != first:
        raise Refused("not_found", 404)
    return kind, period_of(kind, first)


def register(app: web.Application) -> None:
    app.router.add_get("/bulletins", listing, name="bulletins")
    app.router.add_get("/bulletins/{span}/{first}", page, name="bulletin")
    app.router.add_get("/bulletins/{span}/{first}/bulletin.pdf", file, name="bulletin_file")
