"""Who speaks: a bearer token with the scope an endpoint asks for. Cookies open nothing here, so forms cannot either."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from aiohttp import web

from offices.refusal import Refused
from offices.systems import Scope, System
from web.administration.services import SYSTEMS
from web.api.rates import RATES
from web.security import Access, Handler

SYSTEM: web.RequestKey[System] = web.RequestKey("system", System)
LONGEST: Final = 200  # characters of a token


def endpoint(scope: Scope) -> Callable[[Handler], Handler]:
    """For systems with this scope. The handler asks `system_of(request)`."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            token = token.strip()
            known = kind.lower() == "bearer" and 0 < len(token) <= LONGEST
            system = await request.app[SYSTEMS].system(token) if known else None
            if system is None:
                raise Refused("bad_token", 401)
            if scope not in system.scopes:
                raise Refused("no_scope", 403, scope=scope)
            request[SYSTEM] = system
            left = request.app[RATES].take(system.token)
            response = await handler(request)
            response.headers.update(left)
            response.headers["Cache-Control"] = "no-store"
            return response

        answered.access = Access("system", self_checked=True)  # type: ignore[attr-defined]
        answered.scope = scope  # type: ignore[attr-defined]
        return answered

    return guard


def system_of(request: web.Request) -> System:
    return request[SYSTEM]
