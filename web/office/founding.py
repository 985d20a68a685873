"""The first administrator of an empty installation: whoever can read what the program printed, once."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from aiohttp import hdrs, web

from journal.numbers import is_sample
from offices.people import Office
from offices.refusal import Refused
from web import proxies
from web.accounts.services import IDENTITY, SETUP_SECRET
from web.i18n import N_
from web.office.forms import BAD_LOGIN_NAME, NEEDED, WEAK_PASSWORD, Form
from web.office.pages import posted, show
from web.office.signing import browser_of, signed_in
from web.rendering import go
from web.security import anyone

NOT_FOUNDED: Final = {
    "bad_login_name": ("login", BAD_LOGIN_NAME),
    "weak_password": ("password", WEAK_PASSWORD),
}
A_DEMOS: Final = N_("Numbers that begin with 样例 are a demo’s.")
NO_SECRET: Final = N_("This is not the setup code. The program printed it when it started.")
BAD_OFFICE_PHONE: Final = N_("This does not look like a phone number. With its area code, for example 027-0000 1201.")
DIFFERENT: Final = N_("The two passwords are not the same.")


@anyone
async def setup_form(request: web.Request) -> web.StreamResponse:
    if not await request.app[IDENTITY].empty():
        return go("/")
    form = Form({"secret": request.query.get("code", "")})
    return show(request, "office/setup.html", "", form=form)


@anyone
async def setup(request: web.Request) -> web.StreamResponse:
    """Found the office, and sign its administrator in."""
    identity = request.app[IDENTITY]
    if not await identity.empty():
        raise Refused("not_empty", 409)
    form = await posted(request)
    wanted = request.app.get(SETUP_SECRET, "")
    given = form.text("secret", needed=True)
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        form.errors["secret"] = NO_SECRET
    office = _office(form)
    name, login = form.text("name", needed=True, longest=40), form.text("login", needed=True, longest=60)
    password, again = form.secret("password"), form.secret("again")
    if not password:
        form.errors["password"] = NEEDED
    elif password != again:
        form.errors["again"] = DIFFERENT
    if form.good:
        try:
            await identity.found(office, login, name, password)
        except Refused as no:
            if no.code not in NOT_FOUNDED:
                raise
            field, said = NOT_FOUNDED[no.code]
            form.errors[field] = said
        else:
            agent = request.headers.get(hdrs.USER_AGENT, "")
            token = await identity.sign_in(login, password, "", proxies.counted_as(request), agent, browser_of(request))
            return signed_in(request, token, "/")
    return show(request, "office/setup.html", "", 422, form=form)


def _office(form: Form) -> Office:
    if not form.phone("office_phone", needed=True):
        form.errors["office_phone"] = NEEDED
    elif "office_phone" in form.errors:
        form.errors["office_phone"] = BAD_OFFICE_PHONE
    if is_sample(form.values.get("number_prefix", "").strip()):
        form.errors["number_prefix"] = A_DEMOS
    return Office(
        id=f"office-{secrets.token_hex(4)}",
        name=form.text("office_name", needed=True, longest=60),
        short=form.text("office_short", needed=True, longest=12),
        phone=form.values.get("office_phone", "").strip(),  # as people read it: 027-0000 1201
        number_prefix=form.text("number_prefix", needed=True, longest=12),
    )
