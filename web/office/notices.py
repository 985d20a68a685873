"""Notices on a complaint: looking at one before it goes out, issuing, reading, withdrawing."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from complaints.notice_views import NoticeWish, PrintedPaper
from offices.refusal import Refused
from rooms.views import ComplaintPage
from web.complaints.services import NOTICES
from web.i18n import N_
from web.office import notice_words
from web.office.complaints import record_page
from web.office.forms import NEEDED, TOO_LONG, Form
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page
from web.services import READS

NEEDS_REASON: Final = N_("Say what was wrong with it; those who got it are told this sentence.")
_SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG}


@officer_page("mediator")
async def form(request: web.Request) -> web.StreamResponse:
    """What can be added before it is issued; a kind whose occasion has not come is Refused(409)."""
    page, kind = await _asked(request)
    return _form_page(request, page, kind, Form())


@officer_page("mediator")
async def issue(request: web.Request) -> web.StreamResponse:
    """With one press from the complaint's page, or from the form."""
    page, kind = await _asked(request)
    given = await posted(request)
    wish = _wish(kind, given)
    if given.good:
        try:
            await request.app[NOTICES].issue(officer_in(request), page.row.id, wish)
        except Refused as no:
            if no.code not in _SAID:
                raise
            given.errors[str(no.params.get("field", "note"))] = _SAID[no.code]
        else:
            return go(f"/complaints/{page.row.id}#notices")
    return _form_page(request, page, kind, given, 422)


@officer_page("mediator")
async def preview(request: web.Request) -> web.StreamResponse:
    """The sheet as it would be, marked as a draft; a form because a long note fits into no address."""
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    kind, given = request.match_info["kind"], await posted(request)
    if kind not in (*page.notices.possible, *page.notices.drafts):
        raise _not_now(kind)
    wish = _wish(kind, given)
    if not given.good and kind in notice_words.KINDS:
        return _form_page(request, page, kind, given, 422)
    return _pdf(await request.app[NOTICES].preview(officer, page.row.id, wish))


@officer_page("mediator", "supervisor")
async def sheet(request: web.Request) -> web.StreamResponse:
    parts = request.match_info
    return _pdf(await request.app[NOTICES].file(officer_in(request), parts["complaint"], parts["notice"]))


@officer_page("mediator")
async def withdraw(request: web.Request) -> web.StreamResponse:
    officer, parts, given = officer_in(request), request.match_info, await posted(request)
    page = await request.app[READS].complaint(officer, parts["complaint"])
    reason = given.text("reason", longest=500)
    if not reason:
        given.errors["reason"] = NEEDS_REASON
    if not given.good:
        return record_page(request, page, given, 422, ask=f"withdraw-{parts['notice']}")
    await request.app[NOTICES].withdraw(officer, page.row.id, parts["notice"], reason)
    return go(f"/complaints/{page.row.id}#notices")


async def _asked(request: web.Request) -> tuple[ComplaintPage, str]:
    kind = request.match_info["kind"]
    page = await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])
    if kind not in page.notices.possible:
        raise _not_now(kind)
    return page, kind


def _not_now(kind: str) -> Refused:
    known = kind in notice_words.KINDS or kind in notice_words.DRAFTS
    return Refused("wrong_state", 409) if known else Refused("not_found", 404)


def _wish(kind: str, given: Form) -> NoticeWish:
    """The number it replaces is the one the page showed: of two who press at once the second is told."""
    return NoticeWish(
        kind=kind,
        note=given.text("note"),
        receiver=given.text("receiver", needed=kind == "dispatch", longest=120),
        english=given.values.get("english") == "on",
        replaces=given.values.get("replaces", "")[:64],
    )


def _form_page(request: web.Request, page: ComplaintPage, kind: str, form: Form, status: int = 200) -> web.Response:
    known = next((row for row in page.notices.issued if row.kind == kind and row.state == "standing"), None)
    if known is not None and kind not in page.notices.owed:
        form.values.setdefault("replaces", known.number)
    return show(
        request, "office/notice_form.html", "complaints", status, page=page, kind=kind, form=form, words=notice_words
    )


def _pdf(printed: PrintedPaper) -> web.Response:
    """Shown in the browser; saved under its own name (RFC 6266)."""
    name = quote(printed.name)
    return web.Response(
        body=printed.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"},
    )
