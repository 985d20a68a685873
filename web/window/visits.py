"""A visit to the public window, and the photos sent on it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from complaints.record.attachments import MOST_OF_PARTY
from complaints.record.uploads import LARGEST
from offices.refusal import Refused
from recordings.files.reserve import ReserveReached
from web import cookies, i18n, proxies, refusals
from web.complaints.attachments import WHY
from web.i18n import N_, words_for
from web.rendering import go, render
from web.responses import json_response
from web.security import anyone, visitor_page
from web.window.services import WINDOW

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
        await request.app[WINDOW].attach(token, proxies.counted_as(request), name, content, key)

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
