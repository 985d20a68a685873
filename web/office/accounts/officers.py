"""The office's people, for its administrator: their accounts, roles, and what is begun anew."""

from __future__ import annotations

from typing import Final, get_args

from aiohttp import web

from offices.people import OfficerRole
from offices.refusal import Refused
from web import words
from web.http import cookies
from web.http.field_form import BAD_LOGIN_NAME, NEEDED, WEAK_PASSWORD, Form
from web.http.security import officer_page
from web.i18n import N_
from web.office.oversight.services import ACCOUNTS
from web.office.staff_pages import officer_in, posted, show
from web.rendering import go

NOT_ADDED: Final = {
    "bad_login_name": ("login", BAD_LOGIN_NAME),
    "login_taken": ("login", N_("Somebody already signs in with this name. Choose another.")),
    "weak_password": ("password", WEAK_PASSWORD),
    "missing": ("login", NEEDED),
}


@officer_page("administrator")
async def officers(request: web.Request) -> web.StreamResponse:
    return await _officers_page(request, Form({"role": "mediator"}))


async def _officers_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    people = await request.app[ACCOUNTS].colleagues(officer_in(request))
    return show(request, "office/officers.html", "people", status, people=people, form=form, words=words)


@officer_page("administrator")
async def add(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    login, name = form.text("login", needed=True, longest=60), form.text("name", needed=True, longest=40)
    role, password = _role(form), form.secret("password")
    if not password:
        form.errors["password"] = NEEDED
    if form.good and role is not None:
        try:
            waits = await request.app[ACCOUNTS].add(officer_in(request), _token(request), login, name, role, password)
        except Refused as no:
            if no.code not in NOT_ADDED:
                raise
            field, said = NOT_ADDED[no.code]
            form.errors[field] = said
        else:
            return _on(request, waits)
    return await _officers_page(request, form, 422)


@officer_page("administrator")
async def one(request: web.Request) -> web.StreamResponse:
    return await _one(request, Form())


async def _one(request: web.Request, form: Form, status: int = 200) -> web.Response:
    people = await request.app[ACCOUNTS].colleagues(officer_in(request))
    found = next((one for one in people if one.officer.id == request.match_info["person"]), None)
    if found is None:
        raise Refused("not_found", 404)
    form.values.setdefault("role", found.officer.role)
    return show(request, "office/officer.html", "people", status, one=found, form=form, words=words)


@officer_page("administrator")
async def change_role(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    role, reason = _role(form), form.text("reason", needed=True, longest=500)
    if not form.good or role is None:
        return await _one(request, form, 422)
    return _on(
        request,
        await request.app[ACCOUNTS].change_role(officer_in(request), _token(request), _person(request), role, reason),
    )


@officer_page("administrator")
async def close(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _one(request, form, 422)
    await request.app[ACCOUNTS].close(officer_in(request), _person(request), reason)
    return _on(request, "")


@officer_page("administrator")
async def reopen(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _one(request, form, 422)
    return _on(
        request, await request.app[ACCOUNTS].open(officer_in(request), _token(request), _person(request), reason)
    )


@officer_page("administrator")
async def set_password(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    password = form.secret("password")
    try:
        await request.app[ACCOUNTS].set_password(officer_in(request), _person(request), password)
    except Refused as no:
        if no.code != "weak_password":
            raise
        form.errors["password"] = WEAK_PASSWORD
        return await _one(request, form, 422)
    return _on(request, "")


@officer_page("administrator")
async def drop_second_step(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _one(request, form, 422)
    asked = request.app[ACCOUNTS].drop_second_step(officer_in(request), _token(request), _person(request), reason)
    return _on(request, await asked)


def _on(request: web.Request, waits: str) -> web.Response:
    """To the request that waits for a second person, or back to where the account is."""
    person = request.match_info.get("person")
    return go(f"/approvals/{waits}" if waits else f"/officers/{person}" if person else "/officers")


def _role(form: Form) -> OfficerRole | None:
    wanted = form.choice("role", words.OFFICER_ROLES)
    return next((known for known in get_args(OfficerRole) if known == wanted), None)


def _person(request: web.Request) -> str:
    return request.match_info["person"]


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.OFFICER)


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/officers", officers, name="officers")
    post("/officers", add)
    get("/officers/{person}", one, name="officer")
    post("/officers/{person}/role", change_role, name="officer_role")
    post("/officers/{person}/close", close, name="officer_close")
    post("/officers/{person}/open", reopen, name="officer_open")
    post("/officers/{person}/password", set_password, name="officer_password")
    post("/officers/{person}/second-step", drop_second_step, name="officer_second_step")
