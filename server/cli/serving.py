"""`yuntiao serve`, `work`, `health`, `rehearse`, `turn config`, `media build-native`, `speech` and `bench`: the program
itself, what it is set up with, and its speed.

`bench` is held to its targets; only a source tree has what it needs.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from server import serving as probe
from server.cli.terminal import Data, Json, chosen, fail, settings_anew

if TYPE_CHECKING:
    from server.serving.settings import Settings

TWO_YEARS: Final = 6_400  # complaints of a small district office
TRY_AGAIN: Final = 1
"""How it exits when it cannot serve just now; 2: never with these settings. The units start it again or do not."""


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
    demo: Annotated[
        bool | None, typer.Option("--demo", help="An invented office to try it with, and two years of its complaints.")
    ] = None,
    small: Annotated[bool, typer.Option("--small", help="Of the demo only the office and six complaints.")] = False,
    drain: Annotated[
        float | None,
        typer.Option(help="Seconds in which mediations may end once it is told to stop; a second signal cuts."),
    ] = None,
    log_format: Annotated[str | None, typer.Option(help="Of the lines on standard error: text or json.")] = None,
    as_json: Json = False,
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
        "drain": drain,
        "log_format": log_format,
    }
    settings = chosen(given)
    if settings.demo and not small and "demo_complaints" not in settings.model_fields_set:
        settings = settings.model_copy(update={"demo_complaints": TWO_YEARS})
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    with loading():
        from server.serving import loop_factory
        from server.serving.process import Unservable, run

    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(run(settings, as_json, partial(settings_anew, given)))
    except Unservable as fault:
        code = TRY_AGAIN if fault.passes else 2
        if settings.log_format == "json":  # a log of lines stays one to its end
            logging.getLogger(__name__).critical(str(fault))
            raise typer.Exit(code) from None
        fail(str(fault), code)
    _leave()


def _leave() -> NoReturn:
    """All is written by now. Python would wait for threads that wait for a store which says nothing, up to a minute."""
    sys.stdout.flush()
    os._exit(0)


def work(
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes; each makes one film at a time.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="The folder of a server here; else an empty one, for servers elsewhere.")
    ] = None,
    log_format: Annotated[str | None, typer.Option(help="Of the lines on standard error: text or json.")] = None,
) -> None:
    """Work jobs off until stopped: films, packages, transcripts. Any number of these, on any machine."""
    settings = chosen({"data": data, "log_format": log_format})
    from recordings import BadMaster, KeysAway
    from server.serving import logs

    logs.configure("work", settings.log_format)
    with loading():
        importlib.import_module("server.app.core")

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await _work(settings, jobs, stopped)

    try:
        asyncio.run(until_stopped())
    except (BadMaster, KeysAway, ValueError) as fault:  # what is named cannot be used
        fail(str(fault), TRY_AGAIN if isinstance(fault, KeysAway) else 2)
    _leave()


async def _work(settings: Settings, number: int, stopped: asyncio.Event) -> None:
    """Do jobs in so many processes beside the server of this folder; or, where there is none, for servers elsewhere,
    whose files and keys lie off their disks. ValueError, BadMaster, KeysAway."""
    from recordings.files.uploader import Uploader
    from server import serving as data_folder
    from server.app.core import checked_keys, job_processes
    from server.db.engine import Database
    from server.identity.key_store import KeySettings
    from server.serving.jobs.store import ALONE, JobQueue

    visiting = not (settings.data / "lock").exists()
    if visiting and not (
        settings.database.startswith("postgresql") and settings.files and KeySettings().keys_url.get_secret_value()
    ):
        raise ValueError(
            "no server has this data folder: jobs of servers elsewhere need their database, store of files and keys "
            "(YUNTIAO_DATABASE_URL, YUNTIAO_FILES, YUNTIAO_KEYS_URL)"
        )
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        if visiting:  # two would clear away what the other is making
            taken = ValueError(f"another yuntiao work is using {settings.data.resolve()}")
            held.enter_context(data_folder.locked(settings.data, taken, data_folder.VISITED))
        checked_keys(settings)
        database, away = Database(settings.database), settings.remote_files(settings.data)
        queue = JobQueue(database, "" if visiting else settings.node or ALONE, away is not None)
        uploader = (
            Uploader(away, list, 0, settings.low_on_disk, surveys=False) if visiting and away is not None else None
        )
        workers = job_processes(settings.model_copy(update={"job_workers": number, "mail_drop": None}), queue)
        workers.options += ["--visiting"] if visiting else []
        if uploader is not None and away is not None:
            await asyncio.to_thread(away.begin_anew)
            uploader.start()
        working = asyncio.create_task(workers.run(), name="job processes")
        try:
            await asyncio.wait({working, asyncio.create_task(stopped.wait())}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            if uploader is not None:
                await asyncio.to_thread(uploader.stop)
            await database.close()


@contextmanager
def loading() -> Iterator[None]:
    """Import a great part of the program within: nothing is collected meanwhile, nor looked through ever after.

    Modules make 200,000 objects that stay for good. Collecting between them costs a fifth of all loading, and every
    later full collection would stop the loop to walk over them again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def health(
    data: Annotated[Path | None, typer.Option(help="Data folder of the running server.")] = None, as_json: Json = False
) -> None:
    """Whether the server of this data folder is ready; exits 1 when not."""
    raise typer.Exit(probe.tell_health(data, as_json))


