"""`yuntiao notice preview`: a document as it would be printed now, into a file. Nothing is issued or journaled."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server.cli.terminal import Data, Json, chosen, fail

app = typer.Typer(no_args_is_help=True, help="Notices to the parties.")


class PaperKind(StrEnum):
    """Notices (`complaints.notices.NoticeKind`), and what is drafted from an outcome."""

    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    MEDIATION = "mediation"
    TERMINATION = "termination"
    DISPATCH = "dispatch"
    IDENTITY = "identity"
    AGREEMENT = "agreement"
    RECORD = "record"
    REGISTER = "register"


@app.callback()
def notice() -> None:
    """Notices to the parties."""


@app.command()
def preview(
    kind: Annotated[PaperKind, typer.Argument(help="Which document.")],
    complaint: Annotated[str, typer.Option(help="Its number or id.")],
    out: Annotated[Path, typer.Option(help="PDF to write.")],
    data: Data = None,
    note: Annotated[str, typer.Option(help="What else is to be said.")] = "",
    receiver: Annotated[str, typer.Option(help="Of a complaint sent on: to whom.")] = "",
    english: Annotated[bool, typer.Option("--english", help="With an English rendering.")] = False,
    as_json: Json = False,
) -> None:
    """Print a draft. Exits 1 when its occasion has not come or there is no such complaint."""
    from complaints.views import NoticeWish
    from server.cli.offline import NoDraft, draft

    settings = chosen({"data": data})
    try:
        printed = asyncio.run(draft(settings, complaint, NoticeWish(kind.value, note, receiver, english)))
        out.write_bytes(printed.content)
    except (NoDraft, OSError) as fault:
        fail(str(fault), 1)
    found = {"name": printed.name, "file": str(out), "bytes": len(printed.content)}
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else f"{printed.name}: {len(printed.content)} bytes")
