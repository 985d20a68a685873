"""The parent's side: starts a confined child for one file, takes its frames, and ends it at its limits; and work on
long texts in a process of its own.

A `Reading` blocks and belongs in a thread; `read` is for the event loop. Threads of their own are used, so many that
files which take long keep nothing else of the program waiting.

What a text costs no room and no page waits for. Its one warm child (`server.confinement.text_worker`) starts with the
first text; it is killed when a text takes too long, and the next one starts anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from casebook import Known, MarkedSpan
from journal.refusals import Refused
from recordings.composing.encoder import nameless
from server.confinement import DATA, DECLINED, END, GAVE_UP, HEAD, STOPPED, Declined, ReaderStopped

MEMORY: Final = 512 << 20  # bytes of address space, so of resident memory too
SECONDS: Final = 8  # of a core
AT_ONCE: Final = 2  # files that are read at the same time for one event loop
_CHILD: Final = Path(__file__).with_name("child.py")
_PIECE: Final = 1 << 18
_PIPE: Final = 1 << 20  # bytes: what Linux allows anybody

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """`seconds` of a core; `patience`: seconds by the clock that are waited for the child; bytes otherwise."""

    seconds: int = SECONDS
    memory: int = MEMORY
    patience: float = 60.0
    frame: int = 16 << 20
    output: int = 64 << 20


class Reading:
    """One file being read. Iterating gives the task's frames.

    Raises Declined for what the task refuses and ReaderStopped when a limit or a crash ended the child; both may come
    after frames. Close it, which ends the child if it still runs; `seconds`, of a core, are known then.
    """

    def __init__(self, task: str, file: BinaryIO, order: object = None, limits: ReadingLimits | None = None) -> None:
        self._limits = limits or ReadingLimits()
        self._buffer = bytearray()
        self._waited = 0.0
        self._status: int | None = None
        self._lock = threading.Lock()
        self.seconds = 0.0
        file.flush()
        file.seek(0)  # the child shares the place in the file
        with nameless(Path.cwd()) as asked:
            asked.write(json.dumps(order, ensure_ascii=False).encode())
            asked.flush()
            asked.seek(0)
            self._process = subprocess.Popen(
                [
                    sys.executable, "-I", "-B", str(_CHILD), str(os.getpid()), str(file.fileno()), task,
                    str(self._limits.memory), str(self._limits.seconds),
                ],
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[file.fileno()],
            )  # fmt: skip
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        _widen(self._out)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        said = 0
        while True:
            kind, length = HEAD.unpack(self._take(HEAD.size))
            said += length
            if length > self._limits.frame or said > self._limits.output:
                self.kill()
                raise ReaderStopped("output")
            content = self._take(length)
            if kind == DATA:
                yield content
            elif kind == END:
                return
            elif kind == DECLINED:
                told = json.loads(content)
                raise Declined(str(told["code"]), **told["params"])
            else:
                why = content.decode("ascii", "replace") if kind == GAVE_UP else ""
                raise ReaderStopped(why if why in STOPPED else "crashed")

    def kill(self) -> None:
        """May be called from another thread."""
        with self._lock:
            if self._status is None:  # else its number may be another's
                os.kill(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._reap()

    def _take(self, size: int) -> bytes:
        """So many bytes of what the child says. ReaderStopped when it ends before."""
        while len(self._buffer) < size:
            began = time.monotonic()
            ready = self._poll.poll(max(0.0, self._limits.patience - self._waited) * 1000)
            self._waited += time.monotonic() - began
            if not ready:
                self.kill()
                raise ReaderStopped("time")
            piece = os.read(self._out, _PIECE)
            if not piece:
                raise ReaderStopped(self._ended())
            self._buffer += piece
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _ended(self) -> str:
        """Why it fell silent."""
        self._reap()
        ended_by = -os.waitstatus_to_exitcode(self._status or 0)
        if ended_by in (signal.SIGXCPU, signal.SIGKILL) and self.seconds >= self._limits.seconds - 1:
            return "time"  # the kernel sends the first at the limit, and the second when both limits are one
        return "memory" if ended_by == signal.SIGABRT else "crashed"  # allocators that cannot fail abort

    def _reap(self) -> None:
        if self._status is None:
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                _, self._status, used = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(self._status)
            self.seconds = used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class ReadFile:
    """All frames of a file, and the seconds of a core that reading them took."""

    frames: list[bytes]
    seconds: float


def read_now(
    task: str, content: bytes | BinaryIO, order: object = None, limits: ReadingLimits | None = None
) -> ReadFile:
    """Everything the task says of a file. Declined, ReaderStopped. Blocks."""
    with _held(content) as file:
        reading = Reading(task, file, order, limits)
        return _all(reading)


async def read(
    task: str, content: bytes | BinaryIO, order: object = None, limits: ReadingLimits | None = None
) -> ReadFile:
    """The same for the event loop; cancelled, the child ends at once."""
    begun: list[Reading] = []
    given_up = False

    def work() -> ReadFile:
        with _held(content) as file:
            begun.append(Reading(task, file, order, limits))
            if given_up:
                begun[0].kill()
            return _all(begun[0])

    try:
        return await in_thread(work)
    except asyncio.CancelledError:
        given_up = True
        for one in begun:
            one.kill()
        raise


async def in_thread(work: Callable[[], Result], long: bool = False) -> Result:
    """`work` starts readings; at most `AT_ONCE` run, in threads that nothing else waits for. `long`: what may take
    as long as a great export does; photos do not wait for it."""
    return await asyncio.get_running_loop().run_in_executor(_EXPORTS if long else _FILES, work)


_FILES = ThreadPoolExecutor(AT_ONCE, "confined reader")
_EXPORTS = ThreadPoolExecutor(AT_ONCE, "confined reader of exports")


def _all(reading: Reading) -> ReadFile:
    try:
        with reading:
            frames = list(reading)
    except (Declined, ReaderStopped) as no:
        no.seconds = reading.seconds
        raise
    return ReadFile(frames, reading.seconds)


@contextlib.contextmanager
def _held(content: bytes | BinaryIO) -> Iterator[BinaryIO]:
    if not isinstance(content, bytes):
        yield content
        return
    with nameless(Path.cwd()) as file:
        file.write(content)
        yield file


def _widen(pipe: int) -> None:
    """Room for some frames, so that child and parent do not wait for each other at every one."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


