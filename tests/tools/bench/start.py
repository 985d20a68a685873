"""What starting costs: the CPU of `yuntiao --help`, and of loading what `yuntiao serve` runs.

User and system time of a process of its own, the least of several: what else the machine does only adds to it.
Bytecode is written by a first start that does not count, as set-up does.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from tests.tools.figures import Figures

TIMES, TIMES_QUICK = 15, 5
HELP = ("-m", "server", "--help")
SERVE = ("-c", "from server.cli.serving import loading\nwith loading(): import server.serving.process")
COUNTED = "\nimport sys; print(len(sys.modules))"


def measure(quick: bool) -> dict[str, object]:
    figures = Figures()
    times = TIMES_QUICK if quick else TIMES
    figures.values["help_cpu_seconds"] = _least(HELP, times)
    figures.values["serve_import_cpu_seconds"] = _least(SERVE, times)
    figures.values["serve_modules"] = int(_run("-c", SERVE[1] + COUNTED))
    figures.at_most("help_cpu_seconds", 0.3)
    figures.at_most("serve_import_cpu_seconds", 1.5)
    return figures.json()


def _least(command: tuple[str, ...], times: int) -> float:
    _run(*command)
    return round(min(_cpu(command) for _ in range(times)), 3)


def _cpu(command: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(*command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    return done.stdout
