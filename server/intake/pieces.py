"""A file's rows in pieces, each with what was made of it, in the order of the file; made in other processes when there
are many.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from complaints.channels.errors import ChannelError
from complaints.channels.reading import Numbered
from server.intake.encoders import encoders
from server.intake.encoding import Encoded, Encoder, Order

Cut = tuple[list[Numbered], ChannelError | None]


@dataclass(slots=True)
class Piece:
    """`broken`: the file stopped making sense behind it."""

    rows: list[Numbered]
    encoded: Encoded
    broken: ChannelError | None = None


async def pieces(
    order: Order, rows: Iterable[Numbered], at_once: int, processes: int, ahead: int
) -> AsyncIterator[Piece]:
    """All rows in their order, `at_once` a piece. `ahead`: so many are made while those before are written; few enough
    that memory stays small."""
    parts = iter(cut(rows, at_once))
    first = next(parts, None)
    if first is None:
        return
    source = itertools.chain([first], parts)
    if processes == 0 or len(first[0]) < at_once:  # a small file is read before a process has started
        encoder = Encoder(order)
        for read, broken in source:
            yield Piece(read, encoder.encode(read), broken)
        return
    async with encoders(order, processes) as turns:
        waiting: deque[Cut] = deque()
        asked, answered = itertools.cycle(turns), itertools.cycle(turns)
        while True:
            while len(waiting) <= max(processes, ahead // at_once) and (following := next(source, None)) is not None:
                waiting.append(following)
                next(asked).ask(following[0])
            if not waiting:
                return
            read, broken = waiting.popleft()
            yield Piece(read, await next(answered).answer(), broken)


async def gathered(few: AsyncIterator[Piece], least: int) -> AsyncIterator[Piece]:
    """Pieces of at least so many rows, but for the last: what is made a little at a time is written much at once."""
    whole = Piece([], Encoded([], [], []))
    async for piece in few:
        whole.rows += piece.rows
        whole.encoded.refused.extend(piece.encoded.refused)
        whole.encoded.fresh.extend(piece.encoded.fresh)
        whole.encoded.apart.extend(piece.encoded.apart)
        whole.broken = piece.broken
        if len(whole.rows) >= least or whole.broken:
            yield whole
            whole = Piece([], Encoded([], [], []))
    if whole.rows:
        yield whole


def cut(rows: Iterable[Numbered], at_once: int) -> Iterable[Cut]:
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
