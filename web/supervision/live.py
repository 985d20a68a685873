"""A mediation under way, looked on by whoever oversees its office: the reason first, then the room.

Nobody comes in here unseen: everybody in the room is told in the moment the reason is sent.
"""

from __future__ import annotations

import uuid
from typing import Final

from aiohttp import web

from rooms.commands import Observe
from rooms.views import SessionRow
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.rendering import go, render
from web.room.pages import page_data
from web.security import officer_page
from web.services import READS, SESSIONS

MOST_REASON: Final = 500
UNDER_WAY: Final = ("live", "recess")
MISSING: Final = N_("Please say why you look on: it is recorded in the journal.")


@officer_page("supervisor")
async def room(request: web.Request) -> web.StreamResponse:
    """The room for whoever has come in, else what coming in means and the question why."""
    officer, row = officer_in(request), await _row(request)
    session = await request.app[SESSIONS].state(row.id)
    seat = session.observing_seat(officer.id)
    if not (session.under_way and seat and session.seats[seat].in_room):
        return _asked(request, row, Form())
    data = page_data(request, officer.office) | {
        "session": row.id,
        "links": {"desk": "/supervision", "record": f"/audit/{row.id}", "back": f"/supervision/live/{row.id}"},
    }
    return render(request, "room/phone.html", data=data, title=row.title, office=officer.office, mode="text")


@officer_page("supervisor")
async def begin(request: web.Request) -> web.StreamResponse:
    officer, row, form = officer_in(request), await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=MOST_REASON)
    if not form.good:
        form.errors["reason"] = MISSING if not reason else form.errors["reason"]
        return _asked(request, row, form, 422)
    fresh = f"supervisor-{uuid.uuid4().hex[:8]}"
    command = Observe(fresh, officer.id, officer.name[:40], officer.office.short, reason)
    await request.app[SESSIONS].submit(row.id, command, officer.actor)
    return go(f"/supervision/live/{row.id}")


async def _row(request: web.Request) -> SessionRow:
    """Refused: not_found, also when it is another office's."""
    return await request.app[READS].session(officer_in(request), request.match_info["session"])


def _asked(request: web.Request, row: SessionRow, form: Form, status: int = 200) -> web.Response:
    return show(
        request,
        "supervision/live.html",
        "supervision",
        status,
        session=row,
        running=row.status in UNDER_WAY,
        form=form,
        most=MOST_REASON,
    )
