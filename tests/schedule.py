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

HEAVY = re.compile(r"\bmark\.(?:browser|firefox|media|turn)\b")

SECONDS = {
    "tests/bench/test_attack.py": 120,
    "tests/bench/test_floods.py": 60,
    "tests/bench/test_killed.py": 60,
    "tests/bench/test_record.py": 60,
    "tests/bench/test_reports.py": 60,
    "tests/browser/test_accessibility.py": 150,
    "tests/browser/test_agreement.py": 70,
    "tests/browser/test_casebook_story.py": 40,
    "tests/browser/test_caucus.py": 50,
    "tests/browser/test_chat.py": 25,
    "tests/browser/test_device_life.py": 35,
    "tests/browser/test_doors.py": 85,
    "tests/browser/test_ease.py": 35,
    "tests/browser/test_networks.py": 120,
    "tests/browser/test_record.py": 70,
    "tests/browser/test_reports.py": 60,
    "tests/browser/test_room.py": 70,
    "tests/browser/test_signing.py": 75,
    "tests/browser/test_story.py": 75,
    "tests/browser/test_weak_network.py": 60,
    "tests/confinement/test_bombs.py": 40,
    "tests/media/test_chromium_media.py": 30,
    "tests/media/test_firefox.py": 25,
    "tests/regexes/test_cost.py": 300,
    "tests/rehearsal/test_rehearsal.py": 60,
    "tests/server/insight/test_detection.py": 35,
    "tests/server/odd/test_odd_values.py": 120,
    "tests/server/test_isolation.py": 40,
    "tests/survival/test_killed_server.py": 60,
}
"""About how long the longest files take; only their order matters. A file that is not here is shorter."""


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
