"""Who may call the open interface, and how often."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final

from aiohttp import web

from offices.refusal import Refused
from offices.systems import Scope, System
from offices.throttle import Throttle
from web.http.security import Access, Handler
from web.office.administration.services import SYSTEMS

KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")


MOST: Final = 600
WINDOW: Final = 60.0  # seconds
_KEYS: Final = 10_000  # of systems remembered; a window is over long before


class Rates:
    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._throttle = Throttle(most, timedelta(seconds=WINDOW), "too_many_requests", clock, _KEYS, anew=True)

    def take(self, system: str) -> dict[str, str]:
        """Count one more request; the headers that say what is left. Refused(429): too_many_requests."""
        left = self._throttle.pass_(system)
        return {
            "RateLimit-Limit": str(self._most),
            "RateLimit-Remaining": str(left.tries),
            "RateLimit-Reset": str(left.seconds),
        }


RATES: web.AppKey[Rates] = web.AppKey("rates", Rates)


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
