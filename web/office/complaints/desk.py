"""The desk, what is due and why, and the list of complaints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

import law
from complaints import PROBLEMS, name
from complaints.views import ComplaintFilter, ComplaintRow, DueCase, DueRow, ShownDeadline
from law.orders import APART, ELSEWHERE, mode_name
from offices import Officer
from rooms.views import ASKED_MOST, LaterTerm, SessionRow
from rooms.vocabulary import Role, SeatStatus, Term
from web import APPOINTMENTS, PERFORMANCE, READS, i18n
from web.http.forms import now, typed_day
from web.http.responses import XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office.accounts import phone_asked
from web.office.complaints import PROCEDURE, QUEUE, SAVED_VIEWS
from web.office.first_steps import first_steps
from web.office.sessions.calendar import wishes
from web.office.statistics import new_workbook, packed, workbook_row
from web.rendering import day_of, go, number, office_scopes, officer_in, posted, show, today

TESTING: Final = law.TESTING  # the labels of a day that testing takes out
MOST_DAYS: Final = 16  # more than these are told in a sentence, not drawn one by one


@dataclass(frozen=True, slots=True)
class DayCell:
    date: date
    top: str
    label: str
    counted: bool
    last: bool


@dataclass(frozen=True, slots=True)
class DueReason:
    code: str
    due: date
    start: date
    article: str
    cells: tuple[DayCell, ...]
    skipped: tuple[str, ...]  # what was not counted, each named once
    counted: int
    estimated: bool
    days_left: int  # negative: overdue
    share: float  # of the time that has passed, 0…1
    paused: int = 0  # days of testing, which do not count
    standing: bool = False  # the clock stands still: `due` is the earliest date that can be
    left: int = 0  # counted days that remain of one that stands still
    running: bool = True  # False: what it was for is done

    @property
    def tone(self) -> str:
        if self.standing:
            return ""
        if self.days_left <= 0:
            return "danger"
        return "warn" if self.days_left == 1 else ""


def why(deadline: ShownDeadline, received: date, today: date, language: str) -> DueReason:
    """`received` decides which order applies when the words have to be found in another language."""
    days, article = list(deadline.days), deadline.article
    if language.startswith("en") and deadline.labels_en:
        days = [(day, label, counts) for (day, _, counts), label in zip(deadline.days, deadline.labels_en, strict=True)]
        article = deadline.article_en
    elif language.startswith("en") and deadline.article_en and not deadline.days:
        article = deadline.article_en  # a date that somebody names: nothing is counted
    elif language.startswith("en"):
        days, article = _english(deadline, received)
    counted = sum(1 for _day, _label, counts in days if counts)
    skipped = tuple(dict.fromkeys(label for day, label, counts in days if not counts and day != deadline.start))
    whole = max(1, (deadline.due - deadline.start).days)
    return DueReason(
        code=deadline.code,
        due=deadline.due,
        start=deadline.start,
        article=article,
        cells=_cells(days, deadline.due) if len(days) <= MOST_DAYS else (),
        skipped=skipped,
        counted=counted,
        estimated=deadline.estimated,
        days_left=(deadline.due - today).days,
        share=min(1.0, max(0.0, (today - deadline.start).days / whole)),
        paused=sum(1 for _day, label, _counts in days if label in TESTING),
        standing=deadline.standing,
        left=deadline.left,
        running=deadline.running,
    )


def _cells(days: Sequence[tuple[date, str, bool]], due: date) -> tuple[DayCell, ...]:
    """The month is written where it begins or changes."""
    cells: list[DayCell] = []
    before: date | None = None
    for day, label, counted in days:
        fresh = before is None or before.month != day.month
        top = f"{day.month}/{day.day}" if fresh else str(day.day)
        cells.append(DayCell(day, top, label, counted, day == due))
        before = day
    return tuple(cells)


def _english(deadline: ShownDeadline, received: date) -> tuple[list[tuple[date, str, bool]], str]:
    """Count again with the law package, which has both languages; keep the stored words if the dates differ."""
    order, calendar = law.order_for(received), law.WorkingCalendar()
    counts: dict[str, Callable[[date, law.StatutoryOrder, law.WorkingCalendar], law.Deadline]] = {
        "accept": law.accept_by,
        "mediate": law.mediate_by,
        "tell_end": law.tell_end_by,
        "competence": law.competence_by,
    }
    count = counts.get(deadline.code)
    if count is None:
        return list(deadline.days), deadline.article
    told = count(deadline.start, order, calendar)
    if told.due != deadline.due:
        return list(deadline.days), deadline.article
    return [(day.date, day.label("en"), day.counted) for day in told.days], told.article("en")


@dataclass(frozen=True, slots=True)
class DueLine:
    row: DueRow
    why: DueReason


@officer_page("mediator", "supervisor", "inspector")
async def due_board(request: web.Request) -> web.StreamResponse:
    officer, language, at = officer_in(request), i18n.language(request), now(request)
    clock = request.query.get("clock", "")
    clock = clock if clock in i18n.DEADLINES else ""
    found = await request.app[PROCEDURE].board(officer, clock, at)
    day = day_of(officer, at)

    @cache  # most of what is due on a day began on the same one
    def reason(deadline: ShownDeadline) -> DueReason:
        return why(deadline, deadline.start, day, language)

    def lines(rows: Sequence[DueRow]) -> list[DueLine]:
        return [DueLine(row, reason(row.deadline)) for row in rows]

    return show(
        request,
        "complaints/due.html",
        "due",
        late=lines(found.late),
        today=lines(found.today),
        soon=lines(found.soon),
        standing=lines(found.standing),
        counts=found.counts,
        totals=[sum(found.counts[one][part] for one in found.counts if clock in ("", one)) for part in range(3)],
        until=found.until,
        clock=clock,
        wishes=0 if officer.role == "inspector" else await request.app[PERFORMANCE].wishes(officer),
        chased=() if officer.role == "inspector" else await request.app[PERFORMANCE].chased(officer, at),
        chased_words=CHASED_WORDS,
        words=i18n,
    )


CHASED_WORDS: Final = {
    "no": (N_("Answer: not kept"), "seal"),
    "partly": (N_("Answer: kept in part"), "seal"),
    "call": (N_("No mobile number: call and ask"), "warn"),
    "unanswered": (N_("Nobody has said whether it was kept"), "warn"),
    "yes": (N_("Answer: kept"), "ok"),
}
"""What was said of a promise, and its tone (`complaints.procedure.rules.CHASED`)."""

OPEN: Final = ("scheduled", "live", "recess")


@dataclass(frozen=True, slots=True)
class Promise:
    """The next thing a settlement still waits for."""

    row: SessionRow
    term: Term | None
    days_left: int | None  # negative: overdue
    number: int = 0  # of this one alone, while others remain; 0: it is the last


@dataclass(frozen=True, slots=True)
class Slot:
    """One of today's sessions. `action`: "enter" | "apart" | "record" | "links" | "held" | "" for one that is over."""

    row: SessionRow
    seats: Sequence[tuple[str, str]]  # role, a key of words.SEAT_STATES
    action: str


