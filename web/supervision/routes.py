"""Supervision's addresses."""

from __future__ import annotations

from aiohttp import web

from web.supervision import plans, reports, reviews


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/supervision", plans.monday, name="supervision")
    get("/supervision/rule", plans.rule, name="sampling_rule")
    post("/supervision/rule/{unit}", plans.choose, name="choose_rule")
    get("/supervision/plans/{unit}/{period}", plans.plan, name="plan")
    get("/supervision/plans/{unit}/{period}/draw.json", plans.published, name="draw")
    post("/supervision/plans/{unit}/{period}", plans.change_plan, name="change_plan")
    get("/supervision/reviews", reviews.listing, name="reviews")
    get("/supervision/reviews/{session}", reviews.review, name="review")
    post("/supervision/reviews/{session}", reviews.begin, name="review_begin")
    post("/supervision/reviews/{session}/draft", reviews.draft, name="review_draft")
    post("/supervision/reviews/{session}/{what}", reviews.act, name="review_act")
    get("/supervision/live/{session}", plans.observed_room, name="observe")
    post("/supervision/live/{session}", plans.begin_looking_on)
    get("/supervision/reports", reports.newest, name="newest_report")
    get("/supervision/reports/{unit}/{quarter}", reports.report_page, name="report")
    get("/supervision/reports/{unit}/{quarter}/report.pdf", reports.pdf, name="report_pdf")
    get("/supervision/reports/{unit}/{quarter}/data.csv", reports.data_set, name="report_data")
    get("/practice", reports.own_practice, name="practice")
