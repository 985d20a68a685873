"""Asking that an entry of the journal be corrected by a further one, which takes a second person's yes.

Nothing is taken back: the entry stays, and is shown with what is true beside it.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices.oversight import ApprovalWish
from recordings.evidence.lines import WITHHOLDABLE
from recordings.views import AuditPage
from rooms.texts import MOST_LINE
from web import cookies
from web.audit import moments
from web.audit.looks import look
from web.audit.records import MACHINE, told_of
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.oversight.services import APPROVALS
from web.rendering import go
from web.security import officer_page

NO_ENTRY: Final = N_("There is no entry of this number.")
SAYS_NOTHING: Final = N_("What this entry said was erased or told in confidence. It cannot be corrected in the open.")
STILL_ON: Final = N_("The mediation is not over yet. What is wrong can be put right in the room.")


@officer_page("supervisor")
async def show_form(request: web.Request) -> web.StreamResponse:
    page = await look(request, "journal")
    form = Form({"entry": request.query.get("entry", "")})
    return _page(request, page, form)


@officer_page("supervisor")
async def ask(request: web.Request) -> web.StreamResponse:
    page, form = await look(request, "journal"), await posted(request)
    number = _number(page, form)
    wrong, right, reason = (form.text(name, needed=True, longest=MOST_LINE) for name in ("wrong", "right", "reason"))
    if not page.session.over or page.session.erasure is not None:
        form.errors["entry"] = STILL_ON
    if not form.good:
        return _page(request, page, form, 422)
    details = {"session": page.session.id, "entry": str(number), "wrong": wrong, "right": right}
    wish = ApprovalWish("correct", f"{page.session.id}#{number}", f"{page.row.number} #{number}", reason, details)
    token = cookies.read(request, cookies.OFFICER)
    return go(f"/approvals/{await request.app[APPROVALS].ask(officer_in(request), token, wish)}")


def _number(page: AuditPage, form: Form) -> int:
    """Of an entry that says something to everybody who may see the record; an error of the form otherwise."""
    typed = form.text("entry", needed=True, longest=9).lstrip("#")
    number = int(typed) if typed.isascii() and typed.isdigit() else 0
    entry = next((event for event in page.events if event.version == number), None)
    if entry is None:
        form.errors.setdefault("entry", NO_ENTRY)
    elif entry.erased or entry.type in WITHHOLDABLE:
        form.errors["entry"] = SAYS_NOTHING
    return number


def _page(request: web.Request, page: AuditPage, form: Form, status: int = 200) -> web.Response:
    voice = told_of(request, page).voice
    typed = form.values.get("entry", "").lstrip("#")
    known = moments.moments(page.events, voice, voice.gettext(MACHINE))
    entry = next((one for one in known if str(one.version) == typed.lstrip("0")), None)
    return show(request, "audit/correct.html", "audit", status, row=page.row, form=form, entry=entry)
