"""More time: a page that was open for long asks to stay signed in. Asking is what keeps somebody signed in."""

from __future__ import annotations

from aiohttp import web

from offices.people import SIGNED_IN_IDLE
from web.json_answers import json_response
from web.security import officer_page


@officer_page()
async def alive(request: web.Request) -> web.StreamResponse:
    body = {"seconds": int(SIGNED_IN_IDLE.total_seconds())}
    return json_response(body, headers={"Cache-Control": "no-store"})
