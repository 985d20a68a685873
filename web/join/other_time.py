"""Another time than the invitation says: one of the mediator's free ones, or a wish in words; and the entry for a
calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from web import i18n
from web.http.forms import now
from web.http.security import anyone
from web.i18n import words_for
from web.join.invitation import ShownInvitation, after_the_code, invitation_page, read_invitation
from web.join.steps import MOST_WISH, Waiting
from web.office.sessions.rescheduling import entry_response
from web.office.sessions.services import APPOINTMENTS
from web.services import LINKS, SITE

OFFERED_TIMES: Final = 12


@anyone
async def ask_other_time(request: web.Request) -> web.StreamResponse:
    invitation = await read_invitation(request)
    return _other_time(request, invitation, await _free_times(request, invitation), "", "")


def _other_time(
    request: web.Request, invitation: ShownInvitation, free: Sequence[datetime], wish: str, problem: str
) -> web.Response:
    zone, days = ZoneInfo(invitation.guest.office.zone), dict[date, list[datetime]]()
    for one in free:
        days.setdefault(one.astimezone(zone).date(), []).append(one)
    context = {"days": list(days.values()), "wish": wish, "problem": problem, "most": MOST_WISH}
    return invitation_page(request, "join/other_time.html", invitation, **context)


async def _free_times(request: web.Request, invitation: ShownInvitation) -> Sequence[datetime]:
    """The mediator's; nothing of what they do otherwise."""
    diary = await request.app[APPOINTMENTS].diary(invitation.session)
    free = diary.free(now(request), OFFERED_TIMES + 1, a_day=3)
    return [one for one in free if one != invitation.session.starts][:OFFERED_TIMES]


@anyone
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    """For whoever has the link, also once it is used, and once the mediation was called off."""
    office, session, name = await request.app[LINKS].appointment(request.match_info["secret"])
    url = f"{request.app[SITE].public_url}/j/{request.match_info['secret']}"
    return entry_response(request, office, session, words_for(request), url, name)


@anyone
async def other_time(request: web.Request) -> web.StreamResponse:
    _ = words_for(request).gettext
    invitation, form = await read_invitation(request), await request.post()
    wish, chosen = str(form.get("wish", "")).strip(), str(form.get("starts", ""))
    free = await _free_times(request, invitation)
    starts = next((one for one in free if i18n.iso(one) == chosen), None)
    problem = ""
    if chosen and starts is None:
        problem = _("Somebody else was faster: this time is taken. Please choose another one.")
    elif starts is not None:
        said = i18n.when(starts, words_for(request).language, ZoneInfo(invitation.guest.office.zone))
        wish = f"{said} {wish}".strip()
    elif not wish:
        problem = _("Please write when it would suit you, for example a day or a time of day")
    if not problem and len(wish) > MOST_WISH:
        problem = _("Please say it in at most %(most)s characters", most=MOST_WISH)
    if problem:
        return _other_time(request, invitation, free, wish, problem)
    return await after_the_code(request, Waiting(invitation.guest.link, wish, starts))
