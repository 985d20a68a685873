"""A mediation without a room: recording how one by telephone or on site went. It is signed in `apart`.

One on file in a minute is a short form with what is likely filled in: the long form with most of its answers given, so
the same is written and the same is refused. A day may be said in words.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints import REQUESTS
from journal.numbers import is_number
from journal.refusals import Refused
from law.grounds import ending_grounds
from law.orders import ELSEWHERE as MODES, ON_SITE, PHONE, mode_name
from offices import Officer
from rooms import MOST_LINE, MOST_PLACE, MOST_TEXT
from rooms.agreement.rules import AT_ONCE, WAIVED, WANTED
from rooms.commands import RecordHeld
from rooms.events import HeldElsewhere
from rooms.views import ComplaintPage
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Side, Term
from web import READS, i18n
from web.http.forms import BAD_AMOUNT, BAD_CHOICE, BAD_DATE, NEEDED, TOO_LONG, Form, now, typed_day
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints import ELSEWHERE
from web.office.complaints.pages import SCHEDULABLE
from web.office.complaints.triage import triage_panel
from web.office.sessions import AT_ONE_TIME as ARRANGED
from web.rendering import go, officer_in, posted, show, today

MOST_TERMS: Final = 6
OUTCOMES: Final = ("settled", "not_settled", "ended", "adjourned")
CAPACITIES: Final = {
    "head": N_("Head of the shop or branch"),
    "legal_representative": N_("Legal representative"),
    "agent": N_("Agent under an authorisation"),
    "self": N_("In person (sole trader)"),
}
TIMES: Final = N_("The end is after the beginning, within a day, and has passed.")
AHEAD: Final = N_("Choose a time that is still to come.")
NEEDS_TERMS: Final = N_("Write down at least one thing that was agreed, and who does it.")
NEEDS_AGREEMENT: Final = N_(
    "Something is left to be done: an agreement is signed, unless both sides need none (Order 121, Art 24)."
)
SAID: Final = {
    "mode": N_("Choose how it was held."),
    "place": NEEDED,
    "ended": TIMES,
    "consumer_by": NEEDED,
    "business_by": NEEDED,
    "agreement": NEEDS_AGREEMENT,
    "terms": NEEDS_TERMS,
    "amount": BAD_AMOUNT,
    "due": BAD_DATE,
    "basis": NEEDED,
    "adjourned_to": AHEAD,
    "next_mode": BAD_CHOICE,
    "next_place": NEEDED,
}


@officer_page("mediator")
async def form(request: web.Request) -> web.StreamResponse:
    page, at, officer = await schedulable(request), now(request), officer_in(request)
    arranged = next((one for one in page.sessions if one.mode in MODES and one.status == "scheduled"), None)
    local = at.astimezone(ZoneInfo(officer.office.zone))
    began = arranged.starts.astimezone(local.tzinfo) if arranged else local - timedelta(minutes=30)
    values = {
        "mode": arranged.mode if arranged else PHONE,
        "place": arranged.place if arranged else "",
        "began_day": began.date().isoformat(),
        "began_time": f"{began:%H:%M}",
        "ended_day": local.date().isoformat(),
        "ended_time": f"{local:%H:%M}",
        "consumer_by": page.consumer.name,
        "business_by": page.business.name,
        "outcome": "settled",
        "agreement": WANTED,
        "adjourned_to_day": (local.date() + timedelta(days=1)).isoformat(),
        "adjourned_to_time": "09:30",
        "next_mode": arranged.mode if arranged else PHONE,
        "next_place": arranged.place if arranged else "",
        "capacity": "head" if page.business.organisation else "self",
    }
    return _elsewhere_page(request, page, Form(values))


@officer_page("mediator")
async def record(request: web.Request) -> web.StreamResponse:
    page, given, officer = await schedulable(request), await posted(request), officer_in(request)
    command = read(given, page, officer)
    if given.good and command is not None:
        try:
            session = await request.app[ELSEWHERE].record(officer, page.row.id, command)
        except Refused as no:
            note(given, no)
        else:
            return go(f"/sessions/{session}")
    return _elsewhere_page(request, page, given, 422)


def note(given: Form, no: Refused) -> None:
    """What the record refuses, at the field it is about; anything else is raised."""
    field = str(no.params.get("field") or no.params.get("problem") or "")
    if field not in SAID and no.code not in ("too_long", "missing"):
        raise no
    number = no.params.get("term")
    name = f"{field}_{number}" if number and field in ("amount", "due", "action") else field
    given.errors[name or "course"] = TOO_LONG if no.code == "too_long" else SAID.get(field, NEEDED)


def read(given: Form, page: ComplaintPage, officer: Officer) -> RecordHeld | None:
    """None when something is wrong; the form says what."""
    zone = officer.office.zone
    mode = given.choice("mode", MODES)
    place = given.text("place", needed=mode == ON_SITE, longest=MOST_PLACE)
    began, ended = given.moment("began", zone), given.moment("ended", zone)
    who = {name: given.text(name, longest=MOST_PLACE) for name in ("consumer_by", "business_by", "others")}
    course = given.text("course", longest=MOST_TEXT)
    outcome = _outcome(given, page, zone)
    settled = outcome is not None and outcome.kind is OutcomeKind.SETTLED
    agreement = given.choice("agreement", (WANTED, WAIVED, AT_ONCE)) if settled else AT_ONCE
    wanted = settled and agreement == WANTED
    capacity = Capacity(given.choice("capacity", CAPACITIES) or "head") if wanted and given.good else None
    basis = given.text("basis", needed=wanted and given.values.get("capacity") == "agent", longest=MOST_LINE)
    proof = tuple(one.attachment for one in page.attachments if given.values.get(f"proof_{one.attachment}") == "yes")
    later = outcome is not None and outcome.kind is OutcomeKind.ADJOURNED
    next_mode = given.choice("next_mode", ARRANGED) if later else ""
    next_place = given.text("next_place", needed=next_mode == ON_SITE, longest=MOST_PLACE) if later else ""
    if began is None or ended is None or outcome is None or not given.good:
        return None
    held = HeldElsewhere(mode, began, ended, place, course=course, proof=proof, agreement=agreement, **who)
    held = replace(held, next_mode=next_mode, next_place=next_place)
    return RecordHeld(held, outcome, capacity, basis)


def _outcome(given: Form, page: ComplaintPage, zone: str) -> Outcome | None:
    reason = given.text("reason", longest=MOST_TEXT)
    match given.choice("outcome", OUTCOMES):
        case "settled":
            terms = tuple(_terms(given, zone))
            if not terms and given.good:
                given.errors["terms"] = NEEDS_TERMS
            return Outcome(OutcomeKind.SETTLED, terms)
        case "ended":
            grounds = tuple(str(one.number) for one in ending_grounds(page.order))
            ground = given.choice("ground", grounds)
            return Outcome(OutcomeKind.ENDED, ground=int(ground), note=reason) if is_number(ground) else None
        case "not_settled":
            return Outcome(OutcomeKind.NOT_SETTLED, note=reason)
        case "adjourned":
            to = given.moment("adjourned_to", zone)
            return Outcome(OutcomeKind.ADJOURNED, adjourned_to=to, note=reason) if to is not None else None
        case _:
            return None


def _terms(given: Form, zone: str) -> list[Term]:
    """Rows with an action; one with an amount or a day and no action is a mistake to be pointed out."""
    found = []
    for row in range(1, MOST_TERMS + 1):
        typed = any(given.values.get(f"{name}_{row}", "").strip() for name in ("action", "amount", "due"))
        if not typed:
            continue
        action = given.text(f"action_{row}", needed=True, longest=MOST_LINE)
        amount: Decimal | None = given.amount(f"amount_{row}")
        at_once = given.values.get(f"done_{row}") == "yes"
        day = given.day(f"due_{row}")
        if not at_once and day is None and f"due_{row}" not in given.errors:
            given.errors[f"due_{row}"] = BAD_DATE
        # The whole day it is due on: until its last minute where the office is.
        due = None if at_once or day is None else datetime.combine(day, time(23, 59), ZoneInfo(zone))
        who = Side.CONSUMER if given.values.get(f"who_{row}") == "consumer" else Side.BUSINESS
        how = given.text(f"how_{row}", longest=MOST_LINE)
        found.append(Term(who, action, amount, due, how, Performance.ON_THE_SPOT if at_once else Performance.LATER))
    return found


async def schedulable(request: web.Request) -> ComplaintPage:
    """The complaint, where a mediation of it can still be recorded. Refused(409)."""
    page = await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])
    if page.row.state not in SCHEDULABLE:
        raise Refused("wrong_state", 409)
    return page


def _elsewhere_page(request: web.Request, page: ComplaintPage, given: Form, status: int = 200) -> web.Response:
    language = i18n.language(request)
    context: dict[str, Any] = {
        "page": page,
        "form": given,
        "modes": [(mode, mode_name(mode, language)) for mode in MODES],
        "next_modes": [(mode, mode_name(mode, language)) for mode in ARRANGED],
        "grounds": [(str(one.number), one.gist(language)) for one in ending_grounds(page.order)],
        "capacities": [(value, i18n.words_for(request).gettext(text)) for value, text in CAPACITIES.items()],
        "most_terms": MOST_TERMS,
        "words": i18n,
    }
    return show(request, "sessions/held.html", "complaints", status, **context)


WORDS: Final = "words"
SAME_DAY: Final = "0"
IN_DAYS: Final = (SAME_DAY, "3", "7", "15", "30", WORDS)
MINUTES: Final = ("5", "10", "20", "30", "60")
CALL_OUTCOMES: Final = ("settled", "not_settled", "ended")
LATEST: Final = 366 * 5  # days from today
BAD_WORDS: Final = N_("Write it as “in 7 days”, “Friday”, “end of the month” or as a date.")
WHAT: Final = N_("Write down what was agreed.")
_OF_THE_LONG_FORM: Final = {"action_1": "action", "amount_1": "amount", "due_1": "until", "terms": "action"}

_NUMBERS: Final = {word: n for n, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_UNITS: Final = {"天": 1, "日": 1, "day": 1, "周": 7, "个星期": 7, "星期": 7, "week": 7, "个月": 30, "month": 30}
_SPAN: Final = re.compile(
    r"(?:in|within)?\s*([0-9]{1,3}|[一二两三四五六七八九十])\s*(天|日|周|个星期|星期|个月|days?|weeks?|months?)"
    r"\s*(之?内|以内|之?后)?"
)
_WEEKDAYS: Final = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_WEEKDAY: Final = re.compile(
    r"(next\s+|下)?(?:(?:周|星期)([一二三四五六日天])|(mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_DAY_OF_YEAR: Final = re.compile(r"([0-9]{1,2})(?:月|-|/)([0-9]{1,2})[日号]?")
_PLAIN: Final = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}


def day_in_words(text: str, day: date) -> date | None:
    """What a person means by "in 7 days", "7日内", "下周五", "end of the month", "12月8日" or an ISO date; None for
    what may mean several days or none. A month is one of the calendar. From `day` on, `LATEST` days at most."""
    said = text.strip().lower()
    found = typed_day(said) or _told(said, day)
    return found if found is not None and timedelta() <= found - day <= timedelta(days=LATEST) else None


def _told(said: str, day: date) -> date | None:
    if said in _PLAIN:
        return day + timedelta(days=_PLAIN[said])
    if said in ("月底", "本月底", "end of the month", "the end of the month"):
        return day.replace(day=monthrange(day.year, day.month)[1])
    if (span := _SPAN.fullmatch(said)) is not None:
        number, unit, within = span.groups()
        if unit == "日" and not within:
            return None  # the day of a month, or so many days
        count, unit = int(_NUMBERS.get(number, number)), unit.rstrip("s")
        return _months(day, count) if unit in ("个月", "month") else day + timedelta(days=count * _UNITS[unit])
    if (named := _WEEKDAY.fullmatch(said)) is not None:
        after, chinese, english = named.groups()
        wanted = "一二三四五六日".index(chinese.replace("天", "日")) if chinese else _WEEKDAYS.index(english)
        if after:  # of the week that begins next Monday
            return day + timedelta(days=7 - day.weekday() + wanted)
        return day + timedelta(days=(wanted - day.weekday()) % 7)
    if (of_year := _DAY_OF_YEAR.fullmatch(said)) is not None:
        month, number = int(of_year[1]), int(of_year[2])
        for year in (day.year, day.year + 1):
            found = typed_day(f"{year:04}-{month:02}-{number:02}")
            if found is not None and found >= day:
                return found
    return None


def _months(day: date, count: int) -> date:
    year, month = divmod(day.month - 1 + count, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


@officer_page("mediator")
async def call_form(request: web.Request) -> web.StreamResponse:
    page, officer = await schedulable(request), officer_in(request)
    arranged = next((one for one in page.sessions if one.mode in MODES and one.status == "scheduled"), None)
    triage = triage_panel(page.triage, i18n.language(request), officer.office.id)
    asked = page.record.requests or (triage.chosen["requests"] if triage else ())
    amount = page.row.amount
    values = {
        "mode": arranged.mode if arranged else PHONE,
        "place": arranged.place if arranged and arranged.place else officer.office.address or officer.office.name,
        "minutes": "10",
        "outcome": "settled",
        "action": "、".join(REQUESTS[one][0] for one in asked if one in REQUESTS and one != "other"),
        "amount": f"{amount:.2f}" if amount is not None and amount else "",
        "until": "7",
        "agreement": WANTED,
        "consumer_by": page.consumer.name,
        "business_by": page.business.name or page.business.organisation,
    }
    return _call_page(request, page, Form(values))


@officer_page("mediator")
async def record_call(request: web.Request) -> web.StreamResponse:
    page, given, officer = await schedulable(request), await posted(request), officer_in(request)
    long = Form(_answers(request, given, page, officer))
    if given.good:
        command = read(long, page, officer)
        if long.good and command is not None:
            try:
                return go(f"/sessions/{await request.app[ELSEWHERE].record(officer, page.row.id, command)}")
            except Refused as no:
                note(long, no)
    given.errors.update({_OF_THE_LONG_FORM.get(field, field): said for field, said in long.errors.items()})
    return _call_page(request, page, given, 422)


def _answers(request: web.Request, given: Form, page: ComplaintPage, officer: Officer) -> dict[str, str]:
    """The long form's, from what was typed into the short one, whose errors `given` says."""
    outcome, until = given.choice("outcome", CALL_OUTCOMES), given.choice("until", IN_DAYS)
    minutes = given.choice("minutes", MINUTES) or MINUTES[0]
    ended = now(request).astimezone(ZoneInfo(officer.office.zone))
    began = ended - timedelta(minutes=int(minutes))
    kept = ("mode", "place", "outcome", "ground", "reason", "course", "consumer_by", "business_by")
    answers = {field: given.values.get(field, "") for field in kept} | {
        "began_day": began.date().isoformat(),
        "began_time": f"{began:%H:%M}",
        "ended_day": ended.date().isoformat(),
        "ended_time": f"{ended:%H:%M}",
        "capacity": "head" if page.business.organisation else "self",
    }
    if outcome != "settled":
        return answers
    if not given.text("action"):
        given.errors["action"] = WHAT
    at_once, due = until == SAME_DAY, None
    if not at_once:
        day = today(request)
        due = day_in_words(given.text("words"), day) if until == WORDS else day + timedelta(days=int(until or 0))
        if due is None:
            given.errors["words"] = BAD_WORDS
    return answers | {
        "who_1": "business",
        "action_1": given.values.get("action", ""),
        "amount_1": given.values.get("amount", ""),
        "done_1": "yes" if at_once else "",
        "due_1": due.isoformat() if due else "",
        "agreement": "" if at_once else given.choice("agreement", (WANTED, WAIVED)),
    }


def _call_page(request: web.Request, page: ComplaintPage, given: Form, status: int = 200) -> web.Response:
    language = i18n.language(request)
    return show(
        request,
        "sessions/call.html",
        "complaints",
        status,
        page=page,
        form=given,
        modes=[(mode, mode_name(mode, language)) for mode in MODES],
        grounds=[(str(one.number), one.gist(language)) for one in ending_grounds(page.order)],
        minutes=MINUTES,
        days=IN_DAYS[1:-1],
    )
