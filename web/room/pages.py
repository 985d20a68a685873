"""The room's pages for parties and mediators, vouching by telephone, a mediator's own notes."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from law.grounds import ending_grounds
from offices.people import Office
from offices.refusal import Refused
from rooms.seats import IN_ROOM
from rooms.texts import MOST_LINE
from rooms.views import PrivateNote
from rooms.vocabulary import SeatStatus
from web import i18n
from web.assets import ASSETS
from web.http.forms import form_token
from web.http.responses import json_response
from web.http.security import guest_of, guest_page, officer_of, officer_page
from web.join.services import LINKS
from web.join.steps import JoinStep, first_open
from web.law import classes
from web.office.casebook.exchange import note_path
from web.office.staff_pages import officer_in
from web.rendering import render
from web.room.services import PRIVATE_NOTES
from web.services import READS, SESSIONS, SITE


class Vouching(BaseModel):
    """`number`: as the person read it from their device."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, StringConstraints(max_length=16)]
    recognised: Annotated[str, StringConstraints(max_length=MOST_LINE)]


@officer_page("mediator")
async def vouch(request: web.Request) -> web.StreamResponse:
    officer, seat = officer_of(request), request.match_info["seat"]
    row = await request.app[READS].session(officer, request.match_info["session"])
    try:
        given = Vouching.model_validate_json(await request.text())
    except ValidationError:
        raise Refused("bad_request", 422) from None
    await request.app[LINKS].vouch(officer, row.id, seat, given.number, given.recognised)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


def register_vouching(app: web.Application) -> None:
    app.router.add_post("/api/sessions/{session}/seats/{seat}/voice", vouch)


@officer_page("mediator")
async def read_notes(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].session(officer, session)  # another office's is not found
    return _json(await request.app[PRIVATE_NOTES].read(officer, session))


@officer_page("mediator")
async def write_notes(request: web.Request) -> web.StreamResponse:
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


def register_notes(app: web.Application) -> None:
    app.router.add_get("/api/sessions/{session}/private-note", read_notes, name="private_note")
    app.router.add_post("/api/sessions/{session}/private-note", write_notes)


@guest_page(verified=True)
async def phone(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    # A closed session still shows its result here; before that the questions of the join flow come first.
    if not session.over and seat.status is not SeatStatus.REMOVED:
        asked = first_open(seat, guest.verified, request.app[SITE].consent_version)
        unready = asked < JoinStep.DEVICE or (not seat.mode and seat.status not in {*IN_ROOM, SeatStatus.WAITING})
        if seat.participate is False or unready:
            raise web.HTTPSeeOther("/join")
    data = page_data(request, guest.office) | {
        "links": {"device": "/join/device", "type": "/type"},
        "csrf": form_token(request),
        "grounds": _grounds(session.order, i18n.language(request)),
    }
    return render(request, "room/phone.html", data=data, mode=seat.mode or "video", office=guest.office)


@officer_page("mediator")
async def cockpit(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    complaint = await request.app[READS].complaint(officer, row.complaint)
    session = await request.app[SESSIONS].state(row.id)
    language = i18n.language(request)
    data = page_data(request, officer.office) | {
        "session": row.id,
        "links": {
            "session": f"/sessions/{row.id}",
            "desk": "/desk",
            "law": "/law",
            "notes": note_path(*classes(complaint)),
        },
        "law": f"/api/sessions/{row.id}/law",
        "cases": f"/api/sessions/{row.id}/cases",
        "note": f"/api/sessions/{row.id}/private-note",
        "files": f"/api/sessions/{row.id}",
        "grounds": _grounds(session.order, language),
    }
    return render(request, "room/cockpit.html", data=data, title=row.title, office=officer.office)


def page_data(request: web.Request, office: Office) -> dict[str, Any]:
    """What `Page` in page.ts describes."""
    language = i18n.language(request)
    return {
        "language": language,
        "zone": office.zone,
        "words": dict(i18n.catalog(language, "room", request.app[SITE].office_called)),
        "icons": request.app[ASSETS].address("icons.svg"),
        "form_token": form_token(request),
        "session": "",
        "office": office.name,
        "office_short": office.short,
        "office_phone": office.phone,
        "consent_version": request.app[SITE].consent_version,
        "texts": request.app[SITE].shown.named,
        "links": {},
        "csrf": form_token(request),
        "files": "/api/room",
        "grounds": [],
    }


def _grounds(order: str, language: str) -> list[dict[str, Any]]:
    """To choose from, and for a party to read which one it was: the journal keeps only its number."""
    return [{"number": ground.number, "gist": ground.gist(language)} for ground in ending_grounds(order)]
