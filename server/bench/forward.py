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
STARTED = 1.5  # seconds until everybody is connected and the first key frame is through
FILLED, FILLED_QUICK = 6.5, 1.5  # seconds until every history is full: filling one is page faults, not forwarding
MEASURED, MEASURED_QUICK = 8.0, 1.0
MOST_OF_BARE, MOST_OF_OBJECTS, MOST_OF_RELAYED = 1.5, 0.6, 0.02
LEAST_OFFERED = 0.5  # of the load meant: on a machine busier than that, a loop idles between packets


def measure(quick: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        return _measure(quick, Path(folder))


def _measure(quick: bool, folder: Path) -> dict[str, Any]:
    """The quick form has rooms of one size only, and what has no target is left out."""
    figures = Figures()
    span = MEASURED_QUICK if quick else MEASURED
    figures.on_disk(folder)
    again = run(relayed, *RELAYED, Course(STARTED, span, film=True), folder / "relayed")
    _note(figures, "relayed", again)
    native = compiled(folder)
    for size, rooms in list(ROOMS.items())[: 1 if quick else None]:
        _compare(figures, size, rooms, quick, again, native, folder)
    return figures.json()


def _compare(
    figures: Figures, size: int, rooms: int, quick: bool, again: Load, native: Native | None, folder: Path
) -> None:
    span = MEASURED_QUICK if quick else MEASURED
    full, plain = Course(FILLED_QUICK if quick else FILLED, span), Course(STARTED, span, feedback=False)

    def measured(build: Build, course: Course = full) -> Load:
        return run(build, size, rooms, course, folder / f"room{size}")

    # Ours and the least are measured first and last: what changes on the machine meanwhile changes both alike.
    least, ours = measured(bare, plain), measured(recorded)
    others = measured(objects)
    beside = {} if quick else {"objects_told": measured(objects_told), "all_recorded": measured(all_recorded)}
    fast = measured(recorded, replace(full, native=native)) if native is not None else None
    ours, least = ours + measured(recorded), least + measured(bare, plain)
    _note(figures, f"bare_room{size}", least)
    _note(figures, f"objects_room{size}", others)
    _note(figures, f"room{size}", ours)
    for name, load in beside.items():
        _note(figures, f"{name}_room{size}", load)
    if fast is not None:
        _note(figures, f"compiled_room{size}", fast)
        figures.values[f"compiled_to_python_ratio_room{size}"] = round(fast.us_per_packet / ours.us_per_packet, 3)
    for name, other, most in (
        ("bare", least, MOST_OF_BARE),
        ("objects", others, MOST_OF_OBJECTS),
        ("relayed", again, MOST_OF_RELAYED),
    ):
        ratio = f"to_{name}_ratio_room{size}"
        figures.values[ratio] = round(ours.us_per_packet / other.us_per_packet, 4)
        figures.at_most(ratio, most)
    figures.values |= {
        f"delivered_share_room{size}": round(min(ours.delivered, least.delivered), 4),
        f"offered_share_room{size}": round(
            min(least.per_s, ours.per_s) / (rooms * size * (size - 1) * PACKETS_PER_SECOND), 3
        ),
    }
    figures.at_least(f"delivered_share_room{size}", 0.95)
    figures.at_least(f"offered_share_room{size}", LEAST_OFFERED)


def _note(figures: Figures, name: str, load: Load) -> None:
    figures.values |= {
        f"us_per_forwarded_packet_{name}": round(load.us_per_packet, 2),
        f"packets_per_s_{name}": round(load.per_s),
        f"core_share_{name}": round(load.cpu / load.wall, 3),
    }


def compiled(folder: Path) -> Native | None:
    """The compiled fan-out, built for this run; None without a compiler."""
    try:
        return Native(library.build(folder))
    except NativeMissing:
        return None
