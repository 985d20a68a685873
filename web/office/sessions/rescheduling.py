"""Moving a mediation to another time: one page for a press, a drag, a key and a party's wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from yarl import URL

from journal.refusals import Refused
from law.orders import ON_SITE, ROOM
from offices.people import Office
from rooms.scheduling.diary import LENGTH, Objection
from rooms.session import Session
from rooms.views import SessionRow
from rooms.vocabulary import Status
from web import i18n
from web.http.forms import Form, now
from web.http.security import local_path, officer_page
from web.i18n import N_, Words
from web.icalendar import CONTENT_TYPE, CalendarEntry, calendar_file
from web.office.sessions.pages import find_session
from web.office.sessions.scheduling import PAST, warnings
from web.office.sessions.services import APPOINTMENTS
from web.rendering import go, officer_in, posted, show
from web.services import SITE

OFFERED: Final = 6  # free times on the page
OWN: Final = "own"
SAME: Final = N_("It is arranged for this time already. Choose another one.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Of a party: in their words, and the free time they chose, if any."""

    name: str
    role: str
    wish: str
    starts: datetime | None


def wishes(session: Session) -> list[Wish]:
    return [
        Wish(seat.name, seat.role.value, seat.wish, seat.wish_starts) for seat in session.seats.values() if seat.wish
    ]


@officer_page("mediator")
async def reschedule_form(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    zone, starts = ZoneInfo(officer_in(request).office.zone), moment(request.query.get("starts", ""))
    local = (starts or state.starts).astimezone(zone)
    form = Form({"pick": OWN if starts else "", "starts_day": f"{local:%Y-%m-%d}", "starts_time": f"{local:%H:%M}"})
    return await _page(request, row, state, form, starts)


@officer_page("mediator")
async def reschedule(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    officer, form = officer_in(request), await posted(request)
    pick = form.values.get("pick", OWN)
    starts = moment(pick) if pick != OWN else form.moment("starts", officer.office.zone)
    if starts is None:
        form.errors.setdefault("starts", PAST)
    elif starts <= now(request):
        form.errors["starts"] = PAST
    elif starts == state.starts:
        form.errors["starts"] = SAME
    if starts is None or not form.good:
        return await _page(request, row, state, form, None, 422)
    objections = (await request.app[APPOINTMENTS].diary(state)).objections(starts)
    if objections and form.values.get("seen") != _seen(starts, objections):
        local = starts.astimezone(ZoneInfo(officer.office.zone))
        form.values |= {"pick": OWN, "starts_day": f"{local:%Y-%m-%d}", "starts_time": f"{local:%H:%M}"}
        return await _page(request, row, state, form, starts, 422)
    await request.app[APPOINTMENTS].reschedule(officer, state.id, starts)
    return go(_back(form.values.get("back", ""), row))


async def _page(
    request: web.Request, row: SessionRow, state: Session, form: Form, starts: datetime | None, status: int = 200
) -> web.Response:
    if state.status is not Status.SCHEDULED:
        raise Refused("wrong_state", 409)
    diary, at = await request.app[APPOINTMENTS].diary(state), now(request)
    objections = diary.objections(starts) if starts is not None and starts > at else []
    return show(
        request,
        "sessions/reschedule.html",
        "complaints",
        status,
        row=row,
        session=state,
        form=form,
        own=OWN,
        starts=starts,
        free=[one for one in diary.free(at, OFFERED + 1, a_day=2) if one != state.starts][:OFFERED],
        wishes=wishes(state),
        warned=warnings(objections, i18n.words_for(request)),
        seen=_seen(starts, objections) if starts is not None else "",
        back=local_path(form.values.get("back", "") or request.query.get("back", ""), ""),
        words=i18n,
    )


def _seen(starts: datetime, objections: Sequence[Objection]) -> str:
    """What was warned of: another time, or another reason, is warned of anew."""
    return "|".join([starts.astimezone(UTC).isoformat(), *(f"{one.trouble.value}:{one.zh}" for one in objections)])


def moment(text: str) -> datetime | None:
    """An aware time as scripts and forms write it; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None and at.second == 0 and at.microsecond == 0 else None


def _back(path: str, row: SessionRow) -> str:
    """Where it was moved from, with what happened."""
    found = local_path(path, f"/sessions/{row.id}")
    return str(URL(found, encoded=False).update_query(moved=row.id)) if path else found


# ------------------------------------------------------------ as a file


@officer_page("mediator")
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    office, spoken = officer_in(request).office, i18n.words_for(request)
    url = f"{request.app[SITE].public_url}/sessions/{row.id}"
    return entry_response(request, office, state, spoken, url, f"{row.consumer} · {row.business}")


def entry_response(
    request: web.Request, office: Office, session: Session, spoken: Words, url: str, who: str
) -> web.Response:
    """The session as a calendar file, also of one that was called off."""
    host = URL(request.app[SITE].public_url).host or "yuntiao"
    cancelled = session.status is Status.CANCELLED
    where = session.place if session.mode == ON_SITE else ""
    entry = CalendarEntry(
        uid=f"{session.id}@{host}",
        sequence=session.rescheduled + cancelled,
        made=now(request),
        starts=session.starts,
        length=LENGTH,
        summary=spoken.gettext("Mediation (%(office)s)", office=office.short),
        description=spoken.gettext(
            "Complaint %(number)s. Questions: %(office)s, %(phone)s",
            number=session.number,
            office=office.name,
            phone=office.phone,
        ),
        location=spoken.gettext("By video, on your phone") if session.mode == ROOM else where,
        url=url,
        organizer=(office.name, f"tel:{''.join(one for one in office.phone if one.isdigit() or one in '+-')}"),
        attendee=(who, url),
        cancelled=cancelled,
    )
    headers = {"Content-Disposition": 'attachment; filename="mediation.ics"', "Cache-Control": "private, no-store"}
    response = web.Response(body=calendar_file(entry), headers=headers)
    method = "CANCEL" if cancelled else "REQUEST"
    response.headers["Content-Type"] = f"{CONTENT_TYPE}; charset=utf-8; method={method}"
    return response