@dataclass(frozen=True, slots=True)
class Due:
    row: ComplaintRow
    why: DueReason


@officer_page("mediator")
async def desk(request: web.Request) -> web.StreamResponse:
    officer, at = officer_in(request), now(request)
    held = await request.app[READS].desk(officer, at)
    day, language = day_of(officer, at), i18n.language(request)
    due = [Due(row, why(row.deadline, row.received.date(), day, language)) for row in held.due if row.deadline]
    due.sort(key=lambda one: one.why.due)
    asked = await request.app[APPOINTMENTS].asked(officer)
    return show(
        request,
        "complaints/desk.html",
        "desk",
        at=at,
        slots=[slot(row, at, officer.id) for row in held.today],
        open=OPEN,
        coming=held.coming,
        waiting=held.waiting,
        due=due,
        held=held,
        words=i18n,
        asked=[(row, wishes(state)) for row, state in asked[:ASKED_MOST]],
        asked_more=len(asked) > ASKED_MOST,
        mode_name=mode_name,
        phone_asked=await phone_asked(request),
        first_steps=await first_steps(request),
        promises=[
            promise(row, [one for one in held.promised if one.session == row.id], officer, day)
            for row in held.performing
        ],
        chased=await request.app[PERFORMANCE].chased(officer, at),
        chased_words=CHASED_WORDS,
    )


