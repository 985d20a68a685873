"""What an officer owes before anything opens: a password of their own, then the second step. One screen each."""

from __future__ import annotations

import base64

from aiohttp import web

from offices.refusal import Refused
from web import cookies
from web.accounts.services import IDENTITY
from web.compression import leave_plain
from web.office.account import DIFFERENT, WRONG_DIGITS
from web.office.forms import NEEDED, WEAK_PASSWORD, Form
from web.office.pages import posted, show
from web.office.sessions import qr_picture
from web.office.signing import signed_in
from web.rendering import go
from web.security import enrolling_page, local_path, unfinished


@enrolling_page
async def form(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form({"next": local_path(request.query.get("next", "/"))}))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    owed = await unfinished(request)
    assert owed is not None, "only behind enrolling_page"
    leave_plain(request)  # the second step's key
    address = "" if owed.password else await request.app[IDENTITY].pending_totp(owed.officer)
    response = show(
        request, "office/finish.html", "", status, form=form, owed=owed, totp=address, picture=_picture(address)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(address: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode() if address else ""


@enrolling_page
async def password(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    new, again, next_ = form.secret("new"), form.secret("again"), local_path(form.values.get("next", "/"))
    if not new:
        form.errors["new"] = NEEDED
    elif new != again:
        form.errors["again"] = DIFFERENT
    if form.good:
        try:
            token = await request.app[IDENTITY].own_password(cookies.read(request, cookies.OFFICER), new)
        except Refused as no:
            if no.code != "weak_password":
                raise
            form.errors["new"] = WEAK_PASSWORD
        else:
            return signed_in(request, token, next_)
    return await _page(request, form, 422)


@enrolling_page
async def second_step(request: web.Request) -> web.StreamResponse:
    """Answers with the page of codes: they are shown once and must not be in any address."""
    form = await posted(request)
    code, next_ = form.text("code", needed=True, longest=12).replace(" ", ""), form.values.get("next", "/")
    if form.good:
        try:
            token, codes = await request.app[IDENTITY].enrol(cookies.read(request, cookies.OFFICER), code)
        except Refused as no:
            if no.code != "bad_code":
                raise
            form.errors["code"] = WRONG_DIGITS
        else:
            response = show(request, "office/recovery.html", "", codes=codes, on=local_path(next_))
            response.headers["Cache-Control"] = "no-store"
            cookies.put(request, response, cookies.OFFICER, token)
            return response
    return await _page(request, form, 422)


def register(app: web.Application) -> None:
    app.router.add_get("/sign-in/finish", form, name="finish")
    app.router.add_post("/sign-in/finish/password", password, name="finish_password")
    app.router.add_post("/sign-in/finish/second-step", second_step, name="finish_second_step")
    app.router.add_get("/sign-in/finish/password", back)
    app.router.add_get("/sign-in/finish/second-step", back)


@enrolling_page
async def back(request: web.Request) -> web.StreamResponse:
    """Reloading the answer of a form that was refused."""
    return go("/sign-in/finish")
