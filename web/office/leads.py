"""Leads: handed on from a complaint's page, then listed and verified by inspectors, out of the mediator's sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from complaints.leads import MEDIATION, OUTCOMES, REPORT, DecideLead, ExtendVerification
from web import i18n
from web.i18n import N_
from web.office.complaints import record_page
from web.office.forms import Form
from web.office.pages import now, officer_in, posted, show, today
from web.office.why import why
from web.ports import LEADS, READS, LeadPage
from web.rendering import go
from web.security import officer_page

ORIGINS: Final[Mapping[str, str]] = {REPORT: N_("Report"), MEDIATION: N_("Found in mediation")}
DECISIONS: Final[Mapping[str, str]] = {
    "case": N_("A case is opened"),
    "no_case": N_("No case is opened"),
    "moved": N_("Handed to whom it concerns"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "LeadOpened": N_("Received"),
    "VerificationExtended": N_("Verification extended by 15 working days"),
    "LeadDecided": N_("Decided"),
}
STEP: Final = {REPORT: "split", MEDIATION: "lead"}


@officer_page("mediator")
async def hand_on(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    origin = form.choice("origin", tuple(ORIGINS))
    title = form.text("title", needed=True, longest=120)
    content = form.text("content", needed=True)
    if not form.good:
        return record_page(request, page, form, 422, ask=STEP.get(origin, "split"))
    await request.app[LEADS].hand_on(officer, complaint, origin, title, content)
    return go(f"/complaints/{complaint}")


@officer_page("inspector", "supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    rows = await request.app[LEADS].leads(officer_in(request))
    return show(request, "office/leads.html", "leads", rows=rows, origins=ORIGINS)


@officer_page("inspector", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    page = await request.app[LEADS].lead(officer_in(request), request.match_info["lead"])
    return _page(request, page, Form())


def _page(request: web.Request, page: LeadPage, form: Form, status: int = 200) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    return show(
        request,
        "office/lead.html",
        "leads",
        status,
        page=page,
        found=page.lead.opened,
        why=why(page.deadline, page.deadline.start, today(officer, now()), language),
        form=form,
        origins=ORIGINS,
        decisions=DECISIONS,
        happened=HAPPENED,
    )


@officer_page("supervisor")
async def extend(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return _page(request, page, form, 422)
    await request.app[LEADS].ask(officer, lead, ExtendVerification(reason))
    return go(f"/leads/{lead}")


@officer_page("inspector")
async def decide(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    outcome, note = form.choice("outcome", OUTCOMES), form.text("note", longest=500)
    if not form.good:
        return _page(request, page, form, 422)
    await request.app[LEADS].ask(officer, lead, DecideLead(outcome, note))
    return go(f"/leads/{lead}")