DONE: Final = ("settled", "performing", "refused", "ended", "closed")  # states after which the next one is offered


async def case_after(request: web.Request, complaint: str) -> DueCase | None:
    """What the officer can go on with; None for who does not handle any."""
    officer = officer_in(request)
    return await request.app[QUEUE].next_due(officer, complaint) if officer.role == "mediator" else None


@officer_page("mediator")
async def next_case(request: web.Request) -> web.StreamResponse:
    found = await case_after(request, request.query.get("after", "")[:64])
    return go(f"/complaints/{found.id}" if found else "/desk")


def slot(row: SessionRow, at: datetime, officer: str) -> Slot:
    """The mediator goes in when somebody waits or when it is nearly time; before, the links matter."""
    if row.mode in ELSEWHERE and row.status in OPEN:
        return Slot(row, [], "held")
    if row.status not in OPEN:  # where people were when it ended says nothing any more
        return Slot(row, [], "record" if row.status == "closed" and row.mediator_id == officer else "")
    if row.mode == APART and row.status != "scheduled":
        return Slot(row, [], "apart" if row.mediator_id == officer else "links")
    seats = [(role, standing(row, role)) for role in (Role.CONSUMER, Role.BUSINESS) if role in row.seats]
    somebody = any(status in (SeatStatus.WAITING, SeatStatus.PRESENT) for _, status in seats)
    soon = (row.starts - at).total_seconds() < 15 * 60
    return Slot(row, seats, "enter" if somebody or soon or row.status != "scheduled" else "links")


def standing(row: SessionRow, role: Role) -> str:
    """Where one of the two sides is. Their seats are called what they are (`server.complaints.service`)."""
    known = row.seats[role]
    return "undelivered" if known == "linked" and role in row.undelivered else known


def promise(row: SessionRow, later: Sequence[LaterTerm], officer: Officer, day: date) -> Promise:
    """`later`: what it left for later and is not kept, the next due first."""
    if not later:
        return Promise(row, None, None)
    term = later[0].term
    left = (day_of(officer, term.due) - day).days if term.due else None
    return Promise(row, term, left, later[0].number if len(later) > 1 else 0)


DUE: Final = {"late": N_("late"), "today": N_("due today"), "soon": N_("due within three working days")}
WHOSE: Final = {"mine": N_("those I handle")}
STATES: Final = {**i18n.COMPLAINT_STATES, "merged": N_("Merged into another")}
_PLACES: Final = 1 << 62


