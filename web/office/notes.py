"""After the mediation: promises were kept, the file is closed; and taking such a note back."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.state import State
from offices.refusal import Refused
from web.complaints.services import COMPLAINTS
from web.i18n import N_
from web.office import words
from web.office.complaints import record_page
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page
from web.services import READS

NEEDS_REASON: Final = N_("Say what was wrong; the earlier note stays in the history.")
RECORD_MISSING: Final = N_(
    "Neither agreement nor record of this mediation is under seal. Make the record on the page of the mediation, or "
    "say where it is kept on paper."
)


@officer_page("mediator")
async def kept(request: web.Request) -> web.StreamResponse:
    """From the complaint's page or, with one press, from the desk."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    note = form.text("note", longest=500)
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="kept")
    await request.app[COMPLAINTS].promise_kept(officer, complaint, note)
    return go("/desk" if form.values.get("from") == "desk" else f"/complaints/{complaint}")


@officer_page("mediator")
async def close(request: web.Request) -> web.StreamResponse:
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
async def take_back(request: web.Request) -> web.StreamResponse:
    """The page names the note it shows: of two who press at once, the second is told."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    what, reason = form.choice("what", tuple(words.NOTES)), form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask="take-back")
    await request.app[COMPLAINTS].take_back(officer, complaint, what, reason)
    return go(f"/complaints/{complaint}")
