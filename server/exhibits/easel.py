"""Has files drawn by a confined child (`server.exhibits.drawing`), for one seat after another."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from media.sfu.limits import TokenBucket
from rooms.exhibits.rules import MOST_PAGES
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import Limits, read
from server.exhibits.uploads import LONGEST_FILM, BadFile

BUDGET: Final = 60.0  # seconds of a core that a seat may use at once
REFILL: Final = 0.1  # seconds of a core that come back in a second
FORGOTTEN: Final = BUDGET / REFILL  # seconds after which a budget is full again, whatever was used

Seat = tuple[str, str]
"""Session and seat."""


class BudgetUsed(Exception):
    """The seat has had so much drawn that it has to wait for a while."""


class DrawingQueue:
    """Who may have files drawn next: one seat after another, one file of a seat at a time, within each seat's budget.

    `places`: files that are drawn at once. `clock`: seconds, monotonic.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = places, clock
        self._busy: set[Seat] = set()
        self._waiting: OrderedDict[Seat, deque[asyncio.Future[None]]] = OrderedDict()
        self._budgets: OrderedDict[Seat, TokenBucket] = OrderedDict()  # seconds; looked at last at the end

    def rested(self, seat: Seat) -> bool:
        """Whether something is left of its budget."""
        return self._budget(seat) > 0

    @asynccontextmanager
    async def turn(self, seat: Seat) -> AsyncIterator[Callable[[float], None]]:
        """Waits for a place. What is given is told the seconds of a core that were used. BudgetUsed."""
        if not self.rested(seat):
            raise BudgetUsed
        await self._place(seat)
        try:
            yield lambda seconds: self._use(seat, seconds)
        finally:
            self._busy.discard(seat)
            self._free += 1
            self._give()

    async def _place(self, seat: Seat) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(seat, deque()).append(mine)
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it had just been given the place
                self._busy.discard(seat)
                self._free += 1
                self._give()
            raise

    def _give(self) -> None:
        """Free places to seats that have none, those first that have waited longest for theirs."""
        for seat in list(self._waiting):
            if not self._free:
                return
            if seat in self._busy:
                continue
            queue = self._waiting[seat]
            while queue and queue[0].done():
                queue.popleft()  # given up
            if queue:
                self._free -= 1
                self._busy.add(seat)
                queue.popleft().set_result(None)
            if queue:
                self._waiting.move_to_end(seat)
            else:
                del self._waiting[seat]

    def _budget(self, seat: Seat) -> float:
        """Seconds that are left; less than none where the last file took more than there were."""
        if (budget := self._budgets.get(seat)) is None:
            return BUDGET
        budget.refill(self._clock())
        self._budgets.move_to_end(seat)
        return budget.tokens

    def _use(self, seat: Seat, seconds: float) -> None:
        now = self._clock()
        budget = self._budgets.setdefault(seat, TokenBucket(REFILL, BUDGET, now))
        budget.refill(now)
        budget.tokens -= seconds
        self._budgets.move_to_end(seat)
        while next(iter(self._budgets.values())).updated_at < now - FORGOTTEN:
            self._budgets.popitem(last=False)


AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 1) // 2))  # media has the other half of the machine
LIMITS: Final = Limits(seconds=9, output=96 << 20)  # 80 scanned pages take 6
_WHY: Final = frozenset({"broken", "pixels", "animated", "locked", "pages", "long", "coding"})
_SIZE: Final = struct.Struct(">II")
_FILM: Final = struct.Struct(">III")


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as it is shown: a JPEG."""

    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """Pages of a picture or document; of a film its size and length."""

    sheets: tuple[DrawnPage, ...] = ()
    width: int = 0
    height: int = 0
    ms: int = 0


class ImageWorker:
    """So many at once; others wait, and of those who wait each seat gets its turn."""

    def __init__(self, turns: DrawingQueue | None = None) -> None:
        self._turns = turns or DrawingQueue(AT_ONCE)

    def rested(self, seat: Seat) -> bool:
        """False while it has used up its budget."""
        return self._turns.rested(seat)

    async def draw(self, file: BinaryIO, form: str, most_pages: int = MOST_PAGES, seat: Seat = ("", "")) -> DrawnFile:
        """Of an open file. BadFile; whatever becomes of the drawing child is one too."""
        try:
            async with self._turns.turn(seat) as used:
                return await _drawn(file, form, most_pages, used)
        except BudgetUsed:
            raise BadFile("often") from None


async def _drawn(file: BinaryIO, form: str, most_pages: int, used: Callable[[float], None]) -> DrawnFile:
    order = {"form": form, "most_pages": most_pages, "most_seconds": LONGEST_FILM}
    seconds = 0.0
    try:
        answer = await read("drawing", file, order, LIMITS)
        seconds = answer.seconds
        return _found(answer.frames)
    except Declined as no:
        seconds = no.seconds
        why = no.code if no.code in _WHY else "broken"
        raise BadFile(why, most=MOST_PAGES if why == "pages" else LONGEST_FILM // 60) from None
    except ReaderStopped as no:
        seconds = no.seconds
        raise BadFile("hard") from None
    finally:
        used(seconds)


def _found(frames: list[bytes]) -> DrawnFile:
    sheets: list[DrawnPage] = []
    film = (0, 0, 0)
    for frame in frames:
        if frame[:1] == b"P":
            width, height = _SIZE.unpack_from(frame, 1)
            sheets.append(DrawnPage(width, height, frame[1 + _SIZE.size :]))
            if not sheets[-1].content.startswith(b"\xff\xd8\xff"):
                raise BadFile("hard")
        else:
            film = _FILM.unpack_from(frame, 1)
    return DrawnFile(tuple(sheets), *film)
