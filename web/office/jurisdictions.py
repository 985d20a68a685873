"""The areas an office answers for, for its administrator: divisions, and zones, streets or markets by name."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.record.places import division_named as division_name
from offices.refusal import Refused
from web.administration.services import JURISDICTIONS
from web.i18n import N_
from web.office.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page

SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG, "bad_choice": BAD_CHOICE}
NO_PLACE: Final = N_("There is no such division, or there are several: write the city too, or the six digits.")
NO_WORD: Final = N_("Each name needs 2 to 30 characters; separate them with commas.")


@officer_page("administrator")
async def jurisdictions(request: web.Request) -> web.StreamResponse:
    form = Form()
    if wanted := request.query.get("area", ""):
        for area in await request.app[JURISDICTIONS].areas(officer_in(request)):
            if area.id == wanted:
                form = Form(
                    {
                        "area": area.id,
                        "name": area.name,
                        "divisions": "，".join(map(division_name, area.divisions)),
                        "words": "，".join(area.words),
                    }
                )
    return await _page(request, form)


@officer_page("administrator")
async def draw(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    name, divisions, words = form.text("name"), form.text("divisions"), form.text("words")
    if form.good:
        try:
            await request.app[JURISDICTIONS].draw(officer, form.text("area", longest=64), name, divisions, words)
        except Refused as no:
            if no.code not in SAID:
                raise
            field = str(no.params.get("field", "name"))
            wrong = {"divisions": NO_PLACE, "words": NO_WORD}.get(field) if no.code == "bad_choice" else None
            form.errors[field] = wrong or SAID[no.code]
        else:
            return go("/jurisdictions")
    return await _page(request, form, 422)


@officer_page("administrator")
async def drop(request: web.Request) -> web.StreamResponse:
    await request.app[JURISDICTIONS].drop(officer_in(request), request.match_info["area"])
    return go("/jurisdictions")


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    areas = await request.app[JURISDICTIONS].areas(officer_in(request))
    return show(
        request, "office/jurisdictions.html", "areas", status, areas=areas, form=form, division_name=division_name
    )
