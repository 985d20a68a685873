"""Officers' accounts: one's own with its devices, two steps, phone and saved signature, and the office's people
for its administrator. Signing in is in `sign_in`.

A signature is drawn once on its page or on a phone, kept under a code, replaced and removed there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final, get_args

from aiohttp import web
from pydantic import ValidationError

from journal.refusals import DomainError, Refused
from offices import OfficerRole
from rooms.signing import Ink, ink
from web import SITE, i18n
from web.http import cookies
from web.http.forms import BAD_LOGIN_NAME, NEEDED, WEAK_PASSWORD, Form
from web.http.responses import leave_plain
from web.http.security import local_path, officer_page
from web.i18n import N_
from web.links.documents import MOST_DRAWN, Drawn
from web.office.first_steps import first_steps
from web.office.oversight import ACCOUNTS, IDENTITY, OFFICER_PHONES, SIGN_ON, SIGNATURES
from web.office.sessions.pages import qr_picture
from web.rendering import go, officer_in, posted, show

# The first that fits: most browsers claim to be several.
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """ "Edge · Windows"; what is not known is left as it came, short."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    found = " · ".join(part for part in (browser, system) if part)
    return found or re.sub(r"[^\x20-\x7e]", "", agent)[:40]


TOLD: tuple[OfficerRole, ...] = ("mediator", "supervisor")
"""Roles that messages about promises go to."""


async def phone_asked(request: web.Request) -> bool:
    """Whether the page asks (`office/phone_asked.html`)."""
    officer = officer_in(request)
    return officer.role in TOLD and await request.app[OFFICER_PHONES].asks(officer)


@officer_page(*TOLD)
async def without(request: web.Request) -> web.StreamResponse:
    """They do without messages, and are not asked again."""
    form = await posted(request)
    await request.app[OFFICER_PHONES].decline(officer_in(request))
    return go(local_path(form.text("back"), "/"))


WRONG_PASSWORD: Final = N_("This is not your present password.")
ANEW: Final = N_("Sign out and in again by the unified sign-on; then you have five minutes for this.")
NOT_PROVED: Final = {"bad_login": WRONG_PASSWORD, "bad_password": WRONG_PASSWORD, "sign_on_anew": ANEW}
WRONG_DIGITS: Final = N_("These digits are not right. Enter the newest ones from the app.")
RESULTS: Final = {
    "in": N_("signed in"),
    "recovery": N_("signed in with a code for a lost phone"),
    "provider": N_("signed in by the unified sign-on"),
    "code_owed": N_("recognised by the unified sign-on, digits still to come"),
    "not_here": N_("right password, but this account signs in by the unified sign-on"),
    "bad_password": N_("wrong password"),
    "bad_code": N_("right password, wrong digits"),
    "resting": N_("not tried: too many wrong tries before"),
    "closed": N_("this account is closed"),
}
NO_TEXTS: Final = N_("This number takes no text messages. Give a mobile number, for example 13800001234.")
DIFFERENT: Final = N_("The two new passwords are not the same.")