@officer_page("mediator", "supervisor")
async def complaint_list(request: web.Request) -> web.StreamResponse:
    officer, language = officer_in(request), i18n.language(request)
    wanted = complaint_filter(request)
    found = await request.app[READS].complaints(officer, wanted)
    return show(
        request,
        "complaints/list.html",
        "complaints",
        found=found,
        rows=found.rows,
        wanted=wanted,
        filtered=replace(wanted, page=1, before=None) != ComplaintFilter(),
        narrowed=replace(wanted, page=1, before=None, search="") != ComplaintFilter(),
        query={key: value for key, value in request.query.items() if value and key not in ("page", "lang")},
        pages=max(1, -(-found.total // max(1, found.page_size))),
        problems=[(value, name(PROBLEMS, value, language)) for value in PROBLEMS],
        offices=office_scopes(found.offices, i18n.words_for(request)),
        channels=_said(i18n.CHANNELS, request),
        states=_said(STATES, request),
        dues=_said(DUE, request),
        whose=_said(WHOSE, request) if officer.role == "mediator" else (),
        views=await request.app[SAVED_VIEWS].views(officer),
        acts=_acts(officer) if officer.role == "mediator" else {},
        today=today(request),
        words=i18n,
    )


ACTS: Final = {
    "accept": N_("Accept and tell"),
    "assign": N_("Assign to a colleague"),
    "dispatch": N_("Dispatch to an office"),
    "print": N_("Print the registration forms"),
}
"""What can be done with several at once."""


def _acts(officer: Officer) -> dict[str, str]:
    """Only an office that receives for the bureau dispatches."""
    return {act: name for act, name in ACTS.items() if act != "dispatch" or officer.office.intake}


NOBODYS: Final = ("closed", "merged", "undone", "transferred")  # states in which nobody handles one
NARROWED_BY: Final = ("search", "channel", "state", "problem", "industry", "office", "since", "until", "due", "whose")
LONGEST_NAME: Final = 40  # characters of a view's


@officer_page("mediator", "supervisor")
async def keep_view(request: web.Request) -> web.StreamResponse:
    """What the list is narrowed by, under a name; without one nothing is kept."""
    form = await posted(request)
    name = form.text("name", longest=LONGEST_NAME)
    query = {field: form.values[field][:80] for field in NARROWED_BY if form.values.get(field)}
    if name and form.good:
        await request.app[SAVED_VIEWS].keep(officer_in(request), name, urlencode(query))
    return go(f"/complaints?{urlencode(query)}")


@officer_page("mediator", "supervisor")
async def drop_view(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    await request.app[SAVED_VIEWS].drop(officer_in(request), form.values.get("name", "")[:LONGEST_NAME])
    return go("/complaints")


REGISTER: Final = (
    N_("Number"),
    N_("Received at"),
    N_("Complainant"),
    N_("Business"),
    N_("About"),
    N_("Amount"),
    N_("Came through"),
    N_("State"),
    N_("Due"),
    N_("What is due"),
    N_("Loss recovered"),
)


@officer_page("mediator", "supervisor")
async def complaint_register(request: web.Request) -> web.StreamResponse:
    """The list as it is narrowed, as a workbook."""
    rows, more = await request.app[READS].complaint_register(officer_in(request), complaint_filter(request))
    day, zone = today(request), ZoneInfo(officer_in(request).office.zone)
    book = await asyncio.to_thread(register_book, rows, more, day, zone, i18n.words_for(request))
    return attachment_headers(book, XLSX, f"yuntiao-complaints-{day}.xlsx")


def register_book(rows: Sequence[ComplaintRow], more: bool, day: date, zone: ZoneInfo, spoken: Words) -> bytes:
    """Blocks for a moment."""
    _ = spoken.gettext
    made = new_workbook()
    sheet = made.create_sheet(_("Register of complaints"))
    workbook_row(sheet, [_(head) for head in REGISTER], bold=True)
    for row in rows:
        due = row.deadline
        late = due is not None and due.running and not due.standing and due.due < day
        cells = (
            row.number, row.received.astimezone(zone).strftime("%Y-%m-%d %H:%M"), row.consumer, row.business, row.title,
            row.amount, _(i18n.CHANNELS.get(row.channel, row.channel)), _(STATES.get(row.state, row.state)),
            due.due if due else None,
            " · ".join([_(i18n.DEADLINES.get(due.code, due.code)), *([_("overdue")] if late else [])]) if due else "",
            row.loss_recovered,
        )  # fmt: skip
        workbook_row(sheet, cells)
    if more:
        workbook_row(sheet, [_("There are more: narrow the list by date, and save the rest separately.")])
    return packed(made)


def _said(names: Mapping[str, str], request: web.Request) -> list[tuple[str, str]]:
    speak = i18n.words_for(request).gettext
    return [(value, speak(text)) for value, text in names.items()]


def complaint_filter(request: web.Request) -> ComplaintFilter:
    """The filter in the address; what cannot be read is not filtered by."""
    query = request.query

    def among(field: str, values: Container[str]) -> str:
        value = query.get(field, "")
        return value if value in values else ""

    def day(field: str) -> date | None:
        return typed_day(query.get(field, ""))

    industry = query.get("industry", "").strip().upper()[:5]
    return ComplaintFilter(
        search=query.get("search", "")[:80].strip(),
        channel=among("channel", i18n.CHANNELS),
        state=among("state", STATES),
        problem=among("problem", PROBLEMS),
        industry=industry if industry.isalnum() and industry.isascii() else "",
        office=query.get("office", "")[:64],
        since=day("since"),
        until=day("until"),
        due=among("due", DUE),
        whose=among("whose", WHOSE),
        page=number(request, "page"),
        before=number(request, "before", 1, _PLACES) if query.get("before", "") else None,
    )
