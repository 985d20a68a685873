"""`POST /api/intake/{channel}`: complaints another system sends as they come, in a request it has signed.

The body is one JSON object or a list of them, read by the channel's mapping like rows of an export.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.channels.mapping import IMPORTED
from offices.refusal import Refused
from offices.systems import SignedRequest
from web.administration.services import INTAKE
from web.api.guard import KEY, RATES
from web.responses import json_response
from web.security import Access

MOST_BYTES: Final = 1 << 20
SENDER: Final = "X-Yuntiao-Sender"
TIMESTAMP: Final = "X-Yuntiao-Timestamp"
SIGNATURE: Final = "X-Yuntiao-Signature"
REPEATED: Final = "Idempotency-Repeated"
_SIGNED: Final = len("sha256=") + 64


async def take(request: web.Request) -> web.StreamResponse:
    """What became of each row; an earlier request with the same key is answered as it was then."""
    channel, sender = request.match_info["channel"], request.headers.get(SENDER, "")
    timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if channel not in IMPORTED:
        raise Refused("not_found", 404)
    if len(signature) != _SIGNED:
        raise Refused("bad_signature", 401)
    await request.app[INTAKE].known(sender, channel, timestamp)  # nobody else's body is read
    left = request.app[RATES].take(sender)
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused("bad_request", 400, field="Idempotency-Key")
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused("too_large", 413)
    body = await request.clone(client_max_size=MOST_BYTES).read()
    answer = await request.app[INTAKE].take(channel, SignedRequest(sender, timestamp, signature, key, body))
    headers = {"Cache-Control": "no-store", **left, **({REPEATED: "true"} if answer.repeated else {})}
    return json_response(answer.body, headers=headers)


take.access = Access("sender", self_checked=True)  # type: ignore[attr-defined]


def register(app: web.Application) -> None:
    app.router.add_post("/api/intake/{channel}", take)
