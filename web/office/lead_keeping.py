"""The hold on a lead: its files are kept beyond their time, and lifting it takes a second person."""

from __future__ import annotations

from aiohttp import web

from complaints.leads import HoldLead
from offices.oversight import ApprovalWish
from web import cookies
from web.leads.services import LEADS
from web.office.leads import NEEDS_WHY, asked, lead_page
from web.office.pages import officer_in, posted
from web.oversight.services import APPROVALS
from web.rendering import go
from web.security import officer_page


@officer_page("supervisor")
async def hold(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    return await asked(request, form, HoldLead(form.values.get("reason", "")), "hold")


@officer_page("supervisor")
async def lift(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_WHY
    if not form.good:
        return lead_page(request, page, form, 422, ask="lift")
    if not page.lead.hold:
        return go(f"/leads/{lead}")
    opened = page.lead.opened
    wish = ApprovalWish("lift_lead", lead, opened.own_number or opened.number, reason, {"lead": lead})
    token = cookies.read(request, cookies.OFFICER)
    return go(f"/approvals/{await request.app[APPROVALS].ask(officer, token, wish)}")
