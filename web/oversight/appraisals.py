"""Files whose years are over: what is due, drawing a list, the lists and their certificates."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices.refusal import Refused
from web import cookies
from web.downloads import paper
from web.i18n import N_
from web.office.forms import NEEDED, Form
from web.office.pages import officer_in, posted, show
from web.oversight import words
from web.oversight.services import APPRAISALS
from web.rendering import go
from web.security import officer_page

LONGEST: Final = 500
NOTHING_CHOSEN: Final = N_("Say of at least one file what becomes of it.")
CHANGED: Final = N_("One of them is not due any more: a hold, a new step or another list. Look once more.")
STATES: Final = {
    "destroy": N_("to be destroyed"),
    "keep": N_("kept for ten more years"),
    "destroyed": N_("destroyed"),
    "left": N_("not destroyed: something keeps it again"),
}
TONES: Final = {"destroyed": "ok", "left": "warn"}


@officer_page("supervisor", "administrator")
async def table(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor", "administrator")
async def propose(request: web.Request) -> web.StreamResponse:
    officer, form, desk = officer_in(request), await posted(request), request.app[APPRAISALS]
    due = {one.case for one in await desk.due(officer)}
    said = {name.removeprefix("file-"): value for name, value in form.values.items() if name.startswith("file-")}
    decisions = {case: value for case, value in said.items() if value in ("destroy", "keep")}
    reason = form.text("reason", longest=LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not decisions:
        form.errors["files"] = NOTHING_CHOSEN
    elif not decisions.keys() <= due:
        form.errors["files"] = CHANGED
    if not form.good:
        return await _page(request, form, 422)
    try:
        found = await desk.propose(officer, cookies.read(request, cookies.OFFICER), decisions, reason)
    except Refused as no:
        if no.code != "changed_since":
            raise
        form.errors["files"] = CHANGED
        return await _page(request, form, 409)
    return go(f"/retention/appraisals/{found}")


@officer_page("supervisor", "administrator")
async def one(request: web.Request) -> web.StreamResponse:
    row = await request.app[APPRAISALS].one(officer_in(request), request.match_info["list"])
    return show(
        request, "oversight/appraisal.html", "retention", row=row, states=STATES, tones=TONES, names=words.KEPT_BESIDES
    )


@officer_page("supervisor", "administrator")
async def certificate(request: web.Request) -> web.StreamResponse:
    return paper(await request.app[APPRAISALS].certificate(officer_in(request), request.match_info["list"]))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, desk = officer_in(request), request.app[APPRAISALS]
    return show(
        request,
        "oversight/appraisals.html",
        "retention",
        status,
        due=await desk.due(officer),
        lists=await desk.lists(officer),
        names=words.KEPT_BESIDES,
        form=form,
    )
