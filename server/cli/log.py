"""`yuntiao log …`, `restored`, `drill` and `verify`: whether records and backups hold, and a package
checked offline."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from server.cli.terminal import Data, Json, chosen, fail

TELL_EVERY = 5.0  # seconds between two lines of how far it is

app = typer.Typer(no_args_is_help=True, help="The tamper-evident log of all records.")


@app.command()
def check(
    data: Data = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="File with a checkpoint that somebody kept elsewhere; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")] = "",
    as_json: Json = False,
) -> None:
    """Recompute all chains, contents, the tree and the checkpoints, and compare accounts, acts and records with them;
    name what is wrong. Exits 1 if anything is."""
    from server.cli.offline import CannotCheck, run_check

    settings, told = chosen({"data": data}), time.monotonic()

    def progress(records: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            typer.echo(f"{records} records compared so far", err=True)

    try:
        report = asyncio.run(run_check(settings, against or [], key, progress))
    except CannotCheck as fault:
        fail(str(fault))
    if as_json:
        typer.echo(json.dumps(report.json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            typer.echo(line)
    raise typer.Exit(0 if report.holds else 1)


def restored(
    data: Annotated[Path | None, typer.Option(help="Data folder that a backup was put back into.")] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="File with a checkpoint that somebody kept elsewhere; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")] = "",
    accept: Annotated[
        str, typer.Option(help="There is no newer backup: who restored it, when and why. The server is stopped.")
    ] = "",
    as_json: Json = False,
) -> None:
    """After a restore: what is missing against the newest known checkpoint, and what to do. Exits 1 if anything is."""
    from server.cli.offline import CannotCheck, run_restored

    settings = chosen({"data": data})
    try:
        found, done = asyncio.run(run_restored(settings, against or [], key, accept))
    except CannotCheck as fault:
        fail(str(fault))
    if as_json:
        typer.echo(json.dumps({**found.json(), "done": done}, ensure_ascii=False, indent=2))
    else:
        for line in [done] if done else found.lines():
            typer.echo(line)
    raise typer.Exit(0 if found.whole or done else 1)


def drill(
    backup: Annotated[
        list[Path],
        typer.Argument(help="Folder or tar file laid out as a data folder; several: each has some of it."),
    ],
    database: Annotated[
        Path | None, typer.Option(help="Copy of the SQLite file or dump of PostgreSQL; none: yuntiao.db among them.")
    ] = None,
    server: Annotated[
        str,
        typer.Option(
            envvar="YUNTIAO_DATABASE_URL", help="PostgreSQL on which a database is made for a dump, and removed again."
        ),
    ] = "",
    master_key: Annotated[
        Path | None, typer.Option(help="The master key; none: that of the backup, or where YUNTIAO_MASTER_KEY says.")
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="File with a checkpoint that somebody kept elsewhere; repeatable.")
    ] = None,
    scratch: Annotated[Path | None, typer.Option(help="Folder for the scratch place; none: the system's.")] = None,
    packages: Annotated[int, typer.Option(min=0, help="Evidence packages to make from it and verify.")] = 2,
    most_lost: Annotated[
        float, typer.Option(min=0, help="Hours by which it may be older than the newest checkpoint that is known.")
    ] = 26.0,
    textfile: Annotated[Path | None, typer.Option(help="Tell Prometheus: a file for node_exporter.")] = None,
    as_json: Json = False,
) -> None:
    """Put a backup back into a scratch place, try it there, and say whether it can be relied on. Exits 1 if not."""
    from server.cli.backup import Backup, try_backup
    from server.cli.offline import CannotCheck, given_checkpoints

    try:
        report = asyncio.run(
            try_backup(
                Backup(backup, database, server, master_key),
                scratch,
                given_checkpoints(against or []),
                packages,
                timedelta(hours=most_lost),
                lambda said: typer.echo(said, err=True),
            )
        )
    except CannotCheck as fault:
        fail(str(fault))
    if textfile is not None:
        fresh = textfile.with_name(f".{textfile.name}.new")
        fresh.write_text(report.textfile())
        fresh.replace(textfile)
    if as_json:
        typer.echo(json.dumps(report.json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            typer.echo(line)
    raise typer.Exit(0 if report.holds else 1)


@app.command()
def grew(
    kept: Annotated[Path, typer.Argument(help="A checkpoint kept from earlier: what /log/checkpoint said then.")],
    proof: Annotated[Path, typer.Argument(help="What /log/growth/<entries of the kept one> says now.")],
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")],
    as_json: Json = False,
) -> None:
    """Check, offline, that the log only grew since a state somebody kept. Exits 1 if not, 2 if it cannot be said."""
    from server.cli import offline as log_state
    from server.cli.offline import CannotCheck

    try:
        found = log_state.run(kept, proof, key)
    except CannotCheck as fault:
        fail(str(fault))
    if as_json:
        typer.echo(json.dumps(log_state.as_json(found), ensure_ascii=False, indent=2))
    else:
        for line in log_state.lines(found):
            typer.echo(line)
    raise typer.Exit(0 if found.holds else 1)


@app.command("adopt-key")
def adopt_key(data: Data = None) -> None:
    """Let the key in keys/log.key sign from now on: after another was lost or replaced. The journal notes it."""
    from server.cli.offline import CannotCheck, adopt

    try:
        typer.echo(asyncio.run(adopt(chosen({"data": data}))))
    except CannotCheck as fault:
        fail(str(fault))


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
        from server.app import PACKAGE_PAGES

        try:
            again = verifying.write_retold(package, zone, pages, PACKAGE_PAGES) if report.verdict != "fails" else {}
        except (verifying.CannotTell, OSError) as fault:
            fail(str(fault))
        for line in verifying.pages_said(again, spoken):
            typer.echo(line, err=as_json)
    raise typer.Exit(verifying.EXIT[report.verdict])
