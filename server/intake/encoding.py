"""Rows of a file on their way to the tables: read, checked, sealed, written out as tuples, in processes of their own.

What a row becomes depends on nothing but the row and the batch, so pieces of a file are made beside each other.
Numbers, duplicates and everything else that depends on order are the importer's.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import multiprocessing
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from complaints.channels.cells import Cell
from complaints.channels.errors import ChannelError
from complaints.channels.header import Header
from complaints.channels.mapping import Mapping, from_plain
from complaints.channels.reading import Place, Reader
from complaints.commands import Register
from complaints.complaint import decide
from complaints.errors import ComplaintError
from complaints.phones import Sealer
from complaints.service import ComplaintService
from law import WorkingCalendar
from server.intake.refusing import problem_of, refused
from server.storage.fresh import Fresh, Making
from server.storage.intake_store import Handled

Numbered = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Order:
    """What every piece of a batch has in common; goes to each process. `seal` opens the installation's."""

    mapping: dict[str, Any]
    header: Header
    place: Place
    calendar: WorkingCalendar
    at: datetime  # of registration
    seal: Callable[[], Sealer]


class Encoded(NamedTuple):
    refused: list[Handled]
    fresh: list[Fresh]


class Encoder:
    def __init__(self, order: Order) -> None:
        mapping: Mapping = from_plain(order.mapping)
        self._header, self._seal = order.header, order.seal()
        self._reader = Reader(mapping, order.header, order.place)
        self._service = ComplaintService(cast(Any, None), self._seal, lambda: order.at)  # it is asked for records only
        self._making = Making(order.place.prefix, order.place.zone, order.calendar, order.at)
        self._now = order.place.now

    def encode(self, piece: Sequence[Numbered]) -> Encoded:
        """In the order of the rows; what is blank is in neither."""
        given = Encoded([], [])
        for (number, row), id in zip(piece, fresh_ids(len(piece)), strict=True):
            if self._reader.blank(row):
                continue
            read = self._reader.read(number, row)
            if read.filing is None:
                given.refused.append(refused(read, row, self._header, read.problems, self._seal))
                continue
            try:
                record = self._service.record(read.filing, complete=False)
                decide(Register(record), None, self._now)
            except ComplaintError as no:
                given.refused.append(refused(read, row, self._header, (problem_of(no, self._header),), self._seal))
                continue
            given.fresh.append(self._making.fresh(number, id, record))
        return given


@dataclass(slots=True)
class Piece:
    """`broken`: the file stopped making sense behind it."""

    rows: list[Numbered]
    encoded: Encoded
    broken: ChannelError | None = None


async def pieces(order: Order, rows: Iterable[Numbered], at_once: int, workers: int) -> AsyncIterator[Piece]:
    """All rows in their order, `at_once` a piece; few enough of them under way that memory stays small."""
    parts = iter(cut(rows, at_once))
    first = next(parts, None)
    if first is None:
        return
    if workers == 0 or len(first[0]) < at_once:  # a small file is read before a process has started
        encoder = Encoder(order)
        for read, broken in itertools.chain([first], parts):
            yield Piece(read, encoder.encode(read), broken)
        return
    loop = asyncio.get_running_loop()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, initializer=_begin, initargs=(order,)) as pool:
        waiting: deque[tuple[list[Numbered], ChannelError | None, asyncio.Future[Encoded]]] = deque()
        source = itertools.chain([first], parts)
        while True:
            while len(waiting) <= workers and (following := next(source, None)) is not None:
                waiting.append((*following, loop.run_in_executor(pool, _encode, following[0])))
            if not waiting:
                return
            read, broken, encoded = waiting.popleft()
            yield Piece(read, await encoded, broken)


def cut(rows: Iterable[Numbered], at_once: int) -> Iterable[tuple[list[Numbered], ChannelError | None]]:
    source = iter(rows)
    while True:
        piece: list[Numbered] = []
        try:
            piece.extend(itertools.islice(source, at_once))
        except ChannelError as no:
            yield piece, no
            return
        if not piece:
            return
        yield piece, None


def fresh_ids(count: int) -> list[str]:
    """32 hex digits that begin with the time, like UUID version 7: neighbours on disk are made together."""
    begin = time.time_ns() // 1_000_000 << 80
    return [f"{begin | n << 60 | secrets.randbits(60):032x}" for n in range(count)]


# ---------------------------------------------------------------- in the processes

_encoder: Encoder | None = None


def _begin(order: Order) -> None:
    global _encoder
    _encoder = Encoder(order)
    # What is made here are tuples of texts, without circles: looking for some would be a sixth of the work.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _encode(piece: Sequence[Numbered]) -> Encoded:
    assert _encoder is not None
    return _encoder.encode(piece)
