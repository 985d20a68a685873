"""What attacks do to an office: nothing served, nothing lost, and everybody else goes on.

The real program with a live room, and beside it an attacker in a process of its own who goes through one family of
attacks (`families.FAMILIES`) after another until time is up. Meanwhile pages are fetched, pictures counted, memory and
the loop's lag read. Afterwards everything acknowledged must be in the journal, the package must verify, the log must
hold no traceback, and the person whose number was attacked must still come in.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from server.app.rehearsal import RehearsalReport
from server.app.rehearsal.command import free_port, throw_away
from tests.tools.bench.attack.families import FAMILIES
from tests.tools.bench.attack.office import Office, Watch
from tests.tools.bench.attack.outcome import Outcome, Target
from tests.tools.figures import Figures, quantile

MINUTES: Final = 10.0
TURN: Final = 8.0  # seconds of a family, then the next
TURN_QUICK: Final = 1.0
TURN_OF_THE_LATE: Final = 30.0
MOST_PAGE: Final = 1.0  # seconds, 99th percentile
MOST_LAG: Final = 0.25  # seconds, 95th percentile
MOST_GROWTH: Final = 300.0  # MiB of all processes, a child that reads a file among them
LINES: Final = 20_000  # of the log, for each minute
MIB: Final = 1 << 20
TOLD: Final = 5  # of what should not have been served, told in full

Attack = Callable[[str, Target], Awaitable[Outcome]]


def measure(quick: bool, minutes: float | None = None) -> dict[str, Any]:
    """`quick`: every family once, for a second."""
    figures = Figures()
    seconds = TURN_QUICK * len(FAMILIES) if quick else (minutes or MINUTES) * 60
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        misses = asyncio.run(_measure(figures, Path(folder), seconds, TURN_QUICK if quick else TURN))
    for name in ("served", "lost", "tracebacks", "server_errors", "restarts", "stills", "amiss", "locked_out"):
        figures.at_most(f"{name}_count", 0)
    figures.at_least("families_count", len(FAMILIES))
    figures.at_most("page_s_p99", MOST_PAGE)
    figures.at_most("loop_lag_s_p95", MOST_LAG)
    figures.at_most("growth_mib", MOST_GROWTH)
    figures.at_most("log_lines_per_min", LINES)
    return figures.json() | {"misses": misses}


async def _measure(figures: Figures, folder: Path, seconds: float, turn: float) -> list[dict[str, Any]]:
    port = free_port()
    async with throw_away(folder, "--media-port", str(port), "--workers", "1") as venue:
        office = Office(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
        try:
            await office.begin()
            watch = Watch(office, venue)
            watching = asyncio.create_task(watch.go_on())
            try:
                async with _attacker() as attack:
                    outcomes = await _turns(attack, office, ("127.0.0.1", port), seconds, turn)
                locked_out = await office.locked_out()
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            metrics = await watch.metrics()
            said, amiss = await office.settled()
        finally:
            await office.end()
        restarts = int(venue.process is None or venue.process.returncode is not None)
    log = venue.log.read_text(errors="replace")
    lost = sorted(line for outcome in outcomes.values() for line in outcome.acknowledged if line not in said)
    served = [f"{family}: {what}" for family, outcome in outcomes.items() for what in outcome.served]
    errors = {name: n for name, n in metrics.items() if re.match(r'yuntiao_http_requests_total\{.*status="500"', name)}
    figures.values |= {
        "families_count": sum(outcome.sent > 0 for outcome in outcomes.values()),
        "served_count": len(served),
        "acknowledged_count": sum(len(outcome.acknowledged) for outcome in outcomes.values()),
        "lost_count": len(lost),
        "tracebacks_count": log.count("Traceback (most recent call last)"),
        "server_errors_count": round(sum(errors.values())),
        "restarts_count": restarts,
        "pages_count": len(watch.pages),
        "pages_refused_count": len(watch.refused),
        "stills_count": watch.stills,
        "amiss_count": len(amiss),
        "locked_out_count": int(bool(locked_out)),
        "page_s_p99": round(quantile(watch.pages, 0.99), 3),
        "loop_lag_s_p95": round(quantile(watch.lags, 0.95), 3),
        "growth_mib": round((max(watch.memory) - watch.memory[0]) / MIB, 1),
        "log_lines_per_min": round(log.count("\n") / (seconds / 60)),
        **{f"{family}_sent_count": outcome.sent for family, outcome in outcomes.items()},
    }
    misses: list[dict[str, Any]] = [{"served": what} for what in served[:TOLD]]
    misses += [{"lost": line} for line in lost[:TOLD]] + [{"amiss": what} for what in amiss[:TOLD]]
    misses += [{"traceback": "Traceback" + one[:2_000]} for one in log.split("Traceback")[1 : TOLD + 1]]
    misses += [{"locked_out": locked_out}] if locked_out else []
    misses += [{"refused": what} for what in watch.refused[:TOLD]]
    misses += [{"server_error": name} for name in list(errors)[:TOLD]]
    misses += [{"answers": {family: dict(outcome.answers)}} for family, outcome in outcomes.items()]
    return misses


async def _turns(
    attack: Attack, office: Office, media: tuple[str, int], seconds: float, turn: float
) -> dict[str, Outcome]:
    """Family after family, each as often as time allows and at least once. One that could send nothing in its turns, on
    a slow machine, has a long one in the end."""
    outcomes = {family: Outcome() for family in FAMILIES}
    ends = time.monotonic() + seconds
    while True:
        for family in FAMILIES:
            outcomes[family] += await attack(family, office.target(media, turn))
            if time.monotonic() > ends and all(outcome.sent for outcome in outcomes.values()):
                return outcomes
        if time.monotonic() > ends:
            break
    for family, outcome in outcomes.items():
        if not outcome.sent:
            outcome += await attack(family, office.target(media, TURN_OF_THE_LATE))
    return outcomes


@contextlib.asynccontextmanager
async def _attacker() -> AsyncIterator[Attack]:
    """The attacker's process while the context lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.tools.bench.attack.stranger",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=64 * MIB,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def attack(family: str, target: Target) -> Outcome:
        stdin.write(json.dumps({"family": family, "target": target.json()}).encode() + b"\n")
        await stdin.drain()
        line = await stdout.readline()
        if not line:
            raise RuntimeError(f"the attacker has ended during {family}")
        return Outcome.read(json.loads(line))

    try:
        yield attack
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
