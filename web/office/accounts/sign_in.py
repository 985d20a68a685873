"""Signing in, by a password kept here or by a provider's word; founding an installation, and what is still owed at the
first sign-in."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Final

from aiohttp import hdrs, web

from journal.numbers import is_sample
from journal.refusals import Refused
from offices import SIGNED_IN_IDLE, Office, may
from web.http import cookies, security
from web.http.forms import BAD_LOGIN_NAME, NEEDED, UNREADABLE, WEAK_PASSWORD, Form
from web.http.responses import json_response, leave_plain
from web.http.security import OFFICER, Access, anyone, enrolling_page, local_path, officer_page, unfinished
from web.i18n import N_
from web.office.accounts import DIFFERENT, WRONG_DIGITS, person_page
from web.office.oversight import IDENTITY, SETUP_SECRET, SIGN_ON
from web.office.sessions.pages import qr_picture
from web.rendering import go, navigation, officer_in, posted, show

START: Final = {"mediator": "/desk", "supervisor": "/focus", "administrator": "/officers", "inspector": "/leads"}

_QUERY_MOST: Final = 4096  # characters of a value that a provider sends a browser back with
_BROWSER: web.RequestKey[str] = web.RequestKey("browser", str)

NOT_SIGNED_IN: Final = {
    "bad_login": N_("Name or password is not right. Check both and try again."),
    "totp_needed": N_("Enter the six digits from your authenticator app, or a code for a lost phone."),
    "bad_code": N_("These six digits are not right. Wait for the next ones in the app."),
    "too_many_tries": N_("Too many wrong tries. Wait a quarter of an hour, or ask your administrator."),
    "use_sign_on": N_("This account signs in by the unified sign-on above, not with a password kept here."),
}
NOT_SIGNED_ON: Final = {
    "sign_on_away": N_(
        "%(provider)s cannot be reached at the moment. Try again in a few minutes; whoever has a password here can "
        "sign in with it."
    ),
    "sign_on_refused": N_("%(provider)s did not let you in. Try again, or ask who looks after it."),
    "sign_on_unsound": N_(
        "The answer of %(provider)s could not be verified, so you are not signed in. Tell your administrator."
    ),
    "sign_on_again": N_("This sign-in was begun in another window, or more than ten minutes ago. Please begin again."),
    "sign_on_no_place": N_("%(provider)s knows you, but no role here is assigned to you. Ask your administrator."),
    "sign_on_closed": N_("Your account here is closed. Ask your administrator."),
    "too_many_tries": N_("Too many tries from here. Wait a quarter of an hour."),
    "bad_login": N_("Name or password is not right. Check both and try again."),
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
    return _sign_in_page(request, Form({"next": local_path(request.query.get("next", "/"))}))


def _sign_in_page(
    request: web.Request, form: Form, status: int = 200, ask_totp: bool = False, failed: str = "", at: str = ""
) -> web.Response:
    """`failed`: the code of why a provider's word did not do; `at`: which provider's."""
    buttons = request.app[SIGN_ON].buttons()
    provider = next((one for one in buttons if one.name == at), None)
    return show(
        request,
        "accounts/sign_in.html",
        "",
        status,
        form=form,
        ask_totp=ask_totp,
        buttons=buttons,
        failed=NOT_SIGNED_ON.get(failed, ""),
        provider=provider,
        # Folded away where there is another way in, unless it is the one that is wanted now.
        open=not buttons or failed == "sign_on_away" or (not at and bool(form.errors)),
    )


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
                security.counted_as(request),
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
    return _sign_in_page(request, form, status, ask_totp)


@anyone
async def sign_on(request: web.Request) -> web.StreamResponse:
    """To the provider. By a link, not a form: its pages are no target that our forms may have."""
    name, next_ = request.match_info["provider"], local_path(request.query.get("next", "/"))
    try:
        address, kept = await request.app[SIGN_ON].begin(name, next_, security.counted_as(request))
    except Refused as no:
        return _not_signed_on(request, no, name, Form({"next": next_}))
    response = go(address)
    cookies.put(request, response, cookies.SIGN_ON, kept)
    response.headers["Cache-Control"] = "no-store"
    return response


@anyone
async def sign_on_back(request: web.Request) -> web.StreamResponse:
    """The provider sent the browser back. Whatever came of it, this attempt is over."""
    name = request.match_info["provider"]
    try:
        token, next_ = await request.app[SIGN_ON].finish(
            name,
            cookies.read(request, cookies.SIGN_ON),
            {key: value[:_QUERY_MOST] for key, value in request.query.items()},
            security.counted_as(request),
            request.headers.get(hdrs.USER_AGENT, ""),
            browser_of(request),
        )
    except Refused as no:
        response: web.Response = _not_signed_on(request, no, name, Form({"next": "/"}))
    else:
        before = cookies.read(request, cookies.OFFICER)
        await request.app[IDENTITY].sign_out(before)  # what this browser was signed in to is left behind
        response = signed_in(request, token, local_path(next_))
    cookies.drop(request, response, cookies.SIGN_ON)
    response.headers["Cache-Control"] = "no-store"
    return response


@anyone
async def sign_on_with_password(request: web.Request) -> web.StreamResponse:
    """By a directory, whose password is typed here."""
    form, name = await posted(request), request.match_info["provider"]
    login, password = form.text("login", needed=True, longest=128), form.secret("password")
    next_ = local_path(form.values.get("next", "/"))
    if form.good:
        try:
            token = await request.app[SIGN_ON].with_password(
                name,
                login,
                password,
                security.counted_as(request),
                request.headers.get(hdrs.USER_AGENT, ""),
                browser_of(request),
            )
        except Refused as no:
            return _not_signed_on(request, no, name, form)
        return signed_in(request, token, next_)
    return _sign_in_page(request, form, 422, at=name)


def _not_signed_on(request: web.Request, no: Refused, name: str, form: Form) -> web.Response:
    if no.code not in NOT_SIGNED_ON:
        raise no
    return _sign_in_page(request, form, no.status, failed=no.code, at=name)


async def sign_on_ended(request: web.Request) -> web.StreamResponse:
    """Back-Channel Logout 1.0: the provider itself asks, with a token that it signed."""
    headers = {"Cache-Control": "no-store"}
    try:
        token = (await request.post()).get("logout_token", "")
        await request.app[SIGN_ON].signed_out(
            request.match_info["provider"], token if isinstance(token, str) else "", security.counted_as(request)
        )
    except (*UNREADABLE, Refused) as no:
        status = no.status if isinstance(no, Refused) else 400
        return json_response({"error": "invalid_request"}, status=status, headers=headers)
    return web.Response(headers=headers)


sign_on_ended.access = Access("anyone", self_checked=True)  # type: ignore[attr-defined]


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


NOT_FOUNDED: Final = {
    "bad_login_name": ("login", BAD_LOGIN_NAME),
    "weak_password": ("password", WEAK_PASSWORD),
}
A_DEMOS: Final = N_("Numbers that begin with 样例 are a demo’s.")
NO_SECRET: Final = N_("This is not the setup code. The program printed it when it started.")
BAD_OFFICE_PHONE: Final = N_("This does not look like a phone number. With its area code, for example 027-0000 1201.")
SETUP_DIFFERENT: Final = N_("The two passwords are not the same.")


@anyone
async def setup_form(request: web.Request) -> web.StreamResponse:
    if not await request.app[IDENTITY].empty():
        return go("/")
    form = Form({"secret": request.query.get("code", "")})
    return show(request, "accounts/setup.html", "", form=form)


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
        form.errors["again"] = SETUP_DIFFERENT
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
            token = await identity.sign_in(
                login, password, "", security.counted_as(request), agent, browser_of(request)
            )
            return signed_in(request, token, "/")
    return show(request, "accounts/setup.html", "", 422, form=form)


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


@enrolling_page
async def finishing_form(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form({"next": local_path(request.query.get("next", "/"))}))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    owed = await unfinished(request)
    assert owed is not None, "only behind enrolling_page"
    leave_plain(request)  # the second step's key
    address = "" if owed.password or owed.code else await request.app[IDENTITY].pending_totp(owed.officer)
    response = show(
        request, "accounts/finish.html", "", status, form=form, owed=owed, totp=address, picture=_picture(address)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(address: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode() if address else ""


@enrolling_page
async def finish_password(request: web.Request) -> web.StreamResponse:
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
async def finish_second_step(request: web.Request) -> web.StreamResponse:
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
            response = show(request, "accounts/recovery.html", "", codes=codes, on=local_path(next_))
            response.headers["Cache-Control"] = "no-store"
            cookies.put(request, response, cookies.OFFICER, token)
            return response
    return await _page(request, form, 422)


@enrolling_page
async def finish_code(request: web.Request) -> web.StreamResponse:
    """The six digits, after a provider that asked for none."""
    form = await posted(request)
    code, next_ = form.text("code", needed=True, longest=40), local_path(form.values.get("next", "/"))
    if form.good:
        try:
            token = await request.app[IDENTITY].prove(
                cookies.read(request, cookies.OFFICER),
                code,
                security.counted_as(request),
                request.headers.get(hdrs.USER_AGENT, ""),
                browser_of(request),
            )
        except Refused as no:
            if no.code not in ("bad_code", "too_many_tries"):
                raise
            form.errors["code"] = NOT_SIGNED_IN[no.code]
        else:
            return signed_in(request, token, next_)
    return await _page(request, form, 422)


TAKEN: Final = N_("This person is linked to another account already.")


@officer_page("administrator")
async def link(request: web.Request) -> web.StreamResponse:
    form, sign_on = await posted(request), request.app[SIGN_ON]
    name = form.choice("provider", {one.name: one.label for one in sign_on.buttons()})
    subject = form.text("subject", needed=True, longest=255)
    if form.good:
        try:
            await sign_on.link(officer_in(request), request.match_info["person"], name, subject)
        except Refused as no:
            if no.code != "sign_on_taken":
                raise
            form.errors["subject"] = TAKEN
        else:
            return go(f"/officers/{request.match_info['person']}")
    return await person_page(request, form, 422)


@officer_page("administrator")
async def unlink(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    issuer, subject = form.text("issuer", longest=255), form.values.get("subject", "")
    await request.app[SIGN_ON].unlink(officer_in(request), request.match_info["person"], issuer, subject)
    return go(f"/officers/{request.match_info['person']}")


def register_sign_on(app: web.Application) -> None:
    app.router.add_get("/sign-on/{provider}", sign_on, name="sign_on", allow_head=False)
    app.router.add_post("/sign-on/{provider}", sign_on_with_password)
    app.router.add_get("/sign-on/{provider}/back", sign_on_back, name="sign_on_back", allow_head=False)
    app.router.add_post("/sign-on/{provider}/logout", sign_on_ended, name="sign_on_ended")
    app.router.add_post("/officers/{person}/sign-on", link, name="officer_sign_on")
    app.router.add_post("/officers/{person}/sign-on/end", unlink, name="officer_sign_on_end")


def register_finishing(app: web.Application) -> None:
    app.router.add_post("/sign-in/finish/code", finish_code, name="finish_code")
    app.router.add_get("/sign-in/finish/code", back_to_sign_in)
    app.router.add_get("/sign-in/finish", finishing_form, name="finish")
    app.router.add_post("/sign-in/finish/password", finish_password, name="finish_password")
    app.router.add_post("/sign-in/finish/second-step", finish_second_step, name="finish_second_step")
    app.router.add_get("/sign-in/finish/password", back_to_sign_in)
    app.router.add_get("/sign-in/finish/second-step", back_to_sign_in)


@enrolling_page
async def back_to_sign_in(request: web.Request) -> web.StreamResponse:
    """Reloading the answer of a form that was refused."""
    return go("/sign-in/finish")


@officer_page()
async def alive(request: web.Request) -> web.StreamResponse:
    body = {"seconds": int(SIGNED_IN_IDLE.total_seconds())}
    return json_response(body, headers={"Cache-Control": "no-store"})
