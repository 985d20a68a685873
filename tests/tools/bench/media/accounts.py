"""What the kernel says of processes: what they, their threads and its own have used, and whom they started."""

from __future__ import annotations

import contextlib
import re
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


def memory_of(pid: int) -> int:
    """Bytes; pages that several share are there once (PSS, proc(5)). 0 of a process that has ended."""
    try:
        share = re.search(r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(share[1]) * 1024 if share else 0


def children_of(pid: int) -> list[int]:
    """Those it started; none of a process that has ended."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def family_of(pid: int) -> list[int]:
    """Those it started, and whom they started."""
    return [one for child in children_of(pid) for one in (child, *family_of(child))]


def command_of(pid: int) -> str:
    """Its words, apart by blanks; "" of a process that has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


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
