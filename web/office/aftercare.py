"""After a settlement: promises kept one by one, and call-backs."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.procedure.aftercare import SATISFIED, WHOM
from web.complaints.services import COMPLAINTS
from web.i18n import N_
from web.office.complaints import record_page
from web.office.forms import BAD_CHOICE
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page
from web.services import READS

NEEDS_REASON: Final = N_("Say what was wrong; the earlier note stays in the history.")
NOT_REACHED: Final = N_("Somebody who was not reached said nothing about it.")


@officer_page("mediator")
async def term_kept(request: web.Request) -> web.StreamResponse:
    """From the complaint's page or, with one press, from the desk."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    note, which = form.text("note", longest=500), form.text("term", longest=80)
    known = {f"{one.session}.{one.number}": one for one in page.terms}
    if which not in known:
        form.errors["term"] = BAD_CHOICE
    if not form.good:
        return record_page(request, page, form, 422, ask=f"term-{which}" if which in known else "")
    await request.app[COMPLAINTS].note_term(officer, complaint, known[which].session, known[which].number, note)
    return go("/desk" if form.values.get("from") == "desk" else f"/complaints/{complaint}#after")


@officer_page("mediator")
async def term_open(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    reason, which = form.text("reason", longest=500), form.text("term", longest=80)
    known = {f"{one.session}.{one.number}": one for one in page.terms}
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if which not in known:
        form.errors["term"] = BAD_CHOICE
    if not form.good:
        return record_page(request, page, form, 422, ask=f"term-{which}" if which in known else "")
    await request.app[COMPLAINTS].take_back_term(officer, complaint, known[which].session, known[which].number, reason)
    return go(f"/complaints/{complaint}#after")


@officer_page("mediator")
async def call_undone(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    reason, ordinal = form.text("reason", longest=500), form.text("ordinal", longest=4)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good or not (ordinal.isascii() and ordinal.isdigit()):
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask=f"call-{ordinal}")
    await request.app[COMPLAINTS].take_back_call(officer, complaint, int(ordinal), reason)
    return go(f"/complaints/{complaint}#after")


@officer_page("mediator")
async def call_back(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    whom, reached = form.choice("whom", WHOM), form.choice("reached", ("yes", "no")) == "yes"
    satisfied, note = form.choice("satisfied", ("", *SATISFIED)), form.text("note", longest=500)
    if satisfied and not reached:
        form.errors["satisfied"] = NOT_REACHED
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="call-back")
    await request.app[COMPLAINTS].call_back(officer, complaint, whom, reached, satisfied, note)
    return go(f"/complaints/{complaint}#after")
