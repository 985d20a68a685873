"""The modules entered per flow, by tracing a rehearsal and an import (`tests.tools.tracing`).

Everybody in the story acts at once, and a server has clocks of its own. A flow is what its own people set off: on the
way from the link to media what the parties' pages, sockets and room enter, not the desk's pages nor the inbox in which
the story reads a code; from the closing to the verdict what room, record and its jobs enter and what follows from them,
not what goes by the clock (the look for hot spots, too: `DetectionSchedule` asks for it so many seconds after a start)
nor how the supervisor signs in.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPLAINTS = 500
PLAY = """
import asyncio, json, sys
from pathlib import Path
from tests.tools.flows import play
print(json.dumps(asyncio.run(play(Path(sys.argv[1])))))
"""

PARTYS = ("/j/", "/join", "/room", "/socket.io", "/static", "/texts", "room")
RECORDS = ("/socket.io", "/audit", "/log", "room", "job compose", "job export", "")
"""How the accounts of a flow begin; "" is what nobody asked for by a page: what follows from events."""

Span = tuple[float, float]  # by the monotonic clock, which all processes of a machine share


def modules_entered() -> dict[str, int]:
    """Play a rehearsal and an import, each traced, and count the modules of each flow."""
    with tempfile.TemporaryDirectory(prefix="yuntiao-flows-") as folder:
        traces, office, table = Path(folder, "traces"), Path(folder, "office"), Path(folder, "complaints.csv")
        traces.mkdir()
        office.mkdir()
        spans = json.loads(_run(traces, "-c", PLAY, str(office)).splitlines()[-1])
        until = datetime.now(UTC).date().isoformat()
        _run(None, "-m", "server", "sample", "complaints", str(COMPLAINTS), "--until", until, "--out", str(table))
        data = str(office / "data")
        began = time.monotonic()
        _run(traces, "-m", "server", "import", str(table), "--channel", "hotline", "--data", data)
        _run(traces, "-m", "server", "focus", "--data", data)
        return {
            "link → media": len(_entered(traces, spans["media"], PARTYS)),
            "CSV → Focus": len(_entered(traces, (began, time.monotonic()), ("",))),
            "closed → verified": len(_entered(traces, spans["package"], RECORDS)),
        }


async def play(folder: Path) -> dict[str, Span]:
    """Play the story in a throw-away office in `folder`; return when each flow began and ended."""
    from server.app.rehearsal import RehearsalReport as Report
    from server.app.rehearsal.command import throw_away
    from server.app.rehearsal.story import Story

    times: dict[str, Span] = {}

    class Timed(Report):
        @contextlib.contextmanager
        def step(self, name: str) -> Iterator[None]:
            began = time.monotonic()
            with super().step(name):
                yield
            times[name] = began, time.monotonic()

    report = Timed()
    async with throw_away(folder) as venue:
        await Story(venue.url, venue.password, report, ("127.0.0.1",)).play()
    return {
        "media": (times["consumer comes in by the link"][0], times["everybody sees and hears everybody"][1]),
        "package": (
            times["outcome is shown, seen and the session closed"][0],
            times["evidence package is exported and verifies"][1],
        ),
    }


def _run(traces: Path | None, *words: str) -> str:
    environment = dict(os.environ)
    environment["PYTHONPATH"] = str(ROOT)
    if traces is not None:
        environment["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parent / "tracing"), str(ROOT)))
        environment["YUNTIAO_TRACE_FOLDER"] = str(traces)
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _entered(traces: Path, span: Sequence[float], accounts: Sequence[str]) -> set[str]:
    """Modules of the program (without the rehearsal's own people) entered in a span, in all processes."""
    beginnings = tuple(filter(None, accounts))
    found: set[str] = set()
    for file in traces.glob("*.json"):
        for module, account, times in json.loads(file.read_text()):
            counts = account in accounts or account.startswith(beginnings)
            if (
                counts
                and not module.startswith("server.app.rehearsal")
                and any(span[0] <= at <= span[1] for at in times)
            ):
                found.add(module)
    return found
