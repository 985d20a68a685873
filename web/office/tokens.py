"""An officer's own tokens of the open interface: made, shown once, listed, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from aiohttp import web

from offices.refusal import Refused
from offices.systems import LASTS_MOST, OWN_SCOPES
from web.administration.services import SYSTEMS
from web.clock import now
from web.compression import leave_plain
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show, today
from web.office.systems import BAD_LAST, SCOPE_WORDS
from web.permissions import may_scope
from web.rendering import go
from web.security import officer_page

NO_SCOPE: Final = N_("Choose what the program may do.")


@officer_page("mediator", "supervisor")
async def tokens(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("mediator", "supervisor")
async def make(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the token must not be in any address, and is shown once."""
    officer, form = officer_in(request), await posted(request)
    name, last = form.text("name", needed=True, longest=60), form.day("last")
    scopes = [scope for scope in OWN_SCOPES.get(officer.role, ()) if scope in form.values]
    if not scopes:
        form.errors["scopes"] = NO_SCOPE
    if last is None:
        form.errors.setdefault("last", BAD_LAST)
    if form.good and last is not None:
        try:
            return await _page(request, Form(), token=await request.app[SYSTEMS].issue_own(officer, name, scopes, last))
        except Refused as no:
            if no.code not in ("bad_day", "missing"):
                raise
            field = str(no.params["field"])
            form.errors[field] = BAD_LAST if field == "last" else NO_SCOPE
    return await _page(request, form, 422)


@officer_page("mediator", "supervisor")
async def revoke(request: web.Request) -> web.StreamResponse:
    await request.app[SYSTEMS].revoke_own(officer_in(request), request.match_info["token"])
    return go("/account/tokens")


async def _page(request: web.Request, form: Form, status: int = 200, token: str = "") -> web.Response:
    officer = officer_in(request)
    day = today(request)
    form.values.setdefault("last", (day + timedelta(days=90)).isoformat())
    if token:
        leave_plain(request)
    response = show(
        request,
        "office/tokens.html",
        "account",
        status,
        known=await request.app[SYSTEMS].own(officer),
        form=form,
        token=token,
        scopes={one: SCOPE_WORDS[one] for one in OWN_SCOPES.get(officer.role, ()) if may_scope(officer, one)},
        day=day,
        most=day + LASTS_MOST,
        at=now(request),
    )
    if token:
        response.headers["Cache-Control"] = "no-store"
    return response
