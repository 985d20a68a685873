"""The one-time code: sent when asked for, typed in, and what to do when it does not come."""

from __future__ import annotations

import contextlib

from aiohttp import web

from journal.numbers import digits_in
from offices.refusal import Refused
from rooms.commands import AskHelp
from rooms.errors import RoomError
from rooms.joining.rules import HELP
from web import cookies, proxies, refusals
from web.i18n import words
from web.join.services import LINKS
from web.join.steps import Joining, Step, at, first_page
from web.join.waiting import give, waiting
from web.rendering import go, render
from web.security import guest_of, guest_page
from web.services import SESSIONS

RESEND_AFTER = 60  # seconds
_STAYS = frozenset({"bad_code", "code_expired", "too_many_codes", "too_many_tries", "no_phone"})
"""Refusals that belong above the field, not on a page of their own."""


@guest_page(verified=False)
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, sent="sent" in request.query)


@guest_page(verified=False)
async def send(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    try:
        await request.app[LINKS].send_code(cookies.read(request, cookies.DEVICE), proxies.counted_as(request))
    except Refused as no:
        if no.code not in _STAYS:
            raise
        # One was sent a moment ago: it may still be on its way, so the field stays open.
        return await _page(request, sent=no.code == "too_many_codes", refused=no)
    return go("/join/code?sent=1")


@guest_page(verified=False)
async def confirm(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    typed = str((await request.post()).get("code", ""))
    code = digits_in(typed)
    device = cookies.read(request, cookies.DEVICE)
    try:
        rotated = await request.app[LINKS].check_code(device, code, proxies.counted_as(request))
    except Refused as no:
        if no.code not in _STAYS:
            raise
        return await _page(request, sent=True, refused=no, typed=typed[:6])
    return await _confirmed(request, rotated)


async def _confirmed(request: web.Request, rotated: str) -> web.StreamResponse:
    """It is them: what they had answered before is given now, and they go on under a token nobody has seen."""
    path = await first_page(request, guest_of(request))
    with contextlib.suppress(RoomError):  # the session went on meanwhile: the page they come to says how it stands
        path = await give(request) or path
    response = go(path)
    cookies.put(request, response, cookies.DEVICE, rotated)  # a token seen before the code is worth nothing after
    cookies.drop(request, response, cookies.WAITING)
    return response


@guest_page(verified=False)
async def show_voice(request: web.Request) -> web.StreamResponse:
    """For whom no code comes: ring the office, read out the number, and wait until the officer has said yes."""
    await _unconfirmed(request)
    state = await request.app[LINKS].by_voice(cookies.read(request, cookies.DEVICE))
    query = request.query
    return render(request, "join/voice.html", state=state, noted=query.get("noted", ""), sent="sent" in query)


@guest_page(verified=False)
async def go_on_by_voice(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    try:
        rotated = await request.app[LINKS].go_on(cookies.read(request, cookies.DEVICE))
    except Refused as no:
        if no.code != "code_needed":
            raise
        return go("/join/voice")
    return await _confirmed(request, rotated)


@guest_page(verified=False)
async def ask_help(request: web.Request) -> web.StreamResponse:
    """Tell the mediator: they see it at the seat."""
    found = await _unconfirmed(request)
    form = await request.post()
    why = str(form.get("why", ""))
    if why not in HELP:
        return go("/join/code")
    await request.app[SESSIONS].submit(found.session.id, AskHelp(why), found.guest.actor)
    return go(f"/join/voice?noted={why}" + ("&sent=1" if form.get("sent") else ""))


async def _unconfirmed(request: web.Request) -> Joining:
    found = await at(request, Step.CODE)
    if found.guest.verified:
        raise web.HTTPSeeOther(found.path)
    return found


async def _page(request: web.Request, sent: bool, refused: Refused | None = None, typed: str = "") -> web.Response:
    found = await _unconfirmed(request)
    text, problem = words(request), ""
    if refused is not None:
        stop = text.gettext(". ")  # between two sentences
        problem = refusals.sentence(text, refused.code, refused.params) + stop + _hint(request, refused)
    return render(
        request,
        "join/code.html",
        sent=sent,
        wait=RESEND_AFTER if sent and refused is None else 0,
        answer=waiting(request, found.guest),
        problem=problem,
        typed=typed,
        phone=found.guest.seat.phone,
    )


def _hint(request: web.Request, refused: Refused) -> str:
    text = words(request)
    if refused.code == "bad_code" and "left" in refused.params:
        left = int(refused.params["left"])
        return text.ngettext("%(num)s more try", "%(num)s more tries", left)
    if refused.code == "too_many_codes" and "seconds" in refused.params:
        seconds = int(refused.params["seconds"])
        if seconds < 120:
            return text.ngettext("Wait %(num)s second", "Wait %(num)s seconds", seconds)
        minutes = round(seconds / 60)
        return text.ngettext("Wait %(num)s minute", "Wait %(num)s minutes", minutes)
    return refusals.advice(text, refused.code, refused.params)
