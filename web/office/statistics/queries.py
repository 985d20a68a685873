"""What the address of a statistics page asks for, and addresses that ask for a little more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.statistics import figures
from complaints.statistics.figures import GROUPS, Period, crossed
from complaints.statistics.views import StatisticsQuery
from web.i18n import N_
from web.office.staff_pages import officer_in, today

BAD_DAY: Final = N_("This is not a day. Write it as 2026-06-30.")
BACKWARDS: Final = N_("The period ends before it begins; this month is shown.")
LONGEST: Final = 3660  # days
TOO_LONG: Final = N_("The period is longer than ten years; this month is shown.")
EARLIEST: Final = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class StatisticsQuestion:
    """`query`: the address's own words, to be carried along; `errors`: by field."""

    asked: StatisticsQuery
    query: Mapping[str, str]
    errors: Mapping[str, str]
    day: date  # the office's own today

    def over(self, period: Period) -> Mapping[str, str]:
        """The same question about another period."""
        return {**self.query, "from": period.first.isoformat(), "to": period.last.isoformat()}


def question(request: web.Request, two: bool = False) -> StatisticsQuestion:
    """What cannot be read is told and not asked for. `two`: it may group by two things at once."""
    officer = officer_in(request)
    day = today(request)
    errors: dict[str, str] = {}

    def read(name: str) -> date | None:
        text = request.query.get(name, "").strip()
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or not EARLIEST <= found <= date(day.year + 1, 12, 31)):
            errors[name] = BAD_DAY
            return None
        return found

    since, until, known = read("from"), read("to"), read("as_of")
    period = _period(since, until, day, errors)
    by = request.query.get("by", "")
    zone = ZoneInfo(officer.office.zone)
    past = known if known is not None and known < day else None
    asked = StatisticsQuery(
        period=period,
        today=past or day,
        office=request.query.get("office", "")[:64],
        by=by if by in GROUPS or (two and crossed(by)) else "",
        as_of=None if past is None else datetime.combine(past, time.max, zone).astimezone(UTC),
    )
    query = {"from": period.first.isoformat(), "to": period.last.isoformat(), "office": asked.office, "by": asked.by}
    query["as_of"] = past.isoformat() if past else ""
    return StatisticsQuestion(asked, {name: value for name, value in query.items() if value}, errors, day)


def _period(since: date | None, until: date | None, day: date, errors: dict[str, str]) -> Period:
    whole = figures.month(since or until or day)
    first, last = since or whole.first, until or (max(whole.last, since) if since else whole.last)
    if last < first:
        errors.setdefault("to", BACKWARDS)
    elif (last - first).days > LONGEST:
        errors.setdefault("to", TOO_LONG)
    else:
        return Period(first, last)
    return figures.month(day)


def shortcuts(day: date) -> list[tuple[str, Period]]:
    """Periods one tap away."""
    return [
        (N_("This month"), figures.month(day)),
        (N_("Last month"), figures.month(day).previous()),
        (N_("This quarter"), figures.quarter(day)),
        (N_("This year"), figures.year(day)),
        (N_("Last year"), figures.year(day).previous()),
    ]
