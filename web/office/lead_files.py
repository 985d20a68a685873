"""A lead's files: attached, downloaded with a note in its history, removed for a reason."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from complaints.leads import MOST_FILES
from complaints.record.uploads import LARGEST, TYPES
from offices.refusal import Refused
from web import ranges
from web.i18n import N_
from web.leads.services import LEADS
from web.office.attachments import AT_ONCE, MOST_BYTES, NEEDS_REASON, NO_FILE, WHY
from web.office.forms import Form
from web.office.leads import lead_page
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page

TOO_MANY = N_("At most five files at once, and forty of one lead.")
assert (AT_ONCE, MOST_FILES) == (5, 40), "the sentence says so"


@officer_page("inspector", "supervisor", most_bytes=MOST_BYTES)
async def add(request: web.Request) -> web.StreamResponse:
    officer, lead = officer_in(request), request.match_info["lead"]
    await request.app[LEADS].lead(officer, lead)
    sent = await request.post()
    form = Form.of(sent)
    note = form.text("note", longest=500)
    files = [part for part in sent.getall("file", []) if isinstance(part, web.FileField) and part.filename]
    if not files:
        form.errors["file"] = NO_FILE
    if len(files) > AT_ONCE:
        form.errors["file"] = TOO_MANY
    for part in files if form.good else ():
        content = await asyncio.to_thread(part.file.read, LARGEST + 1)
        try:
            await request.app[LEADS].add_file(officer, lead, part.filename, content, note)
        except Refused as no:
            if no.code not in ("bad_upload", "too_many"):
                raise
            form.errors["file"] = WHY.get(str(no.params.get("why")), TOO_MANY)
            break
    if not form.good:
        return lead_page(request, await request.app[LEADS].lead(officer, lead), form, 422, ask="file")
    return go(f"/leads/{lead}#files")


@officer_page("inspector", "supervisor")
async def download(request: web.Request) -> web.StreamResponse:
    """Only ever for saving: no browser shows it under our name."""
    found, file = await request.app[LEADS].take_file(
        officer_in(request), request.match_info["lead"], request.match_info["file"], "original" in request.query
    )
    with file:
        response = web.StreamResponse(
            headers={
                "Content-Type": TYPES[found.kind],
                "Content-Length": str(found.size),
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        await ranges.pour(request, response, file, found.size)
        await response.write_eof()
    return response


@officer_page("inspector", "supervisor")
async def remove(request: web.Request) -> web.StreamResponse:
    officer, form, lead = officer_in(request), await posted(request), request.match_info["lead"]
    which, reason = request.match_info["file"], form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        page = await request.app[LEADS].lead(officer, lead)
        return lead_page(request, page, form, 422, ask=f"remove-{which}")
    await request.app[LEADS].remove_file(officer, lead, which, reason)
    return go(f"/leads/{lead}#files")
