"""Other systems that speak to this office's data: their tokens, for its administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from web.compression import leave_plain
from web.i18n import N_
from web.office.forms import NEEDED, Form
from web.office.pages import officer_in, posted, show
from web.ports import SCOPES, SYSTEMS
from web.rendering import go
from web.security import officer_page

SCOPE_WORDS: Final[Mapping[str, str]] = {
    "complaints:read": N_("Read complaints; personal numbers stay masked"),
    "complaints:write": N_("Register complaints"),
    "statistics:read": N_("Read figures"),
}
NO_SCOPE: Final = N_("Choose what the system may do.")


@officer_page("administrator")
async def systems(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200, token: str = "") -> web.Response:
    known = await request.app[SYSTEMS].tokens(officer_in(request))
    return show(
        request, "office/systems.html", "systems", status, known=known, form=form, token=token, scopes=SCOPE_WORDS
    )


@officer_page("administrator")
async def issue(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the token must not be in any address, and is shown once."""
    form = await posted(request)
    name, scopes = form.text("name", needed=True, longest=60), [scope for scope in SCOPES if scope in form.values]
    if not name:
        form.errors["name"] = NEEDED
    if not scopes:
        form.errors["scopes"] = NO_SCOPE
    if not form.good:
        return await _page(request, form, 422)
    token = await request.app[SYSTEMS].issue(officer_in(request), name, scopes)
    leave_plain(request)
    response = await _page(request, Form(), token=token)
    response.headers["Cache-Control"] = "no-store"
    return response


@officer_page("administrator")
async def revoke(request: web.Request) -> web.StreamResponse:
    await request.app[SYSTEMS].revoke(officer_in(request), request.match_info["token"])
    return go("/systems")


def register(app: web.Application) -> None:
    app.router.add_get("/systems", systems, name="systems")
    app.router.add_post("/systems", issue)
    app.router.add_post("/systems/{token}/revoke", revoke, name="system_revoke")
