"""The mediator's own notes: read when the cockpit opens, written with every pause in typing."""

from __future__ import annotations

from aiohttp import web

from offices.refusal import Refused
from rooms.views import PrivateNote
from web.json_answers import json_response
from web.office.pages import officer_in
from web.room.services import PRIVATE_NOTES
from web.security import officer_page
from web.services import READS


@officer_page("mediator")
async def read(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].session(officer, session)  # another office's is not found
    return _json(await request.app[PRIVATE_NOTES].read(officer, session))


@officer_page("mediator")
async def write(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].session(officer, session)
    form = await request.post()
    text, seen = form.get("text", ""), str(form.get("seen", ""))
    if not isinstance(text, str) or not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Refused("bad_request", 422, field="seen")
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return _json(await request.app[PRIVATE_NOTES].write(officer, session, int(seen), text))


def _json(note: PrivateNote) -> web.Response:
    body = {"edition": note.edition, "text": note.text, "changed": note.changed and note.changed.isoformat()}
    return json_response(body, headers={"Cache-Control": "no-store"})


def register(app: web.Application) -> None:
    app.router.add_get("/api/sessions/{session}/private-note", read, name="private_note")
    app.router.add_post("/api/sessions/{session}/private-note", write)
