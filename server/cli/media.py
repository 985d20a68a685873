"""`yuntiao turn config` and `media build-native`: what carries sound and pictures, and what helps it through."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.terminal import chosen, fail

turn = typer.Typer(no_args_is_help=True, help="The TURN server beside it, for networks that let no UDP through.")
media = typer.Typer(no_args_is_help=True, help="What carries sound and pictures.")


@turn.command()
def config(
    turn_url: Annotated[list[str] | None, typer.Option(help="As given to serve; repeatable.")] = None,
    media_address: Annotated[list[str] | None, typer.Option(help="As given to serve; repeatable.")] = None,
    turn_secret_file: Annotated[Path | None, typer.Option(help="As given to serve.")] = None,
    host: Annotated[str, typer.Option(help="Which server, when the URLs name several.")] = "",
    with_secret: Annotated[bool, typer.Option("--with-secret", help="Print the secret too.")] = False,
) -> None:
    """Print a configuration for coturn that relays to our media addresses and nowhere else."""
    from server.media.coturn import configuration

    settings = chosen(
        {
            "turn_urls": tuple(turn_url) if turn_url else None,
            "media_addresses": tuple(media_address) if media_address else None,
            "turn_secret_file": turn_secret_file,
        }
    )
    found = settings.turn()
    try:
        text = configuration(
            found.urls if found else (), settings.announced(), found.secret if found and with_secret else "", host
        )
    except ValueError as fault:
        fail(str(fault))
    typer.echo(text, nl=False)


@media.command("build-native")
def build_native() -> None:
    """Compile the way of ordinary packets and into recordings, for half the CPU; needs a C compiler, this once."""
    from media.native_library import NativeMissing
    from media.sfu.native.library import FORWARDING
    from recordings.native.library import WRITING

    try:
        typer.echo(FORWARDING.build())
        typer.echo(WRITING.build())
    except NativeMissing as reason:
        fail(str(reason))
