"""Which worker runs which file next.

A test with a browser or with media keeps two cores busy by itself, and some of them hold the program to times. So one
worker at a time runs such a file while another goes through files that need one core; only when those are used up do
two heavy files run side by side. The longest come first, so that all workers end together: a file with one long test
would else be among the last.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadFileScheduling

from tests.selection import SECONDS

HEAVY = re.compile(r"\bmark\.(?:browser|firefox|media|turn)\b")


class HeavyBesideLight(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files: what a module's tests share is made once."""

    def _assign_work_unit(self, node: Any) -> None:
        elsewhere = [units for other, units in self.assigned_work.items() if other is not node]
        busy = any(heavy(file) and not all(unit.values()) for units in elsewhere for file, unit in units.items())
        self.workqueue.move_to_end(chosen(self.workqueue, busy), last=False)
        super()._assign_work_unit(node)


def chosen(files: Collection[str], busy: bool) -> str:
    """The longest of the light ones when another worker is busy with a heavy one, else of the heavy ones."""
    return max(files, key=lambda file: (heavy(file) is not busy, SECONDS.get(file, 0)))


@functools.cache
def heavy(file: str) -> bool:
    """True if a test in this file is marked as one with a browser or media. The controller imports no test."""
    path = Path(__file__).parent.parent / file
    return path.suffix == ".py" and HEAVY.search(path.read_text(encoding="utf-8")) is not None
