"""`yuntiao stats` and `focus`: figures of a period, and the look for hot spots.

`yuntiao stats`: the figures of a period, for offices or all of them, from the one standard.

`--define` writes docs/statistics.md; `--as-of` recomputes from the journal as it stood at that moment.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer

from server.cli.terminal import Data, Json, chosen, fail
from server.serving.data_folder import installation_absent


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
    from server.statistics.report import Unaskable, count, lines

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
