"""`yuntiao bench`: what is measured on this machine, held to its targets. Only a source tree has what it needs."""

from __future__ import annotations

import importlib
import inspect
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from server.cli.terminal import Json, fail

_TREE: Final = Path(__file__).parents[2]


class Benchmark(StrEnum):
    """Modules of `tests.tools.bench`."""

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
    IMPORTS = "imports"
    CASEBOOK = "casebook"
    DEIDENTIFY = "deidentify"
    BURSTS = "bursts"
    INSIGHT = "insight"
    SUPERVISION = "supervision"
    ATTACK = "attack"
    ROOM = "room"
    START = "start"


def bench(
    name: Annotated[Benchmark, typer.Argument(help="Which benchmark.")],
    quick: Annotated[bool, typer.Option("--quick", help="A minute at most.")] = False,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long, of soak, loss and attack.")] = None,
    inputs: Annotated[int | None, typer.Option(min=1000, help="How many, of fuzz, complaints and imports.")] = None,
    kills: Annotated[int | None, typer.Option(min=1, help="How many, of killed; of journal: only this.")] = None,
    as_json: Json = False,
) -> None:
    """Measure; exits 0 only when every target holds."""
    if not (_TREE / "tests" / "tools" / "bench").is_dir():
        fail("measuring needs the source tree: run it in a checkout of the repository")
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    measure = importlib.import_module(f"tests.tools.bench.{name}").measure
    options = {"minutes": minutes, "inputs": inputs, "kills": kills}
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
