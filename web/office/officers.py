"""The office's people, for its administrator."""

from __future__ import annotations

from typing import Final, get_args

from aiohttp import web

from web.i18n import N_
from web.office import words
from web.office.forms import BAD_LOGIN_NAME, NEEDED, WEAK_PASSWORD, Form
from web.office.pages import officer_in, posted, show
from web.ports import IDENTITY, OfficerRole, Refused
from web.rendering import go
from web.security import officer_page

NOT_ADDED: Final = {
    "bad_login_name": ("login", BAD_LOGIN_NAME),
    "login_taken": ("login", N_("Somebody already signs in with this name. Choose another.")),
    "weak_password": ("password", WEAK_PASSWORD),
    "missing": ("login", NEEDED),
}


@officer_page("administrator")
async def officers(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form({"role": "mediator"}))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    people = await request.app[IDENTITY].officers(officer_in(request))
    return show(request, "office/officers.html", "people", status, people=people, form=form, words=words)


@officer_page("administrator")
async def add(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    login, name = form.text("login", needed=True, longest=60), form.text("name", needed=True, longest=40)
    wanted, password = form.choice("role", words.OFFICER_ROLES), form.secret("password")
    if not password:
        form.errors["password"] = NEEDED
    role: OfficerRole | None = next((known for known in get_args(OfficerRole) if known == wanted), None)
    if form.good and role is not None:
        try:
            await request.app[IDENTITY].add_officer(officer_in(request), login, name, role, password)
        except Refused as no:
            if no.code not in NOT_ADDED:
                raise
            field, said = NOT_ADDED[no.code]
            form.errors[field] = said
        else:
            return go("/officers")
    return await _page(request, form, 422)
