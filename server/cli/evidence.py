"""`yuntiao verify`: an evidence package, checked offline."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from server.cli.terminal import Json, fail


class Spoken(StrEnum):
    ZH = "zh"
    EN = "en"


def verify(
    package: Annotated[Path, typer.Argument(help="An evidence package.")],
    key: Annotated[str, typer.Option(help="The bureau's public key, base64 or a file; compare it yourself.")] = "",
    tsa: Annotated[Path | None, typer.Option(help="PEM of the authorities whose time stamps count.")] = None,
    witness_key: Annotated[
        list[str] | None, typer.Option(help="Of who has to have countersigned: name+id+base64 or a file; repeatable.")
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option(help="Folder for its pages told again from its journals: trust these, not those in the package."),
    ] = None,
    zone: Annotated[str, typer.Option(help="In which those pages tell times.")] = "Asia/Shanghai",
    language: Annotated[Spoken, typer.Option(help="Of the sentences.")] = Spoken.EN,
    as_json: Json = False,
) -> None:
    """Check an evidence package. Exits 0 when all holds, 1 when something fails, 3 when something is left open."""
    from server.evidence import verifying

    try:
        report = verifying.check(package, key, tsa, witness_key or ())
    except (verifying.Unusable, OSError) as fault:
        fail(str(fault))
    spoken: Literal["zh", "en"] = language.value
    if as_json:
        typer.echo(json.dumps(verifying.as_json(report, package, spoken), ensure_ascii=False, indent=2))
    else:
        for line in verifying.said(report, spoken):
            typer.echo(line)
    if pages is not None:
        from server.app.package_pages import PACKAGE_PAGES

        try:
            again = verifying.write_retold(package, zone, pages, PACKAGE_PAGES) if report.verdict != "fails" else {}
        except (verifying.CannotTell, OSError) as fault:
            fail(str(fault))
        for line in verifying.pages_said(again, spoken):
            typer.echo(line, err=as_json)
    raise typer.Exit(verifying.EXIT[report.verdict])
