"""A copy of the recording to take along: asked for with one press, made in the background, noted when it is taken."""

from __future__ import annotations

from aiohttp import web

from rooms.record.access import RecordUse
from web import ranges
from web.audit.services import COPIES
from web.office.pages import officer_in, show
from web.rendering import go
from web.security import officer_page
from web.services import READS


@officer_page("supervisor", "mediator")
async def page(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    found = await request.app[COPIES].newest(officer, session)
    row = await request.app[READS].record(officer, session, RecordUse.TAKE)
    recording = await request.app[READS].recording(officer, session)
    waits = found is not None and found.state in ("queued", "making")
    return show(
        request, "audit/copying.html", "audit", row=row, copy=found, waits=waits, ready=recording.state == "ready"
    )


@officer_page("supervisor", "mediator")
async def ask(request: web.Request) -> web.StreamResponse:
    session = request.match_info["session"]
    await request.app[COPIES].ask(officer_in(request), session)
    return go(f"/audit/{session}/copy")


@officer_page("supervisor", "mediator")
async def download(request: web.Request) -> web.StreamResponse:
    """Whole, not in ranges: every asking is an export of its own, and stands in the journal."""
    session = request.match_info["session"]
    copy, file = await request.app[COPIES].take(officer_in(request), session, request.match_info["copy"])
    try:
        name = f"session-{session}-{copy.asked:%Y%m%d-%H%M}.mp4"
        response = web.StreamResponse(
            headers={
                "Content-Type": "video/mp4",
                "Content-Length": str(copy.size),
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        await ranges.pour(request, response, file, copy.size)
        await response.write_eof()
    finally:
        file.close()
    return response
