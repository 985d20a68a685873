"""Which worker runs which file next.

A test with a browser or with media keeps two cores busy by itself, and some of them hold the program to times. So one
worker at a time runs such a file while another goes through files that need one core; only when those are used up do
two heavy files run side by side.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadFileScheduling

HEAVY = re.compile(r"\bmark\.(?:browser|firefox|media|turn)\b")


class HeavyBesideLight(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files: what a module's tests share is made once."""

    def _assign_work_unit(self, node: Any) -> None:
        elsewhere = [units for other, units in self.assigned_work.items() if other is not node]
        busy = any(heavy(file) and not all(unit.values()) for units in elsewhere for file, unit in units.items())
        wanted = next((file for file in self.workqueue if heavy(file) is not busy), None)
        if wanted is not None:
            self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)


@functools.cache
def heavy(file: str) -> bool:
    """True if a test in this file is marked as one with a browser or media. The controller imports no test."""
    path = Path(__file__).parent.parent / file
    return path.suffix == ".py" and HEAVY.search(path.read_text(encoding="utf-8")) is not None
