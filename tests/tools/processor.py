"""How much processor time tests take, with every process that they start, killed ones too.

    python -m tests.tools.processor [--tests] [PYTEST'S OPTIONS] FILE…

One line a file, the most expensive first; with `--tests` one a test too, its set-up and the rest apart. On a machine
that does other work this says what wall time does not. What tests leave behind is adopted (`PR_SET_CHILD_SUBREAPER`).
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import ROOT

KEPT = "YUNTIAO_TEST_PROCESSOR"
"""Names the file that a run's figures go to, and makes this module pytest's plugin."""

PR_SET_CHILD_SUBREAPER = 36
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Measuring:
    """What each test's set-up, and all the rest of it, takes."""

    def __init__(self, root: int, kept: Path) -> None:
        self._root = root
        self._kept = kept
        self._looking = 0.0
        self._last = 0.0

    def pytest_collection_finish(self) -> None:
        self._told("collected", "begin", self._since())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        try:
            return (yield)
        finally:
            self._told(item.nodeid, "begin", self._since())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        try:
            return (yield)
        finally:
            self._told(item.nodeid, "rest", self._since())

    def _since(self) -> float:
        began = time.thread_time()
        all_of_them = taken(self._root)
        self._looking += time.thread_time() - began
        now = all_of_them - self._looking
        took, self._last = now - self._last, now
        return took

    def _told(self, test: str, part: str, seconds: float) -> None:
        with self._kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps([test, part, round(seconds, 3)]) + "\n")


def taken(root: int) -> float:
    """Seconds of processor time of a process and of all that came of it."""
    parents: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                said = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:  # has just ended: its time is its parent's now
                continue
            parents[int(said[1])].append(int(folder.name))
            ticks[int(folder.name)] = sum(map(int, said[11:15]))
    found, every = [root], 0
    while found:
        every += ticks.get(one := found.pop(), 0)
        found += parents[one]
    return every * TICK


def pytest_configure(config: pytest.Config) -> None:
    if KEPT in os.environ:
        config.pluginmanager.register(Measuring(os.getppid(), Path(os.environ[KEPT])))


def main(arguments: list[str]) -> int:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    each = "--tests" in arguments
    with tempfile.NamedTemporaryFile() as kept:
        running = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", __spec__.name if __spec__ else "",
             *(one for one in arguments if one != "--tests")],
            cwd=ROOT, env={**os.environ, KEPT: kept.name},
        )  # fmt: skip
        code = -1
        while code < 0:  # whatever is adopted ends here, which its tests may wait for
            pid, status = os.wait()
            if pid == running.pid:
                code = abs(os.waitstatus_to_exitcode(status))
        told = [json.loads(line) for line in Path(kept.name).read_text("utf-8").splitlines()]
    files: Counter[str] = Counter()
    tests: dict[str, dict[str, float]] = defaultdict(dict)
    for test, part, seconds in told:
        files[test.partition("::")[0]] += seconds
        tests[test][part] = seconds
    lines = [f"{seconds:8.1f}  {file}" for file, seconds in files.most_common()]
    if each:
        most = sorted(tests.items(), key=lambda one: -sum(one[1].values()))
        lines[:0] = [f"{parts['begin']:8.2f} {parts.get('rest', 0):8.2f}  {test}" for test, parts in most]
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
