"""`yuntiao focus`: look for hot spots now, beside a running server or without one."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from typing import Annotated

import typer

from server.cli.terminal import Data, Json, chosen, fail
from server.serving.data_folder import installation_absent


def focus(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day to count; none: yesterday.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Also where the report is up to date.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look for hot spots in the complaints every supervisor sees, and keep what is found."""
    from server.insight.jobs import detect_hotspots, detection_summary

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
