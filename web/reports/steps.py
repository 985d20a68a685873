"""What an inspector notes of a report, or of any lead, beside its decision: testing, competence, hand-overs."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.leads import (
    BODIES,
    TESTS,
    TOLD,
    BeginLeadTesting,
    DisputeCompetence,
    EndLeadTesting,
    NoteInformantWithdrew,
    ReferLead,
    SettleLeadCompetence,
)
from offices.refusal import Refused
from web.i18n import N_
from web.leads.services import LEADS
from web.office.forms import NEEDED, TOO_LONG
from web.office.leads import asked, lead_page
from web.office.pages import officer_in, posted, today
from web.rendering import go
from web.security import officer_page

NAMES_SOMEBODY: Final = N_("Leave out whom it is about and who reported it: others may read this phone.")
_SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG, "bad_choice": NAMES_SOMEBODY}


@officer_page("inspector")
async def begin_testing(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    kind, body, day = form.choice("kind", TESTS), form.text("body", longest=120), form.day("day")
    return await asked(request, form, BeginLeadTesting(day or now_day, kind, body, now_day), "testing")


@officer_page("inspector")
async def end_testing(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    return await asked(request, form, EndLeadTesting(form.day("day") or now_day, now_day), "tested")


@officer_page("inspector")
async def dispute(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    other, reason = form.text("other", needed=True, longest=120), form.text("reason", needed=True, longest=500)
    return await asked(request, form, DisputeCompetence(form.day("day") or now_day, other, reason, now_day), "dispute")


@officer_page("inspector", "supervisor")
async def settle(request: web.Request) -> web.StreamResponse:
    """An inspector notes what was agreed, a supervisor what the common superior designated."""
    form = await posted(request)
    how = "designated" if officer_in(request).role == "supervisor" else "agreed"
    ours, note = form.choice("ours", ("yes", "no")), form.text("note", longest=500)
    return await asked(request, form, SettleLeadCompetence(how, ours == "yes", note), "settle")


@officer_page("inspector")
async def withdrew(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    note = form.text("note", longest=500)
    return await asked(request, form, NoteInformantWithdrew(form.day("day") or now_day, note, now_day), "withdrew")


@officer_page("inspector")
async def refer(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    to, name = form.choice("to", BODIES), form.text("name", needed=True, longest=120)
    note, document = form.text("note", longest=500), form.text("document", longest=120)
    return await asked(request, form, ReferLead(form.day("day") or now_day, to, name, note, document, now_day), "refer")


@officer_page("inspector")
async def message(request: web.Request) -> web.StreamResponse:
    """Sends who reported what the page shows."""
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    what = form.choice("what", TOLD)
    if form.good and what in {one.what for one in page.offered}:  # else it was sent already: pressed twice
        try:
            await request.app[LEADS].message(officer, lead, what, form.text("said"))
        except Refused as no:
            if no.code not in _SAID:
                raise
            form.errors["said"] = _SAID[no.code]
    return go(f"/leads/{lead}#told") if form.good else lead_page(request, page, form, 422, ask=f"message-{what}")
