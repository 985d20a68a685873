"""The addresses of what needs two, and of who did what."""

from __future__ import annotations

from aiohttp import web

from web.oversight import access, acts, appraisals, approvals, retention


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/approvals", approvals.listing, name="approvals")
    post("/approvals", approvals.ask)
    get("/approvals/{approval}", approvals.one, name="approval")
    post("/approvals/{approval}/yes", approvals.approve, name="approval_yes")
    post("/approvals/{approval}/no", approvals.decline, name="approval_no")
    post("/approvals/{approval}/take-back", approvals.take_back, name="approval_take_back")
    get("/access", access.table, name="access")
    post("/access/roles/{office}/{role}", access.change, name="access_role")
    post("/access/overseers/{supervisor}", access.oversee, name="access_overseer")
    post("/access/changes/{number}/undo", access.undo, name="access_undo")
    get("/retention", retention.table, name="retention")
    post("/retention", retention.change)
    get("/retention/appraisals", appraisals.table, name="appraisals")
    post("/retention/appraisals", appraisals.propose)
    get("/retention/appraisals/{list}", appraisals.one, name="appraisal")
    get("/retention/appraisals/{list}/certificate", appraisals.certificate, name="appraisal_certificate")
    get("/oversight", acts.listing, name="oversight")
    get("/oversight.xlsx", acts.workbook, name="oversight_workbook")
