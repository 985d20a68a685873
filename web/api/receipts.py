"""What the message gateway says later of a message it took: that the phone has it, or that it did not get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from journal.refusals import Refused
from web.http.security import Access

Receipts = Callable[[str, str, bytes], Awaitable[bool]]
"""Timestamp, signature and body as they came; False when they are not the gateway's. Refused: bad_request."""
RECEIPTS: web.AppKey[Receipts] = web.AppKey("receipts")
MOST: Final = 4096  # bytes
TIMESTAMP: Final = "X-Yuntiao-Timestamp"
SIGNATURE: Final = "X-Yuntiao-Signature"


async def receipt(request: web.Request) -> web.StreamResponse:
    if request.content_length is None or request.content_length > MOST:
        raise Refused("too_large", 413)
    body = await request.read()
    if not await request.app[RECEIPTS](request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""), body):
        raise Refused("not_allowed", 403)
    return web.Response(status=204)


receipt.access = Access("anyone", self_checked=True, most_bytes=MOST)  # type: ignore[attr-defined]


def register(app: web.Application) -> None:
    app.router.add_post("/api/receipts", receipt, name="message_receipts")
