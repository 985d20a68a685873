"""What `yuntiao stats` tells: figures for offices and a period, as JSON or as lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from complaints.statistics import Statistic, UnknownStatistic, current, find_statistic
from complaints.statistics.figures import Figure, Period, month
from complaints.statistics.views import StatisticsQuery
from server.db.engine import Database
from server.identity.store import IdentityStore
from server.serving.data_folder import installation_absent
from server.serving.settings import Settings
from server.statistics.fact_store import DEFAULT_ZONE
from server.statistics.store import SqlStatistics


class Unaskable(Exception):
    """What was asked for cannot be told; the message says why, in one line."""


_UNITS = {
    "complaints": {"zh": "件", "en": "complaints"},
    "yuan": {"zh": "元", "en": "yuan"},
    "percent": {"zh": "%", "en": "%"},
    "days": {"zh": "天", "en": "days"},
}


async def count(
    settings: Settings, names: list[str], offices: list[str], since: str, until: str, by: str | None, as_of: str
) -> dict[str, Any]:
    """What `--json` prints. Unaskable."""
    wanted = _wanted(names)
    if sentence := installation_absent(settings):
        raise Unaskable(sentence)
    database = Database(settings.database)
    try:
        store = IdentityStore(database)
        known = [await store.office(office) for office in offices]
        if None in known:
            raise Unaskable(f"there is no office {offices[known.index(None)]}")
        zone = ZoneInfo(known[0].zone if known and known[0] else DEFAULT_ZONE)
        moment = _moment(as_of, zone)
        today = (moment or datetime.now(UTC)).astimezone(zone).date()
        asked = StatisticsQuery(_period(since, until, today), today, by=by or "", as_of=moment)
        found = await SqlStatistics(database).figures(wanted, asked, offices or None)
    finally:
        await database.close()
    return {
        "period": {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()},
        "offices": offices,
        "by": asked.by,
        "as_of": moment.isoformat() if moment else None,
        "figures": [_row(one, group) for group, figures in sorted(found.items()) for one in figures.values()],
    }


def lines(report: dict[str, Any], language: str) -> Iterator[str]:
    """The same for a person."""
    for row in report["figures"]:
        title = find_statistic(f"{row['name']}@{row['version']}").title(language)
        behind = f"  ({row['top']} / {row['bottom']})" if row["bottom"] is not None else ""
        group = f"{row['group'] or '–'}  " if report["by"] else ""
        value = "–" if row["value"] is None else row["value"]
        yield f"{group}{title}: {value} {_UNITS[row['unit']][language]}{behind}"


def _row(one: Figure, group: str) -> dict[str, Any]:
    """Amounts and shares as text with their digits: a reader must not round them again."""
    statistic = one.statistic
    return {
        "name": statistic.name,
        "version": statistic.version,
        "group": group,
        "value": _plain(one.value, statistic),
        "unit": statistic.unit,
        "top": one.top,
        "bottom": one.bottom,
    }


def _plain(value: Decimal | None, statistic: Statistic) -> int | str | None:
    if value is None:
        return None
    return str(value) if statistic.digits else int(value)


def _wanted(names: list[str]) -> list[Statistic]:
    try:
        return [find_statistic(name) for name in names] or current()
    except UnknownStatistic as no:
        raise Unaskable(f"there is no statistic {no}") from None


def _period(since: str, until: str, today: date) -> Period:
    first = _day(since, "--from") if since else month(_day(until, "--to") if until else today).first
    try:
        return Period(first, _day(until, "--to") if until else month(first).last)
    except ValueError as no:
        raise Unaskable(str(no)) from None


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unaskable(f"{option} is no day: {text}") from None


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A bare day means its end in the office's zone."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unaskable(f"--as-of is no moment: {text}") from None
    if len(text) == len("2026-06-30"):
        return datetime.combine(moment.date(), time.max, zone).astimezone(UTC)
    if moment.tzinfo is None:
        raise Unaskable("--as-of needs its zone: 2026-06-30T18:00+08:00")
    return moment.astimezone(UTC)
