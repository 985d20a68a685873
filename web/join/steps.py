"""The order of the join flow's steps, and what waits until the code is right."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import IntEnum

from aiohttp import web

from offices.refusal import Refused
from rooms.commands import AnswerConsent, AskOtherTime
from rooms.joining.rules import age_asked, age_open
from rooms.seats import SeatState
from rooms.session import Session
from rooms.views import Guest
from rooms.vocabulary import Consent, SeatStatus
from web.http import cookies
from web.http.security import guest_of
from web.services import SESSIONS, SITE


class JoinStep(IntEnum):
    """In the order they are asked. Who it is comes first: what whoever holds the link answers is nobody's answer."""

    CODE = 1
    AGE = 2
    NOTICE = 3
    RECORDING = 4
    DEVICE = 5
    ROOM = 6


PATHS = {
    JoinStep.CODE: "/join/code",
    JoinStep.AGE: "/join/age",
    JoinStep.NOTICE: "/join/notice",
    JoinStep.RECORDING: "/join/recording",
    JoinStep.DEVICE: "/join/device",
    JoinStep.ROOM: "/room",
}

_INSIDE = frozenset({SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING})


@dataclass(frozen=True, slots=True)
class Joining:
    """A guest with their session as it is now."""

    guest: Guest
    session: Session
    version: str  # of the texts that are shown now

    @property
    def seat(self) -> SeatState:
        return self.session.seats[self.guest.seat.id]

    @property
    def refused(self) -> bool:
        return self.guest.verified and self.seat.participate is False

    @property
    def step(self) -> JoinStep:
        return first_open(self.seat, self.guest.verified, self.version)

    @property
    def path(self) -> str:
        return "/join/refused" if self.refused else PATHS[self.step]


def first_open(seat: SeatState, verified: bool, version: str) -> JoinStep:
    """An answer to an earlier text is no answer to this one; whoever is inside is not called out for it."""
    if not verified:
        return JoinStep.CODE
    inside = seat.status in _INSIDE
    if age_open(seat) and not inside:
        return JoinStep.AGE
    if seat.participate is not True or (seat.participate_text != version and not inside):
        return JoinStep.NOTICE
    if seat.record is None or (seat.record_text != version and not inside):
        return JoinStep.RECORDING
    return JoinStep.ROOM if inside else JoinStep.DEVICE


async def joining(request: web.Request) -> Joining:
    """Refused(410) session_over."""
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    if session.over:
        raise Refused("session_over", 410, office_name=guest.office.name, office_phone=guest.office.phone)
    return Joining(guest, session, request.app[SITE].consent_version)


async def onward(request: web.Request, guest: Guest) -> str:
    """Where this guest goes on: the page itself, for a redirect to `/join` would only lead to the next."""
    session = await request.app[SESSIONS].state(guest.session)
    return "/join" if session.over else Joining(guest, session, request.app[SITE].consent_version).path


async def at(request: web.Request, step: JoinStep) -> Joining:
    """For a page of the flow: earlier questions may be looked at again, later ones not before their turn."""
    found = await joining(request)
    ahead = step > found.step or (found.refused and step > JoinStep.NOTICE)
    if step is JoinStep.AGE and not age_asked(found.seat):
        raise web.HTTPSeeOther(found.path)
    # Whoever waits may look at their camera once more; in the room everything else is settled.
    again = step is JoinStep.DEVICE and found.seat.status is SeatStatus.WAITING
    if ahead or (found.step is JoinStep.ROOM and not again):
        # Who declined and changes their mind goes on with what is still open, not back to where they declined.
        raise web.HTTPSeeOther(PATHS[found.step] if step is JoinStep.NOTICE else found.path)
    return found


async def first_page(request: web.Request, guest: Guest) -> str:
    """Who declined and starts all the same has changed their mind: the question is asked again."""
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    if guest.verified and seat.participate is False and not age_open(seat):
        return "/join/notice"
    return await onward(request, guest)


MOST_WISH = 200  # characters


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer to one link's invitation: another time wished for, or, with no wish, not to take part."""

    link: str
    wish: str = ""


def store_waiting(request: web.Request, response: web.StreamResponse, answer: Waiting) -> None:
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


async def keep_answers(request: web.Request) -> str:
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
