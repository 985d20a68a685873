"""Correcting a complaint's record with the form it was registered with, filled; and taking a correction back."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from offices.refusal import Refused
from rooms.views import ComplaintPage
from web.complaints.services import COMPLAINTS
from web.i18n import N_, words
from web.office import entry
from web.office.complaints import area_names, entry_words, record_page
from web.office.corrections import corrections
from web.office.forms import Form
from web.office.pages import officer_in, posted, show, today
from web.rendering import go
from web.security import officer_page
from web.services import READS

NEEDS_REASON: Final = N_("Say what was wrong; what stood there before stays in the history.")
NOTHING_NEW: Final = N_("Nothing was changed.")
OVERTAKEN: Final = N_("Somebody corrected this record meanwhile. Compare what you typed with its page first.")


@officer_page("mediator")
async def amend_form(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    _own(request, page)
    seen = {"seen": str(len(corrections(page, words(request))))}
    return await _form(
        request, page, Form(entry.filled(page.record, officer.office.zone, await area_names(request)) | seen)
    )


@officer_page("mediator")
async def amend(request: web.Request) -> web.StreamResponse:
    officer, form, complaint = officer_in(request), await posted(request), request.match_info["complaint"]
    page = await request.app[READS].complaint(officer, complaint)
    _own(request, page)
    new = entry.read(form, officer.office.zone, today(request), page.record, await area_names(request))
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    seen = form.text("seen", longest=6)
    if form.good:
        try:
            known = int(seen) if seen.isascii() and seen.isdigit() else -1
            await request.app[COMPLAINTS].amend(officer, complaint, new, known, reason)
        except Refused as no:
            if no.code == "unchanged":
                form.errors["reason"] = NOTHING_NEW
            elif no.code == "wrong_state":
                form.errors["reason"] = OVERTAKEN
                form.values["seen"] = str(len(corrections(page, words(request))))
            elif not entry.note(form, no.code, no.params):
                raise
        else:
            return go(f"/complaints/{complaint}#corrections")
    return await _form(request, page, form, 422)


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    officer, form, complaint = officer_in(request), await posted(request), request.match_info["complaint"]
    page = await request.app[READS].complaint(officer, complaint)
    _own(request, page)
    ordinal, reason = form.text("ordinal", longest=6), form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good or not (ordinal.isascii() and ordinal.isdigit()):
        return record_page(request, page, form, 422, ask=f"undo-{ordinal}")
    await request.app[COMPLAINTS].undo_amendment(officer, complaint, int(ordinal), reason)
    return go(f"/complaints/{complaint}#corrections")


def _own(request: web.Request, page: ComplaintPage) -> None:
    """What a mediator sees of another office is not theirs to correct."""
    if page.record.office != officer_in(request).office.id:
        raise Refused("not_found", 404)


async def _form(request: web.Request, page: ComplaintPage, form: Form, status: int = 200) -> web.Response:
    context: dict[str, Any] = {"page": page, "form": form, **entry_words(await area_names(request))}
    return show(request, "office/complaint_amend.html", "complaints", status, **context)
