"""Complaints: registering one, its record, and looking at a full number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

import law
from complaints import vocabulary
from complaints.record import parties
from complaints.record.places import division_named, find_divisions
from complaints.record.record import marked_public
from complaints.statistics import particulars
from law import duties
from law.modes import mode_name
from offices.refusal import Refused
from rooms.views import ComplaintPage
from web import i18n
from web.administration.services import JURISDICTIONS
from web.clock import now
from web.complaints.services import COMPLAINTS
from web.documents.copies import KINDS
from web.i18n import N_
from web.json_answers import json_response
from web.office import answering, duplicates, entry, notice_words, telling, words
from web.office.corrections import corrections
from web.office.forms import Form
from web.office.history import entries
from web.office.pages import officer_in, posted, show, today
from web.office.steps import asking
from web.office.triage import panel
from web.office.why import why
from web.rendering import go
from web.security import officer_page
from web.services import ANSWERS, READS

NEEDS_REASON: Final = N_("Say why you need the full number; the reason goes into the journal.")
DECIDABLE: Final = ("registered",)
SCHEDULABLE: Final = ("registered", "accepted", "mediating")


@officer_page("mediator")
async def new_form(request: web.Request) -> web.StreamResponse:
    return await _entry(request, Form(entry.defaults(now(request), officer_in(request).office.zone)))


@officer_page("mediator")
async def register(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    areas = await area_names(request)
    new = entry.read(form, officer.office.zone, today(request), areas=areas)
    if form.good:
        try:
            complaint = await request.app[COMPLAINTS].register(officer, new)
        except Refused as no:
            if not entry.note(form, no.code, no.params):
                raise
        else:
            return go(f"/complaints/{complaint}")
    return await _entry(request, form, 422)


async def _entry(request: web.Request, form: Form, status: int = 200) -> web.Response:
    named = entry_words(await area_names(request))
    return show(request, "office/complaint_new.html", "complaints", status, form=form, **named)


async def area_names(request: web.Request) -> dict[str, str]:
    """The office's own areas: name by id."""
    return {one.id: one.name for one in await request.app[JURISDICTIONS].areas(officer_in(request))}


def entry_words(areas: Mapping[str, str]) -> dict[str, Any]:
    """What the form's template names things by."""
    return {"words": words, "vocabulary": vocabulary, "divisions": entry.upper_divisions(), "areas": areas}


@officer_page("mediator")
async def divisions(request: web.Request) -> web.StreamResponse:
    """Places that what was typed may mean, for the form's list."""
    meant = find_divisions(request.query.get("q", "")[:60])
    return json_response([[one.code, one.whole] for one in meant])


@officer_page("mediator", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    link = ""
    if officer.role == "mediator" and any(one.waited for one in page.answers):
        link = await request.app[ANSWERS].link(officer, page.row.id)
    return record_page(request, page, Form(), **await duplicates.shown(request, page.row.id), answer_link=link)


def record_page(request: web.Request, page: ComplaintPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    day = today(request)
    for field, value in telling.defaults(now(request), officer).items():
        form.values.setdefault(field, value)
    context: dict[str, Any] = {
        "revealed": {},
        "day": day,
        "ask": request.query.get("ask", ""),
        "form": form,
        "page": page,
        "step": words.STEP_OF_STATE.get(page.row.state, 0),
        "whys": [why(deadline, page.row.received.date(), day, language) for deadline in page.deadlines],
        "history": entries(page, i18n.words(request), officer),
        "ways": telling.ways(language),
        "duty": notice_words.DECIDED.get(page.telling.what, ""),
        "order": getattr(law.order_named(page.order), "en" if language == "en" else "zh"),
        "record_article": duties.cited(page.order, duties.DOCUMENTS, language),
        "joint_article": duties.cited(page.order, duties.JOINT, language),
        "decidable": officer.role == "mediator" and page.row.state in DECIDABLE,
        "notable": page.notes if officer.role == "mediator" else (),
        "retractable": page.last_note if officer.role == "mediator" else "",
        "schedulable": officer.role == "mediator" and page.row.state in SCHEDULABLE,
        "open_session": next((s for s in page.sessions if s.status in ("scheduled", "live", "recess")), None),
        "procedure": asking(page, officer, i18n.words(request)),
        "document_kinds": KINDS,
        "words": words,
        "mode_name": mode_name,
        "notice_words": notice_words,
        "vocabulary": vocabulary,
        "numbers": parties.masked_numbers(page.record),
        "corrections": corrections(page, i18n.words(request)),
        "respondent": particulars.respondent(page.record),
        "amendable": officer.role == "mediator" and page.record.office == officer.office.id,
        "area": _area_of(page),
        "division": division_named(page.record.division) or page.record.division,
        "answer_link": "",
        **answering.shown(request, page, form),
        "triage": panel(page.triage, language, officer.office.id, more.pop("triage_form", None)),
    }
    context["published"] = marked_public(page.facts)
    return show(request, "office/complaint.html", "complaints", status, **(context | more))


def _area_of(page: ComplaintPage) -> str:
    """Its area's name; what was typed before there was a list."""
    known = {one.jurisdiction.id: one.jurisdiction.name for one in page.triage.areas} if page.triage else {}
    return known.get(page.record.jurisdiction, page.record.jurisdiction)


@officer_page("mediator")
async def reveal(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, not with a redirect: the number must not be in any address, and is shown once."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    which = form.choice("which", tuple(parties.masked_numbers(page.record)))
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        return record_page(request, page, form, 422, ask="" if "which" in form.errors else f"look-{which}")
    full = await request.app[COMPLAINTS].reveal(officer, complaint, which, reason)
    page = await request.app[READS].complaint(officer, complaint)  # with this look in its history
    return record_page(request, page, Form(), revealed={which: full})
