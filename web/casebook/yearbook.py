"""The year's book of cases, and the routes of finding cases."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from casebook.yearbook import LONGEST_PREFACE, Book
from offices.refusal import Refused
from web import i18n
from web.casebook import search
from web.casebook.exchange import NOTE_CHANGED
from web.casebook.services import COMPENDIUM
from web.field_form import Form
from web.rendering import go
from web.security import officer_page
from web.staff_pages import officer_in, posted, show, today

ROLES: Final = ("mediator", "supervisor")
FORMS: Final = {
    "pdf": "application/pdf",
    "phone": "application/pdf",
    "epub": "application/epub+zip",
}


@officer_page(*ROLES)
async def page(request: web.Request) -> web.StreamResponse:
    """The web edition, with its files to take along."""
    officer = officer_in(request)
    years = list(await request.app[COMPENDIUM].years(officer))
    year = _year(request.query.get("year", ""), years[0])
    made = await _made(request, year)
    return show(
        request,
        "casefinding/book.html",
        "casebook",
        book=made,
        year=year,
        years=sorted({*years, year}, reverse=True),
        everybody=request.query.get("all") == "1",
        samples=request.query.get("samples") == "1",
        texts=search.TEXTS,
        language=i18n.language(request),
        money=search.came_to,
        ended=year < today(request).year,
    )


@officer_page(*ROLES)
async def file(request: web.Request) -> web.StreamResponse:
    form = request.match_info["form"]
    if form not in FORMS:
        raise Refused("not_found", 404)
    year = _year(request.match_info["year"], 0)
    made = await _made(request, year)
    if not made.parts:
        raise Refused("not_found", 404)
    compendium = request.app[COMPENDIUM]
    body = await compendium.epub(made) if form == "epub" else await compendium.pdf(made, form == "phone")
    ending = {"phone": "-phone.pdf"}.get(form, f".{form}")
    name = quote(f"典型案例选编{year}{ending}")
    disposition = f"attachment; filename=casebook-{year}{ending}; filename*=UTF-8''{name}"
    return web.Response(
        body=body,
        content_type=FORMS[form],
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


@officer_page(*ROLES)
async def preface(request: web.Request) -> web.StreamResponse:
    return await _preface(request, Form())


@officer_page(*ROLES)
async def write_preface(request: web.Request) -> web.StreamResponse:
    form, year, everybody = await posted(request), _year(request.match_info["year"], 0), request.query.get("all") == "1"
    text, why = form.text("text", needed=True, longest=LONGEST_PREFACE), form.text("why", longest=200)
    seen = form.values.get("seen", "")
    if form.good and seen.isascii() and seen.isdigit() and len(seen) < 8:
        try:
            await request.app[COMPENDIUM].write_preface(officer_in(request), year, everybody, text, why, int(seen))
            return go(f"/casebook/preface/{year}" + ("?all=1" if everybody else ""))
        except Refused as no:
            if no.code != "case_note_changed":
                raise
            form.errors["text"] = NOTE_CHANGED
    return await _preface(request, form, 422)


async def _preface(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, year, everybody = (
        officer_in(request),
        _year(request.match_info["year"], 0),
        request.query.get("all") == "1",
    )
    kept = await request.app[COMPENDIUM].prefaces(officer, year, everybody)
    if kept and not form.values:
        back = request.query.get("back", "")
        form.values["text"] = next((one for one in kept if str(one.number) == back), kept[0]).text
    return show(
        request,
        "casebook/preface.html",
        "casebook",
        status,
        year=year,
        everybody=everybody,
        kept=kept,
        form=form,
        own=not everybody or officer.role == "supervisor",
        standing=(await _made(request, year)).preface,
    )


async def _made(request: web.Request, year: int) -> Book:
    everybody, samples = (request.query.get(name) == "1" for name in ("all", "samples"))
    return await request.app[COMPENDIUM].book(officer_in(request), year, everybody, samples)


def _year(text: str, otherwise: int) -> int:
    if text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2200:
        return int(text)
    if not otherwise:
        raise Refused("not_found", 404)
    return otherwise


def register_case_search(app: web.Application) -> None:
    get = app.router.add_get
    get("/casebook/find", search.find_cases, name="casebook_find")
    get("/casebook/read/{case}", search.read_case, name="casebook_read")
    get("/casebook/book", page, name="casebook_book")
    get("/casebook/preface/{year}", preface, name="casebook_preface")
    app.router.add_post("/casebook/preface/{year}", write_preface)
    get("/casebook/book/{year}/{form}", file, name="casebook_book_file")
    get("/api/sessions/{session}/cases", search.cases_for_session, name="session_cases")
