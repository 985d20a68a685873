"""Has files drawn by a confined child (`server.exhibits.drawing`), for one seat after another."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from rooms.exhibits.rules import MOST_PAGES
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import Limits, read
from server.exhibits.forms import LONGEST_FILM, BadFile
from server.exhibits.turns import BudgetUsed, Seat, Turns

AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 1) // 2))  # media has the other half of the machine
LIMITS: Final = Limits(seconds=9, output=96 << 20)  # 80 scanned pages take 6
_WHY: Final = frozenset({"broken", "pixels", "animated", "locked", "pages", "long", "coding"})
_SIZE: Final = struct.Struct(">II")
_FILM: Final = struct.Struct(">III")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is shown: a JPEG."""

    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """Pages of a picture or document; of a film its size and length."""

    sheets: tuple[Sheet, ...] = ()
    width: int = 0
    height: int = 0
    ms: int = 0


class Easel:
    """So many at once; others wait, and of those who wait each seat gets its turn."""

    def __init__(self, turns: Turns | None = None) -> None:
        self._turns = turns or Turns(AT_ONCE)

    def rested(self, seat: Seat) -> bool:
        """False while it has used up its budget."""
        return self._turns.rested(seat)

    async def draw(self, file: BinaryIO, form: str, most_pages: int = MOST_PAGES, seat: Seat = ("", "")) -> Found:
        """Of an open file. BadFile; whatever becomes of the drawing child is one too."""
        try:
            async with self._turns.turn(seat) as used:
                return await _drawn(file, form, most_pages, used)
        except BudgetUsed:
            raise BadFile("often") from None


async def _drawn(file: BinaryIO, form: str, most_pages: int, used: Callable[[float], None]) -> Found:
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


def _found(frames: list[bytes]) -> Found:
    sheets: list[Sheet] = []
    film = (0, 0, 0)
    for frame in frames:
        if frame[:1] == b"P":
            width, height = _SIZE.unpack_from(frame, 1)
            sheets.append(Sheet(width, height, frame[1 + _SIZE.size :]))
            if not sheets[-1].content.startswith(b"\xff\xd8\xff"):
                raise BadFile("hard")
        else:
            film = _FILM.unpack_from(frame, 1)
    return Found(tuple(sheets), *film)
