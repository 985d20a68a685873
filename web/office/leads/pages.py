"""Leads: the list, one lead, its files and how long they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

import complaints
from complaints.insight.spots import HandOnSpot
from complaints.leads import (
    ACTIONS,
    BY_HAND,
    FILING,
    MEDIATION,
    MOST_FILES,
    OUTCOMES,
    OWED,
    REPORT,
    SPOT,
    TOLD,
    AssignLead,
    DecideLead,
    DetachRecord,
    ExtendVerification,
    HoldLead,
    LeadCommand,
    LeadPage,
    NewLead,
    NoteAction,
    TakeBackLeadNote,
    TellInformant,
    WithdrawLead,
)
from complaints.leads.decisions import TAKEN_BACK, competences
from complaints.record.uploads import LARGEST, TYPES
from journal.refusals import Refused
from offices import Officer
from offices.oversight import ApprovalWish
from web import READS, i18n
from web.http import cookies, responses
from web.http.forms import Form
from web.http.security import officer_page
from web.i18n import N_
from web.office import insight as insight_words, leads as leads_words
from web.office.complaints.amending import AT_ONCE, MOST_BYTES, NEEDS_REASON, NO_FILE, WHY
from web.office.complaints.desk import why
from web.office.complaints.pages import record_page
from web.office.first_steps import first_steps
from web.office.insight.services import FOCUS
from web.office.leads import LEADS
from web.office.oversight import APPROVALS
from web.rendering import go, officer_in, posted, show, today

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
    officer, spots = officer_in(request), request.app[FOCUS]
    spot = await spots.at_hand(officer, request.match_info["hotspot"])
    title, about, content = insight_words.as_lead(spot, i18n.words_of(officer.language))
    new = NewLead(SPOT, title, content, about, f"spot/{spot.id}", spot.subject, spot.records, spot.id)
    lead = await request.app[LEADS].open(officer, new)
    await spots.ask(officer, spot.id, HandOnSpot(lead))  # again: it is so already
    return go(f"/leads/{lead}")


@officer_page("inspector", "supervisor")
async def lead_list(request: web.Request) -> web.StreamResponse:
    state = request.query.get("state", "")
    state, mine = state if state in STATES else "", "mine" in request.query
    rows = await request.app[LEADS].leads(officer_in(request), state, mine)
    return show(
        request,
        "leads/leads.html",
        "leads",
        first_steps=await first_steps(request) if officer_in(request).role == "inspector" else [],
        rows=rows,
        origins=leads_words.ORIGINS,
        outcomes=leads_words.OUTCOMES,
        states=STATES,
        state=state,
        mine=mine,
    )


@officer_page("inspector", "supervisor")
async def record_lead(request: web.Request) -> web.StreamResponse:
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
        "reports": leads_words,
        "competent": dict(leads_words.competent(lead, i18n.words_for(request), language)),
        "steps": leads_words.next_steps(page, i18n.words_for(request), language, officer.office.zone),
        "form": form,
        "ask": request.query.get("ask", ""),
        "day": day,
        "said": leads_words,
        "words": i18n,
        "vocabulary": complaints,
        "states": STATES,
        "by_hand": {how: leads_words.HOW[how] for how in BY_HAND},
        "theirs": not lead.owner or lead.owner == officer.id,
        "after": leads_words.aftermath(page.aftermath, lead, i18n.words_for(request)),
        "informant": None,
    }
    return show(request, "leads/lead.html", "reports" if lead.report else "leads", status, **(context | more))


@officer_page("supervisor")
async def extend(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    return await submit_to_lead(request, form, ExtendVerification(reason), "extend")


@officer_page("inspector")
async def decide_lead(request: web.Request) -> web.StreamResponse:
    form, page = await posted(request), await request.app[LEADS].lead(officer_in(request), request.match_info["lead"])
    outcome, note = form.choice("outcome", OUTCOMES), form.text("note", longest=500)
    if outcome == "moved" and not note:
        form.errors["note"] = NEEDS_WHOM
    approver = form.text("approver", needed=page.lead.report and outcome in FILING, longest=60)
    document, owed = form.text("document", longest=120), tuple(one for one in OWED if f"owed_{one}" in form.values)
    competence = form.text("competence", longest=20)
    if page.lead.report and outcome in FILING and competence not in competences(page.lead):
        form.errors["competence"] = NEEDS_COMPETENCE
    return await submit_to_lead(
        request, form, DecideLead(outcome, note, approver, document, owed, competence), "decide"
    )


@officer_page("inspector", "supervisor")
async def assign(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    owner = officer.id if officer.role == "inspector" else form.text("owner", needed=True, longest=64)
    return await submit_to_lead(request, form, AssignLead(owner, ""), "assign")


@officer_page("inspector")
async def note_measure(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    day, kind = form.day("day"), form.choice("kind", ACTIONS)
    note, now_day = form.text("note", longest=500), today(request)
    return await submit_to_lead(request, form, NoteAction(day or now_day, kind, note, now_day), "act")


@officer_page("inspector")
async def tell(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    day, what, how = form.day("day"), form.choice("what", TOLD), form.choice("how", BY_HAND)
    note, now_day = form.text("note", longest=500), today(request)
    return await submit_to_lead(request, form, TellInformant(day or now_day, what, how, note, now_day), "tell")


@officer_page("supervisor")
async def withdraw_lead(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    return await submit_to_lead(request, form, WithdrawLead(reason), "withdraw")


@officer_page("inspector", "supervisor")
async def take_back(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    what, ordinal = form.choice("what", TAKEN_BACK), form.values.get("ordinal", "0")
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    which = int(ordinal) if ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 6 else 0
    command = TakeBackLeadNote(what, which, form.values.get("reason", ""))
    return await submit_to_lead(request, form, command, f"back-{what}-{which}")


@officer_page("inspector", "supervisor")
async def attach_complaint(request: web.Request) -> web.StreamResponse:
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
async def detach_complaint(request: web.Request) -> web.StreamResponse:
    form, complaint = await posted(request), request.match_info["complaint"]
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    return await submit_to_lead(
        request, form, DetachRecord(complaint, form.values.get("reason", "")), f"detach-{complaint}"
    )


@officer_page("inspector", "supervisor")
async def informant(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, not with a redirect: the number must be in no address, and is shown once."""
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = leads_words.NEEDS_REASON
        return lead_page(request, page, form, 422, ask="informant")
    shown = await request.app[LEADS].informant(officer, lead, reason)
    return lead_page(request, await request.app[LEADS].lead(officer, lead), Form(), informant=shown)


