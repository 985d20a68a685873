"""A complaint's files, and asking the business for a written answer."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

from aiohttp import web

from complaints.record.attachments import ABOUT
from complaints.record.uploads import LARGEST, TYPES
from offices.refusal import Refused
from rooms.views import ComplaintPage
from web import responses
from web.complaints.pages import record_page
from web.complaints.services import ATTACHMENTS
from web.field_form import Form
from web.i18n import N_
from web.rendering import go
from web.security import officer_page
from web.services import ANSWERS, READS
from web.staff_pages import officer_in, posted

AT_ONCE: Final = 5  # files of one form
MOST_BYTES: Final = AT_ONCE * LARGEST + 64 * 1024

NO_FILE: Final = N_("Choose a file first.")
TOO_MANY: Final = N_("At most five files at once, and forty of one complaint.")
NEEDS_REASON: Final = N_("Say why it is removed; that it was there stays in the history.")
WHY: Final = {
    "empty": N_("This file is empty."),
    "large": N_("This file is larger than 10 MB."),
    "kind": N_("Only photos (JPEG, PNG) and PDF can be attached. What a file is called does not matter."),
    "heic": N_(
        "This photo is HEIC, the iPhone’s own format. In the phone’s camera settings choose “Most compatible”, "
        "or send a screenshot of it."
    ),
    "broken": N_("This file is damaged or was cut off. Please send it again."),
    "pixels": N_("This picture is larger than 60 megapixels. Please send a smaller one."),
    "active": N_("This PDF holds a script or another file. Please print it to a new PDF and send that."),
    "locked": N_("This PDF is locked, be it without a password. Please print it to a new PDF and send that."),
    "unclear": N_("What this PDF holds cannot be looked through. Please print it to a new PDF and send that."),
    "hard": N_("This file asks for more than any ordinary one. Please send a photo or screenshot of it."),
}


@officer_page("mediator", most_bytes=MOST_BYTES)
async def add_attachment(request: web.Request) -> web.StreamResponse:
    """What could be attached is, before the first that could not is said."""
    officer, complaint = officer_in(request), request.match_info["complaint"]
    page = await _page(request)
    if page.record.office != officer.office.id:
        raise Refused("not_found", 404)
    sent = await request.post()
    form = Form.of(sent)
    about, note = form.choice("about", ABOUT), form.text("note", longest=500)
    files = [part for part in sent.getall("file", []) if isinstance(part, web.FileField) and part.filename]
    if not files:
        form.errors["file"] = NO_FILE
    if len(files) > AT_ONCE:
        form.errors["file"] = TOO_MANY
    for part in files if form.good else ():
        content = await asyncio.to_thread(part.file.read, LARGEST + 1)
        try:
            await request.app[ATTACHMENTS].add(officer, complaint, part.filename, content, about, note)
        except Refused as no:
            if no.code not in ("bad_upload", "too_many"):
                raise
            form.errors["file"] = WHY.get(str(no.params.get("why")), TOO_MANY)
            break
    if not form.good:
        return record_page(request, await _page(request), form, 422, ask="attach")
    return go(f"/complaints/{complaint}#attachments")


@officer_page("mediator", "supervisor")
async def download_attachment(request: web.Request) -> web.StreamResponse:
    """Only ever for saving: no browser shows it under our name."""
    page = await _page(request)
    found, file = await request.app[ATTACHMENTS].take(
        officer_in(request), page.row.id, request.match_info["attachment"], "original" in request.query
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
        await responses.pour(request, response, file, found.size)
        await response.write_eof()
    return response


@officer_page("mediator")
async def remove_attachment(request: web.Request) -> web.StreamResponse:
    officer, form, page = officer_in(request), await posted(request), await _page(request)
    which, reason = request.match_info["attachment"], form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        return record_page(request, page, form, 422, ask=f"remove-{which}")
    await request.app[ATTACHMENTS].remove(officer, page.row.id, which, reason)
    return go(f"/complaints/{page.row.id}#attachments")


async def _page(request: web.Request) -> ComplaintPage:
    """Refused(404) where the officer sees no such complaint."""
    return await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])


BAD_DAY: Final = N_("Choose a day from tomorrow to thirty days from now.")
NO_PHONE: Final = N_("There is no mobile number of the business on file. Correct the record first.")


@officer_page("mediator")
async def ask_for_answer(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    due, note = form.day("due"), form.text("note", longest=500)
    if due is None:
        form.errors["due"] = BAD_DAY
    else:
        try:
            await request.app[ANSWERS].invite(officer, complaint, due, note)
        except Refused as no:
            if no.code not in ("bad_choice", "no_business_phone"):
                raise
            form.errors["due"] = BAD_DAY if no.code == "bad_choice" else NO_PHONE
    if not form.good:
        return record_page(request, page, form, 422, ask="answer")
    return go(f"/complaints/{complaint}#answers")


@officer_page("mediator")
async def withdraw_answer_request(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    invitation, reason = request.match_info["invitation"], form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
        which = [one.invited.invitation for one in page.answers]
        at = which.index(invitation) + 1 if invitation in which else 0
        return record_page(request, page, form, 422, ask=f"answer-back-{at}")
    await request.app[ANSWERS].withdraw(officer, complaint, invitation, reason)
    return go(f"/complaints/{complaint}#answers")
