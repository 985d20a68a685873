"""What the window's pages share: the visit's cookie, and refusals that stand above a field."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from offices.refusal import Refused
from web import cookies, refusals
from web.i18n import N_, words
from web.json_answers import json_response
from web.rendering import render
from web.security import anyone
from web.window.services import WINDOW

MOBILE: Final = N_("Write a mobile phone number that takes text messages, for example 13800001234.")
LATER: Final = ("bad_code", "code_expired", "too_many_codes", "too_many_tries")
"""Refusals said above the field of the code."""


def token_of(request: web.Request) -> str:
    return cookies.read(request, cookies.WINDOW)


def with_token(request: web.Request, response: web.Response, token: str) -> web.Response:
    cookies.put(request, response, cookies.WINDOW, token)
    return response


async def shown(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
    """A page of a visit: it says before the visit ends that it will."""
    visit = await request.app[WINDOW].visit(token_of(request))
    return render(request, template, status, **context, visit_seconds=visit.seconds)


@anyone
async def alive(request: web.Request) -> web.StreamResponse:
    """Somebody asks for more time; asking is what lengthens a visit."""
    visit = await request.app[WINDOW].visit(token_of(request))
    return json_response({"seconds": visit.seconds}, headers={"Cache-Control": "no-store"})


def problem(request: web.Request, refused: Refused) -> str:
    """One sentence and what to do about it."""
    text = words(request)
    said, more = (of(text, refused.code, refused.params) for of in (refusals.sentence, refusals.advice))
    return said + text.gettext(". ") + more
