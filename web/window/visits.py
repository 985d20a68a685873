"""What the window's pages share: the visit's cookie, and refusals that stand above a field."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from web import cookies, refusals
from web.i18n import N_, words
from web.ports import Refused

MOBILE: Final = N_("Write a mobile phone number that takes text messages, for example 13800001234.")
LATER: Final = ("bad_code", "code_expired", "too_many_codes", "too_many_tries")
"""Refusals said above the field of the code."""


def token_of(request: web.Request) -> str:
    return cookies.read(request, cookies.WINDOW)


def with_token(request: web.Request, response: web.Response, token: str) -> web.Response:
    cookies.put(request, response, cookies.WINDOW, token)
    return response


def problem(request: web.Request, refused: Refused) -> str:
    """One sentence and what to do about it."""
    text = words(request)
    said, more = (of(text, refused.code, refused.params) for of in (refusals.sentence, refusals.advice))
    return said + text.gettext(". ") + more
