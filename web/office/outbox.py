"""Messages that went out, or did not; in a demo their whole text, so that a newcomer finds the codes."""

from __future__ import annotations

from aiohttp import web

from web.administration.services import OUTBOX
from web.compression import leave_plain
from web.office import words
from web.office.pages import PAGE_SIZE, number, officer_in, show
from web.rendering import go
from web.security import officer_page


@officer_page("mediator", "administrator")
async def messages(request: web.Request) -> web.StreamResponse:
    page = number(request, "page")
    found, total = await request.app[OUTBOX].messages(officer_in(request), page)
    leave_plain(request)  # the demo's codes and links
    pages = max(1, -(-total // PAGE_SIZE))
    return show(
        request, "office/outbox.html", "outbox", messages=found, total=total, page=page, pages=pages, words=words
    )


@officer_page("mediator", "administrator")
async def resend(request: web.Request) -> web.StreamResponse:
    await request.app[OUTBOX].resend(officer_in(request), request.match_info["message"])
    return go("/outbox")
