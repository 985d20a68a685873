"""An officer's own account: password and second factor. (The language is changed in every page's head.)"""

from __future__ import annotations

import base64
from typing import Final

from aiohttp import web

from web.compression import leave_plain
from web.i18n import N_
from web.office.forms import NEEDED, WEAK_PASSWORD, Form
from web.office.pages import officer_in, posted, show
from web.office.sessions import qr_picture
from web.ports import IDENTITY, Refused
from web.rendering import go
from web.security import officer_page

WRONG_PASSWORD: Final = N_("This is not your present password.")
WRONG_DIGITS: Final = N_("These digits are not right. Enter the newest ones from the app.")
DIFFERENT: Final = N_("The two new passwords are not the same.")


@officer_page()
async def account(request: web.Request) -> web.StreamResponse:
    return _page(request, Form())


def _page(request: web.Request, form: Form, status: int = 200, totp: str = "", picture: str = "") -> web.Response:
    """`totp`: an otpauth address not yet in force, `picture` its QR code as a data address."""
    done = request.query.get("done", "")
    leave_plain(request)  # the second factor's key
    return show(request, "office/account.html", "account", status, form=form, totp=totp, picture=picture, done=done)


@officer_page()
async def change_password(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    old, new, again = form.secret("old"), form.secret("new"), form.secret("again")
    for field, value in (("old", old), ("new", new)):
        if not value:
            form.errors[field] = NEEDED
    if new != again:
        form.errors["again"] = DIFFERENT
    if form.good:
        try:
            await request.app[IDENTITY].change_password(officer_in(request), old, new)
        except Refused as no:
            if no.code == "weak_password":
                form.errors["new"] = WEAK_PASSWORD
            elif no.code in ("bad_login", "bad_password"):
                form.errors["old"] = WRONG_PASSWORD
            else:
                raise
        else:
            return go("/account?done=password")
    return _page(request, form, 422)


@officer_page()
async def begin_totp(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the secret is shown once and must not be in any address."""
    address = await request.app[IDENTITY].begin_totp(officer_in(request))
    picture = "data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode()
    return _page(request, Form(), totp=address, picture=picture)


@officer_page()
async def confirm_totp(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    code = form.text("code", needed=True).replace(" ", "")
    if form.good:
        try:
            await request.app[IDENTITY].confirm_totp(officer_in(request), code)
        except Refused as no:
            if no.code != "bad_code":
                raise
            form.errors["code"] = WRONG_DIGITS
        else:
            return go("/account?done=totp")
    return _page(request, form, 422)


@officer_page()
async def drop_totp(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    password = form.secret("password")
    try:
        await request.app[IDENTITY].drop_totp(officer_in(request), password)
    except Refused as no:
        if no.code not in ("bad_login", "bad_password"):
            raise
        form.errors["password"] = WRONG_PASSWORD
        return _page(request, form, 422)
    return go("/account?done=dropped")
