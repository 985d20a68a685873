"""The addresses of what needs two, and of who did what."""

from __future__ import annotations

from aiohttp import web

from web.oversight import access, approvals, retention


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/approvals", approvals.listing, name="approvals")
    post("/approvals", approvals.ask)
    get("/approvals/{approval}", approvals.one, name="approval")
    post("/approvals/{approval}/yes", approvals.approve, name="approval_yes")
    post("/approvals/{approval}/no", approvals.decline, name="approval_no")
    post("/approvals/{approval}/take-back", approvals.take_back, name="approval_take_back")
    get("/access", access.access_table, name="access")
    post("/access/roles/{office}/{role}", access.change_access, name="access_role")
    post("/access/overseers/{supervisor}", access.oversee, name="access_overseer")
    post("/access/changes/{number}/undo", access.undo_access, name="access_undo")
    get("/retention", retention.retention_table, name="retention")
    post("/retention", retention.change_retention)
    get("/retention/appraisals", retention.appraisal_table, name="appraisals")
    post("/retention/appraisals", retention.propose)
    get("/retention/appraisals/{list}", retention.appraisal_page, name="appraisal")
    get("/retention/appraisals/{list}/certificate", retention.certificate, name="appraisal_certificate")
    get("/oversight", access.act_list, name="oversight")
    get("/oversight.xlsx", access.act_workbook, name="oversight_workbook")
