"""Consultations and other bodies' matters: registering, listing, answering, closing, and their routes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

import complaints
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
from complaints.leads import ConsultationPage, ConsultationRow, NewConsultation
from complaints.state import LONGEST
from journal.refusals import Refused
from law.grounds import MATTERS, cited_matter
from law.orders import order_named
from web import i18n
from web.http.forms import SAID, Form, now
from web.http.responses import XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office import leads as leads_words
from web.office.complaints.entry import NOT_YET
from web.office.complaints.pages import NEEDS_REASON
from web.office.leads import CONSULTATIONS, came_in, defaults, form_page
from web.office.leads.pages import NEEDS_WHY
from web.office.statistics import new_workbook, packed, workbook_row
from web.rendering import PAGE_SIZE, go, number, officer_in, posted, show, today


@officer_page("mediator", "supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    officer, day, language = officer_in(request), today(request), i18n.language(request)
    (state, kind), page = _narrowed(request), number(request, "page")
    first = day.replace(month=1, day=1)
    rows, total = await request.app[CONSULTATIONS].consultations(officer, state, kind, page)
    counts = await request.app[CONSULTATIONS].counts(officer, first, day)
    return show(
        request,
        "leads/consultations.html",
        "consultations",
        rows=rows,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        state=state,
        kind=kind,
        counts=counts,
        first=first,
        names=leads_words,
        matters={value: matter.name(language) for value, matter in MATTERS.items()},
    )


def _narrowed(request: web.Request) -> tuple[str, str]:
    """State and kind; "": all."""
    state, kind = request.query.get("state", ""), request.query.get("kind", "")
    return state if state in STATES else "", kind if kind in MATTERS else ""


REGISTER: Final = (
    N_("Number"),
    N_("Received at"),
    N_("Came through"),
    N_("Kind"),
    N_("About"),
    N_("State"),
    N_("Answered on"),
)


@officer_page("mediator", "supervisor")
async def register_book(request: web.Request) -> web.StreamResponse:
    """The list as it is narrowed, as a workbook. Who asked is not in it."""
    officer, (state, kind) = officer_in(request), _narrowed(request)
    rows, more = await request.app[CONSULTATIONS].saved(officer, state, kind)
    make = partial(workbook, rows, more, ZoneInfo(officer.office.zone), i18n.words_for(request))
    return attachment_headers(await asyncio.to_thread(make), XLSX, f"yuntiao-consultations-{today(request)}.xlsx")


def workbook(rows: Sequence[ConsultationRow], more: bool, zone: ZoneInfo, words: Words) -> bytes:
    """Blocks for a moment."""
    _ = words.gettext
    made = new_workbook()
    sheet = made.create_sheet(_("Consultations and other matters")[:31])
    workbook_row(sheet, [_(head) for head in REGISTER], bold=True)
    for row in rows:
        cells = (
            row.number, row.received.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            _(i18n.CHANNELS.get(row.channel, row.channel)) if row.channel else "",
            MATTERS[row.kind].name(words.language), row.title, _(leads_words.CONSULTATION_STATES[row.state]),
            row.answered,
        )  # fmt: skip
        workbook_row(sheet, cells)
    if more:
        workbook_row(sheet, [_("There are more: narrow the list by kind or state, and save the rest separately.")])
    return packed(made)


@officer_page("mediator")
async def new_form(request: web.Request) -> web.StreamResponse:
    values = defaults(now(request), officer_in(request).office.zone)
    return _form(request, Form(values | {"kind": "consultation"}))


@officer_page("mediator")
async def register(request: web.Request) -> web.StreamResponse:
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
    return form_page(request, "leads/consultation_new.html", "complaints", form, status, matters=matters)


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
        "names": leads_words,
        "how": leads_words.HOW,
        "channels": i18n.CHANNELS,
        "vocabulary": complaints,
        "whole": "",
    }
    return show(request, "leads/consultation.html", "consultations", status, **(context | more))


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
async def answer(request: web.Request) -> web.StreamResponse:
    form, now_day = await posted(request), today(request)
    day: date | None = form.day("day")
    how, text = form.choice("how", HOW), form.text("answer", needed=True, longest=LONGEST["answer"])
    return await _asked(request, form, AnswerConsultation(day or now_day, how, text, now_day), "answer")


@officer_page("mediator")
async def close(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    return await _asked(request, form, CloseConsultation(form.text("note", longest=500)), "close")


@officer_page("mediator")
async def take_back(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    what = form.choice("what", TAKEN_BACK)
    return await _asked(request, form, TakeBackConsultation(what, _why(form)), f"back-{what}")


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    return await _asked(request, form, UndoConsultation(_why(form)), "undo")


def _why(form: Form) -> str:
    reason = form.text("reason", longest=LONGEST["reason"])
    if not reason:
        form.errors["reason"] = NEEDS_WHY
    return reason


@officer_page("mediator")
async def person(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the number must be in no address, and is shown once."""
    form, page = await posted(request), await _found(request)
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        return _page(request, page, form, 422, ask="person")
    _, whole = await request.app[CONSULTATIONS].person(officer_in(request), page.id, reason)
    return _page(request, await _found(request), Form(), whole=whole)


def register_consultations(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/consultations", listing, name="consultations")
    get("/consultations/register.xlsx", register_book, name="consultation_register")
    get("/consultations/new", new_form, name="consultation_new")
    post("/consultations/new", register)
    get("/consultations/{consultation}", record, name="consultation")
    post("/consultations/{consultation}/answer", answer, name="consultation_answer")
    post("/consultations/{consultation}/close", close, name="consultation_close")
    post("/consultations/{consultation}/take-back", take_back, name="consultation_take_back")
    post("/consultations/{consultation}/undo", undo, name="consultation_undo")
    post("/consultations/{consultation}/person", person, name="consultation_person")
