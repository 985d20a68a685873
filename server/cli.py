"""The command line: `yuntiao serve`, `health`, `rehearse`, `verify`, `restored`, `bench`, `stats`, `log …`,
`archive …`, `keys …`, `sample …`, `industries …`, `law …`, `offices …`, `turn config`, `media build-native`."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from pydantic import ValidationError

from server import (
    casebook_command,
    industries_command,
    keys_command,
    law_command,
    map_command,
    notice_command,
    offices_command,
    sample_command,
    seal_command,
)
from server.insight.command import focus
from server.installation import absent
from server.intake import command as import_command
from server.settings import Settings
from server.stats_command import stats

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

turn = typer.Typer(no_args_is_help=True, help="The TURN server beside it, for networks that let no UDP through.")
app.add_typer(turn, name="turn")

media = typer.Typer(no_args_is_help=True, help="What carries sound and pictures.")
app.add_typer(media, name="media")

log = typer.Typer(no_args_is_help=True, help="The tamper-evident log of all records.")
app.add_typer(log, name="log")

archive = typer.Typer(no_args_is_help=True, help="Files of closed cases in an object store or on another disk.")
app.add_typer(archive, name="archive")

app.add_typer(sample_command.app, name="sample")
app.command()(stats)
app.command()(focus)
app.add_typer(offices_command.app, name="offices")
app.add_typer(industries_command.app, name="industries")
app.add_typer(notice_command.app, name="notice")
app.add_typer(seal_command.app, name="seal")
app.add_typer(law_command.app, name="law")
app.add_typer(casebook_command.app, name="casebook")
app.add_typer(keys_command.app, name="keys")
app.add_typer(map_command.app, name="map")

app.command(name="import")(import_command.take)

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 for the network.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port of the pages.")] = None,
    media_port: Annotated[int | None, typer.Option(help="First UDP port of audio and video; 0: any.")] = None,
    media_host: Annotated[
        list[str] | None, typer.Option(help="Address media listens on, :: for all; repeatable; none: --host.")
    ] = None,
    media_address: Annotated[list[str] | None, typer.Option(help="Address browsers send media to; repeatable.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder everything is kept in.")] = None,
    public_url: Annotated[str | None, typer.Option(help="How people reach it, as in links.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    tls_self_signed: Annotated[bool | None, typer.Option("--tls-self-signed", help="Make a certificate.")] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="Address or network of a proxy whose X-Forwarded-For counts; repeatable.")
    ] = None,
    turn_url: Annotated[
        list[str] | None,
        typer.Option(help="TURN server for networks without UDP: turn:host:port, turns:…; repeatable."),
    ] = None,
    turn_secret_file: Annotated[Path | None, typer.Option(help="File with the secret shared with it.")] = None,
    workers: Annotated[int | None, typer.Option(help="Media processes; 0: one a core.")] = None,
    mail_drop: Annotated[
        Path | None, typer.Option(help="Folder the message board's mail and exports are put in, and taken from.")
    ] = None,
    mail_drop_office: Annotated[
        str | None, typer.Option(help="Id or short name of the office they are for; none: the only one.")
    ] = None,
    demo: Annotated[bool | None, typer.Option("--demo", help="An invented office to try it with.")] = None,
    as_json: _Json = False,
) -> None:
    """Serve until stopped. Options win over YUNTIAO_… variables."""
    given = {
        "host": host,
        "port": port,
        "media_port": media_port,
        "media_hosts": tuple(media_host) if media_host else None,
        "media_addresses": tuple(media_address) if media_address else None,
        "data": data,
        "public_url": public_url,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "tls_self_signed": tls_self_signed,
        "trusted_proxies": ",".join(trusted_proxy) if trusted_proxy else None,
        "turn_urls": tuple(turn_url) if turn_url else None,
        "turn_secret_file": turn_secret_file,
        "workers": workers,
        "mail_drop": mail_drop,
        "mail_drop_office": mail_drop_office,
        "demo": demo,
    }
    settings = _settings(given)
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from server.serving import Unservable, run

    try:
        asyncio.run(run(settings, as_json))
    except Unservable as fault:
        _fail(str(fault))


@app.command()
def health(
    data: Annotated[Path | None, typer.Option(help="Data folder of the running server.")] = None, as_json: _Json = False
) -> None:
    """Whether the server of this data folder is ready; exits 1 when not."""
    from server.serving import ask_ready

    ready, checks = asyncio.run(ask_ready(_settings({"data": data}).data))
    typer.echo(json.dumps({"ready": ready, "checks": checks}) if as_json else ("ready" if ready else "not ready"))
    raise typer.Exit(0 if ready else 1)


@app.command()
def rehearse(
    server: Annotated[str, typer.Option(help="A running demo server; none: a throw-away one is started.")] = "",
    password: Annotated[str, typer.Option(envvar="YUNTIAO_DEMO_PASSWORD", help="Of its demo officers.")] = "",
    cafile: Annotated[
        Path | None,
        typer.Option(help="Authority behind an https:// certificate, or a self-signed one itself."),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Play a whole mediation with synthetic people over the real paths."""
    from server.rehearsal.command import rehearse as play

    report = asyncio.run(play(server, password, cafile))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for step in report["steps"]:
            typer.echo(f"{'ok  ' if step['ok'] else 'FAIL'} {step['seconds']:7.3f} s  {step['name']} {step['detail']}")
        for name, value in report["figures"].items():
            typer.echo(f"     {name}: {value}")
    raise typer.Exit(0 if report["ok"] else 1)


