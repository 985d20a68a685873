"""Processes that encode pieces of a file: `python -m server.intake.encoders`, one order and then pieces on its input,
what was made of them on its output, in the same order. It ends with its input, so with whoever started it.

They load what encoding needs and nothing else of the program. A frame is its length (4 bytes) and a pickle; both ends
are this program, over pipes nobody else has.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, BinaryIO, Final

from server.intake.encoding import Encoded, Encoder, Numbered, Order
from server.intake.garbage import seldom_collected

_LENGTH: Final = struct.Struct("<I")
_BUFFER: Final = 1 << 25  # bytes of answers that may wait here


class EncoderLostError(RuntimeError):
    """A process ended with pieces left to encode; what was read is in the batch, which can be resumed."""


class EncoderProcess:
    """Answers come in the order of what was asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._to, self._from = process, process.stdin, process.stdout

    async def ask(self, piece: Sequence[Numbered]) -> None:
        await self._put(piece)

    async def begin(self, order: Order) -> None:
        await self._put(order)

    async def answer(self) -> Encoded:
        try:
            (length,) = _LENGTH.unpack(await self._from.readexactly(_LENGTH.size))
            return Encoded(*pickle.loads(await self._from.readexactly(length)))  # noqa: S301 - our own process
        except asyncio.IncompleteReadError:
            raise EncoderLostError from None

    async def close(self) -> None:
        self._to.close()
        if self._process.returncode is None:
            self._process.kill()  # it keeps nothing
        await self._process.wait()

    async def _put(self, what: object) -> None:
        raw = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        try:
            self._to.write(_LENGTH.pack(len(raw)))
            self._to.write(raw)
            await self._to.drain()
        except ConnectionError:
            raise EncoderLostError from None


@asynccontextmanager
async def encoders(order: Order, count: int) -> AsyncIterator[Sequence[EncoderProcess]]:
    """So many of them, begun with the order."""
    running: list[EncoderProcess] = []
    try:
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.intake.encoders",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_BUFFER,
            )  # fmt: skip
            running.append(EncoderProcess(process))
            await running[-1].begin(order)
        yield running
    finally:
        for one in running:
            await one.close()


# ---------------------------------------------------------------- in the process


def serve(asked: BinaryIO, told: BinaryIO) -> None:
    order = _read(asked)
    if order is None:
        return
    encoder = Encoder(order)
    with seldom_collected():
        while (piece := _read(asked)) is not None:
            raw = pickle.dumps(tuple(encoder.encode(piece)), pickle.HIGHEST_PROTOCOL)
            told.write(_LENGTH.pack(len(raw)))
            told.write(raw)
            told.flush()


def _read(asked: BinaryIO) -> Any:
    head = asked.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    raw = asked.read(length)
    return pickle.loads(raw) if len(raw) == length else None  # noqa: S301 - whoever started this process


if __name__ == "__main__":
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except (KeyboardInterrupt, BrokenPipeError):  # whoever started it has ended
        sys.exit(1)
