"""Which worker runs which file next.

Tests wait about as long as they compute, so there is a worker more than there are cores. A test with a browser or with
media keeps more than one core busy, and some of them hold the program to times: the first worker runs those, one after
the other, and the rest run files that need one core, at a lower priority. When those are used up, files with a browser
or media run side by side, as many as there are cores. The longest come first, so that all workers end together: a file
with one long test would else be among the last.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection
from typing import Any

from xdist.scheduler import LoadFileScheduling

from tests import ROOT
from tests.suite.selection import LONG_SECONDS, SECONDS, WALKS

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
WORKERS = CORES + 1
HEAVY = re.compile(r"\bmark\.(?:browser|firefox|media|turn|webkit)\b")


class HeavyBesideLight(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files: what a module's tests share is made once."""

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(chosen(self.workqueue, takes_heavy(node.gateway.id)), last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: Any) -> None:
        elsewhere = sum(
            any(heavy(file) and not all(unit.values()) for file, unit in units.items())
            for other, units in self.assigned_work.items()
            if other is not node and not other.shutting_down
        )
        if elsewhere >= CORES and all(heavy(file) for file in self.workqueue):
            node.shutdown()
        else:
            super()._reschedule(node)


def takes_heavy(worker: str) -> bool:
    """True if this worker runs the heavy files first. `worker`: its name as xdist gives it."""
    return worker == "gw0"


def chosen(files: Collection[str], heavies: bool) -> str:
    """The longest of the heavy ones, or of the light ones; of the others when there are none."""
    return max(files, key=lambda file: (heavy(file) is heavies, seconds(file)))


def seconds(file: str) -> int:
    """About how long it takes at most: on its day, when it has one."""
    return max(table.get(file, 0) for table in (SECONDS, WALKS, LONG_SECONDS))


@functools.cache
def heavy(file: str) -> bool:
    """True if a test in this file is marked as one with a browser or media. The controller imports no test."""
    path = ROOT / file
    return path.suffix == ".py" and HEAVY.search(path.read_text(encoding="utf-8")) is not None
