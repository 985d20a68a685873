"""A mediation by telephone or on the spot on file in a minute: one short form with what is likely filled in.

It is the long form (`web.office.sessions.elsewhere`) with most of its answers given, so the same is written and the
same is refused. A day may be said in words.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.vocabulary import REQUESTS
from journal.refusals import Refused
from law.grounds import ending_grounds
from law.orders import ELSEWHERE as MODES, PHONE, ROOM, mode_name
from offices.people import Officer
from rooms.agreement.rules import WAIVED, WANTED
from rooms.views import ComplaintPage
from web import i18n
from web.http.forms import Form, now, typed_day
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints.services import ELSEWHERE
from web.office.complaints.triage import triage_panel
from web.office.sessions import elsewhere
from web.rendering import go, officer_in, posted, show, today

WORDS: Final = "words"
AT_ONCE: Final = "0"
IN_DAYS: Final = (AT_ONCE, "3", "7", "15", "30", WORDS)
MINUTES: Final = ("5", "10", "20", "30", "60")
OUTCOMES: Final = ("settled", "not_settled", "ended")
LATEST: Final = 366 * 5  # days from today
BAD_WORDS: Final = N_("Say it as “in 7 days”, “Friday”, “end of the month” or as a date.")
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
async def form(request: web.Request) -> web.StreamResponse:
    page, officer = await elsewhere.schedulable(request), officer_in(request)
    arranged = next((one for one in page.sessions if one.mode != ROOM and one.status == "scheduled"), None)
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
    return _page(request, page, Form(values))


@officer_page("mediator")
async def record(request: web.Request) -> web.StreamResponse:
    page, given, officer = await elsewhere.schedulable(request), await posted(request), officer_in(request)
    long = Form(_answers(request, given, page, officer))
    if given.good:
        command = elsewhere.read(long, page, officer)
        if long.good and command is not None:
            try:
                return go(f"/sessions/{await request.app[ELSEWHERE].record(officer, page.row.id, command)}")
            except Refused as no:
                elsewhere.note(long, no)
    given.errors.update({_OF_THE_LONG_FORM.get(field, field): said for field, said in long.errors.items()})
    return _page(request, page, given, 422)


def _answers(request: web.Request, given: Form, page: ComplaintPage, officer: Officer) -> dict[str, str]:
    """The long form's, from what was typed into the short one, whose errors `given` says."""
    outcome, until = given.choice("outcome", OUTCOMES), given.choice("until", IN_DAYS)
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
    at_once, due = until == AT_ONCE, None
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


def _page(request: web.Request, page: ComplaintPage, given: Form, status: int = 200) -> web.Response:
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
