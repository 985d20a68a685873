"""Calls, as pages ask for them: a mediator rings somebody into the room, or gives them a code to dial in with."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from aiohttp import web

from complaints.complaint import in_charge
from complaints.record import masked_numbers
from journal.refusals import Refused
from offices import Officer
from web import READS
from web.http.security import officer_of, officer_page
from web.rendering import go, posted


class DialInCode(Protocol):
    """Told once: `number` is dialled, then `code`."""

    @property
    def number(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def expires(self) -> datetime: ...


class Telephones(Protocol):
    """Of the officer who conducts the session: to anybody else it is not there."""

    @property
    def dials_in(self) -> bool:
        """Whether there is a number that people can dial."""
        ...

    async def ring(self, officer: Officer, session: str, seat: str) -> None:
        """The seat's person, at the number on file. Refused: not_found, no_phone, phone_down, phone_unready,
        too_many_calls; DomainError: call_under_way, seat_present, guardian_needed."""
        ...

    async def hang_up(self, officer: Officer, session: str, seat: str) -> None: ...

    async def dial_in(self, officer: Officer, session: str, seat: str) -> DialInCode:
        """A fresh code; the one before is good no longer. Refused: not_found, no_dial_in, phone_unready."""
        ...


class OfficerCalls(Protocol):
    async def connect(self, officer: Officer, complaint: str, which: str) -> None:
        """Rings the officer's own telephone, then that number of a complaint in hand, and puts them together. Refused:
        no_phone, phone_down, too_many_calls."""
        ...


OFFICER_CALLS: web.AppKey[OfficerCalls | None] = web.AppKey("officer_calls", object)  # type: ignore[arg-type]
"""None where the line does not ring officers."""

PHONE: web.AppKey[Telephones | None] = web.AppKey("phone", object)  # type: ignore[arg-type]
"""None where no trunk is connected."""


def _phone(request: web.Request) -> Telephones:
    if (phone := request.app[PHONE]) is None:
        raise Refused("not_found", 404)
    return phone


@officer_page("mediator")
async def ring(request: web.Request) -> web.StreamResponse:
    officer, session, seat = await _place(request)
    await _phone(request).ring(officer, session, seat)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


@officer_page("mediator")
async def hang_up(request: web.Request) -> web.StreamResponse:
    officer, session, seat = await _place(request)
    await _phone(request).hang_up(officer, session, seat)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


@officer_page("mediator")
async def dial_in(request: web.Request) -> web.StreamResponse:
    officer, session, seat = await _place(request)
    given = await _phone(request).dial_in(officer, session, seat)
    body = {"number": given.number, "code": given.code, "expires": given.expires.isoformat()}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def _place(request: web.Request) -> tuple[Officer, str, str]:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])  # another office's is not found
    return officer, row.id, request.match_info["seat"]


@officer_page("mediator")
async def put_through(request: web.Request) -> web.StreamResponse:
    """Of a case in hand: who has it not gives a reason for a number, and calls it themselves."""
    officer, complaint, form = officer_of(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    which = form.choice("which", tuple(masked_numbers(page.record)))
    if (calls := request.app[OFFICER_CALLS]) is None or not form.good or officer.id not in in_charge(page.history):
        raise Refused("not_allowed", 403)
    await calls.connect(officer, complaint, which)
    return go(f"/complaints/{complaint}?put_through=yes#put-through")


def register_telephone(app: web.Application) -> None:
    app.router.add_post("/complaints/{complaint}/put-through", put_through, name="complaint_put_through")
    app.router.add_post("/api/sessions/{session}/seats/{seat}/call", ring)
    app.router.add_post("/api/sessions/{session}/seats/{seat}/hang-up", hang_up)
    app.router.add_post("/api/sessions/{session}/seats/{seat}/dial-in", dial_in)