def rehearse(
    server: Annotated[str, typer.Option(help="A running demo server; none: a throw-away one is started.")] = "",
    password: Annotated[str, typer.Option(envvar="YUNTIAO_DEMO_PASSWORD", help="Of its demo officers.")] = "",
    cafile: Annotated[
        Path | None,
        typer.Option(help="Authority behind an https:// certificate, or a self-signed one itself."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Play a whole mediation with synthetic people over the real paths."""
    from server.app.rehearsal.command import rehearse as play

    report = asyncio.run(play(server, password, cafile))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for step in report["steps"]:
            typer.echo(f"{'ok  ' if step['ok'] else 'FAIL'} {step['seconds']:7.3f} s  {step['name']} {step['detail']}")
        for name, value in report["figures"].items():
            typer.echo(f"     {name}: {value}")
    raise typer.Exit(0 if report["ok"] else 1)


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
    from server.rooms.coturn import configuration

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
    from media import NativeMissing
    from media.sfu.native import FORWARDING
    from recordings.native import WRITING

    try:
        typer.echo(FORWARDING.build())
        typer.echo(WRITING.build())
    except NativeMissing as reason:
        fail(str(reason))


speech = typer.Typer(no_args_is_help=True, help="Live captions and transcripts: the model they are made with.")


@speech.command("install")
def install_speech(
    source: Annotated[
        Path | None,
        typer.Argument(help="A folder or an archive with a model; without it the one that ./run speech brought."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a model where the server looks for it. Exits 1 when it is none that can be used."""
    from recordings.speech import SpeechError
    from recordings.speech.models import install as put, open_model

    to = chosen({"data": data}).speech_folder
    try:
        identity = put(source, to)
        open_model(to)
    except (SpeechError, OSError) as fault:
        fail(str(fault), 1)
    _tell_model(to, identity.kind, identity.name, identity.digest, as_json)


@speech.command("check")
def check_speech(data: Data = None, as_json: Json = False) -> None:
    """Which model there is, and whether it loads. Exits 1 when there are no captions, and says how to get them."""
    from recordings.speech import SpeechError
    from recordings.speech.models import open_model

    folder = chosen({"data": data}).speech_folder
    try:
        model = open_model(folder).model
    except SpeechError as fault:
        fail(f"no captions and no transcripts: {fault} (./run speech, or yuntiao speech install FOLDER)", 1)
    _tell_model(folder, model.kind, model.name, model.digest, as_json)


def _tell_model(folder: Path, kind: str, name: str, digest: str, as_json: bool) -> None:
    from recordings.speech.models import KINDS

    found = {"folder": str(folder), "kind": kind, "name": name, "digest": digest}
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else f"{name} ({KINDS[kind]}), {digest[:16]}, {folder}")


_TREE: Final = Path(__file__).parents[2]


class Benchmark(StrEnum):
    """Modules of `tests.tools.bench`, or of a folder in it."""

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
    JOBS = "jobs"
    TRIAGE = "triage"
    LAW = "law"
    CASES = "cases"
    COMPLAINTS = "complaints"
    IMPORTS = "imports"
    CASEBOOK = "casebook"
    DEIDENTIFY = "deidentify"
    BURSTS = "bursts"
    INSIGHT = "insight"
    SUPERVISION = "supervision"
    ATTACK = "attack"
    ROOM = "room"
    START = "start"
    SPEECH = "speech"
    RELOAD = "reload"
    DEVICES = "devices"
    RESTART = "restart"
    CHAOS = "chaos"
    CONDENSE = "condense"
    TRANSCRIPTS = "transcripts"
    PROVINCE = "province"
    DESK = "desk"


_FOLDERS: Final = {
    **dict.fromkeys(
        (Benchmark.CHAOS, Benchmark.DEVICES, Benchmark.RELOAD, Benchmark.RESTART, Benchmark.ROOM), "clients."
    ),
    **dict.fromkeys((Benchmark.KILLED, Benchmark.JOBS, Benchmark.RECORD), "recording."),
    **dict.fromkeys(
        (
            Benchmark.CASES,
            Benchmark.CONDENSE,
            Benchmark.DEIDENTIFY,
            Benchmark.LAW,
            Benchmark.SPEECH,
            Benchmark.TRANSCRIPTS,
        ),
        "words.",
    ),
    **dict.fromkeys((Benchmark.PROVINCE, Benchmark.DESK), "cell."),
}


def bench(
    name: Annotated[Benchmark, typer.Argument(help="Which benchmark.")],
    quick: Annotated[bool, typer.Option("--quick", help="Half a minute at most.")] = False,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long, of soak, loss, attack and chaos.")] = None,
    inputs: Annotated[
        int | None, typer.Option(min=1000, help="How many, of fuzz, complaints, imports and desk.")
    ] = None,
    kills: Annotated[int | None, typer.Option(min=1, help="How many, of killed and jobs; of journal: only.")] = None,
    stall: Annotated[bool, typer.Option("--stall", help="Of fanout: a loop that stood still.")] = False,
    rooms: Annotated[int | None, typer.Option(min=1, max=400, help="How many, of province.")] = None,
    nodes: Annotated[int | None, typer.Option(min=1, max=8, help="How many, of province.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Of speech: a folder of wav files and what is said.")] = None,
    as_json: Json = False,
) -> None:
    """Measure; exits 0 only when every target holds."""
    if not (_TREE / "tests" / "tools" / "bench").is_dir():
        fail("measuring needs the source tree: run it in a checkout of the repository")
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    measure = importlib.import_module(f"tests.tools.bench.{_FOLDERS.get(name, '')}{name}").measure
    options = {"minutes": minutes, "inputs": inputs, "kills": kills, "stall": stall or None, "corpus": corpus}
    options |= {"rooms": rooms, "nodes": nodes}
    more = {option: value for option, value in options.items() if value is not None}
    if unknown := more.keys() - inspect.signature(measure).parameters.keys():
        fail(f"{name} has no --{min(unknown)}")
    try:
        report: dict[str, Any] = measure(quick, **more)
    except Exception as fault:  # whatever kept it from measuring, the person at the terminal gets one line
        fail(f"{name} could not be measured: {type(fault).__name__}: {fault}")
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