async def submit_to_lead(request: web.Request, form: Form, command: LeadCommand, ask: str) -> web.StreamResponse:
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


TOO_MANY = N_("At most five files at once, and forty of one lead.")
assert (AT_ONCE, MOST_FILES) == (5, 40), "the sentence says so"


@officer_page("inspector", "supervisor", most_bytes=MOST_BYTES)
async def add_lead_file(request: web.Request) -> web.StreamResponse:
    officer, lead = officer_in(request), request.match_info["lead"]
    await request.app[LEADS].lead(officer, lead)
    sent = await request.post()
    form = Form.of(sent)
    note = form.text("note", longest=500)
    files = [part for part in sent.getall("file", []) if isinstance(part, web.FileField) and part.filename]
    if not files:
        form.errors["file"] = NO_FILE
    if len(files) > AT_ONCE:
        form.errors["file"] = TOO_MANY
    for part in files if form.good else ():
        content = await asyncio.to_thread(part.file.read, LARGEST + 1)
        try:
            await request.app[LEADS].add_file(officer, lead, part.filename, content, note)
        except Refused as no:
            if no.code not in ("bad_upload", "too_many"):
                raise
            form.errors["file"] = WHY.get(str(no.params.get("why")), TOO_MANY)
            break
    if not form.good:
        return lead_page(request, await request.app[LEADS].lead(officer, lead), form, 422, ask="file")
    return go(f"/leads/{lead}#files")


@officer_page("inspector", "supervisor")
async def download_lead_file(request: web.Request) -> web.StreamResponse:
    """Only ever for saving: no browser shows it under our name."""
    found, file = await request.app[LEADS].take_file(
        officer_in(request), request.match_info["lead"], request.match_info["file"], "original" in request.query
    )
    return await responses.send_whole(request, file, found.size, responses.for_saving(TYPES[found.kind], found.name))


@officer_page("inspector", "supervisor")
async def remove_lead_file(request: web.Request) -> web.StreamResponse:
    officer, form, lead = officer_in(request), await posted(request), request.match_info["lead"]
    which, reason = request.match_info["file"], form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        page = await request.app[LEADS].lead(officer, lead)
        return lead_page(request, page, form, 422, ask=f"remove-{which}")
    await request.app[LEADS].remove_file(officer, lead, which, reason)
    return go(f"/leads/{lead}#files")


@officer_page("supervisor")
async def hold_lead(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    if not form.text("reason", longest=500):
        form.errors["reason"] = NEEDS_WHY
    return await submit_to_lead(request, form, HoldLead(form.values.get("reason", "")), "hold")


@officer_page("supervisor")
async def lift_lead(request: web.Request) -> web.StreamResponse:
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
