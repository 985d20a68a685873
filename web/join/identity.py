"""The one-time code: sent when asked for, typed in, and what to do when it does not come."""

from __future__ import annotations

from aiohttp import web

from journal.digits import digits_in
from rooms.commands import AskOtherTime
from web import cookies, proxies, refusals
from web.i18n import DEFAULT, words, words_of
from web.join.steps import Step, at
from web.ports import LINKS, SESSIONS, Refused
from web.rendering import go, render
from web.security import guest_page

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
    response = go("/join")
    cookies.put(request, response, cookies.DEVICE, rotated)  # a token seen before the code is worth nothing after
    return response


@guest_page(verified=False)
async def ask_help(request: web.Request) -> web.StreamResponse:
    """Tell the mediator: they see it at the seat, in the office's own language."""
    found = await at(request, Step.CODE)
    office = words_of(DEFAULT)
    wishes = {
        "call": office.gettext("The text message does not arrive: please ring me"),
        "number": office.gettext("The phone number on file is not mine"),
    }
    wish = wishes.get(str((await request.post()).get("reason", "")))
    if wish is None:
        return go("/join/code")
    await request.app[SESSIONS].submit(found.session.id, AskOtherTime(wish), found.guest.actor)
    return go("/join/code?sent=1&noted=1")


async def _unconfirmed(request: web.Request) -> None:
    found = await at(request, Step.CODE)
    if found.guest.verified:
        raise web.HTTPSeeOther(found.path)


async def _page(request: web.Request, sent: bool, refused: Refused | None = None, typed: str = "") -> web.Response:
    found = await at(request, Step.CODE)
    if found.guest.verified:
        raise web.HTTPSeeOther(found.path)
    text, problem = words(request), ""
    if refused is not None:
        stop = text.gettext(". ")  # between two sentences
        problem = refusals.sentence(text, refused.code, refused.params) + stop + _hint(request, refused)
    return render(
        request,
        "join/code.html",
        sent=sent,
        wait=RESEND_AFTER if sent and refused is None and "noted" not in request.query else 0,
        noted="noted" in request.query,
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
