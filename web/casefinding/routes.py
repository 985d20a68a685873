"""The routes of finding cases and of the year's book."""

from __future__ import annotations

from aiohttp import web

from web.casefinding import book, pages


def register(app: web.Application) -> None:
    get = app.router.add_get
    get("/casebook/find", pages.find, name="casebook_find")
    get("/casebook/read/{case}", pages.read, name="casebook_read")
    get("/casebook/book", book.page, name="casebook_book")
    get("/casebook/preface/{year}", book.preface, name="casebook_preface")
    app.router.add_post("/casebook/preface/{year}", book.write_preface)
    get("/casebook/book/{year}/{form}", book.file, name="casebook_book_file")
    get("/api/sessions/{session}/cases", pages.for_session, name="session_cases")
