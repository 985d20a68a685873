"""Packs pages and JSON on the way out, where that tells nobody anything.

The size of a packed answer gives away what its text repeats, to whoever can have us answer with text of their own
beside a secret and watch the length (BREACH). So: form tokens are masked anew for every page (`web.forms`), a page that
shows another secret calls `leave_plain`, and what another site had the browser ask for is never packed.
Static files are packed in `web.assets`, once.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import Final

from aiohttp import hdrs, web

from web.security import Handler

SMALLEST: Final = 1024  # bytes; below, it still fits into the first packet
_LARGE: Final = 256 * 1024  # bytes; above, packing takes a thread's time rather than the loop's
_LEVEL: Final = 6
_TYPES: Final = {"text/html", "application/json"}
_PLAIN: web.RequestKey[bool] = web.RequestKey("plain", bool)


def leave_plain(request: web.Request) -> None:
    """The answer holds a secret that stays the same from one look to the next: a join link, a second factor's key."""
    request[_PLAIN] = True


@web.middleware
async def packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if isinstance(response, web.Response) and response.content_type in _TYPES:
        await _pack(request, response)
    return response


async def _pack(request: web.Request, response: web.Response) -> None:
    body = response.body
    if not isinstance(body, bytes) or len(body) < SMALLEST or hdrs.CONTENT_ENCODING in response.headers:
        return
    response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    if request.get(_PLAIN) or _foreign(request) or not takes_gzip(request):
        return
    if len(body) > _LARGE:
        body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
    else:
        body = gzip.compress(body, _LEVEL, mtime=0)
    response.body = body
    response.headers[hdrs.CONTENT_ENCODING] = "gzip"


def takes_gzip(request: web.Request) -> bool:
    """RFC 9110 12.5.3, as far as browsers and proxies write it."""
    for offered in request.headers.get(hdrs.ACCEPT_ENCODING, "").split(","):
        name, _, weight = offered.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _foreign(request: web.Request) -> bool:
    """Browsers before 2023 do not say; there the masked token has to do."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