# ------------------------------------------------------------ text process


MOST_CHARACTERS: Final = 60_000  # of one call: every text of a case at its longest is 32,000
MOST_WAITING: Final = 16
TEXT_SECONDS: Final = 15.0  # by the wall, for one call
TEXT_MEMORY: Final = 1 << 30  # bytes the child may have
LARGEST_ANSWER: Final = 8 << 20
_GUARD: Final = Path(__file__).parents[2] / "recordings" / "composing" / "parent_death_guard.py"


class TextProcess:
    """Calls are answered one after another; `busy` where too many wait, `text_too_heavy` where one takes too long."""

    def __init__(self, seconds: float = TEXT_SECONDS) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def look(self, texts: Mapping[str, str], known: Known) -> dict[str, tuple[MarkedSpan, ...]]:
        """`casebook.deidentifying.looking.look`. Refused."""
        people = {
            "people": known.people,
            "organisations": known.organisations,
            "addresses": known.addresses,
            "others": known.others,
            "amounts": [str(amount) for amount in known.amounts],
        }
        found = await self._asked("look", texts, people)
        return {name: tuple(MarkedSpan(*span) for span in spans) for name, spans in found.items()}

    async def residues(self, texts: Iterable[str]) -> dict[str, list[str]]:
        """`casebook.deidentifying.looking.residue` of each text, by the text. Refused."""
        named = {str(number): text for number, text in enumerate(dict.fromkeys(texts))}
        found = await self._asked("residue", named)
        return {text: found[name] for name, text in named.items()}

    async def close(self) -> None:
        """Ends the child, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _asked(self, work: str, texts: Mapping[str, str], known: object = None) -> Any:
        if sum(map(len, texts.values())) > MOST_CHARACTERS:
            raise Refused("too_long", 413, most=MOST_CHARACTERS)
        if self._waiting >= MOST_WAITING:
            raise Refused("busy", 503)
        asked = json.dumps({"work": work, "texts": dict(texts), "known": known}).encode()
        self._waiting += 1
        try:
            async with self._turn:
                return await self._answer(asked)
        finally:
            self._waiting -= 1

    async def _answer(self, asked: bytes) -> Any:
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                process = await self._running()
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(struct.pack(">I", len(asked)) + asked)
                await process.stdin.drain()
                (size,) = struct.unpack(">I", await process.stdout.readexactly(4))
                if size > LARGEST_ANSWER:
                    raise Refused("text_too_heavy", 413)
                answer = json.loads(await process.stdout.readexactly(size))
                done = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise Refused("text_too_heavy", 413) from None
        finally:
            if not done:  # also when whoever asked has gone: half an answer must not be taken for the next one's
                await self.close()
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(_GUARD), str(os.getpid()), sys.executable, "-m", "server.confinement.text_worker",
                env={**os.environ, "LEASH_MEMORY": str(TEXT_MEMORY)},
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST_ANSWER,
            )  # fmt: skip
        return self._process