class Spoken(StrEnum):
    ZH = "zh"
    EN = "en"


@app.command()
def verify(
    package: Annotated[Path, typer.Argument(help="An evidence package.")],
    key: Annotated[str, typer.Option(help="The bureau's public key, base64 or a file; compare it yourself.")] = "",
    tsa: Annotated[Path | None, typer.Option(help="PEM of the authorities whose time stamps count.")] = None,
    witness_key: Annotated[
        list[str] | None, typer.Option(help="Of who has to have countersigned: name+id+base64 or a file; repeatable.")
    ] = None,
    language: Annotated[Spoken, typer.Option(help="Of the sentences.")] = Spoken.EN,
    as_json: _Json = False,
) -> None:
    """Check an evidence package. Exits 0 when all holds, 1 when something fails, 3 when something is left open."""
    from server.evidence import verifying

    try:
        report = verifying.check(package, key, tsa, witness_key or ())
    except (verifying.Unusable, OSError) as fault:
        _fail(str(fault))
    spoken: Literal["zh", "en"] = language.value
    if as_json:
        typer.echo(json.dumps(verifying.as_json(report, package, spoken), ensure_ascii=False, indent=2))
    else:
        for line in verifying.said(report, spoken):
            typer.echo(line)
    raise typer.Exit(verifying.EXIT[report.verdict])


class Benchmark(StrEnum):
    """Modules of `server.bench`."""

    FLOOD = "flood"
    SOAK = "soak"
    FUZZ = "fuzz"
    JOIN = "join"
    PAGES = "pages"
    FORWARD = "forward"
    FANOUT = "fanout"
    JOURNAL = "journal"
    LOSS = "loss"
    EVIDENCE = "evidence"
    RECORD = "record"
    KILLED = "killed"
    TRIAGE = "triage"
    COMPLAINTS = "complaints"
    CASEBOOK = "casebook"
    DEIDENTIFY = "deidentify"
    BURSTS = "bursts"
    INSIGHT = "insight"
    SUPERVISION = "supervision"


@app.command()
def bench(
    name: Annotated[Benchmark, typer.Argument(help="Which benchmark.")],
    quick: Annotated[bool, typer.Option("--quick", help="A minute at most.")] = False,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long, of soak and loss.")] = None,
    inputs: Annotated[int | None, typer.Option(min=1000, help="How many, of fuzz and complaints.")] = None,
    kills: Annotated[int | None, typer.Option(min=1, help="Of journal: only this, how many.")] = None,
    as_json: _Json = False,
) -> None:
    """Measure; exits 0 only when every target holds."""
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    measure = importlib.import_module(f"server.bench.{name}").measure
    options = {"minutes": minutes, "inputs": inputs, "kills": kills}
    more = {option: value for option, value in options.items() if value is not None}
    if unknown := more.keys() - inspect.signature(measure).parameters.keys():
        _fail(f"{name} has no --{min(unknown)}")
    try:
        report: dict[str, Any] = measure(quick, **more)
    except Exception as fault:  # whatever kept it from measuring, the person at the terminal gets one line
        _fail(f"{name} could not be measured: {type(fault).__name__}: {fault}")
    holds = all(target["holds"] for target in report["targets"].values())
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        for figure, value in report["figures"].items():
            typer.echo(f"{figure}: {value}")
        for miss in report.get("misses", []):
            typer.echo("missed " + json.dumps(miss, ensure_ascii=False))
        for target, outcome in report["targets"].items():
            typer.echo(f"{'ok  ' if outcome['holds'] else 'FAIL'} {target} {outcome['bound']}: {outcome['figure']}")
    raise typer.Exit(0 if holds else 1)


