"""Signing from the room's pages: JSON for their scripts, and the PDF that came of it.

A handwriting's box and points are checked where they are kept to be (`rooms.signing.handwriting`); here only their
shape.
"""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from yarl import URL

from offices.refusal import Refused
from rooms.record.access import RecordUse
from rooms.signing.handwriting import LARGEST, MOST_POINTS, MOST_STROKES
from rooms.views import Handwriting
from web.forms import UNREADABLE
from web.proxies import counted_as
from web.responses import json_response, pdf_response
from web.room.services import SIGNING
from web.security import guest_of, guest_page, officer_of, officer_page
from web.services import READS

_Number = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
_Stroke = Annotated[list[Annotated[list[_Number], Field(min_length=3, max_length=3)]], Field(max_length=MOST_POINTS)]


class Drawn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    width: _Number
    height: _Number
    strokes: Annotated[list[_Stroke], Field(max_length=MOST_STROKES)]

    def handwriting(self) -> Handwriting:
        return Handwriting(self.width, self.height, self.strokes)


class Signature(BaseModel):
    """`drawn`, or the name alone. `code` is "" for who is confirmed already."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(max_length=60)]
    code: Annotated[str, StringConstraints(max_length=16)] = ""
    drawn: Drawn | None = None


@guest_page(verified=True)
async def text(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    return _told(dict(await request.app[SIGNING].text(guest.session, request.match_info["text"], guest.seat.id)))


@guest_page(verified=True)
async def send_code(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    phone = await request.app[SIGNING].send_code(guest, request.match_info["text"], counted_as(request))
    return _told({"phone": phone})


@guest_page(verified=True)
async def sign(request: web.Request) -> web.StreamResponse:
    given = await _signature(request)
    await request.app[SIGNING].sign(
        guest_of(request),
        request.match_info["text"],
        given.code,
        given.name,
        given.drawn.handwriting() if given.drawn else None,
        counted_as(request),
    )
    return _told({})


@officer_page("mediator")
async def text_for_mediator(request: web.Request) -> web.StreamResponse:
    row = await request.app[READS].record(officer_of(request), request.match_info["session"], RecordUse.READ)
    return _told(dict(await request.app[SIGNING].text(row.id, request.match_info["text"])))


@officer_page("mediator")
async def offer(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    return _told({"text": await request.app[SIGNING].offer(officer, row.id)})


@officer_page("mediator")
async def sign_as_mediator(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    given = await _signature(request)
    drawn = given.drawn.handwriting() if given.drawn else None
    await request.app[SIGNING].sign_as_mediator(officer, row.id, request.match_info["text"], given.name, drawn)
    return _told({})


@officer_page("mediator")
async def seal(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    await request.app[SIGNING].seal(officer, row.id, request.match_info["text"])
    return _told({})


# ------------------------------------------------------------ what came of it


@guest_page(verified=True)
async def copy(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[SIGNING].copy_for_guest(guest_of(request), request.match_info["document"]))


@officer_page("mediator", "supervisor")
async def copy_for_officer(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].record(officer, request.match_info["session"], RecordUse.TAKE)
    return pdf_response(await request.app[SIGNING].copy_for_officer(officer, row.id, request.match_info["document"]))


@officer_page("mediator")
async def file(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    await request.app[SIGNING].file(officer, row.id)
    raise web.HTTPSeeOther(URL(f"/sessions/{row.id}"))


def _told(body: Any) -> web.Response:
    return json_response(body, headers={"Cache-Control": "no-store"})


async def _signature(request: web.Request) -> Signature:
    try:
        return Signature.model_validate(await request.json())
    except (ValidationError, *UNREADABLE):
        raise Refused("bad_ink", 400) from None


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/api/room/signing/{text}", text)
    post("/api/room/signing/{text}/code", send_code)
    post("/api/room/signing/{text}/sign", sign)
    get("/api/sessions/{session}/signing/{text}", text_for_mediator)
    post("/api/sessions/{session}/signing", offer)
    post("/api/sessions/{session}/signing/{text}/sign", sign_as_mediator)
    post("/api/sessions/{session}/signing/{text}/seal", seal)
    get("/room/documents/{document}", copy, name="own_copy")
    get("/sessions/{session}/documents/{document}", copy_for_officer, name="session_document")
    post("/sessions/{session}/documents", file, name="session_documents")