@officer_page()
async def account(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(
    request: web.Request, form: Form, status: int = 200, totp: str = "", picture: str = "", codes: Sequence[str] = ()
) -> web.Response:
    """`totp`: an otpauth address not yet in force, `picture` its QR code as a data address; `codes` are shown once."""
    officer, identity = officer_in(request), request.app[IDENTITY]
    leave_plain(request)  # the second step's key
    response = show(
        request,
        "accounts/account.html",
        "account",
        status,
        form=form,
        totp=totp,
        picture=picture,
        codes=codes,
        done=request.query.get("done", ""),
        kept=identity.second_step_kept(officer),
        has_password=await identity.has_password(officer),
        phone=await request.app[OFFICER_PHONES].own(officer) if officer.role in TOLD else None,
        left=await identity.recovery_left(officer),
        sessions=await identity.sessions(officer, cookies.read(request, cookies.OFFICER)),
        history=await identity.history(officer),
        results=RESULTS,
        device=device,
    )
    if totp or codes:
        response.headers["Cache-Control"] = "no-store"
    return response


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
    return await _page(request, form, 422)


@officer_page()
async def begin_totp(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: the secret is shown once and must not be in any address."""
    address = await request.app[IDENTITY].begin_totp(officer_in(request))
    picture = "data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode()
    return await _page(request, Form(), totp=address, picture=picture)


@officer_page()
async def confirm_totp(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    code = form.text("code", needed=True).replace(" ", "")
    if form.good:
        try:
            token = cookies.read(request, cookies.OFFICER)
            codes = await request.app[IDENTITY].confirm_totp(officer_in(request), code, token)
        except Refused as no:
            if no.code != "bad_code":
                raise
            form.errors["code"] = WRONG_DIGITS
        else:
            response = show(request, "accounts/recovery.html", "account", codes=codes, on="/account")
            response.headers["Cache-Control"] = "no-store"
            return response
    return await _page(request, form, 422)


@officer_page()
async def renew_recovery(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself: codes are shown once and must not be in any address."""
    form = await posted(request)
    try:
        codes = await request.app[IDENTITY].renew_recovery(officer_in(request), form.secret("recovery_password"))
    except Refused as no:
        if no.code not in NOT_PROVED:
            raise
        form.errors["recovery_password"] = NOT_PROVED[no.code]
        return await _page(request, form, 422)
    return await _page(request, Form(), codes=codes)


@officer_page(*TOLD)
async def give_phone(request: web.Request) -> web.StreamResponse:
    """Left empty: no messages any more."""
    form = await posted(request)
    phone = form.phone("phone")
    if form.good:
        try:
            await request.app[OFFICER_PHONES].give(officer_in(request), phone)
        except Refused as no:
            if no.code != "bad_phone":
                raise
            form.errors["phone"] = NO_TEXTS
        else:
            return go("/account?done=phone#phone-card")
    return await _page(request, form, 422)


@officer_page()
async def end_session(request: web.Request) -> web.StreamResponse:
    await request.app[IDENTITY].end_session(officer_in(request), request.match_info["own"])
    return go("/account?done=ended#sessions")


@officer_page()
async def end_others(request: web.Request) -> web.StreamResponse:
    await request.app[IDENTITY].end_others(officer_in(request), cookies.read(request, cookies.OFFICER))
    return go("/account?done=ended#sessions")


@officer_page()
async def drop_totp(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    password = form.secret("password")
    try:
        await request.app[IDENTITY].drop_totp(officer_in(request), password, cookies.read(request, cookies.OFFICER))
    except Refused as no:
        if no.code not in NOT_PROVED:
            raise
        form.errors["password"] = NOT_PROVED[no.code]
        return await _page(request, form, 422)
    return go("/account?done=dropped")


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
    by = officer_in(request)
    people, steps = await request.app[ACCOUNTS].colleagues(by), await first_steps(request)
    links = await request.app[SIGN_ON].of(by, [one.officer.id for one in people])
    return show(
        request,
        "accounts/officers.html",
        "people",
        status,
        people=people,
        form=form,
        words=i18n,
        first_steps=steps,
        links=links,
    )


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
    return await person_page(request, Form())


async def person_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    by, sign_on = officer_in(request), request.app[SIGN_ON]
    people = await request.app[ACCOUNTS].colleagues(by)
    found = next((one for one in people if one.officer.id == request.match_info["person"]), None)
    if found is None:
        raise Refused("not_found", 404)
    form.values.setdefault("role", found.officer.role)
    links = (await sign_on.of(by, [found.officer.id])).get(found.officer.id, ())
    return show(
        request,
        "accounts/officer.html",
        "people",
        status,
        one=found,
        form=form,
        words=i18n,
        links=links,
        buttons=sign_on.buttons(),
        has_password=await request.app[IDENTITY].has_password(found.officer),
    )


@officer_page("administrator")
async def change_role(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    role, reason = _role(form), form.text("reason", needed=True, longest=500)
    if not form.good or role is None:
        return await person_page(request, form, 422)
    return _on(
        request,
        await request.app[ACCOUNTS].change_role(officer_in(request), _token(request), _person(request), role, reason),
    )


@officer_page("administrator")
async def close(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await person_page(request, form, 422)
    await request.app[ACCOUNTS].close(officer_in(request), _person(request), reason)
    return _on(request, "")


@officer_page("administrator")
async def reopen(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await person_page(request, form, 422)
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
        return await person_page(request, form, 422)
    return _on(request, "")


@officer_page("administrator")
async def drop_second_step(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await person_page(request, form, 422)
    asked = request.app[ACCOUNTS].drop_second_step(officer_in(request), _token(request), _person(request), reason)
    return _on(request, await asked)


def _on(request: web.Request, waits: str) -> web.Response:
    """To the request that waits for a second person, or back to where the account is."""
    person = request.match_info.get("person")
    return go(f"/approvals/{waits}" if waits else f"/officers/{person}" if person else "/officers")


def _role(form: Form) -> OfficerRole | None:
    wanted = form.choice("role", i18n.OFFICER_ROLES)
    return next((known for known in get_args(OfficerRole) if known == wanted), None)


def _person(request: web.Request) -> str:
    return request.match_info["person"]


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.OFFICER)


WRITE_IT: Final = N_("Please write your name on the pad first.")
AGREE_FIRST: Final = N_("Tick that the office may keep your handwriting for this.")
TOO_EASY: Final = N_("Use six to twelve digits, not all the same and not in sequence.")
DIFFERENT_CODES: Final = N_("The two codes are not the same.")


@officer_page("mediator")
async def own_signature(request: web.Request) -> web.StreamResponse:
    return await _signature_page(request, Form())


async def _signature_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer = officer_in(request)
    address = f"{request.app[SITE].public_url}/account/signature"
    return show(
        request,
        "accounts/signature.html",
        "account",
        status,
        form=form,
        saved=await request.app[SIGNATURES].of(officer.id),
        has_password=await request.app[IDENTITY].has_password(officer),
        done=request.query.get("done", ""),
        address=address,
        picture="data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode(),
    )


@officer_page("mediator")
async def save_signature(request: web.Request) -> web.StreamResponse:
    """The account's password as well: a browser left alone must not change what stands under papers."""
    officer, form = officer_in(request), await posted(request)
    drawn = form.text("drawn", longest=MOST_DRAWN)
    code, again, password = form.secret("code"), form.secret("again"), form.secret("password")
    made = _ink(drawn)
    if made is None:
        form.values.pop("drawn", None)
        form.errors["drawn"] = WRITE_IT
    if form.values.get("agree") != "yes":
        form.errors["agree"] = AGREE_FIRST
    if not code:
        form.errors["code"] = NEEDED
    if not password and await request.app[IDENTITY].has_password(officer):
        form.errors["password"] = NEEDED
    if code != again:
        form.errors["again"] = DIFFERENT_CODES
    if form.good and made is not None:
        try:
            await request.app[IDENTITY].check_password(officer, password)
            await request.app[SIGNATURES].save(officer, made, code)
        except Refused as no:
            if no.code == "weak_code":
                form.errors["code"] = TOO_EASY
            elif no.code in NOT_PROVED:
                form.errors["password"] = NOT_PROVED[no.code]
            else:
                raise
        else:
            return go("/account/signature?done=saved")
    return await _signature_page(request, form, 422)


def _ink(drawn: str) -> Ink | None:
    try:
        sent = Drawn.model_validate_json(drawn)
        return ink(sent.width, sent.height, sent.strokes)
    except (ValidationError, DomainError):
        return None


@officer_page("mediator")
async def remove_signature(request: web.Request) -> web.StreamResponse:
    await posted(request)
    officer = officer_in(request)
    await request.app[SIGNATURES].remove(officer.id, officer.actor)
    return go("/account/signature?done=removed")


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
    get("/account/signature", own_signature, name="own_signature")
    post("/account/signature", save_signature)
    post("/account/signature/remove", remove_signature, name="own_signature_remove")
