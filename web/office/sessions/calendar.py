"""The week of a mediator or of an office: what is arranged, what is free, holidays, and the hours themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aiohttp import web

from journal.refusals import DomainError
from offices.people import Officer
from rooms.scheduling.diary import STEP, Diary
from rooms.scheduling.hours import STANDARD, WeekHours, clock, read_spans, write_spans
from rooms.views import SessionRow
from web import i18n
from web.http.forms import Form, now, typed_day
from web.http.security import officer_page
from web.i18n import N_
from web.office.sessions.services import APPOINTMENTS
from web.rendering import day_of, go, officer_in, posted, show

WEEKDAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
BAD_HOURS: Final = N_("Write times like 09:00-12:00, 13:30-17:00, in order and without overlaps.")
BAD_SPAN: Final = N_("The end comes after the beginning.")
EVERYBODY: Final = "all"
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
    return show(
        request,
        "sessions/calendar.html",
        "calendar",
        week=calendar_week(first, diary, sessions, at, officer, i18n.language(request).startswith("en")),
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


@officer_page("mediator")
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


@officer_page("mediator")
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
