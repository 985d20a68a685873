"""The public window's addresses."""

from __future__ import annotations

from aiohttp import web

from web.window import pages


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/file", pages.file_form, name="window_file")
    post("/file", pages.file)
    get("/follow", pages.follow_form, name="window_follow")
    post("/follow", pages.follow)
    get("/{way:file|follow}/code", pages.code_form, name="window_code")
    post("/{way:file|follow}/code", pages.code)
    post("/{way:file|follow}/code/send", pages.send_again, name="window_code_send")
    get("/follow/state", pages.state, name="window_state")
    get("/follow/withdraw", pages.withdraw_form, name="window_withdraw")
    post("/follow/withdraw", pages.withdraw)
