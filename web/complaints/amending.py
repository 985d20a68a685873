"""Correcting a complaint, closing its file, and what happens after a settlement."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from complaints.procedure.aftercare import SATISFIED, WHOM
from complaints.state import State
from offices.refusal import Refused
from rooms.views import ComplaintPage
from web import words
from web.complaints import entry
from web.complaints.history import corrections
from web.complaints.pages import area_names, entry_words, record_page
from web.complaints.services import COMPLAINTS
from web.field_form import BAD_CHOICE, Form
from web.i18n import N_, words_for
from web.rendering import go
from web.security import officer_page
from web.services import READS
from web.staff_pages import officer_in, posted, show, today

AMENDMENT_NEEDS_REASON: Final = N_("Say what was wrong; what stood there before stays in the history.")
NOTHING_NEW: Final = N_("Nothing was changed.")
OVERTAKEN: Final = N_("Somebody corrected this record meanwhile. Compare what you typed with its page first.")


@officer_page("mediator")
async def amend_form(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    _own(request, page)
    seen = {"seen": str(len(corrections(page, words_for(request))))}
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
        form.errors["reason"] = AMENDMENT_NEEDS_REASON
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
                form.values["seen"] = str(len(corrections(page, words_for(request))))
            elif not entry.note(form, no.code, no.params):
                raise
        else:
            return go(f"/complaints/{complaint}#corrections")
    return await _form(request, page, form, 422)


@officer_page("mediator")
async def undo_amendment(request: web.Request) -> web.StreamResponse:
    officer, form, complaint = officer_in(request), await posted(request), request.match_info["complaint"]
    page = await request.app[READS].complaint(officer, complaint)
    _own(request, page)
    ordinal, reason = form.text("ordinal", longest=6), form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = AMENDMENT_NEEDS_REASON
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


NOTE_NEEDS_REASON: Final = N_("Say what was wrong; the earlier note stays in the history.")
RECORD_MISSING: Final = N_(
    "Neither agreement nor record of this mediation is under seal. Make the record on the page of the mediation, or "
    "say where it is kept on paper."
)


@officer_page("mediator")
async def note_kept(request: web.Request) -> web.StreamResponse:
    """From the complaint's page or, with one press, from the desk."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    note = form.text("note", longest=500)
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="kept")
    await request.app[COMPLAINTS].promise_kept(officer, complaint, note)
    return go("/desk" if form.values.get("from") == "desk" else f"/complaints/{complaint}")


@officer_page("mediator")
async def close_file(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    joint = bool(page.record.joint) and page.row.state == State.SETTLED.value
    represented = form.text("represented", needed=joint, longest=500)
    paper = form.text("paper", longest=500)
    if not form.good:
        return record_page(request, page, form, 422)
    try:
        await request.app[COMPLAINTS].close_file(officer, complaint, represented, paper)
    except Refused as no:
        if no.code != "record_missing":
            raise
        form.errors["paper"] = RECORD_MISSING
        return record_page(request, page, form, no.status)
    return go(f"/complaints/{complaint}")


@officer_page("mediator")
async def take_back_note(request: web.Request) -> web.StreamResponse:
    """The page names the note it shows: of two who press at once, the second is told."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    what, reason = form.choice("what", tuple(words.NOTES)), form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NOTE_NEEDS_REASON
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="take-back")
    await request.app[COMPLAINTS].take_back(officer, complaint, what, reason)
    return go(f"/complaints/{complaint}")


AFTERCARE_NEEDS_REASON: Final = N_("Say what was wrong; the earlier note stays in the history.")
NOT_REACHED: Final = N_("Somebody who was not reached said nothing about it.")


@officer_page("mediator")
async def term_kept(request: web.Request) -> web.StreamResponse:
    """From the complaint's page or, with one press, from the desk."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    note, which = form.text("note", longest=500), form.text("term", longest=80)
    known = {f"{one.session}.{one.number}": one for one in page.terms}
    if which not in known:
        form.errors["term"] = BAD_CHOICE
    if not form.good:
        return record_page(request, page, form, 422, ask=f"term-{which}" if which in known else "")
    await request.app[COMPLAINTS].note_term(officer, complaint, known[which].session, known[which].number, note)
    return go("/desk" if form.values.get("from") == "desk" else f"/complaints/{complaint}#after")


@officer_page("mediator")
async def term_open(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    reason, which = form.text("reason", longest=500), form.text("term", longest=80)
    known = {f"{one.session}.{one.number}": one for one in page.terms}
    if not reason:
        form.errors["reason"] = AFTERCARE_NEEDS_REASON
    if which not in known:
        form.errors["term"] = BAD_CHOICE
    if not form.good:
        return record_page(request, page, form, 422, ask=f"term-{which}" if which in known else "")
    await request.app[COMPLAINTS].take_back_term(officer, complaint, known[which].session, known[which].number, reason)
    return go(f"/complaints/{complaint}#after")


@officer_page("mediator")
async def call_undone(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    reason, ordinal = form.text("reason", longest=500), form.text("ordinal", longest=4)
    if not reason:
        form.errors["reason"] = AFTERCARE_NEEDS_REASON
    if not form.good or not (ordinal.isascii() and ordinal.isdigit()):
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask=f"call-{ordinal}")
    await request.app[COMPLAINTS].take_back_call(officer, complaint, int(ordinal), reason)
    return go(f"/complaints/{complaint}#after")


@officer_page("mediator")
async def call_back(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    whom, reached = form.choice("whom", WHOM), form.choice("reached", ("yes", "no")) == "yes"
    satisfied, note = form.choice("satisfied", ("", *SATISFIED)), form.text("note", longest=500)
    if satisfied and not reached:
        form.errors["satisfied"] = NOT_REACHED
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="call-back")
    await request.app[COMPLAINTS].call_back(officer, complaint, whom, reached, satisfied, note)
    return go(f"/complaints/{complaint}#after")
