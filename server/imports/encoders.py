"""Processes that encode pieces of a file: `python -m server.imports.encoders`, one order and then pieces on its input,
what was made of them on its output, in the same order. It ends with its input, so with whoever started it.

They load what encoding needs and nothing else of the program. A frame is its length (4 bytes) and a pickle. Both
ends are this program, over pipes nobody else has.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import pickle
import queue
import struct
import sys
import threading
import traceback
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from complaints.channels import ChannelError
from complaints.channels.cells import Cell
from complaints.channels.reading import Numbered
from server.imports.encoding import BatchOrder, EncodedRows, Encoder, RowFrame, one_arena, seldom_collected

_LENGTH: Final = struct.Struct("<I")
_WAITING: Final = 2  # pieces read ahead, and answers that were not written yet
_PIPE: Final = 1 << 20  # bytes: what Linux allows anybody
_BUFFER: Final = 1 << 25  # bytes of answers that may wait here


class EncoderLostError(RuntimeError):
    """A process ended with pieces left to encode; what was read is in the batch, which can be resumed."""


class EncoderProcess:
    """Answers come in the order of what was asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._to, self._from = process, process.stdin, process.stdout

    def ask(self, piece: Sequence[Numbered]) -> None:
        self._put(piece)

    def begin(self, order: BatchOrder) -> None:
        self._put(order)

    async def answer(self) -> EncodedRows:
        try:
            (length,) = _LENGTH.unpack(await self._from.readexactly(_LENGTH.size))
            made: EncodedRows = pickle.loads(await self._from.readexactly(length))  # noqa: S301 - our own process
            return made
        except asyncio.IncompleteReadError:
            raise EncoderLostError from None

    async def close(self) -> None:
        if not self._to.is_closing():
            self._to.transport.abort()  # nobody reads what still waits in it
        if self._process.returncode is None:
            self._process.kill()  # it keeps nothing
        await self._process.wait()

    def _put(self, what: object) -> None:
        """Without waiting until it is read, since it may be making the piece before; who asks bounds how many wait."""
        raw = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        self._to.write(_LENGTH.pack(len(raw)))
        self._to.write(raw)


@asynccontextmanager
async def encoders(order: BatchOrder, count: int) -> AsyncIterator[Sequence[EncoderProcess]]:
    """So many of them, begun with the order."""
    running: list[EncoderProcess] = []
    try:
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.imports.encoders",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_BUFFER,
            )  # fmt: skip
            running.append(EncoderProcess(process))
            running[-1].begin(order)
        yield running
    finally:
        for one in running:
            await one.close()


# ---------------------------------------------------------------- in the process


def serve(asked: BinaryIO, told: BinaryIO) -> None:
    """Two threads read what is asked next and write what was made, so that making waits for neither."""
    coming, made = queue.Queue[bytes](_WAITING), queue.Queue[bytes](_WAITING)
    threading.Thread(target=_reading, args=(asked, coming), daemon=True).start()
    writing = threading.Thread(target=_writing, args=(told, made), daemon=True)
    writing.start()
    if order := coming.get():
        encoder = Encoder(pickle.loads(order))  # noqa: S301 - whoever started this process
        with seldom_collected():
            while piece := coming.get():
                encoded = encoder.encode(pickle.loads(piece))  # noqa: S301 - the same
                made.put(pickle.dumps(encoded, pickle.HIGHEST_PROTOCOL))
    made.put(b"")
    writing.join()


def _reading(asked: BinaryIO, coming: queue.Queue[bytes]) -> None:
    raw = asked.read(_LENGTH.size)
    while len(raw) == _LENGTH.size:
        (length,) = _LENGTH.unpack(raw)
        if len(raw := asked.read(length)) < length:
            break
        coming.put(raw)
        raw = asked.read(_LENGTH.size)
    coming.put(b"")


def _writing(told: BinaryIO, made: queue.Queue[bytes]) -> None:
    while raw := made.get():
        try:
            told.write(_LENGTH.pack(len(raw)))
            told.write(raw)
            told.flush()
        except BrokenPipeError:  # whoever started it has ended, and nothing here is worth keeping
            os._exit(1)


