"""An officer's saved signature: drawn once on this page or on a phone, kept under a code, replaced and removed here."""

from __future__ import annotations

import base64
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from journal.refusals import DomainError, Refused
from rooms.signing.messages import Ink, ink
from web.http.forms import NEEDED, Form
from web.http.security import officer_page
from web.i18n import N_
from web.links.documents import MOST_DRAWN, Drawn
from web.office.accounts.officers import WRONG_PASSWORD
from web.office.oversight.services import IDENTITY, SIGNATURES
from web.office.sessions.pages import qr_picture
from web.rendering import go, officer_in, posted, show
from web.services import SITE

WRITE_IT: Final = N_("Please write your name on the pad first.")
AGREE_FIRST: Final = N_("Tick that the office may keep your handwriting for this.")
TOO_EASY: Final = N_("Use six to twelve digits, not all the same and not in sequence.")
DIFFERENT: Final = N_("The two codes are not the same.")


@officer_page("mediator")
async def signature(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer = officer_in(request)
    address = f"{request.app[SITE].public_url}/account/signature"
    return show(
        request,
        "accounts/signature.html",
        "account",
        status,
        form=form,
        saved=await request.app[SIGNATURES].of(officer.id),
        done=request.query.get("done", ""),
        address=address,
        picture="data:image/svg+xml;base64," + base64.b64encode(qr_picture(address)).decode(),
    )


@officer_page("mediator")
async def save(request: web.Request) -> web.StreamResponse:
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
    for name, value in (("code", code), ("password", password)):
        if not value:
            form.errors[name] = NEEDED
    if code != again:
        form.errors["again"] = DIFFERENT
    if form.good and made is not None:
        try:
            await request.app[IDENTITY].check_password(officer, password)
            await request.app[SIGNATURES].save(officer, made, code)
        except Refused as no:
            if no.code == "weak_code":
                form.errors["code"] = TOO_EASY
            elif no.code == "bad_password":
                form.errors["password"] = WRONG_PASSWORD
            else:
                raise
        else:
            return go("/account/signature?done=saved")
    return await _page(request, form, 422)


def _ink(drawn: str) -> Ink | None:
    try:
        sent = Drawn.model_validate_json(drawn)
        return ink(sent.width, sent.height, sent.strokes)
    except (ValidationError, DomainError):
        return None


@officer_page("mediator")
async def remove(request: web.Request) -> web.StreamResponse:
    await posted(request)
    officer = officer_in(request)
    await request.app[SIGNATURES].remove(officer.id, officer.actor)
    return go("/account/signature?done=removed")


def register(app: web.Application) -> None:
    app.router.add_get("/account/signature", signature, name="own_signature")
    app.router.add_post("/account/signature", save)
    app.router.add_post("/account/signature/remove", remove, name="own_signature_remove")
