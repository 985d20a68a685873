"""How long things are kept, and appraising files whose years are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from offices.oversight import RetentionTable
from offices.refusal import Refused
from web import cookies, words as office_words
from web.field_form import BAD_CHOICE, NEEDED, Form
from web.i18n import N_
from web.oversight import words
from web.oversight.services import APPRAISALS, RETENTION
from web.rendering import go
from web.responses import pdf_response
from web.security import officer_page
from web.staff_pages import officer_in, posted, show

RETENTION_LONGEST: Final = 500
NAMES: Final = {**office_words.OUTCOMES, **words.KEPT_BESIDES}
"""Of kinds."""


@officer_page("supervisor", "administrator")
async def retention_table(request: web.Request) -> web.StreamResponse:
    return await _show_retention(request, Form())


@officer_page("administrator")
async def change_retention(request: web.Request) -> web.StreamResponse:
    """The first time it only says what would come of it; then, with a reason, it is done or asked for."""
    officer, form, desk = officer_in(request), await posted(request), request.app[RETENTION]
    found = await desk.table(officer)
    years = {one.kind: _years(form, one.kind, one.years) for one in found.periods}
    if not form.good:
        return await _show_retention(request, form, 422)
    wanted = {one.kind: years[one.kind] for one in found.periods if years[one.kind] != one.years}
    if not wanted:
        return go("/retention")
    if "sure" not in form.values:
        return await _sure(request, form, found, wanted)
    reason = form.text("reason", longest=RETENTION_LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not form.good:
        return await _sure(request, form, found, wanted, 422)
    token = cookies.read(request, cookies.OFFICER)
    waits = await desk.change(officer, token, _number(form), wanted, reason)
    return go(f"/approvals/{waits}" if waits else "/retention#changes")


async def _sure(
    request: web.Request, form: Form, found: RetentionTable, wanted: Mapping[str, int], status: int = 200
) -> web.Response:
    effects = await request.app[RETENTION].foresee(officer_in(request), wanted)
    fewer = [one for one in effects if one.after < one.before]
    return show(
        request,
        "oversight/retention_sure.html",
        "retention",
        status,
        number=form.values.get("number", str(found.number)),
        wanted=wanted,
        effects=effects,
        fewer=bool(fewer),
        more=len(fewer) < len(effects),
        names=NAMES,
        form=form,
    )


async def _show_retention(request: web.Request, form: Form, status: int = 200) -> web.Response:
    found = await request.app[RETENTION].table(officer_in(request))
    return show(
        request, "oversight/retention.html", "retention", status, found=found, names=NAMES, words=words, form=form
    )


def _years(form: Form, kind: str, otherwise: int) -> int:
    """What is not in the form stays as it is."""
    text = form.values.get(kind, "").strip()
    if not text and kind not in form.values:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        form.errors[kind] = BAD_CHOICE
        return otherwise
    return int(text)


def _number(form: Form) -> int:
    text = form.values.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


APPRAISAL_LONGEST: Final = 500
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
async def appraisal_table(request: web.Request) -> web.StreamResponse:
    return await _show_appraisals(request, Form())


@officer_page("supervisor", "administrator")
async def propose(request: web.Request) -> web.StreamResponse:
    officer, form, desk = officer_in(request), await posted(request), request.app[APPRAISALS]
    due = {one.case for one in await desk.due(officer)}
    said = {name.removeprefix("file-"): value for name, value in form.values.items() if name.startswith("file-")}
    decisions = {case: value for case, value in said.items() if value in ("destroy", "keep")}
    reason = form.text("reason", longest=APPRAISAL_LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not decisions:
        form.errors["files"] = NOTHING_CHOSEN
    elif not decisions.keys() <= due:
        form.errors["files"] = CHANGED
    if not form.good:
        return await _show_appraisals(request, form, 422)
    try:
        found = await desk.propose(officer, cookies.read(request, cookies.OFFICER), decisions, reason)
    except Refused as no:
        if no.code != "changed_since":
            raise
        form.errors["files"] = CHANGED
        return await _show_appraisals(request, form, 409)
    return go(f"/retention/appraisals/{found}")


@officer_page("supervisor", "administrator")
async def appraisal_page(request: web.Request) -> web.StreamResponse:
    row = await request.app[APPRAISALS].one(officer_in(request), request.match_info["list"])
    return show(
        request, "oversight/appraisal.html", "retention", row=row, states=STATES, tones=TONES, names=words.KEPT_BESIDES
    )


@officer_page("supervisor", "administrator")
async def certificate(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[APPRAISALS].certificate(officer_in(request), request.match_info["list"]))


async def _show_appraisals(request: web.Request, form: Form, status: int = 200) -> web.Response:
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
