"""The routes of the casebook."""

from __future__ import annotations

from aiohttp import web

from web.casebook import exchange, lawyer, pages, work


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/casebook", pages.shelf, name="casebook")
    get("/casebook/making", pages.making, name="casebook_making")
    get("/casebook/board", pages.board, name="casebook_board")
    post("/casebook/draw/{complaint}", pages.draw, name="case_draw")
    get("/casebook/cases/{case}", pages.case, name="case")
    get("/casebook/cases/{case}/texts", work.texts, name="case_texts")
    post("/casebook/cases/{case}/texts", work.write)
    post("/casebook/cases/{case}/decide", work.decide, name="case_decide")
    post("/casebook/cases/{case}/mark", work.mark, name="case_mark")
    post("/casebook/cases/{case}/approve", work.approve, name="case_approve")
    get("/casebook/cases/{case}/sheet", work.sheet, name="case_sheet")
    post("/casebook/cases/{case}/sheet", work.fill)
    post("/casebook/cases/{case}/ask/{what}", pages.ask, name="case_ask")
    post("/casebook/cases/{case}/lawyers", pages.invite, name="case_invite")
    post("/casebook/cases/{case}/lawyers/{invitation}/link", pages.link, name="case_invitation")
    post("/casebook/cases/{case}/lawyers/{invitation}/withdraw", pages.uninvite, name="case_uninvite")
    post("/casebook/cases/{case}/collect", exchange.collect, name="case_collect")
    get("/casebook/cases/{case}/file.{form}", exchange.give_out, name="case_file")
    get("/casebook/file.{form}", exchange.give_out_shelf, name="casebook_file")
    get("/casebook/take-in", exchange.take_in_form, name="casebook_take_in")
    post("/casebook/take-in", exchange.take_in)
    get("/casebook/take-in/{cut}", exchange.cut_page, name="casebook_cut")
    post("/casebook/take-in/{cut}", exchange.change_cut)
    post("/casebook/collections", exchange.begin_collection, name="casebook_collections")
    get("/casebook/topics", exchange.topic_list, name="casebook_topics")
    post("/casebook/topics", exchange.change_topic)
    get("/casebook/notes", exchange.note_list, name="casebook_notes")
    get("/casebook/notes/{problem}", exchange.note, name="casebook_note")
    post("/casebook/notes/{problem}", exchange.write_note)
    get("/l/{secret}", lawyer.invitation, name="lawyer_invitation")
    post("/l/{secret}/start", lawyer.begin, name="lawyer_begin")
    get("/comment/code", lawyer.code_form, name="lawyer_code")
    post("/comment/code", lawyer.code)
    post("/comment/code/send", lawyer.send_code, name="lawyer_code_send")
    get("/comment", lawyer.show, name="lawyer")
    post("/comment", lawyer.give)
