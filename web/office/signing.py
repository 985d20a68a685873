"""Signing in and out, and where each role starts."""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import hdrs, web

from offices.refusal import Refused
from web import cookies, proxies
from web.accounts.services import IDENTITY
from web.i18n import N_
from web.navigation import navigation
from web.office.forms import Form
from web.office.pages import posted, show
from web.permissions import may
from web.rendering import go
from web.security import OFFICER, anyone, local_path, unfinished

START: Final = {"mediator": "/desk", "supervisor": "/focus", "administrator": "/officers", "inspector": "/leads"}

_BROWSER: web.RequestKey[str] = web.RequestKey("browser", str)

NOT_SIGNED_IN: Final = {
    "bad_login": N_("Name or password is not right. Check both and try again."),
    "totp_needed": N_("Enter the six digits from your authenticator app, or a code for a lost phone."),
    "bad_code": N_("These six digits are not right. Wait for the next ones in the app."),
    "too_many_tries": N_("Too many wrong tries. Wait a quarter of an hour, or ask your administrator."),
}


@anyone
async def home(request: web.Request) -> web.StreamResponse:
    officer = request[OFFICER]
    if officer is not None:
        start = START[officer.role]
        return go(start if may(officer, start) else navigation(officer)[0].entries[0].path)
    if await unfinished(request) is not None:
        return go("/sign-in/finish")
    return go("/setup" if await request.app[IDENTITY].empty() else "/sign-in")


@anyone
async def sign_in_form(request: web.Request) -> web.StreamResponse:
    if await request.app[IDENTITY].empty():
        return go("/setup")
    if request[OFFICER] is not None:
        return go("/")
    form = Form({"next": local_path(request.query.get("next", "/"))})
    return show(request, "office/sign_in.html", "", form=form, ask_totp=False)


@anyone
async def sign_in(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    login, totp = form.text("login", needed=True), form.text("totp", longest=40)
    password = form.values.get("password", "")
    if form.good:
        try:
            token = await request.app[IDENTITY].sign_in(
                login,
                password,
                totp,
                proxies.counted_as(request),
                request.headers.get(hdrs.USER_AGENT, ""),
                browser_of(request),
            )
        except Refused as no:
            if no.code not in NOT_SIGNED_IN:
                raise
            form.errors["totp" if no.code in ("totp_needed", "bad_code") else "login"] = NOT_SIGNED_IN[no.code]
        else:
            return signed_in(request, token, local_path(form.values.get("next", "/")))
    form.secret("password")
    ask_totp = "totp" in form.errors or bool(totp)
    status = 429 if form.errors.get("login") == NOT_SIGNED_IN["too_many_tries"] else 422
    return show(request, "office/sign_in.html", "", status, form=form, ask_totp=ask_totp)


def browser_of(request: web.Request) -> str:
    """The random value by which this browser is known again; made now when it has none."""
    if _BROWSER not in request:
        held = cookies.read(request, cookies.BROWSER)
        request[_BROWSER] = held if 20 <= len(held) <= 64 else secrets.token_urlsafe(24)
    return request[_BROWSER]


def signed_in(request: web.Request, token: str, path: str) -> web.Response:
    response = go(path)
    cookies.put(request, response, cookies.OFFICER, token)
    cookies.put(request, response, cookies.BROWSER, browser_of(request))
    return response


@anyone
async def sign_out(request: web.Request) -> web.StreamResponse:
    """Also for whoever is not let in anywhere yet."""
    await request.app[IDENTITY].sign_out(cookies.read(request, cookies.OFFICER))
    response = go("/sign-in")
    cookies.drop(request, response, cookies.OFFICER)
    return response
