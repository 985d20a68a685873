"""`yuntiao keys …`: the master key that opens the keys of cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.terminal import fail

app = typer.Typer(no_args_is_help=True, help="The master key, which opens the keys of cases.")


@app.callback()
def group() -> None:
    """A group, also while it has one command."""


@app.command()
def rotate(
    data: Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Where to write the old one, for backups of keys/ made before; nowhere else.")
    ] = None,
) -> None:
    """Put a new master key in place of the old one. Cut off, it is finished by calling it again."""
    from recordings.errors import VaultError
    from recordings.files.keys import rotate as rotated
    from server.serving.settings import Settings

    try:
        settings = Settings() if data is None else Settings(data=data)
    except ValueError as fault:
        fail(str(fault))
    if not settings.data.is_dir():
        fail(f"there is no data folder {settings.data.resolve()}")
    master = settings.master_key or settings.data / "keys" / "master.key"
    try:
        done = rotated(settings.data / "keys" / "cases", master, keep)
    except (VaultError, OSError) as fault:
        fail(str(fault))
    typer.echo(
        f"{done.keys} keys are under the new master key" + (", finishing what was begun" if done.resumed else "")
    )
    if keep is None:
        typer.echo("backups of the keys made before today open no more: make a new one now")
    else:
        typer.echo(f"the old one is in {keep}: destroy it with the last backup made under it")
