"""`yuntiao stats`, the figures of a period for offices or all of them, from the one standard; and `yuntiao focus`, the
look for hot spots.

`stats --define` writes docs/statistics.md; `--as-of` recomputes from the journal as it stood at that moment.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from server.cli.terminal import Data, Json, chosen, fail
from server.serving import installation_absent

if TYPE_CHECKING:
    from complaints.statistics import Statistic
    from complaints.statistics.figures import Figure, Period
    from server.serving.settings import Settings


class By(StrEnum):
    CHANNEL = "channel"
    PROBLEM = "problem"
    INDUSTRY = "industry"
    INDUSTRY2 = "industry2"
    INDUSTRY3 = "industry3"
    INDUSTRY4 = "industry4"
    DIVISION = "division"
    STREET = "street"
    PLATFORM = "platform"
    RESPONDENT = "respondent"
    BAND = "band"
    AGE_BAND = "age_band"
    MODE = "mode"
    OFFICE = "office"
    MONTH = "month"
    DAY = "day"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def stats(
    name: Annotated[list[str] | None, typer.Argument(help="Which: received, success_rate@1, …; none: all.")] = None,
    office: Annotated[list[str] | None, typer.Option(help="Id of an office; repeatable; none: all.")] = None,
    since: Annotated[str, typer.Option("--from", help="First day, 2026-06-01; none: of this month.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day; none: of the first day's month.")] = "",
    by: Annotated[By | None, typer.Option(help="Grouped by this.")] = None,
    as_of: Annotated[str, typer.Option(help="As the journal stood at this day's end, or moment with its zone.")] = "",
    define: Annotated[
        bool, typer.Option("--define", help="Print the definitions as Markdown, and nothing else.")
    ] = False,
    language: Annotated[Language, typer.Option(help="Of the names.")] = Language.ZH,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Figures of complaints by the one statistical standard."""
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from complaints.statistics import markdown

    if define:
        typer.echo(markdown(), nl=False)
        return
    try:
        report = asyncio.run(count(chosen({"data": data}), name or [], office or [], since, until, by, as_of))
    except Unaskable as no:
        fail(str(no))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for line in lines(report, language.value):
        typer.echo(line)


def focus(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day to count; none: yesterday.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Also where the report is up to date.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look for hot spots in the complaints every supervisor sees, and keep what is found."""
    from server.insight.detection import detect_hotspots, detection_summary

    wanted: date | None = day.date() if day else None
    settings = chosen({"data": data})
    if sentence := installation_absent(settings):
        fail(sentence)
    found = [detection_summary(one) for one in asyncio.run(detect_hotspots(settings, wanted, anew))]
    if as_json:
        typer.echo(json.dumps({"looked": found}, ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("Every report is up to date.")
    for one in found:
        typer.echo(
            f"{one['day']} {one['scope']}: {one['complaints']} complaints, {one['spots']} hot spots followed, "
            f"{one['new_spots']} of them new, {one['seconds']} s"
        )


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
    from complaints.statistics.views import StatisticsQuery
    from server.db.engine import Database
    from server.identity.store import IdentityStore
    from server.statistics.fact_store import DEFAULT_ZONE
    from server.statistics.store import SqlStatistics

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
    from complaints.statistics import find_statistic

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
    from complaints.statistics import UnknownStatistic, current, find_statistic

    try:
        return [find_statistic(name) for name in names] or current()
    except UnknownStatistic as no:
        raise Unaskable(f"there is no statistic {no}") from None


def _period(since: str, until: str, today: date) -> Period:
    from complaints.statistics.figures import Period, month

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
