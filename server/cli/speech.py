"""`yuntiao speech`: the model that live captions and transcripts are made with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from server.cli.terminal import Data, Json, chosen, fail

app = typer.Typer(no_args_is_help=True, help="Live captions and transcripts: the model they are made with.")


@app.command()
def install(
    source: Annotated[
        Path | None,
        typer.Argument(help="A folder or an archive with a model; without it the one that ./run speech brought."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a model where the server looks for it. Exits 1 when it is none that can be used."""
    from recordings.speech import SpeechError, open_model
    from recordings.speech.installing import install as put

    to = chosen({"data": data}).speech_folder
    try:
        identity = put(source, to)
        open_model(to)
    except (SpeechError, OSError) as fault:
        fail(str(fault), 1)
    _tell(to, identity.kind, identity.name, identity.digest, as_json)


@app.command()
def check(data: Data = None, as_json: Json = False) -> None:
    """Which model there is, and whether it loads. Exits 1 when there are no captions, and says how to get them."""
    from recordings.speech import SpeechError, open_model

    folder = chosen({"data": data}).speech_folder
    try:
        model = open_model(folder).model
    except SpeechError as fault:
        fail(f"no captions and no transcripts: {fault} (./run speech, or yuntiao speech install FOLDER)", 1)
    _tell(folder, model.kind, model.name, model.digest, as_json)


def _tell(folder: Path, kind: str, name: str, digest: str, as_json: bool) -> None:
    from recordings.speech import KINDS

    found = {"folder": str(folder), "kind": kind, "name": name, "digest": digest}
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else f"{name} ({KINDS[kind]}), {digest[:16]}, {folder}")
