"""The State Council's yearly notice, entered by the office's administrator: read, shown, and confirmed."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from law.calendar import PUBLISHED, Notice
from law.notices import BadNotice, read
from offices.refusal import Refused
from web.administration.services import HOLIDAYS
from web.i18n import N_
from web.office.forms import NEEDED, Form
from web.office.pages import officer_in, posted, show, today
from web.rendering import go
from web.security import officer_page

LONGEST: Final = 20_000
BAD_YEAR: Final = N_("Write a year from 2020 to 2100.")
PROBLEMS: Final = {
    "empty": N_("No holiday was found in this text."),
    "date": N_("This line has a date that cannot be, or a holiday of more than 20 days."),
    "weekday": N_("The weekday in this line is not that date’s. Is it another year’s notice?"),
    "year": N_("These dates are not of that year."),
    "long": N_("This text is too long."),
}


@officer_page("administrator")
async def form(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form({"year": str(today(request).year + 1)}))


async def _page(
    request: web.Request, form: Form, status: int = 200, line: str = "", notice: Notice | None = None
) -> web.Response:
    years = await request.app[HOLIDAYS].years(officer_in(request))
    return show(
        request,
        "office/holidays.html",
        "holidays",
        status,
        years=years,
        form=form,
        line=line,
        notice=notice,
        published=PUBLISHED,
    )


@officer_page("administrator")
async def enter(request: web.Request) -> web.StreamResponse:
    """First what was read is shown; only when it is confirmed do dates rest on it."""
    form = await posted(request)
    year, text = form.values.get("year", "").strip(), form.text("text", needed=True, longest=LONGEST)
    if not (year.isascii() and year.isdigit() and 2020 <= int(year[:6]) <= 2100):
        form.errors["year"] = BAD_YEAR
    if not form.good:
        return await _page(request, form, 422)
    try:
        notice = read(text, int(year))
    except BadNotice as no:
        form.errors["text"] = PROBLEMS.get(no.problem, NEEDED)
        return await _page(request, form, 422, line=no.line)
    if form.values.get("confirmed") != "yes":
        return await _page(request, form, notice=notice)
    await request.app[HOLIDAYS].enter(officer_in(request), notice)
    return go("/holidays")


@officer_page("administrator")
async def withdraw(request: web.Request) -> web.StreamResponse:
    year = request.match_info["year"]
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Refused("not_found", 404)
    await request.app[HOLIDAYS].withdraw(officer_in(request), int(year))
    return go("/holidays")
