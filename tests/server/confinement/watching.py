"""How much the confined children of this process took: their peaks are read while they run."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass
class Taken:
    """Bytes of the largest child; seconds of a core of all of them."""

    peak: int = 0
    seconds: float = 0.0


@contextlib.contextmanager
def watched() -> Iterator[Taken]:
    taken, over = Taken(), threading.Event()

    def look() -> None:
        while not over.is_set():
            for child in _children():
                with contextlib.suppress(OSError):
                    if b"confinement/child.py" not in Path(f"/proc/{child}/cmdline").read_bytes():
                        continue
                    if found := _PEAK.search(Path(f"/proc/{child}/status").read_text()):
                        taken.peak = max(taken.peak, int(found[1]) << 10)
            time.sleep(0.002)

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield taken
    finally:
        over.set()
        looking.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _children() -> list[str]:
    found = []
    for task in os.listdir("/proc/self/task"):  # noqa: PTH208 - no paths wanted
        with contextlib.suppress(OSError):
            found += Path(f"/proc/self/task/{task}/children").read_text().split()
    return found
