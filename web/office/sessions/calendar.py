"""The week of a mediator or of an office: what is arranged, what is free, holidays, and the hours themselves.

Moving a mediation in it: one page for a press, a drag, a key and a party's wish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from yarl import URL

from journal.refusals import DomainError, Refused, Throttle
from offices import Officer
from offices.systems import CALENDAR
from rooms.scheduling import STANDARD, STEP, Diary, Objection, WeekHours, clock, read_spans, write_spans
from rooms.session import Session
from rooms.views import SessionRow
from rooms.vocabulary import Status
from web import APPOINTMENTS, SITE, i18n
from web.http.forms import Form, now, typed_day
from web.http.security import anyone, counted_as, local_path, officer_page
from web.i18n import N_
from web.icalendar import entry_response, feed_response
from web.office.administration import SYSTEMS
from web.office.sessions import PAST, warnings
from web.office.sessions.pages import find_session
from web.rendering import day_of, go, officer_in, posted, show

WEEKDAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
BAD_HOURS: Final = N_("Write times like 09:00-12:00, 13:30-17:00, in order and without overlaps.")
BAD_SPAN: Final = N_("The end comes after the beginning.")
EVERYBODY: Final = "all"
BEHIND, AHEAD = timedelta(weeks=4), timedelta(weeks=26)  # what a feed shows
MOST_FEEDS, FEEDS_WITHIN = 600, timedelta(minutes=10)  # of one address, behind which a whole bureau may be
_FEEDS: web.AppKey[Throttle] = web.AppKey("calendar_feeds", Throttle)
_MINUTES: Final = STEP // timedelta(minutes=1)
_SATURDAY: Final = 5
_FIRST, _LAST = 9 * 60, 17 * 60  # the least that is shown of a day


@dataclass(frozen=True, slots=True)
class BookedSession:
    row: SessionRow
    at: str  # as a clock shows it
    movable: bool


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """`state`: "free" | "closed" | "past"."""

    starts: datetime
    state: str
    sessions: Sequence[BookedSession]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    date: date
    weekday: str
    rest: str  # why it is off, "" when it is not
    today: bool
    free: int
    sessions: Sequence[BookedSession]


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    days: Sequence[CalendarDay]
    rows: Sequence[tuple[str, Sequence[CalendarCell]]]


def calendar_week(
    first: date, diary: Diary, sessions: Sequence[SessionRow], at: datetime, officer: Officer, english: bool
) -> CalendarWeek:
    """Seven days from `first`, in the diary's zone."""
    placed: dict[tuple[date, int], list[BookedSession]] = {}
    for row in sessions:
        local = row.starts.astimezone(diary.zone)
        movable = row.status == "scheduled" and officer.role == "mediator" and row.office == officer.office.id
        minute = (local.hour * 60 + local.minute) // _MINUTES * _MINUTES
        placed.setdefault((local.date(), minute), []).append(BookedSession(row, f"{local:%H:%M}", movable))
    dates = [first + timedelta(days=n) for n in range(7)]
    used = [minute for _, minute in placed] + [edge for day in dates for span in diary.spans(day) for edge in span]
    begins = min([_FIRST, *used]) // 60 * 60
    ends = max([_LAST, *(minute + _MINUTES for _, minute in placed), *used])
    free = {day: {one for one in diary.slots(day) if one > at and not diary.objections(one)} for day in dates}
    rows = []
    for minute in range(begins, min(ends, 24 * 60), _MINUTES):
        cells = []
        for day in dates:
            starts = datetime.combine(day, time(minute // 60, minute % 60), diary.zone).astimezone(UTC)
            state = "past" if starts <= at else "free" if starts in free[day] else "closed"
            cells.append(CalendarCell(starts, state, placed.get((day, minute), ())))
        rows.append((clock(minute), cells))
    today = at.astimezone(diary.zone).date()
    days = []
    for day in dates:
        rest = diary.rest(day)
        held = [one for minute in range(0, 24 * 60, _MINUTES) for one in placed.get((day, minute), ())]
        plain = rest is None or (not rest.statutory and day.weekday() >= _SATURDAY)  # its name says why it is off
        why = "" if plain or rest is None else rest.en if english else rest.zh
        days.append(CalendarDay(day, WEEKDAYS[day.weekday()], why, day == today, len(free[day]), held))
    return CalendarWeek(days, rows)


@officer_page("mediator", "supervisor")
async def week_page(request: web.Request) -> web.StreamResponse:
    officer, at, query = officer_in(request), now(request), request.query
    desk = request.app[APPOINTMENTS]
    offices = await desk.offices(officer)
    office = next((one for one in offices if one.id == query.get("office", "")), officer.office)
    mediators = await desk.mediators(office.id)
    known = dict(mediators)
    own = officer.id if officer.role == "mediator" and office.id == officer.office.id else EVERYBODY
    mediator = query.get("mediator", own)
    mediator = mediator if mediator in known else EVERYBODY
    day = typed_day(query.get("week", "")) or day_of(officer, at)
    first = day - timedelta(days=day.weekday())
    sessions = [
        row
        for row in await desk.week(officer, first)
        if row.office == office.id and mediator in (EVERYBODY, row.mediator_id)
    ]
    whose = "" if mediator == EVERYBODY else mediator
    booked = [row for row in sessions if whose and row.status in ("scheduled", "live", "recess")]
    diary = await desk.book.diary_of(whose, office, booked)
    week = calendar_week(first, diary, sessions, at, officer, i18n.language(request).startswith("en"))
    return show(
        request,
        "sessions/calendar.html",
        "calendar",
        week=week,
        movable=any(one.movable for day in week.days for one in day.sessions),
        first=first,
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
        this_week=day_of(officer, at),
        offices=offices,
        office_shown=office,
        mediators=mediators,
        mediator=mediator,
        everybody=EVERYBODY,
        moved=next((row for row in sessions if row.id == query.get("moved", "")), None),
        words=i18n,
    )


@officer_page("mediator", "supervisor")
async def hours_page(request: web.Request) -> web.StreamResponse:
    return await _hours(request, Form())


async def _hours(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, book = officer_in(request), request.app[APPOINTMENTS].book
    own, shared = await book.of_officer(officer.id), await book.of_office(officer.office.id)
    office = shared.hours or STANDARD
    values = {**_written("own", own.hours or office), **_written("office", office), **form.values}
    at = now(request)
    return show(
        request,
        "sessions/hours.html",
        "calendar",
        status,
        form=Form(values, form.errors),
        weekdays=WEEKDAYS,
        mine=own.hours is not None,
        absences=[one for one in own.absences if one.until > at],
        words=i18n,
    )


def _written(of: str, hours: WeekHours) -> Mapping[str, str]:
    return {f"{of}_{n}": write_spans(spans) for n, spans in enumerate(hours)}


@officer_page("mediator")
async def set_own_hours(request: web.Request) -> web.StreamResponse:
    return await _set_hours(request, "own")


@officer_page("supervisor")
async def set_office_hours(request: web.Request) -> web.StreamResponse:
    return await _set_hours(request, "office")


async def _set_hours(request: web.Request, of: str) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    days = []
    for n in range(7):
        try:
            days.append(read_spans(form.text(f"{of}_{n}", longest=60)))
        except DomainError:
            form.errors[f"{of}_{n}"] = BAD_HOURS
    if not form.good:
        return await _hours(request, form, 422)
    await request.app[APPOINTMENTS].book.set_hours(officer, tuple(days), of == "office")
    return go("/calendar/hours")


@officer_page("mediator")
async def enter_absence(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    since, until = (form.moment(name, officer.office.zone) for name in ("since", "until"))
    note = form.text("note", longest=60)
    if since is not None and until is not None and until <= since:
        form.errors["until"] = BAD_SPAN
    if not form.good or since is None or until is None:
        return await _hours(request, form, 422)
    await request.app[APPOINTMENTS].book.enter_absence(officer, since, until, note)
    return go("/calendar/hours#absences")


@officer_page("mediator")
async def withdraw_absence(request: web.Request) -> web.StreamResponse:
    await request.app[APPOINTMENTS].book.withdraw_absence(officer_in(request), request.match_info["absence"])
    return go("/calendar/hours#absences")


OFFERED: Final = 6  # free times on the page
OWN: Final = "own"
SAME: Final = N_("It is arranged for this time already. Choose another one.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Of a party: in their words, and the free time they chose, if any."""

    seat: str
    name: str
    role: str
    wish: str
    starts: datetime | None


def wishes(session: Session) -> list[Wish]:
    return [
        Wish(seat.id, seat.name, seat.role.value, seat.wish, seat.wish_starts)
        for seat in session.seats.values()
        if seat.wish
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
    if objections and form.values.get("seen") != seen(starts, objections):
        local = starts.astimezone(ZoneInfo(officer.office.zone))
        form.values |= {"pick": OWN, "starts_day": f"{local:%Y-%m-%d}", "starts_time": f"{local:%H:%M}"}
        return await _page(request, row, state, form, starts, 422)
    await request.app[APPOINTMENTS].reschedule(officer, state.id, starts)
    return go(_back(form.values.get("back", ""), row))


@officer_page("mediator")
async def decline_wish(request: web.Request) -> web.StreamResponse:
    """Answer a wish for another time with no; whoever asked is told."""
    row, _ = await find_session(request)
    form = await posted(request)
    await request.app[APPOINTMENTS].decline(officer_in(request), row.id, request.match_info["seat"])
    return go(local_path(form.values.get("back", ""), f"/sessions/{row.id}"))


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
        seen=seen(starts, objections) if starts is not None else "",
        back=local_path(form.values.get("back", "") or request.query.get("back", ""), ""),
        words=i18n,
    )


def seen(starts: datetime, objections: Sequence[Objection]) -> str:
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


# ------------------------------------------------------------ as a file, and for another program


@anyone
async def calendar_feed(request: web.Request) -> web.StreamResponse:
    """By an address that is the key: an officer's own token for this and nothing else. Refused(404): not_found, also
    of one that was revoked or is over, so that a program stops asking."""
    request.app[_FEEDS].pass_(counted_as(request))
    try:
        officer = await request.app[SYSTEMS].system(request.match_info["token"])
    except Refused:
        officer = None
    if officer is None or CALENDAR not in officer.scopes:
        raise Refused("not_found", 404)
    today = day_of(officer, now(request))
    rows = await request.app[APPOINTMENTS].own(officer, today - BEHIND, today + AHEAD)
    return feed_response(request, officer, rows, i18n.words_of(officer.language))


def register_calendar_feed(app: web.Application) -> None:
    app[_FEEDS] = Throttle(MOST_FEEDS, FEEDS_WITHIN, "too_many_tries")
    app.router.add_get("/calendar-feed/{token}.ics", calendar_feed, name="calendar_feed")


@officer_page("mediator")
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    office, spoken = officer_in(request).office, i18n.words_for(request)
    url = f"{request.app[SITE].public_url}/sessions/{row.id}"
    return entry_response(request, office, state, spoken, url, f"{row.consumer} · {row.business}")
