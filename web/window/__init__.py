"""The public window from a phone: one form, one code, one page that says how things stand. Works without script.

`filing` is the form. Here is what comes after: the code, how a complaint stands, its notices, and taking it back; and
the photos sent on a visit. Nobody has an account: a visit's token is in a cookie for an hour.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from complaints.record import MOST_OF_PARTY
from complaints.record.uploads import LARGEST
from journal.numbers import digits_in
from journal.refusals import Refused
from recordings.files import ReserveReached
from web import WINDOW, i18n, refusals
from web.http import cookies, security
from web.http.forms import Form
from web.http.responses import json_response, pdf_response
from web.http.security import anyone, visitor_page
from web.i18n import N_, words_for
from web.office.complaints.amending import WHY
from web.rendering import go, render

MOBILE: Final = N_("Write a mobile phone number that takes text messages, for example 13800001234.")
LATER: Final = ("bad_code", "code_expired", "too_many_codes", "too_many_tries")
"""Refusals said above the field of the code."""


def token_of(request: web.Request) -> str:
    return cookies.read(request, cookies.WINDOW)


def with_token(request: web.Request, response: web.Response, token: str) -> web.Response:
    cookies.put(request, response, cookies.WINDOW, token)
    return response


async def show_visit(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
    """A page of a visit: it says before the visit ends that it will."""
    visit = await request.app[WINDOW].visit(token_of(request))
    return render(request, template, status, **context, visit_seconds=visit.seconds)


@anyone
async def visit_is_alive(request: web.Request) -> web.StreamResponse:
    """Somebody asks for more time; asking is what lengthens a visit."""
    visit = await request.app[WINDOW].visit(token_of(request))
    return json_response({"seconds": visit.seconds}, headers={"Cache-Control": "no-store"})


def visit_problem(request: web.Request, refused: Refused) -> str:
    """One sentence and what to do about it."""
    text = words_for(request)
    said, more = (of(text, refused.code, refused.params) for of in (refusals.sentence, refusals.advice))
    return said + text.gettext(". ") + more


AT_ONCE: Final = 5  # files of one form
MOST_BYTES: Final = AT_ONCE * LARGEST + 64 * 1024
NO_FILE: Final = N_("Choose a photo first.")
TOO_MANY: Final = N_("Five photos at once, twelve in all. For more, ring the office.")
WRONG_STATE: Final = N_(
    "The complaint is decided; nothing can be added here any more. Ring the office if something is missing."
)
BUSY: Final = N_("That were many files in a short time. Please wait an hour.")
QUOTA: Final = N_("As many files as may come in a day have come. Please go on tomorrow, or ring the office.")
NO_SPACE: Final = N_(
    "No files can be taken in at the moment. What you wrote is kept; please try again later, or ring the office."
)
SAID: Final = {"too_many": TOO_MANY, "wrong_state": WRONG_STATE, "too_many_tries": BUSY, "window_quota": QUOTA}
KEY: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


@anyone
async def photo_page(request: web.Request) -> web.StreamResponse:
    return await _page(request)


@visitor_page(most_bytes=MOST_BYTES)
async def send_photo(request: web.Request) -> web.StreamResponse:
    token = token_of(request)

    async def attach(name: str, content: bytes, key: str) -> None:
        await request.app[WINDOW].attach(token, security.counted_as(request), name, content, key)

    wrong = await taken_in(request, attach)
    if script_asks(request):
        return photo_told(request, wrong)
    return await _page(request, wrong, 422) if wrong else go("/follow/photos")


async def taken_in(request: web.Request, attach: Callable[[str, bytes, str], Awaitable[object]]) -> str:
    """Each file of the form to `attach` (name, content, key), until one is wrong. A sentence that says so, or ""."""
    sent = await request.post()
    files = [part for part in sent.getall("file", []) if isinstance(part, web.FileField) and part.filename]
    if not files or len(files) > AT_ONCE:
        return TOO_MANY if files else NO_FILE
    key = str(sent.get("key", "")) if script_asks(request) else ""
    for part in files:
        content = await asyncio.to_thread(part.file.read, LARGEST + 1)
        try:
            await attach(part.filename, content, key if KEY.fullmatch(key) else "")
        except ReserveReached:
            return NO_SPACE
        except Refused as no:
            said = WHY.get(str(no.params.get("why"))) if no.code == "bad_upload" else SAID.get(no.code)
            if said is None:
                raise
            return said
    return ""


def script_asks(request: web.Request) -> bool:
    """A script sends one file and wants to know of that one how it went."""
    return "application/json" in request.headers.get("Accept", "")


def photo_told(request: web.Request, wrong: str) -> web.Response:
    text = words_for(request).gettext(wrong) if wrong else ""
    return json_response({"error": text} if wrong else {"ok": True}, status=422 if wrong else 200)


@anyone
async def remove_photo(request: web.Request) -> web.StreamResponse:
    reason = words_for(request).gettext("Taken back by the sender")
    await request.app[WINDOW].detach(token_of(request), request.match_info["attachment"], reason)
    return go("/follow/photos")


async def _page(request: web.Request, wrong: str = "", status: int = 200) -> web.Response:
    standing = await request.app[WINDOW].standing(token_of(request), i18n.language(request))
    context: dict[str, Any] = {"standing": standing, "wrong": wrong, "most": MOST_OF_PARTY}
    return await show_visit(request, "window/photos.html", status, **context, office=standing.office)


STATES: Final[Mapping[str, str]] = {
    "registered": N_("The office has your complaint and is deciding whether it can take it up."),
    "accepted": N_("The office has taken up your complaint. It mediates if you and the business both agree."),
    "mediating": N_("A mediation is arranged or under way."),
    "settled": N_("You and the business have settled."),
    "performing": N_("You have settled; what was promised is still to be done."),
    "refused": N_("The office could not take up your complaint. It tells you the ground and the other ways."),
    "ended": N_("The mediation was terminated without a settlement. Arbitration and court stay open to you."),
    "closed": N_("The file is closed."),
}
NEXT: Final[Mapping[str, str]] = {
    "registered": N_("By then the office must tell you whether it takes it up:"),
    "accepted": N_("By then the mediation must be finished:"),
    "mediating": N_("By then the mediation must be finished:"),
    "ended": N_("By then the office must have told both sides:"),
}


@anyone
async def follow_form(request: web.Request) -> web.StreamResponse:
    return render(request, "window/follow.html", form=Form({"number": request.query.get("number", "")[:64]}))


@anyone
async def follow(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    number, phone = form.text("number", needed=True, longest=64), form.phone("phone", needed=True)
    if form.good:
        ip, language = security.counted_as(request), i18n.language(request)
        try:
            token = await request.app[WINDOW].follow(number, phone, ip, language)
        except Refused as no:
            if no.code != "bad_phone":
                raise
            form.errors["phone"] = MOBILE
        else:
            return with_token(request, go("/follow/code"), token)
    return render(request, "window/follow.html", 422, form=form)


@anyone
async def code_form(request: web.Request) -> web.StreamResponse:
    return await _code(request)


@anyone
async def code(request: web.Request) -> web.StreamResponse:
    typed = str((await request.post()).get("code", ""))
    digits = digits_in(typed)[:6]
    try:
        token = await request.app[WINDOW].confirm(token_of(request), digits, security.counted_as(request))
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    way = request.match_info["way"]
    return with_token(request, go("/follow/photos" if way == "file" else "/follow/state"), token)


@anyone
async def send_again(request: web.Request) -> web.StreamResponse:
    ip, language = security.counted_as(request), i18n.language(request)
    try:
        await request.app[WINDOW].send_again(token_of(request), ip, language)
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    return go(f"/{request.match_info['way']}/code")


@anyone
async def state(request: web.Request) -> web.StreamResponse:
    return await _state(request)


@anyone
async def withdraw_form(request: web.Request) -> web.StreamResponse:
    return await _state(request, asking=True)


@anyone
async def withdraw(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    reason = form.text("reason", longest=200)
    if form.values.get("sure") != "yes":
        form.errors["sure"] = N_("Tick this if you want to take the complaint back.")
    if not form.good:
        return await _state(request, asking=True, form=form, status=422)
    await request.app[WINDOW].withdraw(token_of(request), reason)
    return go("/follow/state")


@anyone
async def news(request: web.Request) -> web.StreamResponse:
    wanted = (await request.post()).get("wanted") == "yes"
    await request.app[WINDOW].want_news(token_of(request), wanted, i18n.language(request))
    return go("/follow/state#news")


@anyone
async def notice(request: web.Request) -> web.StreamResponse:
    read = await request.app[WINDOW].notice(token_of(request), request.match_info["notice"])
    return await show_visit(request, "window/notice.html", notice=read)


@anyone
async def notice_file(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[WINDOW].notice_file(token_of(request), request.match_info["notice"]))


async def _code(request: web.Request, refused: Refused | None = None) -> web.StreamResponse:
    visit = await request.app[WINDOW].visit(token_of(request))
    if not visit.phone:  # still being written
        return go("/file/check")
    said = visit_problem(request, refused) if refused is not None else ""
    context = {"visit": visit, "way": request.match_info["way"], "problem": said}
    return render(request, "window/code.html", refused.status if refused else 200, **context)


async def _state(
    request: web.Request, asking: bool = False, form: Form | None = None, status: int = 200
) -> web.Response:
    standing = await request.app[WINDOW].standing(token_of(request), i18n.language(request))
    context: dict[str, Any] = {
        "standing": standing,
        "state": STATES.get(standing.state, STATES["closed"]),
        "next": NEXT.get(standing.state, ""),
        "asking": asking and standing.can_withdraw,
        "form": form or Form(),
        "kinds": i18n.KINDS,
    }
    return await show_visit(request, "window/state.html", status, **context, office=standing.office)
