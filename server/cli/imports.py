"""`yuntiao import FILE`: a channel's export becomes complaints; with --preview only what would become of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from server.cli.terminal import Data, Json, chosen, fail

if TYPE_CHECKING:
    from server.imports.store import Batch


def take(
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX, as the channel exports it.")] = None,
    channel: Annotated[str, typer.Option(help="hotline, director, board, 12315 or petition.")] = "",
    office: Annotated[str, typer.Option(help="Id or short name of the office; none: the only one.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="Mapping file; none: the office's own or the built-in.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would become of the first rows.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Read on in imports whose process died.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Import complaints. Exits 0 when every row was taken, updated or known, 1 when some were refused, 2 on a fault."""
    from complaints.channels.errors import ChannelError
    from complaints.channels.mapping import IMPORTED, LONGEST_FILE, from_text

    if resume:
        _resumed(data, as_json)
    if file is None:
        fail("which file? or --resume")
    if channel not in IMPORTED:
        fail(f"no channel {channel}; there are {', '.join(IMPORTED)}")
    if not file.is_file():
        fail(f"no such file: {file}")
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from complaints.channels.reasons import said
    from server.imports.offline import run

    settings = chosen({"data": data})
    try:
        own = from_text(_text(mapping, LONGEST_FILE + 1)) if mapping is not None else None
        report = asyncio.run(run(settings, file, channel, office, own, preview, _told))
    except ChannelError as no:
        fail(said(no.code, no.params))
    except (LookupError, OSError, UnicodeDecodeError) as fault:
        fail(str(fault.args[0]) if isinstance(fault, LookupError) else str(fault))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for line in _lines(report):
            typer.echo(line)
    raise typer.Exit(1 if report["refused"] or report.get("error") else 0)


def _text(mapping: Path, most: int) -> str:
    """Read its first `most` characters. OSError, UnicodeDecodeError."""
    with mapping.open(encoding="utf-8-sig") as file:
        return file.read(most)


def _resumed(data: Path | None, as_json: bool) -> NoReturn:
    from server.imports.offline import resume

    try:
        reports = asyncio.run(resume(chosen({"data": data}), _told))
    except LookupError as fault:
        fail(str(fault.args[0]))
    if as_json:
        typer.echo(json.dumps(reports, ensure_ascii=False, indent=2))
    elif not reports:
        typer.echo("nothing was left unfinished")
    else:
        for line in (line for report in reports for line in _lines(report)):
            typer.echo(line)
    raise typer.Exit(1 if any(one["refused"] or one["error"] for one in reports) else 0)


def _told(batch: Batch) -> None:
    typer.echo(f"row {batch.last_row:,}: {batch.taken:,} taken, {batch.refused:,} refused so far", err=True)


def _lines(report: dict[str, Any]) -> list[str]:
    if "columns" in report:
        lines = [f"header in row {report['header_row']}"]
        lines += [f"  {name} -> {field}" for field, name in report["columns"].items()]
        lines += [f"  {name} -> below the facts" for name in report["kept"]]
        lines += [f"  {name} is not used" for name in report["unused"]]
    else:
        lines = [
            f"{report['taken']} taken, {report['updated']} updated, {report['duplicate']} known already, "
            f"{report['refused']} refused (batch {report['batch']})"
        ]
    for row in report["rows"]:
        if row["problems"]:
            lines.append(f"row {row['row']}: {'; '.join(row['problems'])}")
        elif "title" in row:
            dates = f"received {row['received']}, decide by {row['decide_by']}"
            lines.append(f"row {row['row']}: {dates}; {row['business']}: {row['title']}")
    if report.get("error"):
        lines.append(f"stopped: {report['error']}")
    return lines
