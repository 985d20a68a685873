"""Consultations, and the routes of reports and consultations."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from complaints import vocabulary
from complaints.consultations import (
    HOW,
    STATES,
    TAKEN_BACK,
    AnswerConsultation,
    CloseConsultation,
    ConsultationCommand,
    TakeBackConsultation,
    UndoConsultation,
)
from complaints.leads.views import ConsultationPage, NewConsultation
from complaints.state import LONGEST
from law.grounds import MATTERS, cited_matter
from law.orders import order_named
from offices.refusal import Refused
from web import i18n, words as office_words
from web.clock import now
from web.complaints.entry import NOT_YET
from web.complaints.pages import NEEDS_REASON
from web.field_form import SAID, Form
from web.leads import lead_words, report_words, reports
from web.leads.pages import NEEDS_WHY
from web.leads.services import CONSULTATIONS
from web.rendering import go
from web.reports.entry import came_in, defaults, form_page
from web.security import officer_page
from web.staff_pages import PAGE_SIZE, number, officer_in, posted, show, today


@officer_page("mediator", "supervisor")
async def consultation_list(request: web.Request) -> web.StreamResponse:
    officer, day, language = officer_in(request), today(request), i18n.language(request)
    state, kind, page = request.query.get("state", ""), request.query.get("kind", ""), number(request, "page")
    state, kind = state if state in STATES else "", kind if kind in MATTERS else ""
    first = day.replace(month=1, day=1)
    rows, total = await request.app[CONSULTATIONS].consultations(officer, state, kind, page)
    counts = await request.app[CONSULTATIONS].counts(officer, first, day)
    return show(
        request,
        "reports/consultations.html",
        "consultations",
        rows=rows,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        state=state,
        kind=kind,
        counts=counts,
        first=first,
        names=report_words,
        matters={value: matter.name(language) for value, matter in MATTERS.items()},
    )


@officer_page("mediator")
async def new_form(request: web.Request) -> web.StreamResponse:
    values = defaults(now(request), officer_in(request).office.zone)
    return _form(request, Form(values | {"kind": "consultation"}))


@officer_page("mediator")
async def register_consultation(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    new = NewConsultation(
        kind=form.choice("kind", tuple(MATTERS)),
        person=form.text("person", longest=60),
        **came_in(form, officer.office.zone, today(request)),
    )
    if form.good:
        try:
            return go(f"/consultations/{await request.app[CONSULTATIONS].register(officer, new)}")
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors[str(no.params.get("field", "phone"))] = SAID[no.code]
    return _form(request, form, 422)


def _form(request: web.Request, form: Form, status: int = 200) -> web.Response:
    language = i18n.language(request)
    matters = [(value, matter.name(language)) for value, matter in MATTERS.items()]
    return form_page(request, "reports/consultation_new.html", "complaints", form, status, matters=matters)


@officer_page("mediator", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    return _page(request, await _found(request), Form())


async def _found(request: web.Request) -> ConsultationPage:
    return await request.app[CONSULTATIONS].consultation(officer_in(request), request.match_info["consultation"])


def _page(request: web.Request, page: ConsultationPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    language, told = i18n.language(request), page.consultation.registered
    article = cited_matter(order_named(told.order), told.kind)
    context: dict[str, Any] = {
        "page": page,
        "state": page.consultation,
        "told": told,
        "matter": MATTERS[told.kind].name(language),
        "way": MATTERS[told.kind].way(language),
        "article": article.text(language) if article else "",
        "form": form,
        "ask": request.query.get("ask", ""),
        "day": today(request),
        "names": report_words,
        "how": lead_words.HOW,
        "channels": office_words.CHANNELS,
        "vocabulary": vocabulary,
        "whole": "",
    }
    return show(request, "reports/consultation.html", "consultations", status, **(context | more))


async def _asked(request: web.Request, form: Form, command: ConsultationCommand, ask: str) -> web.StreamResponse:
    page = await _found(request)
    if form.good:
        try:
            await request.app[CONSULTATIONS].ask(officer_in(request), page.id, command)
        except Refused as no:
            if no.code != "bad_day":
                raise
            form.errors["day"] = NOT_YET
    return go(f"/consultations/{page.id}") if form.good else _page(request, page, form, 422, ask=ask)


@officer_page("mediator")
async def answer_consultation(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    day: date | None = form.day("day")
    how, text = form.choice("how", HOW), form.text("answer", needed=True, longest=LONGEST["answer"])
    return await _asked(request, form, AnswerConsultation(day or now_day, how, text, now_day), "answer")


@officer_page("mediator")
async def close_consultation(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    return await _asked(request, form, CloseConsultation(form.text("note", longest=500)), "close")


@officer_page("mediator")
async def take_back(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    what = form.choice("what", TAKEN_BACK)
    return await _asked(request, form, TakeBackConsultation(what, _why(form)), f"back-{what}")


@officer_page("mediator")
async def undo_consultation(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    return await _asked(request, form, UndoConsultation(_why(form)), "undo")


def _why(form: Form) -> str:
    reason = form.text("reason", longest=LONGEST["reason"])
    if not reason:
        form.errors["reason"] = NEEDS_WHY
    return reason


@officer_page("mediator")
async def consultation_person(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the number must be in no address, and is shown once."""
    form, page = await posted(request), await _found(request)
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        return _page(request, page, form, 422, ask="person")
    _, whole = await request.app[CONSULTATIONS].person(officer_in(request), page.id, reason)
    return _page(request, await _found(request), Form(), whole=whole)


def register_reports(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/reports", reports.report_list, name="reports")
    get("/reports/new", reports.new_form, name="report_new")
    post("/reports/new", reports.register_report)
    get("/reports/register.pdf", reports.report_book, name="report_book")
    get("/leads/{lead}/register.pdf", reports.register_form, name="report_form")
    post("/leads/{lead}/join", reports.join, name="lead_join")
    post("/leads/{lead}/separate", reports.separate, name="lead_separate")
    post("/leads/{lead}/testing", reports.begin_testing, name="lead_testing")
    post("/leads/{lead}/testing/end", reports.end_testing, name="lead_tested")
    post("/leads/{lead}/dispute", reports.dispute, name="lead_dispute")
    post("/leads/{lead}/dispute/settle", reports.settle, name="lead_settle")
    post("/leads/{lead}/withdrew", reports.withdrew, name="lead_withdrew")
    post("/leads/{lead}/refer", reports.refer, name="lead_refer")
    post("/leads/{lead}/message", reports.message, name="lead_message")
    get("/consultations", consultation_list, name="consultations")
    get("/consultations/new", new_form, name="consultation_new")
    post("/consultations/new", register_consultation)
    get("/consultations/{consultation}", record, name="consultation")
    post("/consultations/{consultation}/answer", answer_consultation, name="consultation_answer")
    post("/consultations/{consultation}/close", close_consultation, name="consultation_close")
    post("/consultations/{consultation}/take-back", take_back, name="consultation_take_back")
    post("/consultations/{consultation}/undo", undo_consultation, name="consultation_undo")
    post("/consultations/{consultation}/person", consultation_person, name="consultation_person")
