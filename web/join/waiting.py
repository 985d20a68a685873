"""What somebody answered before the code had shown who they are: it waits on their own device, and nobody is told.

Owns the cookie in which it waits. Whoever finds a link can decline or wish for another time in nobody's name but on
their own phone; once the code was right, it is the person's answer.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from aiohttp import web

from rooms.commands import AnswerConsent, AskOtherTime
from rooms.views import Guest
from rooms.vocabulary import Consent
from web import cookies
from web.security import guest_of
from web.services import SESSIONS

MOST_WISH = 200  # characters


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer to one link's invitation: another time wished for, or, with no wish, not to take part."""

    link: str
    wish: str = ""


def keep(request: web.Request, response: web.StreamResponse, answer: Waiting) -> None:
    told = json.dumps([answer.link, answer.wish]).encode()
    cookies.put(request, response, cookies.WAITING, base64.urlsafe_b64encode(told).decode())


def waiting(request: web.Request, guest: Guest) -> Waiting | None:
    """None as well for one about another link: what was answered there is no answer here."""
    kept = cookies.read(request, cookies.WAITING)
    if not kept:
        return None
    try:
        link, wish = json.loads(base64.urlsafe_b64decode(kept))
    except (binascii.Error, ValueError, TypeError):
        return None
    if link != guest.link or not isinstance(wish, str) or len(wish) > MOST_WISH:
        return None
    return Waiting(link, wish)


async def give(request: web.Request) -> str:
    """The answer that waited is theirs now: submit it. Where they go on, "" when none waited."""
    guest = guest_of(request)
    answer = waiting(request, guest)
    if answer is None:
        return ""
    sessions = request.app[SESSIONS]
    if answer.wish:
        await sessions.submit(guest.session, AskOtherTime(answer.wish), guest.actor)
        return "/join/asked"
    refusal = AnswerConsent(Consent.PARTICIPATE, False, "")  # on the way to this answer no text was shown
    await sessions.submit(guest.session, refusal, guest.actor)
    return "/join/refused"
