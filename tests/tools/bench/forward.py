"""What a forwarded packet costs, beside three other ways to forward it, all in one run: only ratios travel between
machines.

Ours has everything on: packet histories full, reports, REMB, 1 % of packets asked for again, one seat of each room
recorded to disk (and, as a figure of its own, all of them). (a) is the least a forwarder can do, (b) the same duties
through aiortc's packet objects (`told`: without its estimate of what a publisher may send), (c) a room that decodes
and encodes again (MediaRelay). Ours is measured in Python and, where it can be compiled, in C; each has its ratios.
What is compared with (a) takes turns with it, and a ratio is the median of the turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from statistics import median
from typing import Any

from media import NativeMissing
from media.sfu.native import FORWARDING, NativeForwarder
from recordings.native import WRITING, NativeWriter, loaded
from tests.tools.bench.media.bare import bare
from tests.tools.bench.media.crowd import all_recorded, recorded
from tests.tools.bench.media.floor import Build, Course, run
from tests.tools.bench.media.load import Load
from tests.tools.bench.media.objects import objects, objects_told
from tests.tools.bench.media.relayed import relayed
from tests.tools.bench.media.traffic import PACKETS_PER_SECOND
from tests.tools.figures import Figures

ROOMS = {3: 20, 8: 4}  # size -> how many at once
RELAYED = (3, 1)  # it fills the machine
STARTED = 1.5  # seconds until everybody is connected and the first key frame is through
FILLED, FILLED_QUICK = 6.5, 1.5  # seconds until every history is full: filling one is page faults, not forwarding
MEASURED, MEASURED_QUICK = 8.0, 1.0
TURNS = 3
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
    figures: Figures, size: int, rooms: int, quick: bool, again: Load, native: NativeForwarder | None, folder: Path
) -> None:
    span = MEASURED_QUICK if quick else MEASURED
    full, plain = Course(FILLED_QUICK if quick else FILLED, span), Course(STARTED, span, feedback=False)

    def measured(build: Build, course: Course = full) -> Load:
        return run(build, size, rooms, course, folder / f"room{size}")

    ways: dict[str, tuple[Build, Course]] = {"bare": (bare, plain), "": (recorded, full)}
    if native is not None:
        ways["compiled"] = recorded, replace(full, native=native)
    turns = [_turn(ways, measured, n) for n in range(1 if quick else TURNS)]
    others = measured(objects)
    beside = {} if quick else {"objects_told": measured(objects_told), "all_recorded": measured(all_recorded)}
    _note(figures, f"objects_room{size}", others)
    for name, load in beside.items():
        _note(figures, f"{name}_room{size}", load)
    for way in ways:
        _note(figures, _named(way, f"room{size}"), reduce(add, (each[way] for each in turns)))
    for way in list(ways)[1:]:
        cost = median(each[way].us_per_packet for each in turns)
        for name, ratio, most in (
            ("bare", median(each[way].us_per_packet / each["bare"].us_per_packet for each in turns), MOST_OF_BARE),
            ("objects", cost / others.us_per_packet, MOST_OF_OBJECTS),
            ("relayed", cost / again.us_per_packet, MOST_OF_RELAYED),
        ):
            figure = _named(way, f"to_{name}_ratio_room{size}")
            figures.values[figure] = round(ratio, 4)
            figures.at_most(figure, most)
    loads = [load for each in turns for load in each.values()]
    figures.values |= {
        f"delivered_share_room{size}": round(min(load.delivered for load in loads), 4),
        f"offered_share_room{size}": round(
            min(load.per_s for load in loads) / (rooms * size * (size - 1) * PACKETS_PER_SECOND), 3
        ),
    }
    figures.at_least(f"delivered_share_room{size}", 0.95)
    figures.at_least(f"offered_share_room{size}", LEAST_OFFERED)


def _turn(
    ways: Mapping[str, tuple[Build, Course]], measured: Callable[[Build, Course], Load], number: int
) -> dict[str, Load]:
    """Every way once, there and back again: what changes on the machine meanwhile changes all alike."""
    order = list(ways) if number % 2 == 0 else list(ways)[::-1]
    return {way: measured(*ways[way]) for way in order}


def _named(way: str, name: str) -> str:
    return f"{way}_{name}" if way else name


def _note(figures: Figures, name: str, load: Load) -> None:
    figures.values |= {
        f"us_per_forwarded_packet_{name}": round(load.us_per_packet, 2),
        f"packets_per_s_{name}": round(load.per_s),
        f"core_share_{name}": round(load.cpu / load.wall, 3),
    }


def compiled(folder: Path) -> NativeForwarder | None:
    """What is compiled, built for this run; None without a compiler."""
    try:
        return NativeForwarder(FORWARDING.build(folder))
    except NativeMissing:
        return None


def compiled_writer(folder: Path) -> NativeWriter | None:
    """Of recordings, likewise."""
    try:
        return loaded(WRITING.build(folder))
    except NativeMissing:
        return None
