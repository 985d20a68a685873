"""`yuntiao focus`: look for hot spots now, beside a running server or without one."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.serving.data_folder import installation_absent
from server.settings import Settings


def focus(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day to count; none: yesterday.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Also where the report is up to date.")] = False,
    data: Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Look for hot spots in the complaints every supervisor sees, and keep what is found."""
    from server.insight.jobs import detect_hotspots, detection_summary

    wanted: date | None = day.date() if day else None
    settings = Settings(data=data) if data else Settings()
    if sentence := installation_absent(settings):
        typer.echo(f"yuntiao: {sentence}", err=True)
        sys.exit(2)
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
