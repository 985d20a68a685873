"""Addresses of reports and consultations."""

from __future__ import annotations

from aiohttp import web

from web.reports import consultations, reports, steps


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/reports", reports.listing, name="reports")
    get("/reports/new", reports.new_form, name="report_new")
    post("/reports/new", reports.register)
    get("/reports/register.pdf", reports.book, name="report_book")
    get("/leads/{lead}/register.pdf", reports.register_form, name="report_form")
    post("/leads/{lead}/join", reports.join, name="lead_join")
    post("/leads/{lead}/separate", reports.separate, name="lead_separate")
    post("/leads/{lead}/testing", steps.begin_testing, name="lead_testing")
    post("/leads/{lead}/testing/end", steps.end_testing, name="lead_tested")
    post("/leads/{lead}/dispute", steps.dispute, name="lead_dispute")
    post("/leads/{lead}/dispute/settle", steps.settle, name="lead_settle")
    post("/leads/{lead}/withdrew", steps.withdrew, name="lead_withdrew")
    post("/leads/{lead}/refer", steps.refer, name="lead_refer")
    post("/leads/{lead}/message", steps.message, name="lead_message")
    get("/consultations", consultations.listing, name="consultations")
    get("/consultations/new", consultations.new_form, name="consultation_new")
    post("/consultations/new", consultations.register)
    get("/consultations/{consultation}", consultations.record, name="consultation")
    post("/consultations/{consultation}/answer", consultations.answer, name="consultation_answer")
    post("/consultations/{consultation}/close", consultations.close, name="consultation_close")
    post("/consultations/{consultation}/take-back", consultations.take_back, name="consultation_take_back")
    post("/consultations/{consultation}/undo", consultations.undo, name="consultation_undo")
    post("/consultations/{consultation}/person", consultations.person, name="consultation_person")
