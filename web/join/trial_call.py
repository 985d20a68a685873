"""The page on which anybody tries a call the day before: no account, no link, and nothing of it is kept or sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from aiohttp import web

from offices.throttle import Throttle
from web.http.security import anyone, counted_as
from web.rendering import render
from web.services import TRIAL

MOST: Final = 30
WITHIN: Final = timedelta(minutes=10)

_TRIED: web.AppKey[Throttle] = web.AppKey("trial_calls")


@anyone
async def show_trial_call(request: web.Request) -> web.StreamResponse:
    """Refused: too_many_tries. What a device check tries the network with, without the relay: that is for guests."""
    request.app[_TRIED].pass_(counted_as(request))
    trial = request.app[TRIAL]("", "") if TRIAL in request.app else None
    return render(request, "join/trial_call.html", office=None, trial=trial)


def register_trial_call(app: web.Application) -> None:
    app[_TRIED] = Throttle(MOST, WITHIN, "too_many_tries")
    app.router.add_get("/test-call", show_trial_call, name="test_call")
