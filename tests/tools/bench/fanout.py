"""How many rooms of three and of eight one core carries, and what a room and a seat cost in memory.

Everybody sends 720p at about 1.5 Mbit/s and a microphone, and gets everybody else's. The server runs on one core in a
process of its own for each number of rooms, the clients on another core; so their limits are told apart from ours:
a number of rooms that the clients themselves could not send or receive in time says nothing and ends the search.

`--stall` instead has the loop stand still for half a second at four fifths of its load, with clients that ask for all
that is missing and repeat what they are asked for, and looks how long repair keeps it from its work. It needs a C
compiler, for the clients (`client.c`): others' core is full before the server's.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.tools.bench.forward import compiled, compiled_writer
from tests.tools.bench.media.accounts import resident_kb
from tests.tools.bench.media.crowd import all_recorded, recorded
from tests.tools.bench.media.floor import Course, Floor, run, stalled
from tests.tools.bench.media.load import Load
from tests.tools.bench.media.traffic import CLIENT, CORES, PACKETS_PER_SECOND
from tests.tools.figures import Figures

FIRST = {3: 16, 8: 2}  # size -> rooms to begin with
STEP, STEP_QUICK = 1.25, 2.0  # from one number of rooms to the next
WARM_UP, WARM_UP_QUICK = 6.5, 1.5  # seconds
SPAN, SPAN_QUICK = 8.0, 1.5
TRIES, TRIES_QUICK = 12, 2
AGAIN, AGAIN_ELSEWHERE = 2, 4  # a number of rooms is given up only when it failed so often (others had the core)
MOST_WAITING = 0.03  # of the time; beyond, it is others on this core that were measured
MOST_LAG = 0.020  # seconds, p99
LEAST_DELIVERED = 0.9999  # of what was sent
LEAST_TAKEN_IN = 0.995  # of what the clients sent; the two spans are not quite the same
LEAST_SENT = 0.97  # by the clients, of what they were to send
CLIENTS_LATE = 0.25  # seconds
LEAST_LINEAR, LEAST_LINEAR_CPU = 0.95, 0.9  # R² of a straight line over rooms; idle rooms let a core sleep deeper
LONGEST = 120.0  # seconds for one number of rooms
STALL, STALL_LOAD = 0.5, 0.8  # seconds, and share of the core
STALL_SPAN, STALL_SPANS = 0.5, 10  # seconds of each look after it, and how many
STALL_TRIALS = 4  # in which the rooms for that load are found
STALL_FIRST, MOST_STALLED = 24, 120  # rooms
LEAST_STALL_LOAD = 0.75  # share of the core
FLOWS = 0.95  # of what was forwarded before, when everything flows again
STALL_LAG = 0.05  # seconds, p99
MOST_RECOVERY = 3.0  # seconds


@dataclass(frozen=True)
class Seen:
    """One number of rooms."""

    rooms: int
    cores: float
    lag: float
    delivered: float  # of what was sent
    forwarded: float  # of what the clients were to cause
    sent: float  # by the clients, of what they were to send
    late: float
    kept_waiting: float
    dropped: int
    idle_kb: float  # memory of all rooms together before anybody sends
    busy_kb: float  # and with every history full

    @property
    def carried(self) -> bool:
        taken_in = self.forwarded >= LEAST_TAKEN_IN * min(1.0, self.sent)
        return self.lag <= MOST_LAG and self.delivered >= LEAST_DELIVERED and taken_in and not self.dropped

    @property
    def limit(self) -> str:
        """Whose it was that more was not carried."""
        if self.kept_waiting > MOST_WAITING:
            return "machine"
        return "server" if self.late < CLIENTS_LATE and self.sent >= LEAST_SENT else "clients"

    def worth_another_try(self, tried: int) -> bool:
        return not self.carried and tried < (AGAIN if self.limit == "server" else AGAIN_ELSEWHERE)


def measure(quick: bool, stall: bool = False) -> dict[str, Any]:
    figures = Figures()
    if stall:
        with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
            for way in ("c", "python"):
                plan = {"size": 3, "folder": str(Path(folder) / way), "stall": way}
                figures.values |= {f"{way}_{name}": value for name, value in in_process(plan).items()}
                figures.at_least(f"{way}_core_share_before", LEAST_STALL_LOAD)
                figures.at_most(f"{way}_recovery_s", MOST_RECOVERY)
        return figures.json()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        for size, first in FIRST.items():
            _search(figures, size, first, quick, Path(folder))
    return figures.json()


def _search(figures: Figures, size: int, first: int, quick: bool, folder: Path) -> None:
    step, tries = (STEP_QUICK, TRIES_QUICK) if quick else (STEP, TRIES)
    seen: list[Seen] = []
    most, rooms, limit = 0, first, "tries"
    for _ in range(tries):
        attempts = [_attempt(size, rooms, quick, folder)]
        while attempts[-1].worth_another_try(len(attempts)):
            attempts.append(_attempt(size, rooms, quick, folder))
        seen.append(attempts[-1])
        if not attempts[-1].carried:
            limit = attempts[-1].limit
            break
        most = rooms
        rooms = max(rooms + 1, round(rooms * step))
    best = next((each for each in reversed(seen) if each.rooms == most), seen[0])
    carried = [each for each in seen if each.carried] or seen  # beyond, a full core hides what more would have cost
    slope, straight = line([(each.rooms, each.cores) for each in carried])
    _, straight_kb = line([(each.rooms, each.busy_kb) for each in carried])
    figures.values |= {
        f"rooms_of_{size}": most,
        f"seats_in_rooms_of_{size}": most * size,
        f"forwarded_packets_per_s_rooms_of_{size}": most * size * (size - 1) * PACKETS_PER_SECOND,
        f"core_share_rooms_of_{size}": round(best.cores, 3),
        f"core_share_per_room_of_{size}": round(slope, 5),
        f"lag_p99_ms_rooms_of_{size}": round(best.lag * 1000, 2),
        f"limited_by_clients_rooms_of_{size}": int(limit == "clients"),
        f"limited_by_the_machine_rooms_of_{size}": int(limit == "machine"),
        f"idle_room_kb_of_{size}": round(best.idle_kb / best.rooms, 1),
        f"seat_kb_in_rooms_of_{size}": round(best.busy_kb / best.rooms / size, 1),
    }
    figures.at_least(f"rooms_of_{size}", first)
    if len(carried) > 2:
        figures.values |= {
            f"cpu_straight_line_r2_rooms_of_{size}": round(straight, 4),
            f"memory_straight_line_r2_rooms_of_{size}": round(straight_kb, 4),
        }
        figures.at_least(f"cpu_straight_line_r2_rooms_of_{size}", LEAST_LINEAR_CPU)
        figures.at_least(f"memory_straight_line_r2_rooms_of_{size}", LEAST_LINEAR)


def _attempt(size: int, rooms: int, quick: bool, folder: Path) -> Seen:
    """In a process of its own, so that its memory is that of these rooms alone."""
    return Seen(**in_process({"size": size, "rooms": rooms, "quick": quick, "folder": str(folder / f"{size}-{rooms}")}))


def in_process(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.bench.fanout", json.dumps(plan)],
        capture_output=True, text=True, timeout=LONGEST, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "the server ended")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Slope of the straight line of least squares, and R²: how much of what is seen it explains."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return points[0][1] / points[0][0], 1.0
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    total = sum((y - mean_y) ** 2 for _, y in points)
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return slope, 1 - left / total if total else 1.0


# ---------------------------------------------------------------- the server's process


def serve(plan: dict[str, Any]) -> Seen:
    """`everybody` is recorded, in C where it can be compiled; else one seat of each room, in Python."""
    size, rooms, folder = plan["size"], plan["rooms"], Path(plan["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    native = compiled(folder)
    fill, writer = (all_recorded, compiled_writer(folder)) if plan.get("everybody") else (recorded, None)
    warm_up, span = (WARM_UP_QUICK, SPAN_QUICK) if plan["quick"] else (WARM_UP, SPAN)
    own_core()
    gc.collect()
    before, built = resident_kb(), 0.0

    def build(floor: Floor, size: int, rooms: int) -> None:
        nonlocal built
        fill(floor, size, rooms)
        built = resident_kb()

    load: Load = run(build, size, rooms, Course(warm_up, span, native=native, writer=writer), folder)
    meant = rooms * size * (size - 1) * PACKETS_PER_SECOND
    return Seen(
        rooms, load.cpu / load.wall, load.lag_p99, load.delivered, load.per_s / meant,
        load.incoming_per_s / (rooms * size * PACKETS_PER_SECOND), load.late, load.kept_waiting,
        sum(load.drops.get(cause, 0) for cause in ("send", "protect", "srtp", "bitrate")),
        max(0.0, built - before), max(0.0, load.memory_kb - before),
    )  # fmt: skip


def serve_through_a_stall(plan: dict[str, Any]) -> dict[str, float]:
    """How long until everything flows again as before, and what the loop did meanwhile."""
    folder = Path(plan["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    native = compiled(folder) if plan["stall"] == "c" else None
    own_core()
    clients = CLIENT.build(folder)
    rooms, trial = STALL_FIRST, Course(2.0, 2.0, native=native, clients=clients)
    for n in range(STALL_TRIALS):
        load = run(recorded, plan["size"], rooms, trial, folder / f"trial-{n}")
        if LEAST_STALL_LOAD <= load.cpu / load.wall <= STALL_LOAD:
            break
        rooms = min(MOST_STALLED, round(rooms * STALL_LOAD / (load.cpu / load.wall)))
    course = Course(4.0, STALL_SPAN, native=native, clients=clients)
    before, *after = stalled(recorded, plan["size"], rooms, course, folder / "stall", STALL, STALL_SPANS)
    flows = [load.per_s >= FLOWS * before.per_s and load.lag_p99 <= STALL_LAG for load in after]
    slow = max((n + 1 for n, good in enumerate(flows) if not good), default=0)
    return {
        "rooms": rooms,
        "core_share_before": round(before.cpu / before.wall, 3),
        "lag_p99_ms_before": round(before.lag_p99 * 1000, 1),
        "recovery_s": slow * STALL_SPAN,
        "core_share_last": round(after[-1].cpu / after[-1].wall, 3),
        "forwarded_share_last": round(after[-1].per_s / before.per_s, 3),
        "lag_p99_ms_last": round(after[-1].lag_p99 * 1000, 1),
        "clients_late_ms": round(after[-1].late * 1000),
        "repair_refused": after[-1].drops.get("repair", 0),
    }


def own_core() -> None:
    """This process on the last core, the clients' (see `traffic`) on the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.environ[CORES] = ",".join(map(str, cores[:-1]))
        os.sched_setaffinity(0, {cores[-1]})


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.stdout.write(json.dumps(serve_through_a_stall(given) if given.get("stall") else asdict(serve(given))) + "\n")
