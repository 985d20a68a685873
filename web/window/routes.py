"""The public window's addresses."""

from __future__ import annotations

from aiohttp import web

from web.window import filing, pages, photos, visits


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/file", filing.start_page, name="window_file")
    post("/file", filing.start)
    get("/follow", pages.follow_form, name="window_follow")
    post("/follow", pages.follow)
    get("/{way:file|follow}/code", pages.code_form, name="window_code")
    post("/{way:file|follow}/code", pages.code)
    post("/{way:file|follow}/code/send", pages.send_again, name="window_code_send")
    steps = "|".join(filing.STEPS)
    get(f"/file/{{step:{steps}}}", filing.step_page, name="window_step")
    post(f"/file/{{step:{steps}}}", filing.step)
    get("/follow/state", pages.state, name="window_state")
    get("/follow/alive", visits.alive, name="window_alive")
    get("/follow/photos", photos.page, name="window_photos")
    post("/follow/photos", photos.send)
    post("/follow/photos/{attachment}/remove", photos.remove, name="window_photo_remove")
    post("/follow/news", pages.news, name="window_news")
    get("/follow/notices/{notice}", pages.notice, name="window_notice")
    get("/follow/notices/{notice}/file", pages.notice_file, name="window_notice_file")
    get("/follow/withdraw", pages.withdraw_form, name="window_withdraw")
    post("/follow/withdraw", pages.withdraw)
