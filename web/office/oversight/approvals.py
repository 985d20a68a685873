"""What waits for a second person; how long things are kept; appraising files whose years are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from journal.refusals import Refused
from offices.oversight import ApprovalWish, RetentionEffect, RetentionTable
from web import i18n
from web.http import cookies
from web.http.forms import BAD_CHOICE, NEEDED, Form
from web.http.responses import pdf_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.oversight import words as oversight_words
from web.office.oversight.services import APPRAISALS, APPROVALS, LOOK_LIMITS, RETENTION
from web.rendering import go, officer_in, posted, show

RETENTION_LONGEST: Final = 500
NAMES: Final = {**i18n.OUTCOMES, **oversight_words.KEPT_BESIDES}
"""Of kinds."""


@officer_page("supervisor", "administrator")
async def retention_table(request: web.Request) -> web.StreamResponse:
    return await _show_retention(request, Form())


@officer_page("administrator")
async def change_retention(request: web.Request) -> web.StreamResponse:
    """The first time it only says what would come of it; then, with a reason, it is done or asked for."""
    officer, form, desk = officer_in(request), await posted(request), request.app[RETENTION]
    found = await desk.table(officer)
    years = {one.kind: _years_typed(form, one.kind, one.years) for one in found.periods}
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
        request,
        "oversight/retention.html",
        "retention",
        status,
        found=found,
        names=NAMES,
        words=oversight_words,
        form=form,
    )


def _years_typed(form: Form, kind: str, otherwise: int) -> int:
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
        request,
        "oversight/appraisal.html",
        "retention",
        row=row,
        states=STATES,
        tones=TONES,
        names=oversight_words.KEPT_BESIDES,
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
        names=oversight_words.KEPT_BESIDES,
        form=form,
    )


SAME: Final = {
    "account": N_("You asked for this yourself. Somebody else has to answer."),
    "name": N_("This account bears the name of whoever asked. Somebody else has to answer."),
    "browser": N_("It was asked for in this browser. Somebody else has to answer, where they work."),
    "made": N_("Whoever asked made or changed this account in the last seven days. Somebody else has to answer."),
}


@officer_page("mediator", "supervisor", "administrator")
async def listing(request: web.Request) -> web.StreamResponse:
    return await _list(request, Form())


async def _list(request: web.Request, form: Form, status: int = 200) -> web.Response:
    found = await request.app[APPROVALS].listing(officer_in(request))
    limits = await request.app[LOOK_LIMITS].of(officer_in(request).office.id)
    context = {"found": found, "words": oversight_words, "form": form, "limits": limits}
    return show(request, "oversight/approvals.html", "approvals", status, **context)


@officer_page("mediator")
async def ask(request: web.Request) -> web.StreamResponse:
    """For more full numbers; everything else is asked for where it is done."""
    officer, form = officer_in(request), await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _list(request, form, 422)
    wish = ApprovalWish("unmask", officer.id, officer.name, reason)
    approval = await request.app[APPROVALS].ask(officer, cookies.read(request, cookies.OFFICER), wish)
    return go(f"/approvals/{approval}")


@officer_page("mediator", "supervisor", "administrator")
async def one(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    row = await request.app[APPROVALS].one(officer_in(request), request.match_info["approval"])
    effects: Sequence[RetentionEffect] = ()
    if row.kind == "retention" and row.state == "open":
        with suppress(Refused):  # the limits were moved meanwhile; a yes will say so
            effects = await request.app[RETENTION].foresee(officer_in(request), _years(row.details["to"]))
    return show(
        request,
        "oversight/approval.html",
        "approvals",
        status,
        row=row,
        words=oversight_words,
        roles=i18n.OFFICER_ROLES,
        form=form,
        effects=effects,
        names=NAMES,
        years=_years,
    )


def _years(text: str) -> dict[str, int]:
    """Of a request for other years: `settled=2,ended=1`."""
    pairs = (one.split("=", 1) for one in text.split(","))
    return {kind: int(n) for kind, n in pairs}


@officer_page("supervisor", "administrator")
async def approve(request: web.Request) -> web.StreamResponse:
    officer, approval = officer_in(request), request.match_info["approval"]
    try:
        await request.app[APPROVALS].approve(officer, cookies.read(request, cookies.OFFICER), approval)
    except Refused as no:
        if no.code != "same_person":
            raise
        return await _page(request, Form(errors={"yes": SAME[no.params["why"]]}), 409)
    return go(f"/approvals/{approval}")


@officer_page("supervisor", "administrator")
async def decline(request: web.Request) -> web.StreamResponse:
    officer, approval, form = officer_in(request), request.match_info["approval"], await posted(request)
    await request.app[APPROVALS].one(officer, approval)
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDED
    if not form.good:
        return await _page(request, form, 422)
    await request.app[APPROVALS].decline(officer, approval, reason)
    return go(f"/approvals/{approval}")


@officer_page("mediator", "supervisor", "administrator")
async def take_back(request: web.Request) -> web.StreamResponse:
    approval = request.match_info["approval"]
    await request.app[APPROVALS].take_back(officer_in(request), approval)
    return go(f"/approvals/{approval}")
