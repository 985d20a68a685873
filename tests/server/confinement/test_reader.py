"""The confined child: its limits, what it may not do, and that it ends with whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recordings.composing.encoder import nameless
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import Reading, ReadingLimits, read, read_now
from tests.tools.bench.attack.bombs import ALL


def slow() -> bytes:
    """Takes all the time it is given."""
    return next(bomb.make() for bomb in ALL if bomb.name == "a mail of boundaries")


def limits_of(child: int) -> dict[str, str]:
    lines = Path(f"/proc/{child}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:47].strip() for line in lines}


def ended(child: int) -> bool:
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def until(done: object) -> None:
    """Looks again until it is so; what is waited for is never the time."""
    assert callable(done)
    late = time.monotonic() + 300
    while not done():
        assert time.monotonic() < late
        time.sleep(0.005)


def test_the_child_has_the_limits_before_it_reads_and_comes_last() -> None:
    with nameless(Path.cwd()) as file:
        file.write(slow())
        with Reading("attached", file, None, ReadingLimits(seconds=3)) as reading:
            child = reading._process.pid
            until(lambda: limits_of(child)["Max file size"] == "0")
            found = limits_of(child)
            assert found["Max address space"] == str(512 << 20)
            assert found["Max cpu time"] == "3"
            until(lambda: limits_of(child)["Max core file size"] == "0")
            until(lambda: os.getpriority(os.PRIO_PROCESS, child) >= 10)
        assert ended(child)


def test_a_child_that_takes_too_long_is_ended_and_says_so() -> None:
    with pytest.raises(ReaderStopped, match="time") as no:
        read_now("attached", slow(), limits=ReadingLimits(seconds=1))
    assert 0.5 < no.value.seconds < 3
    with pytest.raises(ReaderStopped, match="time"):
        read_now("attached", slow(), limits=ReadingLimits(patience=0.3))


def test_a_child_that_says_too_much_is_ended() -> None:
    with pytest.raises(ReaderStopped, match="output"):
        read_now("upload", b"%PDF-1.7\n" + bytes(50_000) + b"%%EOF", limits=ReadingLimits(frame=10_000))


def test_what_a_child_declines_comes_with_its_code() -> None:
    with pytest.raises(Declined) as no:
        read_now("upload", b"<html>")
    assert no.value.code == "kind"


async def test_cancelled_the_child_ends_at_once() -> None:
    def children() -> set[str]:
        """Those of this process that run: another test's browser or database may be among them."""
        found = Path("/proc/self/task").glob("*/children")
        return {child for one in found for child in one.read_text().split() if not ended(int(child))}

    others = children()
    asking = asyncio.create_task(read("attached", slow()))
    await asyncio.to_thread(until, lambda: children() - others)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    await asyncio.to_thread(until, lambda: not children() - others)


def test_the_child_dies_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    (tmp_path / "slow.eml").write_bytes(slow())
    script = (
        "import sys; from server.confinement.reader import Reading\n"
        "with open(sys.argv[1], 'rb') as file, Reading('attached', file) as one:\n"
        "    print(one._process.pid, flush=True); list(one)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "slow.eml")], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: ended(child))
