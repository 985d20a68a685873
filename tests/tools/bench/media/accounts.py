"""What the kernel says a process, its threads and the kernel's own have used."""

from __future__ import annotations

import contextlib
import resource
import threading
from pathlib import Path

_OF_KERNEL = ("kworker", "ksoftirqd", "jbd2", "xfsaild")


def resident_kb() -> float:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


def seconds_waiting() -> float:
    """That the kernel has let this process's first thread, the loop's, wait for a core; 0 where it does not say."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def seconds_of_process(pid: int) -> float:
    """CPU time of all threads of a process that are there. Raises OSError where the kernel does not say."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def seconds_of(name: str) -> float:
    """CPU time of the threads of this name; 0 where the kernel does not say."""
    try:
        return sum(
            int(Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text().split()[0]) / 1e9
            for thread in threading.enumerate()
            if thread.name == name
        )
    except (OSError, ValueError, IndexError):
        return 0.0


def seconds_of_kernel() -> float:
    """CPU time of the kernel's threads that end what was asked of a disk; 0 where it does not show them."""
    found = 0.0
    for name in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if name.read_text().startswith(_OF_KERNEL):
                found += int((name.parent / "schedstat").read_text().split()[0]) / 1e9
    return found
