"""Files of exhibits as the room's pages send and show them; the same for a party's device and for the mediator.

Pages and films only ever leave in the form they were drawn anew in; who may see one, the session's state says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offices.people import Officer
from offices.refusal import Refused
from recordings.errors import BadName
from rooms.events import Picture
from rooms.exhibits.state import Exhibit
from rooms.exhibits.view import may_see
from rooms.views import AnnouncedFile, NewExhibit, SeatedPerson
from rooms.vocabulary import Purpose
from web.http import responses
from web.http.forms import UNREADABLE
from web.http.responses import json_response
from web.http.security import BODY_LIMIT, guest_of, guest_page, officer_of, officer_page
from web.room.services import EXHIBITS
from web.services import READS, SESSIONS, SHELF

PIECE: Final = 1024 * 1024  # bytes of a request's body; the desk takes fewer at once
SHUT: Final = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}

Handler = Callable[[web.Request, SeatedPerson], Awaitable[web.StreamResponse]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileBody(_Strict):
    name: str = Field(max_length=255)
    size: int = Field(ge=1, le=1 << 30)


class BeginBody(_Strict):
    title: str = Field(max_length=500)
    files: list[FileBody] = Field(min_length=1, max_length=100)
    private: bool = False
    purpose: Purpose = Purpose.EVIDENCE
    term: int = Field(default=0, ge=0, le=100)


async def begin(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    try:
        body = BeginBody.model_validate(await request.json())
    except (ValidationError, *UNREADABLE):
        raise Refused("bad_request", 400) from None
    files = [AnnouncedFile(file.name, file.size) for file in body.files]
    wanted = NewExhibit(body.title, files, body.private, body.purpose.value, body.term)
    return json_response(asdict(await request.app[EXHIBITS].begin(who, wanted)), status=201)


async def state(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    return json_response(asdict(await request.app[EXHIBITS].state(who, request.match_info["upload"])))


async def append(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    """The body is the bytes themselves, which belong at `at` of the file."""
    upload, file = request.match_info["upload"], _number(request.match_info["file"])
    at = _number(request.query.get("at", ""))
    content = await request.read()
    return json_response(asdict(await request.app[EXHIBITS].append(who, upload, file, at, content)))


async def finish(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    return json_response({"exhibit": await request.app[EXHIBITS].finish(who, request.match_info["upload"])})


async def cancel(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    await request.app[EXHIBITS].cancel(who, request.match_info["upload"])
    return json_response({})


async def page(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    one = await _exhibit(request, who)
    number = _number(request.match_info["page"])
    if not 1 <= number <= len(one.pages):
        raise Refused("not_found", 404)
    return await _send(request, who.session, one.pages[number - 1], "image/jpeg", f"exhibit-{one.n}-{number}.jpg")


async def film(request: web.Request, who: SeatedPerson) -> web.StreamResponse:
    one = await _exhibit(request, who)
    if one.film is None:
        raise Refused("not_found", 404)
    return await _send(request, who.session, one.film, "video/mp4", f"exhibit-{one.n}.mp4")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad_request", 400)
    return int(text)


async def _exhibit(request: web.Request, who: SeatedPerson) -> Exhibit:
    """Refused(404) also where it is not for this seat, or the seat is not in the room."""
    session = await request.app[SESSIONS].state(who.session)
    one = session.exhibits.items.get(request.match_info["exhibit"])
    seat = session.seats.get(who.seat)
    if one is None or seat is None or not (seat.in_room and may_see(session, seat, one)):
        raise Refused("not_found", 404)
    return one


async def _send(request: web.Request, session: str, shown: Picture, kind: str, name: str) -> web.StreamResponse:
    try:
        return await responses.send_file(request, request.app[SHELF], session, shown.path, kind, name, more=SHUT)
    except BadName:
        raise Refused("not_found", 404) from None


async def bring(request: web.Request, who: SeatedPerson, officer: Officer) -> web.StreamResponse:
    """An attachment of the complaint's record."""
    made = await request.app[EXHIBITS].bring(who, officer, request.match_info["attachment"])
    return json_response({"exhibit": made})


# ---------------------------------------------------------------- who sits where


def _party(handler: Handler, most: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @guest_page(verified=True, most_bytes=most)
    async def answered(request: web.Request) -> web.StreamResponse:
        guest = guest_of(request)
        return await handler(request, SeatedPerson(guest.session, guest.seat.id, guest.actor))

    return answered


def _mediator(handler: Handler, most: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @officer_page("mediator", most_bytes=most)
    async def answered(request: web.Request) -> web.StreamResponse:
        return await handler(request, await _sits(request))

    return answered


@officer_page("mediator")
async def bring_attachment(request: web.Request) -> web.StreamResponse:
    return await bring(request, await _sits(request), officer_of(request))


async def _sits(request: web.Request) -> SeatedPerson:
    """Refused(404) for another office's session, and for a colleague's."""
    officer, which = officer_of(request), request.match_info["session"]
    await request.app[READS].session(officer, which)
    session = await request.app[SESSIONS].state(which)
    if session.office != officer.office.id or session.mediator != officer.id:
        raise Refused("not_found", 404)
    return SeatedPerson(session.id, session.mediator_seat, officer.actor)


def register(app: web.Application) -> None:
    """For a party below /api/room, for the mediator below /api/sessions/{session}."""
    # The first that fits answers: words before the number of a file.
    parts: list[tuple[str, str, Handler, int]] = [
        ("POST", "/uploads", begin, BODY_LIMIT),
        ("GET", "/uploads/{upload}", state, BODY_LIMIT),
        ("POST", "/uploads/{upload}/finish", finish, BODY_LIMIT),
        ("POST", "/uploads/{upload}/cancel", cancel, BODY_LIMIT),
        ("POST", "/uploads/{upload}/{file}", append, PIECE),
        ("GET", "/exhibits/{exhibit}/pages/{page}", page, BODY_LIMIT),
        ("GET", "/exhibits/{exhibit}/film", film, BODY_LIMIT),
    ]
    add: Any = app.router.add_route
    for method, path, handler, most in parts:
        add(method, f"/api/room{path}", _party(handler, most))
        add(method, f"/api/sessions/{{session}}{path}", _mediator(handler, most))
    add("POST", "/api/sessions/{session}/attachments/{attachment}", bring_attachment)