@turn.command()
def config(
    turn_url: Annotated[list[str] | None, typer.Option(help="As given to serve; repeatable.")] = None,
    media_address: Annotated[list[str] | None, typer.Option(help="As given to serve; repeatable.")] = None,
    turn_secret_file: Annotated[Path | None, typer.Option(help="As given to serve.")] = None,
    host: Annotated[str, typer.Option(help="Which server, when the URLs name several.")] = "",
    with_secret: Annotated[bool, typer.Option("--with-secret", help="Print the secret too.")] = False,
) -> None:
    """Print a configuration for coturn that relays to our media addresses and nowhere else."""
    from server.coturn import configuration

    settings = _settings(
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
        _fail(str(fault))
    typer.echo(text, nl=False)


_Data = Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")]


@log.command()
def check(
    data: _Data = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="File with a checkpoint that somebody kept elsewhere; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")] = "",
    as_json: _Json = False,
) -> None:
    """Recompute all chains, contents, the tree and the checkpoints; name what is wrong. Exits 1 if anything is."""
    from server.log.command import CannotCheck, run_check

    settings = _settings({"data": data})
    try:
        report = asyncio.run(run_check(settings, against or [], key))
    except CannotCheck as fault:
        _fail(str(fault))
    if as_json:
        typer.echo(json.dumps(report.json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            typer.echo(line)
    raise typer.Exit(0 if report.holds else 1)


@app.command()
def restored(
    data: Annotated[Path | None, typer.Option(help="Data folder that a backup was put back into.")] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="File with a checkpoint that somebody kept elsewhere; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")] = "",
    accept: Annotated[
        str, typer.Option(help="There is no newer backup: who restored it, when and why. The server is stopped.")
    ] = "",
    as_json: _Json = False,
) -> None:
    """After a restore: what is missing against the newest known checkpoint, and what to do. Exits 1 if anything is."""
    from server.log.command import CannotCheck, run_restored

    settings = _settings({"data": data})
    try:
        found, done = asyncio.run(run_restored(settings, against or [], key, accept))
    except CannotCheck as fault:
        _fail(str(fault))
    if as_json:
        typer.echo(json.dumps({**found.json(), "done": done}, ensure_ascii=False, indent=2))
    else:
        for line in [done] if done else found.lines():
            typer.echo(line)
    raise typer.Exit(0 if found.whole or done else 1)


@log.command()
def grew(
    kept: Annotated[Path, typer.Argument(help="A checkpoint kept from earlier: what /log/checkpoint said then.")],
    proof: Annotated[Path, typer.Argument(help="What /log/growth/<entries of the kept one> says now.")],
    key: Annotated[str, typer.Option(help="The public key as it was published: name+id+base64.")],
    as_json: _Json = False,
) -> None:
    """Check, offline, that the log only grew since a state somebody kept. Exits 1 if not, 2 if it cannot be said."""
    from server.log import growing
    from server.log.command import CannotCheck

    try:
        found = growing.run(kept, proof, key)
    except CannotCheck as fault:
        _fail(str(fault))
    if as_json:
        typer.echo(json.dumps(growing.as_json(found), ensure_ascii=False, indent=2))
    else:
        for line in growing.lines(found):
            typer.echo(line)
    raise typer.Exit(0 if found.holds else 1)


@log.command("adopt-key")
def adopt_key(data: _Data = None) -> None:
    """Let the key in keys/log.key sign from now on: after another was lost or replaced. The journal notes it."""
    from server.log.command import CannotCheck, adopt

    try:
        typer.echo(asyncio.run(adopt(_settings({"data": data}))))
    except CannotCheck as fault:
        _fail(str(fault))


@media.command("build-native")
def build_native() -> None:
    """Compile the way of ordinary packets, which C forwards for half the CPU; needs a C compiler, this once."""
    from media.sfu.native import library

    try:
        typer.echo(library.build())
    except library.NativeMissing as reason:
        _fail(str(reason))


@archive.command("status")
def archive_status(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None, as_json: _Json = False
) -> None:
    """What was archived, what is on its way, and what failed; exits 1 when something did."""
    from server.archive_command import status

    settings = _settings({"data": data})
    if sentence := absent(settings):
        _fail(sentence)
    found = status(settings.data, settings.archive)
    _tell_archive(found, as_json)
    raise typer.Exit(1 if found["failed"] or found["stuck"] else 0)


@archive.command("run")
def archive_run(
    data: Annotated[Path | None, typer.Option(help="Data folder of the running server.")] = None, as_json: _Json = False
) -> None:
    """Archive every closed case now, and try again what failed; exits 1 when something does."""
    from server.archive_command import ask, wait

    settings = _settings({"data": data})
    if not settings.archive:
        _fail("no archive is set (YUNTIAO_ARCHIVE)")
    try:
        ask(settings.data)
    except ValueError as fault:
        _fail(str(fault))
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


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as fault:
        _fail("; ".join(_said(error) for error in fault.errors()))


def _said(error: Any) -> str:
    where = " ".join(str(part).replace("_", "-") for part in error["loc"])
    what = error["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _fail(why: str) -> NoReturn:
    typer.echo(f"yuntiao: {why}", err=True)
    sys.exit(2)
