"""`yuntiao retention` and `archive`: the years recordings and files are kept, those whose years are over, the archive.

What is changed stands in the journal where the page's changes stand, under the machine's account, and counts at once
for a server that is running. Whoever has the machine needs no second person: they hold the keys that erasing
destroys.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from server.cli.terminal import Data, Json, chosen, fail, with_parts
from server.serving import installation_absent

archive = typer.Typer(no_args_is_help=True, help="Files of closed cases in an object store or on another disk.")


@archive.command("status")
def archive_status(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None, as_json: Json = False
) -> None:
    """What was archived, what is on its way, and what failed; exits 1 when something did, or waits for the store."""
    from server.cli.offline import status

    settings = chosen({"data": data})
    if sentence := installation_absent(settings):
        fail(sentence)
    found = status(settings.data, settings.archive)
    _tell_archive(found, as_json)
    raise typer.Exit(1 if found["failed"] or found["stuck"] else 0)


@archive.command("files")
def files_status(data: Annotated[Path | None, typer.Option(help="Data folder.")] = None, as_json: Json = False) -> None:
    """What of all files lies on this disk alone, where their home is a store (YUNTIAO_FILES); exits 1 when that is away
    or does not take something."""
    from server.cli.offline import files_status as status

    settings = chosen({"data": data})
    if sentence := installation_absent(settings):
        fail(sentence)
    if not settings.files:
        fail("files stay on this disk: no store is named for them (YUNTIAO_FILES)")
    found = status(settings.data, settings.files)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        waits = f", the oldest for {found['behind_seconds']} s" if found["waiting"] else ""
        typer.echo(f"{found['store']}: {found['waiting']} files lie here alone ({found['waiting_bytes']} bytes){waits}")
        if found["error"]:
            typer.echo(f"the store cannot be used now: {found['error']}; nothing is lost while this disk is there")
        if found["failed"]:
            typer.echo(f"{found['failed']} the store does not take: the server's log names them")
    raise typer.Exit(1 if found["error"] or found["failed"] else 0)


@archive.command("run")
def archive_run(
    data: Annotated[Path | None, typer.Option(help="Data folder of the running server.")] = None, as_json: Json = False
) -> None:
    """Archive every closed case now, and try again what failed; exits 1 when something does, or waits for the store."""
    from server.cli.offline import ask, wait

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


app = typer.Typer(no_args_is_help=True, help="The years that records and files are kept.")

T = TypeVar("T")
MOST_DUE = 200
Years = Annotated[list[str], typer.Argument(help="KIND=YEARS: settled, not_settled, ended, adjourned, files, leads.")]


@app.command("show")
def show(data: Data = None, as_json: Json = False) -> None:
    """Years of every kind, the least and the most they may come to, and what was changed, newest first."""
    from server.retention.service import shown

    async def look(parts: Any) -> dict[str, Any]:
        rule, bounds = await parts.retention.rule(), await parts.retention.bounds()
        return {
            "rule": rule.version,
            "years": dict(rule.periods),
            "least": dict(bounds.least),
            "most": dict(bounds.most),
            "changes": [
                {**asdict(one), "at": one.at.isoformat()} for one in shown(await parts.retention.history())
            ],
        }  # fmt: skip

    found = _run(data, look)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.echo(f"rule no. {found['rule']}")
    for kind, years in found["years"].items():
        typer.echo(f"  {kind:12} {years:3}  ({found['least'][kind]} to {found['most'][kind]})")
    for one in found["changes"]:
        changed = ", ".join(
            f"{kind} {one['before'][kind]} → {n}" if kind in one["before"] else f"{kind} {n}"
            for kind, n in one["after"].items()
        )
        with_second = f" and {one['second']}" if one["second"] else ""
        typer.echo(
            f"no. {one['number']}  {one['at']}  {one['by'] or 'settings'}{with_second}: {changed}  {one['reason']}"
        )


@app.command()
def preview(years: Years, data: Data = None, as_json: Json = False) -> None:
    """What these years would make due, changing nothing."""
    effects = _run(data, lambda parts: _foreseen(parts, _read(years)))
    if as_json:
        typer.echo(json.dumps(effects, ensure_ascii=False, indent=2))
        return
    _tell(effects)


@app.command("set")
def set_years(
    years: Years,
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more where it makes something due.")] = False,
    data: Data = None,
) -> None:
    """Keep these kinds for so many years from now on, alone, under the machine's account."""
    wanted = _read(years)
    effects = _run(data, lambda parts: _foreseen(parts, wanted))
    if not effects:
        typer.echo("these are the years in force")
        return
    _tell(effects)
    if any(one["earlier"] for one in effects) and not yes:
        typer.confirm("Erase these earlier?", abort=True)

    async def change(parts: Any) -> None:
        from server.identity.offices import at_command_line

        offices = await parts.store.offices()
        if not offices:
            fail("there is no office yet", 1)
        by = at_command_line(next((one for one in offices if one.intake), offices[0])).actor
        before = (await parts.retention.rule()).periods
        if any(before[one["kind"]] != one["before"] for one in effects):
            fail("somebody else changed it meanwhile", 1)
        await parts.retention.change(by, before, {**before, **wanted}, reason)

    _run(data, change)
    typer.echo("in force from now on")


@app.command()
def due(
    office: Annotated[str, typer.Option("--office", help="Its id, as `yuntiao offices list` shows it.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Files whose years are over, longest first. Destroying them takes a list and two persons, on the pages."""

    async def look(parts: Any) -> list[dict[str, Any]]:
        if await parts.store.office(office) is None:
            fail(f"there is no office {office}", 1)
        return [
            {
                "kind": one.kind,
                "name": one.standing.name,
                "end": one.standing.end.isoformat(),
                "years": one.years,
                "due": one.due.isoformat(),
            }
            for one in await parts.files.expired(office, MOST_DUE)
        ]

    found = _run(data, look)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(
            f"{one['kind']:6} {one['name']}  ended {one['end'][:10]}, {one['years']} years, over {one['due'][:10]}"
        )
    typer.echo(f"{len(found)} files may be appraised" if found else "no file is due for appraisal")


def _read(texts: list[str]) -> dict[str, int]:
    from server.retention.erasure import KINDS

    found = {}
    for text in texts:
        kind, _, years = text.partition("=")
        if kind not in KINDS or not (years.isascii() and years.isdigit() and len(years) < 4):
            fail(f"{text}: write KIND=YEARS, a kind being one of {', '.join(KINDS)}", 1)
        found[kind] = int(years)
    return found


async def _foreseen(parts: Any, wanted: Mapping[str, int]) -> list[dict[str, Any]]:
    from server.retention.service import all_kept, foresee

    effects = await foresee(parts.retention, all_kept(parts.database, parts.files), wanted)
    return [asdict(one) for one in effects]


def _tell(effects: list[dict[str, Any]]) -> None:
    for one in effects:
        typer.echo(
            f"{one['kind']}: {one['before']} → {one['after']} years; of {one['kept']} {one['earlier']} earlier "
            f"({one['soon']} of them in seven days), {one['later']} later, {one['held']} held and staying"
        )


def _run(data: Path | None, do: Callable[[Any], Awaitable[T]]) -> T:
    from journal.refusals import Refused

    try:
        return with_parts(data, do)
    except Refused as no:
        sentences = {"beyond_limits": "fewer or more years than may be: see `yuntiao retention show`"}
        fail(sentences.get(no.code, f"refused: {no.code}"), 1)
