"""What waits for a second person: the list, one request, and the three answers to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from offices.oversight import ApprovalWish, RetentionEffect
from offices.refusal import Refused
from web import cookies, words as office_words
from web.field_form import NEEDED, Form
from web.i18n import N_
from web.oversight import retention, words
from web.oversight.services import APPROVALS, RETENTION
from web.rendering import go
from web.security import officer_page
from web.staff_pages import officer_in, posted, show

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
    return show(request, "oversight/approvals.html", "approvals", status, found=found, words=words, form=form)


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
        words=words,
        roles=office_words.OFFICER_ROLES,
        form=form,
        effects=effects,
        names=retention.NAMES,
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
