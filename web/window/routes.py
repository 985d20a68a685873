"""The public window's addresses."""

from __future__ import annotations

from aiohttp import web

from web.window import filing, pages, visits


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
    get("/follow/alive", visits.visit_is_alive, name="window_alive")
    get("/follow/photos", visits.photo_page, name="window_photos")
    post("/follow/photos", visits.send_photo)
    post("/follow/photos/{attachment}/remove", visits.remove_photo, name="window_photo_remove")
    post("/follow/news", pages.news, name="window_news")
    get("/follow/notices/{notice}", pages.notice, name="window_notice")
    get("/follow/notices/{notice}/file", pages.notice_file, name="window_notice_file")
    get("/follow/withdraw", pages.withdraw_form, name="window_withdraw")
    post("/follow/withdraw", pages.withdraw)