def _widened(pipe: BinaryIO) -> None:
    """Room for most of an answer, so that few words are needed until it is through."""
    with suppress(OSError, AttributeError):  # no pipe, or not Linux
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


Part = tuple[Sequence[Numbered], ChannelError | None]
"""Rows, or what keeps others from being read."""


@dataclass(slots=True)
class FilePiece:
    """`read`: its rows, in parts of which each has some. `broken`: the file stopped making sense behind it."""

    read: list[Sequence[Numbered]]
    encoded: EncodedRows
    broken: ChannelError | None = None
    _cells: dict[int, Sequence[Cell]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.read))

    @property
    def last(self) -> int:
        """The number of its last row."""
        part = self.read[-1]
        return part.last if isinstance(part, RowFrame) else part[-1][0]

    def cells(self, row: int) -> Sequence[Cell]:
        """Of a row, by its number."""
        if not self._cells:
            self._cells = dict(itertools.chain.from_iterable(self.read))
        return self._cells[row]


async def pieces(
    order: BatchOrder, rows: Iterable[Sequence[Numbered]], at_once: int, processes: int, ahead: int
) -> AsyncGenerator[FilePiece, None]:
    """All rows of a file in their order, at most `at_once` a piece, with what was made of each, in other processes if
    many.

    `ahead`: so many are made while those before are written; few enough that memory stays small.
    """
    source = parts(rows, at_once)
    first = list(itertools.islice(source, 2))
    source = itertools.chain(first, source)
    if processes == 0 or not first[1:]:  # a small file is read before a process has started
        encoder = Encoder(order)
        for read, broken in source:
            yield FilePiece([read] if read else [], encoder.encode(read), broken)
        return
    async with encoders(order, processes) as turns:
        waiting: deque[Part] = deque()
        asked, answered = itertools.cycle(turns), itertools.cycle(turns)
        while True:
            while len(waiting) <= max(processes, ahead // at_once) and (following := next(source, None)) is not None:
                waiting.append(following)
                next(asked).ask(following[0])
            if not waiting:
                return
            read, broken = waiting.popleft()
            yield FilePiece([read] if read else [], await next(answered).answer(), broken)


async def gathered(few: AsyncGenerator[FilePiece, None], least: int) -> AsyncGenerator[FilePiece, None]:
    """Pieces of at least so many rows, but for the last: what is made a little at a time is written much at once."""
    whole = FilePiece([], EncodedRows([], [], []))
    async with aclosing(few):
        async for piece in few:
            whole.read += piece.read
            whole.encoded.refused.extend(piece.encoded.refused)
            whole.encoded.fresh.extend(piece.encoded.fresh)
            whole.encoded.apart.extend(piece.encoded.apart)
            whole.broken = piece.broken
            if len(whole) >= least or whole.broken:
                yield whole
                whole = FilePiece([], EncodedRows([], [], []))
    if whole.read:
        yield whole


async def ahead_by_one(made: AsyncGenerator[FilePiece, None]) -> AsyncGenerator[FilePiece, None]:
    """The same; each is taken in while the one before is written, which is mostly waiting for the database."""
    coming = asyncio.ensure_future(anext(made, None))
    try:
        while (piece := await coming) is not None:
            coming = asyncio.ensure_future(anext(made, None))
            yield piece
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await made.aclose()


def parts(rows: Iterable[Sequence[Numbered]], most: int) -> Iterator[Part]:
    """As they come, at most so many rows each."""
    source = iter(rows)
    while True:
        try:
            some = next(source, None)
        except ChannelError as no:
            yield (), no
            return
        if some is None:
            return
        if 0 < len(some) <= most:
            yield some, None
        else:
            yield from ((some[at : at + most], None) for at in range(0, len(some), most))


if __name__ == "__main__":
    # Never sys.stdout.buffer: with PYTHONUNBUFFERED a write that a signal interrupts says how much it wrote, and ends.
    answers = os.fdopen(sys.stdout.fileno(), "wb", closefd=False)
    _widened(answers)
    one_arena()
    ended = 1
    try:
        serve(sys.stdin.buffer, answers)
        ended = 0
    except KeyboardInterrupt:
        pass  # whoever started it says so
    except Exception:
        traceback.print_exc()
    os._exit(ended)  # an orderly end would wait for the thread that still reads, and abort
