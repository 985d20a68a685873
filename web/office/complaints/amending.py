"""What is added to a complaint's file and corrected in it: files, answers, closing, after a settlement."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web

from complaints.procedure import SATISFIED, WHOM
from complaints.record import ABOUT
from complaints.record.uploads import LARGEST, TYPES
from complaints.state import ComplaintState
from journal.refusals import Refused
from rooms.views import ComplaintPage
from web import ANSWERS, READS, i18n
from web.http import responses
from web.http.forms import BAD_CHOICE, Form
from web.http.security import officer_page
from web.i18n import N_, words_for
from web.office.complaints import ATTACHMENTS, COMPLAINTS, entry
from web.office.complaints.history import corrections
from web.office.complaints.pages import area_names, entry_words, record_page
from web.rendering import go, officer_in, posted, show, today

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
    return show(request, "complaints/amend.html", "complaints", status, **context)


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
    joint = bool(page.record.joint) and page.row.state == ComplaintState.SETTLED.value
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
    what, reason = form.choice("what", tuple(i18n.NOTES)), form.text("reason", longest=200)
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
    back = form.values.get("from", "")
    return go(f"/{back}" if back in ("desk", "due") else f"/complaints/{complaint}#after")


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
    shown = form.values.get("seen", "")
    seen = int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 6 else None
    await request.app[COMPLAINTS].call_back(officer, complaint, whom, reached, satisfied, note, seen)
    return go(f"/complaints/{complaint}#after")


AT_ONCE: Final = 5  # files of one form
MOST_BYTES: Final = AT_ONCE * LARGEST + 64 * 1024

NO_FILE: Final = N_("Choose a file first.")
TOO_MANY: Final = N_("At most five files at once, and forty of one complaint.")
NEEDS_REASON: Final = N_("Say why it is removed; that it was there stays in the history.")
WHY: Final = {
    "empty": N_("This file is empty."),
    "large": N_("This file is larger than 10 MB."),
    "kind": N_("Only photos (JPEG, PNG, HEIC) and PDF can be attached. What a file is called does not matter."),
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
    about, note = form.choice("about", ABOUT[:2]), form.text("note", longest=500)
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
    return await responses.send_whole(request, file, found.size, responses.for_saving(TYPES[found.kind], found.name))


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
