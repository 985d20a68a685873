"""A request's address and form, read before its page is asked: what is no text is refused, and no fault of ours.

Handlers go on asking `request.post()`; it was read here before they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from offices.refusal import Refused
from web.security import Handler

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_NO_TEXT: Final = re.compile("[\\x00\\ud800-\\udfff]")
UNREADABLE: Final = (ValueError, LookupError, RecursionError, web.RequestPayloadError, HttpProcessingError)
"""What aiohttp and the codecs raise for a body that is not what its headers say."""


@web.middleware
async def readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No address with a NUL in it: neither PostgreSQL nor a file's name takes one."""
    if not _texts((request.path, request.query_string)):
        raise Refused("bad_request", 400)
    return await handler(request)


async def form_of(request: web.Request) -> None:
    """Refused(400) when the body says that it is a form and is none."""
    if request.content_type not in FORMS:
        return
    try:
        posted = await request.post()
    except UNREADABLE:
        raise Refused("bad_request", 400) from None
    texts = (value if isinstance(value, str) else getattr(value, "filename", "") for value in posted.values())
    if not _texts((*posted.keys(), *texts)):
        raise Refused("bad_request", 400)


async def whole(request: web.Request) -> None:
    """Wait for a body that is no form. Refused(400) when it is not what its headers say."""
    if request.content_type in FORMS:
        return  # `form_of` has read it
    try:
        await request.read()
    except UNREADABLE:
        raise Refused("bad_request", 400) from None


def _texts(several: Iterable[str]) -> bool:
    """Half of a surrogate pair stands for a byte that was no UTF-8."""
    return not any(_NO_TEXT.search(text) for text in several)
