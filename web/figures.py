"""How money, times, durations and roles are written in each language: the templates' filters.

Times are shown in the office's zone, of the officer or guest who looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from web.i18n import N_, words_of

ROLE_NAMES: Final = {
    "mediator": N_("mediator"),
    "consumer": N_("consumer"),
    "business": N_("business"),
    "representative": N_("representative"),
    "lawyer": N_("lawyer"),
    "interpreter": N_("interpreter"),
    "companion": N_("companion"),
    "observer": N_("observer"),
    "supervisor": N_("supervisor"),
    "administrator": N_("administrator"),
    "inspector": N_("inspector"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(amount: Decimal | None) -> str:
    """¥2,000.00; nothing for no amount."""
    return "" if amount is None else f"¥{amount:,.2f}"


def span(low: str, high: str, between: str = " – ") -> str:
    """From one to the other, as both are written; where they are the same, it once."""
    return low if low == high else f"{low}{between}{high}"


def day(of: date | datetime, language: str, zone: ZoneInfo) -> str:
    if isinstance(of, datetime):
        of = of.astimezone(zone).date()
    if language == "zh":
        return f"{of.year}年{of.month}月{of.day}日"
    return f"{of.day} {_MONTHS[of.month - 1]} {of.year}"


def clock(of: datetime, zone: ZoneInfo) -> str:
    return f"{of.astimezone(zone):%H:%M}"


def when(of: datetime, language: str, zone: ZoneInfo) -> str:
    between = "" if language == "zh" else ", "
    return f"{day(of, language, zone)}{between}{clock(of, zone)}"


def duration(milliseconds: int, language: str) -> str:
    """The two largest units that matter: 1小时5分, 9分41秒, 41秒."""
    seconds = round(milliseconds / 1000)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    h, m, s = ("小时", "分", "秒") if language == "zh" else (" h", " min", " s")
    between = "" if language == "zh" else " "
    if hours:
        return f"{hours}{h}{between}{minutes}{m}"
    if minutes:
        return f"{minutes}{m}{between}{seconds}{s}"
    return f"{seconds}{s}"


def iso(of: datetime | date) -> str:
    """For `<time datetime>`."""
    if isinstance(of, datetime):
        return of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return of.isoformat()


# ---------------------------------------------------------------- as filters


def _zone(context: Context) -> ZoneInfo:
    for key in ("officer", "guest"):
        person = context.get(key)
        if person:
            return ZoneInfo(person.office.zone)
    office = context.get("office")
    return ZoneInfo(office.zone if office else "Asia/Shanghai")


@pass_context
def _when(context: Context, of: datetime) -> str:
    return when(of, context["lang"], _zone(context))


@pass_context
def _day(context: Context, of: date | datetime) -> str:
    return day(of, context["lang"], _zone(context))


@pass_context
def _local_day(context: Context, of: datetime) -> date:
    """For counting days; `day` is for reading."""
    return of.astimezone(_zone(context)).date()


@pass_context
def _clock(context: Context, of: datetime) -> str:
    return clock(of, _zone(context))


@pass_context
def _duration(context: Context, milliseconds: int) -> str:
    return duration(milliseconds, context["lang"])


@pass_context
def _role_name(context: Context, role: str) -> str:
    return words_of(context["lang"]).gettext(ROLE_NAMES[role])


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "money": money,
    "span": span,
    "when": _when,
    "day": _day,
    "local_day": _local_day,
    "clock": _clock,
    "duration_ms": _duration,
    "iso": iso,
    "role_name": _role_name,
}
