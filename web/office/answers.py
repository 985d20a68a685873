"""Asking a business for a written answer, and withdrawing the invitation."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices.refusal import Refused
from web.i18n import N_
from web.office.attachments import NEEDS_REASON
from web.office.complaints import record_page
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page
from web.services import ANSWERS, READS

BAD_DAY: Final = N_("Choose a day from tomorrow to thirty days from now.")
NO_PHONE: Final = N_("There is no mobile number of the business on file. Correct the record first.")


@officer_page("mediator")
async def ask(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    due, note = form.day("due"), form.text("note", longest=500)
    if due is None:
        form.errors["due"] = BAD_DAY
    else:
        try:
            await request.app[ANSWERS].invite(officer, complaint, due, note)
        except Refused as no:
            if no.code not in ("bad_choice", "no_business_phone"):
                raise
            form.errors["due"] = BAD_DAY if no.code == "bad_choice" else NO_PHONE
    if not form.good:
        return record_page(request, page, form, 422, ask="answer")
    return go(f"/complaints/{complaint}#answers")


@officer_page("mediator")
async def withdraw(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    invitation, reason = request.match_info["invitation"], form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        which = [one.invited.invitation for one in page.answers]
        at = which.index(invitation) + 1 if invitation in which else 0
        return record_page(request, page, form, 422, ask=f"answer-back-{at}")
    await request.app[ANSWERS].withdraw(officer, complaint, invitation, reason)
    return go(f"/complaints/{complaint}#answers")
