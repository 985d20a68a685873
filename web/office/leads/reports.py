"""Reports (举报): registering, listing, joining, steps, and their routes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

import complaints
from complaints.leads import (
    BODIES,
    JOINED,
    TESTS,
    TOLD,
    BeginLeadTesting,
    DisputeCompetence,
    EndLeadTesting,
    LeadRow,
    NewReport,
    NoteInformantWithdrew,
    ReferLead,
    ReportFilter,
    SettleLeadCompetence,
)
from complaints.record.identifiers import credit_code
from complaints.state import LONGEST
from journal.refusals import DomainError, Refused
from law.orders import SUBJECTS
from web import i18n
from web.http.forms import BAD_CODE, NEEDED, SAID, TOO_LONG, Form, now, typed_day
from web.http.responses import XLSX, attachment_headers, pdf_response
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office import leads as leads_words
from web.office.leads import LEADS, REPORTS, came_in, defaults, form_page
from web.office.leads.pages import lead_page, submit_to_lead
from web.office.statistics import new_workbook, packed, workbook_row
from web.rendering import PAGE_SIZE, go, number, officer_in, posted, show, today

NEEDS_NAME: Final = N_("A report by name needs the name and a phone number.")
NO_SUCH: Final = N_("No report of this office has this number.")
OTHER_PERSON: Final = N_("That report is not an earlier one by the same informant.")
NOT_JOINED: Final = N_("To a report that is decided, only the same facts once more can be joined.")
_JOIN_SAID: Final = {"not_found": NO_SUCH, "bad_choice": OTHER_PERSON, "wrong_state": NOT_JOINED}


@officer_page("mediator", "inspector")
async def new_report_form(request: web.Request) -> web.StreamResponse:
    values = defaults(now(request), officer_in(request).office.zone)
    return _form(request, Form(values | {"subject": "conduct"}))


@officer_page("mediator", "inspector")
async def register_report(request: web.Request) -> web.StreamResponse:
    """Who takes reports in is shown the number and no more of it (Order 121 Art 37)."""
    officer, form = officer_in(request), await posted(request)
    new = _read(form, officer.office.zone, today(request))
    if not form.good:
        return _form(request, form, 422)
    try:
        lead, given = await request.app[REPORTS].register(officer, new)
    except Refused as no:
        if no.code not in SAID:
            raise
        form.errors[str(no.params.get("field", "phone"))] = SAID[no.code]
        return _form(request, form, 422)
    if officer.role == "inspector":
        return go(f"/leads/{lead}")
    return show(request, "leads/registered.html", "complaints", number=given)


@officer_page("inspector", "supervisor")
async def report_list(request: web.Request) -> web.StreamResponse:
    return await _listed(request)


@officer_page("inspector", "supervisor")
async def report_book(request: web.Request) -> web.StreamResponse:
    """What the page lists, all of it, on paper."""
    try:
        return pdf_response(await request.app[REPORTS].book(officer_in(request), _wanted(request)))
    except Refused as no:
        if no.code != "too_many":
            raise
        return await _listed(request, 422, too_many=no.params["most"])


REGISTER: Final = (
    N_("Number"),
    N_("Received at"),
    N_("Came through"),
    N_("Informant"),
    N_("About"),
    N_("Verifying officer"),
    N_("State"),
    N_("Due"),
    N_("Outcome"),
    N_("Decided in time"),
)


@officer_page("inspector", "supervisor")
async def report_register(request: web.Request) -> web.StreamResponse:
    """The list as it is narrowed, as a workbook. Who reported is not in it."""
    officer, wanted = officer_in(request), _wanted(request)
    rows, more = await request.app[REPORTS].saved(officer, wanted)
    book = await asyncio.to_thread(register_book, rows, more, ZoneInfo(officer.office.zone), i18n.words_for(request))
    return attachment_headers(book, XLSX, f"yuntiao-reports-{wanted.first}-{wanted.last}.xlsx")


def register_book(rows: Sequence[LeadRow], more: bool, zone: ZoneInfo, words: Words) -> bytes:
    """Blocks for a moment."""
    _ = words.gettext
    made = new_workbook()
    sheet = made.create_sheet(_("Register of reports"))
    workbook_row(sheet, [_(head) for head in REGISTER], bold=True)
    for row in rows:
        cells = (
            row.number, row.found.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            _(i18n.CHANNELS.get(row.channel, row.channel)) if row.channel else _("Split off complaints"),
            _(leads_words.INFORMANTS.get(row.informant, row.informant)) if row.informant else "",
            row.title, row.owner_name, _(leads_words.STATES[row.state]), row.due,
            _(leads_words.OUTCOMES.get(row.outcome, row.outcome)) if row.outcome and row.state == "decided" else "",
            "" if row.in_time is None else _("in time") if row.in_time else _("past its period"),
        )  # fmt: skip
        workbook_row(sheet, cells)
    if more:
        workbook_row(sheet, [_("There are more: narrow the list by date, and save the rest separately.")])
    return packed(made)


@officer_page("inspector", "supervisor")
async def register_form(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[REPORTS].form(officer_in(request), request.match_info["lead"]))


def _wanted(request: web.Request) -> ReportFilter:
    day, state = today(request), request.query.get("state", "")
    return ReportFilter(
        _day(request, "first", day.replace(month=1, day=1)),
        _day(request, "last", day),
        state if state in leads_words.STATES else "",
        number(request, "page"),
    )


async def _listed(request: web.Request, status: int = 200, too_many: object = None) -> web.Response:
    officer, wanted = officer_in(request), _wanted(request)
    rows, total = await request.app[REPORTS].reports(officer, wanted)
    figures = await request.app[REPORTS].figures(officer, wanted)
    return show(
        request,
        "leads/reports.html",
        "reports",
        status,
        too_many=too_many,
        rows=rows,
        total=total,
        pages=max(1, -(-total // PAGE_SIZE)),
        wanted=wanted,
        figures=figures,
        names=leads_words,
        vocabulary=complaints,
    )


@officer_page("inspector")
async def join(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    into, how = form.text("into", needed=True, longest=64), form.choice("how", JOINED)
    if form.good:
        try:
            await request.app[REPORTS].join(officer, lead, into, how)
        except Refused as no:
            if no.code not in _JOIN_SAID:
                raise
            form.errors["into"] = _JOIN_SAID[no.code]
    return go(f"/leads/{lead}") if form.good else lead_page(request, page, form, 422, ask="join")


@officer_page("inspector")
async def separate(request: web.Request) -> web.StreamResponse:
    officer, lead, form = officer_in(request), request.match_info["lead"], await posted(request)
    page = await request.app[LEADS].lead(officer, lead)
    reason = form.text("reason", needed=True, longest=LONGEST["reason"])
    if not form.good:
        return lead_page(request, page, form, 422, ask="separate")
    await request.app[REPORTS].separate(officer, lead, reason)
    return go(f"/leads/{lead}")


def _form(request: web.Request, form: Form, status: int = 200) -> web.Response:
    section = "reports" if officer_in(request).role == "inspector" else "complaints"
    subjects = leads_words.subjects(i18n.language(request))
    return form_page(request, "leads/report_new.html", section, form, status, subjects=subjects)


def _read(form: Form, zone: str, day: date) -> NewReport:
    code = form.text("credit_code", longest=40)
    try:
        code = credit_code(code)
    except DomainError:
        form.errors["credit_code"] = BAD_CODE
    name, real, told = form.text("informant", longest=60), "real_name" in form.values, came_in(form, zone, day)
    if real and not (name and told["phone"]):
        form.errors.setdefault("phone" if name else "informant", NEEDS_NAME)
    return NewReport(
        about=form.text("about", needed=True, longest=120),
        subject=form.choice("subject", tuple(SUBJECTS)),
        place=form.text("place", longest=200),
        credit_code=code,
        informant=name,
        real_name=real,
        insider="insider" in form.values,
        **told,
    )


def _day(request: web.Request, name: str, otherwise: date) -> date:
    return typed_day(request.query.get(name, "")) or otherwise


NAMES_SOMEBODY: Final = N_("Leave out whom it is about and who reported it: others may read this phone.")
_SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG, "bad_choice": NAMES_SOMEBODY}


@officer_page("inspector")
async def begin_testing(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    kind, body, day = form.choice("kind", TESTS), form.text("body", longest=120), form.day("day")
    return await submit_to_lead(request, form, BeginLeadTesting(day or now_day, kind, body, now_day), "testing")


@officer_page("inspector")
async def end_testing(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    return await submit_to_lead(request, form, EndLeadTesting(form.day("day") or now_day, now_day), "tested")


@officer_page("inspector")
async def dispute(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    other, reason = form.text("other", needed=True, longest=120), form.text("reason", needed=True, longest=500)
    return await submit_to_lead(
        request, form, DisputeCompetence(form.day("day") or now_day, other, reason, now_day), "dispute"
    )


@officer_page("inspector", "supervisor")
async def settle(request: web.Request) -> web.StreamResponse:
    """An inspector notes what was agreed, a supervisor what the common superior designated."""
    form = await posted(request)
    how = "designated" if officer_in(request).role == "supervisor" else "agreed"
    ours, note = form.choice("ours", ("yes", "no")), form.text("note", longest=500)
    return await submit_to_lead(request, form, SettleLeadCompetence(how, ours == "yes", note), "settle")


@officer_page("inspector")
async def withdrew(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    note = form.text("note", longest=500)
    return await submit_to_lead(
        request, form, NoteInformantWithdrew(form.day("day") or now_day, note, now_day), "withdrew"
    )


@officer_page("inspector")
async def refer(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    to, name = form.choice("to", BODIES), form.text("name", needed=True, longest=120)
    note, document = form.text("note", longest=500), form.text("document", longest=120)
    return await submit_to_lead(
        request, form, ReferLead(form.day("day") or now_day, to, name, note, document, now_day), "refer"
    )


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


def register_reports(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/reports", report_list, name="reports")
    get("/reports/new", new_report_form, name="report_new")
    post("/reports/new", register_report)
    get("/reports/register.pdf", report_book, name="report_book")
    get("/reports/register.xlsx", report_register, name="report_register")
    get("/leads/{lead}/register.pdf", register_form, name="report_form")
    post("/leads/{lead}/join", join, name="lead_join")
    post("/leads/{lead}/separate", separate, name="lead_separate")
    post("/leads/{lead}/testing", begin_testing, name="lead_testing")
    post("/leads/{lead}/testing/end", end_testing, name="lead_tested")
    post("/leads/{lead}/dispute", dispute, name="lead_dispute")
    post("/leads/{lead}/dispute/settle", settle, name="lead_settle")
    post("/leads/{lead}/withdrew", withdrew, name="lead_withdrew")
    post("/leads/{lead}/refer", refer, name="lead_refer")
    post("/leads/{lead}/message", message, name="lead_message")
