"""The last questions: the name others see, and with what this device takes part. Then the waiting room.

The check itself is src/device.ts; without script the page asks for the same choice.
"""

from __future__ import annotations

import contextlib

from aiohttp import web

from rooms.commands import Arrive, CheckDevice, ChooseName
from rooms.errors import DoorLocked
from rooms.texts import MOST_NAME
from rooms.vocabulary import Role
from web.i18n import words
from web.join.services import TRIAL
from web.join.steps import Joining, Step, at
from web.rendering import go, render
from web.security import guest_of, guest_page
from web.services import SESSIONS

MODES = ("video", "audio", "text")
MOST_FINDINGS = 16
MOST_FINDING = 80  # characters


@guest_page(verified=True)
async def show_name(request: web.Request) -> web.StreamResponse:
    found = await at(request, Step.DEVICE)
    return render(request, "join/name.html", name=found.seat.name, problem="", most=MOST_NAME)


@guest_page(verified=True)
async def choose_name(request: web.Request) -> web.StreamResponse:
    found = await at(request, Step.DEVICE)
    _ = words(request).gettext
    name = " ".join(str((await request.post()).get("name", "")).split())
    problem = ""
    if not name:
        problem = _("Please write the name others shall see")
    elif len(name) > MOST_NAME:
        problem = _("Please use at most %(most)s characters", most=MOST_NAME)
    if problem:
        return render(request, "join/name.html", name=name, problem=problem, most=MOST_NAME)
    await request.app[SESSIONS].submit(found.session.id, ChooseName(name), found.guest.actor)
    return go("/join/device")


@guest_page(verified=True)
async def show(request: web.Request) -> web.StreamResponse:
    return _page(request, await at(request, Step.DEVICE))


@guest_page(verified=True)
async def arrive(request: web.Request) -> web.StreamResponse:
    found = await at(request, Step.DEVICE)
    form = await request.post()
    # An observer sends neither picture nor sound, whatever the browser says.
    mode = "text" if found.seat.role is Role.OBSERVER else str(form.get("mode", ""))
    if mode not in MODES:
        return _page(request, found)
    sessions, actor = request.app[SESSIONS], found.guest.actor
    await sessions.submit(found.session.id, CheckDevice(mode, _findings(str(form.get("findings", "")))), actor)
    # The room's own page says that its door is locked, and has the button to knock again.
    with contextlib.suppress(DoorLocked):
        await sessions.submit(found.session.id, Arrive(), actor)
    return go("/room")


@guest_page(verified=False)
async def show_switch(request: web.Request) -> web.StreamResponse:
    """For a browser that turns out to lack what video needs when the link is no longer at hand."""
    guest = guest_of(request)
    return render(request, "join/no_video.html", verified=guest.verified, office=guest.office)


def _page(request: web.Request, found: Joining) -> web.Response:
    seat = found.seat
    trial = request.app[TRIAL](found.session.id, seat.id) if TRIAL in request.app else None
    return render(request, "join/device.html", name=seat.name, role=seat.role, session=found.session, trial=trial)


def _findings(text: str) -> tuple[str, ...]:
    """`camera:denied,network:3` as the script reports it; anything odd is left out."""
    parts = (part.strip() for part in text.split(","))
    return tuple(part for part in parts if part and part.isprintable() and len(part) <= MOST_FINDING)[:MOST_FINDINGS]
