"""What a row of a channel's export costs, imported as the command line does it, in processes of its own: on SQLite, and
on PostgreSQL too as `tests.tools.data.postgres` says.

A million rows are reckoned from what the second part of the rows takes, so that starting the program and making indexes
of few rows do not count; `--inputs` imports so many once and reckons from them all. Invented complaints, and the
database is empty before.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from complaints.sample import samples
from journal.numbers import SAMPLE_MARK
from offices import Office
from server.cli.imports import COLUMNS, row as exported
from server.db.engine import Database
from server.identity import installation_seal
from server.identity.store import IdentityStore
from server.serving.settings import Settings
from tests.tools.bench.media.accounts import family_of, memory_of
from tests.tools.data.postgres import named, postgres
from tests.tools.figures import Figures

FEW: Final = 15_000  # rows; a file of fewer is imported beside all indexes (`server.imports.offline.GREAT`)
ROWS, ROWS_QUICK = 150_000, 30_000
SEED: Final = 5
LOOK_SECONDS: Final = 0.2  # between two looks at an import's memory
OFFICE: Final = Office("bench", "东湖高新区市场监管一所", "一所", "027-6000", f"{SAMPLE_MARK}东高一投")


@dataclass(frozen=True, slots=True)
class Imported:
    """`cpu_seconds`: of all its processes, without a database server's. `memory`: bytes that they held at once at
    most."""

    rows: int
    seconds: float
    cpu_seconds: float
    memory: int


def measure(quick: bool, inputs: int = 0) -> dict[str, Any]:
    figures = Figures()
    sizes = [inputs] if inputs else [FEW, ROWS_QUICK if quick else ROWS]
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        exports = {rows: write_export(Path(folder) / f"{rows}.csv", rows) for rows in sizes}
        _count(figures, "sqlite", [_imported(Path(folder) / f"sqlite-{rows}", exports[rows], rows) for rows in sizes])
        if named():
            told = []
            for rows in sizes:
                with postgres() as url:
                    told.append(_imported(Path(folder) / f"postgres-{rows}", exports[rows], rows, url))
            _count(figures, "postgres", told)
    return figures.json()


def write_export(path: Path, rows: int) -> Path:
    """A channel's export of so many invented complaints."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(map(exported, samples(rows, SEED)))
    return path


def _count(figures: Figures, database: str, told: list[Imported]) -> None:
    whole, first = told[-1], told[0] if len(told) > 1 else Imported(0, 0.0, 0.0, 0)
    more = whole.rows - first.rows
    figures.values |= {
        f"{database}_rows": whole.rows,
        f"{database}_import_s": round(whole.seconds, 1),
        f"{database}_s_per_million": round((whole.seconds - first.seconds) / more * 1e6, 1),
        f"{database}_cpu_s_per_million": round((whole.cpu_seconds - first.cpu_seconds) / more * 1e6, 1),
        f"{database}_memory_mb": round(whole.memory / 1e6),
    }
    figures.at_most(f"{database}_s_per_million", 240.0)
    figures.at_most(f"{database}_memory_mb", 500.0)


def _imported(folder: Path, export: Path, rows: int, database: str = "") -> Imported:
    """`database`: the address of an empty one, "" for SQLite in the folder."""
    folder.mkdir()
    installation_seal(folder)
    environment = {**os.environ, **({"YUNTIAO_DATABASE_URL": database} if database else {})}
    return asyncio.run(_import(folder, export, rows, environment, database))


async def _import(folder: Path, export: Path, rows: int, environment: Mapping[str, str], url: str) -> Imported:
    await _installed(folder, url)
    others, begun, most = _spent(), time.perf_counter(), 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "import", str(export), "--channel", "12315", "--data", str(folder), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    said = asyncio.create_task(process.communicate())
    while not (await asyncio.wait([said], timeout=LOOK_SECONDS))[0]:
        most = max(most, _held(process.pid))
    seconds = time.perf_counter() - begun
    if (taken := json.loads((await said)[0])["taken"]) != rows:
        raise RuntimeError(f"{taken} of {rows} rows were taken")
    return Imported(rows, seconds, _spent() - others, most)


def _held(pid: int) -> int:
    """Bytes of memory that this process and those it started take."""
    return sum(map(memory_of, (pid, *family_of(pid))))


async def _installed(folder: Path, url: str) -> None:
    database = Database(url or Settings(data=folder).database)
    await database.migrate()
    await IdentityStore(database).add_office(OFFICE)
    await database.close()


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
