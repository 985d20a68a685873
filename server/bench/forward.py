"""What a forwarded packet costs, beside three other ways to forward it, all in one run: only ratios travel between
machines.

Ours has everything on: packet histories full, reports, REMB, 1 % of packets asked for again, one seat of each room
recorded to disk (and, as a figure of its own, all of them). (a) is the least a forwarder can do, (b) the same duties
through aiortc's packet objects (`told`: without its estimate of what a publisher may send), (c) a room that decodes
and encodes again (MediaRelay). Where the compiled fan-out can be had, ours is also measured with it.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from media.sfu.native import library
from media.sfu.native.fanout import Native
from media.sfu.native.library import NativeMissing
from server.bench.bare import bare
from server.bench.crowd import all_recorded, recorded
from server.bench.figures import Figures
from server.bench.floor import Build, Course, Load, run
from server.bench.objects import objects, objects_told
from server.bench.relayed import relayed
from server.bench.traffic import PACKETS_PER_SECOND

ROOMS = {3: 20, 8: 4}  # size -> how many at once
RELAYED = (3, 1)  # it fills the machine
STARTED = 2.0  # seconds until everybody is connected and the first key frame is through
FILLED = 6.5  # seconds until every history is full: filling one is page faults, not forwarding
MEASURED, MEASURED_QUICK = 8.0, 2.5
MOST_OF_BARE, MOST_OF_OBJECTS, MOST_OF_RELAYED = 1.5, 0.6, 0.02
LEAST_OFFERED = 0.5  # of the load meant: on a machine busier than that, a loop idles between packets


def measure(quick: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        return _measure(MEASURED_QUICK if quick else MEASURED, Path(folder))


def _measure(span: float, folder: Path) -> dict[str, Any]:
    figures = Figures()
    figures.on_disk(folder)
    full, plain = Course(FILLED, span), Course(STARTED, span, feedback=False)
    again = _measured(figures, relayed, *RELAYED, replace(full, warm_up=STARTED, film=True), folder, "relayed")
    native = compiled(folder)
    for size, rooms in ROOMS.items():
        least = _measured(figures, bare, size, rooms, plain, folder, f"bare_room{size}")
        others = _measured(figures, objects, size, rooms, full, folder, f"objects_room{size}")
        _measured(figures, objects_told, size, rooms, full, folder, f"objects_told_room{size}")
        ours = _measured(figures, recorded, size, rooms, full, folder, f"room{size}")
        _measured(figures, all_recorded, size, rooms, full, folder, f"all_recorded_room{size}")
        if native is not None:
            course = replace(full, fan_out=native)
            fast = _measured(figures, recorded, size, rooms, course, folder, f"compiled_room{size}")
            figures.values[f"compiled_to_python_ratio_room{size}"] = round(fast.us_per_packet / ours.us_per_packet, 3)
        meant = rooms * size * (size - 1) * PACKETS_PER_SECOND
        loads = {
            f"to_bare_ratio_room{size}": (least, MOST_OF_BARE),
            f"to_objects_ratio_room{size}": (others, MOST_OF_OBJECTS),
            f"to_relayed_ratio_room{size}": (again, MOST_OF_RELAYED),
        }
        for name, (other, most) in loads.items():
            figures.values[name] = round(ours.us_per_packet / other.us_per_packet, 4)
            figures.at_most(name, most)
        figures.values |= {
            f"delivered_share_room{size}": round(min(ours.delivered, least.delivered), 4),
            f"offered_share_room{size}": round(min(least.per_s, ours.per_s) / meant, 3),
        }
        figures.at_least(f"delivered_share_room{size}", 0.95)
        figures.at_least(f"offered_share_room{size}", LEAST_OFFERED)
    return figures.json()


def _measured(
    figures: Figures, build: Build, size: int, rooms: int, course: Course, folder: Path, name: str
) -> Load:  # fmt: skip
    load = run(build, size, rooms, course, folder / name)
    figures.values |= {
        f"us_per_forwarded_packet_{name}": round(load.us_per_packet, 2),
        f"packets_per_s_{name}": round(load.per_s),
        f"core_share_{name}": round(load.cpu / load.wall, 3),
    }
    return load


def compiled(folder: Path) -> Native | None:
    """The compiled fan-out, built for this run; None without a compiler."""
    try:
        return Native(library.build(folder))
    except NativeMissing:
        return None
