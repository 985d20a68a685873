"""The encoder's process: what it may take of the machine, what flows into it and out of it, and how it ends.

It reads its inputs from pipes and writes to an open file without a name, so that what is sealed on the disk is never
there in plain. While rooms are live it gets only what of one core nobody else wants.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import imageio_ffmpeg

from journal.numbers import is_number
from recordings.errors import CompositionError

OnProgress = Callable[[float], None]
Live = Callable[[], bool]

# An encoder that says nothing for so long will not finish; one that has to give way may wait for its turn.
STALLED_SECONDS = 120.0
WAITING_SECONDS = 3600.0
LOOK_SECONDS = 0.5
UNLIMITED: Mapping[str, int] = {}
_GUARD = Path(__file__).with_name("parent_death_guard.py")
# Nothing of the machine's font set-up takes part: the same words look the same everywhere.
_FONTS_CONFIGURATION = "<fontconfig></fontconfig>\n"
_FONTS = "fonts.conf"


@dataclass(frozen=True, slots=True)
class EncoderInput:
    """An input: `write` is called in a thread of its own and may raise OSError. `options` stand before it."""

    write: Callable[[BinaryIO], None]
    options: tuple[str, ...] = ()


def nameless(folder: Path) -> BinaryIO:
    """An open file that is gone when it is closed, however that comes about: in memory where that can be had."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("piece"), "w+b")
    return tempfile.TemporaryFile(dir=folder)


def path_of(file: BinaryIO) -> str:
    """By which an open file is opened once more, also by a process that was given it."""
    return f"/dev/fd/{file.fileno()}"


async def encode(
    feeds: Sequence[EncoderInput],
    arguments: Sequence[str],
    output: BinaryIO,
    folder: Path,
    on_progress: OnProgress,
    live: Live,
    held: Sequence[BinaryIO] = (),
    limits: Mapping[str, int] = UNLIMITED,
) -> None:
    """Make `output` of the feeds. `on_progress` hears the seconds done. CompositionError, and what a feed raises.

    `held` are open files that arguments name by `path_of`; `limits` those of recordings.composing.parent_death_guard.
    It runs in `folder`, which is where files that arguments name lie. Cancelling ends it at once.
    """
    (folder / _FONTS).write_text(_FONTS_CONFIGURATION, "utf-8")
    pipes = [os.pipe() for _ in feeds]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    for feed, (inner, _) in zip(feeds, pipes, strict=True):
        command += ["-threads", "1", *feed.options, "-i", f"pipe:{inner}"]
    command += ["-filter_complex_threads", "1", *arguments, "-threads", "1"]
    command += ["-progress", "pipe:1", "-stats_period", "0.5", path_of(output)]
    writers = [os.fdopen(outer, "wb", buffering=0) for _, outer in pipes]
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *command,
            cwd=folder,
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "FONTCONFIG_FILE": str(folder / _FONTS),
                **{name: str(most) for name, most in limits.items()},
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=[output.fileno(), *(inner for inner, _ in pipes), *(file.fileno() for file in held)],
        )  # fmt: skip
    except BaseException:
        for writer in writers:
            writer.close()
        raise
    finally:
        for inner, _ in pipes:
            os.close(inner)
    # A thread each: the encoder waits for one input while others are full.
    with ThreadPoolExecutor(max(1, len(feeds)), "strand") as threads:
        loop = asyncio.get_running_loop()
        feeding = [
            loop.run_in_executor(threads, _feed, feed, writer) for feed, writer in zip(feeds, writers, strict=True)
        ]
        for one in feeding:
            one.add_done_callback(lambda done: None if done.cancelled() or not done.exception() else _kill(process))
        try:
            fault = await _watch(process, on_progress, live)
        finally:
            _kill(process)
            await process.wait()
            failed = [error for error in await asyncio.gather(*feeding, return_exceptions=True) if error]
    if failed:
        raise failed[0]
    if process.returncode:
        full = "No space left" in fault
        raise CompositionError("disk_full" if full else "encoder", fault or f"exit {process.returncode}")


def _feed(feed: EncoderInput, writer: BinaryIO) -> None:
    with writer, contextlib.suppress(BrokenPipeError):  # it has seen enough
        feed.write(writer)


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _watch(process: asyncio.subprocess.Process, on_progress: OnProgress, live: Live) -> str:
    """Until it ends; the last of what it complains about."""
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(_tail(process.stderr))
    manners = asyncio.create_task(_give_way(process.pid, live))
    try:
        moved, furthest = time.monotonic(), -1
        while True:
            patience = WAITING_SECONDS if live() else STALLED_SECONDS
            line = await asyncio.wait_for(process.stdout.readline(), patience)
            if not line:
                break
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            if key == "out_time_us" and is_number(value) and int(value) > furthest:
                moved, furthest = time.monotonic(), int(value)
                on_progress(furthest / 1e6)
            elif time.monotonic() - moved > patience:
                raise TimeoutError
        await asyncio.wait_for(process.wait(), STALLED_SECONDS)
        return await complaints
    except TimeoutError:
        raise CompositionError("encoder", "stalled") from None
    finally:
        for task in (complaints, manners):
            task.cancel()
        await asyncio.gather(complaints, manners, return_exceptions=True)


async def _give_way(process: int, live: Live) -> None:
    """As long as rooms are live. Its low rank stays with it: who gave it up cannot have it back without rights."""
    cores = sorted(os.sched_getaffinity(process)) if hasattr(os, "sched_getaffinity") else []
    apart = False
    while True:
        if live() or apart:
            apart = live()
            for thread in _threads(process):
                with contextlib.suppress(OSError):  # it ended meanwhile
                    _step_back(thread, cores[-max(1, len(cores) // 4) :] if apart else cores)
        await asyncio.sleep(LOOK_SECONDS)


def _step_back(thread: int, cores: Sequence[int]) -> None:
    if cores:
        os.sched_setaffinity(thread, cores)
    if hasattr(os, "SCHED_IDLE"):  # whoever wakes up takes the core from it at once
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, thread, 19)


def _threads(process: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{process}/task")]  # noqa: PTH208 - no paths wanted
    except OSError:
        return [process]


async def _tail(stream: asyncio.StreamReader, most: int = 4000) -> str:
    kept = b""
    while piece := await stream.read(4096):
        kept = (kept + piece)[-most:]
    return kept.decode("utf-8", "replace").strip()
