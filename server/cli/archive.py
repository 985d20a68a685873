"""`yuntiao archive …`: files of closed cases, carried elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.terminal import Json, chosen, fail
from server.serving.data_folder import installation_absent

archive = typer.Typer(no_args_is_help=True, help="Files of closed cases in an object store or on another disk.")


@archive.command("status")
def archive_status(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None, as_json: Json = False
) -> None:
    """What was archived, what is on its way, and what failed; exits 1 when something did."""
    from server.cli.archive_state import status

    settings = chosen({"data": data})
    if sentence := installation_absent(settings):
        fail(sentence)
    found = status(settings.data, settings.archive)
    _tell_archive(found, as_json)
    raise typer.Exit(1 if found["failed"] or found["stuck"] else 0)


@archive.command("run")
def archive_run(
    data: Annotated[Path | None, typer.Option(help="Data folder of the running server.")] = None, as_json: Json = False
) -> None:
    """Archive every closed case now, and try again what failed; exits 1 when something does."""
    from server.cli.archive_state import ask, wait

    settings = chosen({"data": data})
    if not settings.archive:
        fail("no archive is set (YUNTIAO_ARCHIVE)")
    try:
        ask(settings.data)
    except ValueError as fault:
        fail(str(fault))
    found = wait(settings.data, settings.archive, lambda found: None if as_json else _tell_archive(found, False))
    if as_json:
        _tell_archive(found, True)
    raise typer.Exit(1 if found["failed"] or found["stuck"] else 0)


def _tell_archive(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(
        f"{found['store'] or 'no archive'}: {found['archived']} files archived ({found['archived_bytes']} bytes), "
        f"{found['waiting']} on their way, {found['failed']} failed"
    )
    for case in found["cases"]:
        waits = f", waits: {case['error']}" if case["error"] else ""
        typer.echo(f"  {case['session']}: {case['there']} of {case['files']} there, {case['state']}{waits}")
        for path, error in case["failed"].items():
            typer.echo(f"    {path}: {error}")
