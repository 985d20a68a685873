"""Two pages around one script each; everything that moves in them comes over the room's wire.

Owns what the scripts are given to begin with: words, grounds, addresses.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from law.grounds import ending_grounds
from offices.people import Office
from rooms.seats import IN_ROOM
from rooms.vocabulary import SeatStatus
from web import i18n
from web.assets import ASSETS
from web.casebook.exchange import note_path
from web.complaints.services import COMPLAINTS
from web.forms import form_token
from web.join.steps import Step, first_open
from web.law.pages import classes
from web.rendering import render
from web.security import guest_of, guest_page, officer_of, officer_page
from web.services import READS, SESSIONS, SITE


@guest_page(verified=True)
async def phone(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    # A closed session still shows its result here; before that the questions of the join flow come first.
    if not session.over and seat.status is not SeatStatus.REMOVED:
        asked = first_open(seat, guest.verified, request.app[SITE].consent_version)
        unready = asked < Step.DEVICE or (not seat.mode and seat.status not in {*IN_ROOM, SeatStatus.WAITING})
        if seat.participate is False or unready:
            raise web.HTTPSeeOther("/join")
    data = page_data(request, guest.office) | {
        "links": {"device": "/join/device", "type": "/type"},
        "csrf": form_token(request),
        "grounds": _grounds(await request.app[COMPLAINTS].order(session.complaint), i18n.language(request)),
    }
    return render(request, "room/phone.html", data=data, mode=seat.mode or "video", office=guest.office)


@officer_page("mediator")
async def cockpit(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    complaint = await request.app[READS].complaint(officer, row.complaint)
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
        "grounds": _grounds(complaint.order, language),
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
