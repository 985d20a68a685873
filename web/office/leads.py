"""Leads: handed on from a complaint's page, opened from a hot spot, listed and verified by inspectors, out of the
mediator's sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from complaints import vocabulary
from complaints.leads import (
    ACTIONS,
    BY_HAND,
    FILING,
    MEDIATION,
    OUTCOMES,
    OWED,
    REPORT,
    SPOT,
    TOLD,
    AssignLead,
    DecideLead,
    DetachRecord,
    ExtendVerification,
    LeadCommand,
    NoteAction,
    TakeBackLeadNote,
    TellInformant,
    WithdrawLead,
)
from complaints.leads.decisions import TAKEN_BACK, competences
from complaints.leads.views import LeadPage, NewLead
from offices.people import Officer
from offices.refusal import Refused
from web import i18n
from web.i18n import N_
from web.leads.services import LEADS, SPOTS_AT_HAND
from web.office import lead_words as said, words
from web.office.complaints import record_page
from web.office.forms import Form
from web.office.pages import officer_in, posted, show, today
from web.office.why import why
from web.rendering import go
from web.reports import words as reports
from web.security import officer_page
from web.services import READS

STEP: Final = {REPORT: "split", MEDIATION: "lead"}
STATES: Final[Mapping[str, str]] = {
    "open": N_("to verify"),
    "decided": N_("decided"),
    "joined": N_("joined to an earlier report"),
    "withdrawn": N_("registered by mistake"),
}
NO_SUCH: Final = N_("No complaint of this office has this number.")
LATER: Final = N_("This day has not come yet.")
NEEDS_WHOM: Final = N_("Say to whom it is handed.")
NEEDS_COMPETENCE: Final = N_("Say by what rule it is ours; what is not ours is handed on.")
NEEDS_WHY: Final = N_("Say why; what was noted stays in the history.")
IN_FORM: Final[Mapping[str, tuple[str, str]]] = {"bad_day": ("day", LATER), "missing": ("note", NEEDS_WHOM)}
"""Refusals that stand above a field, and its name."""


@officer_page("mediator")
async def hand_on(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    origin = form.choice("origin", (REPORT, MEDIATION))
    title = form.text("title", needed=True, longest=120)
    content = form.text("content", needed=True)
    if not form.good:
        return record_page(request, page, form, 422, ask=STEP.get(origin, "split"))
    await request.app[LEADS].hand_on(officer, complaint, origin, title, content)
    return go(f"/complaints/{complaint}")


@officer_page("supervisor", "inspector")
async def from_spot(request: web.Request) -> web.StreamResponse:
    """One click on a hot spot; a second one leads to the same lead."""
    officer, spots = officer_in(request), request.app.get(SPOTS_AT_HAND)
    if spots is None:
        raise Refused("not_found", 404)
    spot = await spots.at_hand(officer, request.match_info["hotspot"])
    new = NewLead(SPOT, spot.title, spot.sentence, spot.about, f"spot/{spot.id}", spot.subject, spot.records, spot.id)
    lead = await request.app[LEADS].open(officer, new)
    await spots.handed_on(officer, spot.id, lead)
    return go(f"/leads/{lead}")


@officer_page("inspector", "supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    state = request.query.get("state", "")
    state, mine = state if state in STATES else "", "mine" in request.query
    rows = await request.app[LEADS].leads(officer_in(request), state, mine)
    return show(
        request,
        "office/leads.html",
        "leads",
        rows=rows,
        origins=said.ORIGINS,
        outcomes=said.OUTCOMES,
        states=STATES,
        state=state,
        mine=mine,
    )


@officer_page("inspector", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    page = await request.app[LEADS].lead(officer_in(request), request.match_info["lead"])
    return lead_page(request, page, Form())


def lead_page(request: web.Request, page: LeadPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    lead, day = page.lead, today(request)
    context: dict[str, Any] = {
        "page": page,
        "lead": lead,
        "found": lead.opened,
        "whys": [why(clock, clock.start, day, language) for clock in page.clocks],
        "reports": reports,
        "competent": dict(reports.competent(lead, i18n.words(request), language)),
        "steps": reports.next_steps(page, i18n.words(request), language, officer.office.zone),
        "form": form,
        "ask": request.query.get("ask", ""),
        "day": day,
        "said": said,
        "words": words,
        "vocabulary": vocabulary,
        "states": STATES,
        "by_hand": {how: said.HOW[how] for how in BY_HAND},
        "theirs": not lead.owner or lead.owner == officer.id,
        "after": said.aftermath(page.aftermath, lead, i18n.words(request)),
        "informant": None,
    }
    return show(request, "office/lead.html", "reports" if lead.report else "leads", status, **(context | more))


@officer_page("supervisor")
async def extend(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    return await asked(request, form, ExtendVerification(reason), "extend")


@officer_page("inspector")
async def decide(request: web.Request) -> web.StreamResponse:
    form, page = await posted(request), await request.app[LEADS].lead(officer_in(request), request.match_info["lead"])
    outcome, note = form.choice("outcome", OUTCOMES), form.text("note", longest=500)
    if outcome == "moved" and not note:
        form.errors["note"] = NEEDS_WHOM
    approver = form.text("approver", needed=page.lead.report and outcome in FILING, longest=60)
    document, owed = form.text("document", longest=120), tuple(one for one in OWED if f"owed_{one}" in form.values)
    competence = form.text("competence", longest=20)
    if page.lead.report and outcome in FILING and competence not in competences(page.lead):
        form.errors["competence"] = NEEDS_COMPETENCE
    return await asked(request, form, DecideLead(outcome, note, approver, document, owed, competence), "decide")


@officer_page("inspector", "supervisor")
async def assign(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    owner = officer.id if officer.role == "inspector" else form.text("owner", needed=True, longest=64)
    return await asked(request, form, AssignLead(owner, ""), "assign")


@officer_page("inspector")
async def act(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    day, kind = form.day("day"), form.choice("kind", ACTIONS)
    note, now_day = form.text("note", longest=500), today(request)
    return await asked(request, form, NoteAction(day or now_day, kind, note, now_day), "act")


@officer_page("inspector")
async def tell(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    day, what, how = form.day("day"), form.choice("what", TOLD), form.choice("how", BY_HAND)
    note, now_day = form.text("note", longest=500), today(request)
    return await asked(request, form, TellInformant(day or now_day, what, how, note, now_day), "tell")


@officer_page("supervisor")
async def withdraw(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    return await asked(request, form, WithdrawLead(reason), "withdraw")


@officer_page("inspector", "supervisor")
async def take_back(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    what, ordinal = form.choice("what", TAKEN_BACK), form.values.get("ordinal", "0")
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    which = int(ordinal) if ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 6 else 0
    command = TakeBackLeadNote(what, which, form.values.get("reason", ""))
    return await asked(request, form, command, f"back-{what}-{which}")


@officer_page("inspector", "supervisor")
async def attach(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    number = form.text("number", needed=True, longest=64)
    if form.good:
        try:
            await request.app[LEADS].attach(officer, lead, number)
        except Refused as no:
            if no.code != "not_found":
                raise
            form.errors["number"] = NO_SUCH
    return go(f"/leads/{lead}#records") if form.good else lead_page(request, page, form, 422, ask="attach")


@officer_page("inspector", "supervisor")
async def detach(request: web.Request) -> web.StreamResponse:
    form, complaint = await posted(request), request.match_info["complaint"]
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    return await asked(request, form, DetachRecord(complaint, form.values.get("reason", "")), f"detach-{complaint}")


@officer_page("inspector", "supervisor")
async def informant(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, not with a redirect: the number must be in no address, and is shown once."""
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = said.NEEDS_REASON
        return lead_page(request, page, form, 422, ask="informant")
    shown = await request.app[LEADS].informant(officer, lead, reason)
    return lead_page(request, await request.app[LEADS].lead(officer, lead), Form(), informant=shown)


async def asked(request: web.Request, form: Form, command: LeadCommand, ask: str) -> web.StreamResponse:
    """The command's answer: the lead's page again, with its form open where something is wrong."""
    officer: Officer = officer_in(request)
    lead = request.match_info["lead"]
    page = await request.app[LEADS].lead(officer, lead)
    if form.good:
        try:
            await request.app[LEADS].ask(officer, lead, command)
        except Refused as no:
            if no.code not in IN_FORM:
                raise
            field, text = IN_FORM[no.code]
            form.errors[field] = text
    return go(f"/leads/{lead}") if form.good else lead_page(request, page, form, 422, ask=ask)
