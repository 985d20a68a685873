"""The other side of `server.exhibits.drawing`: starts it, keeps it to its limits, and takes what it made."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from rooms.exhibiting import MOST_PAGES
from server.exhibits.forms import LONGEST_FILM, BadFile

AT_ONCE: Final = 2
SECONDS: Final = 90.0  # by the wall; its own processor time is limited to less
MOST_MADE: Final = 96 << 20  # bytes of all pages
_PIECE: Final = 1 << 18
_LEASH: Final = Path(__file__).parents[2] / "recordings" / "leash.py"
_DRAWING: Final = Path(__file__).with_name("drawing.py")
_WHY: Final = frozenset({"broken", "pixels", "animated", "locked", "pages", "long", "coding", "hard"})


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
    """So many at once; others wait."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def draw(self, file: BinaryIO, form: str, most_pages: int = MOST_PAGES) -> Found:
        """Of an open file. BadFile; whatever becomes of the drawing process is one too."""
        async with self._places:
            return _read(await _drawn(file, form, most_pages))


async def _drawn(file: BinaryIO, form: str, most_pages: int) -> bytes:
    file.flush()
    file.seek(0)  # the process shares the place in the file
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()),
        sys.executable, "-I", str(_DRAWING), form, str(file.fileno()), str(most_pages), str(LONGEST_FILM),
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        pass_fds=[file.fileno()],
    )  # fmt: skip
    try:
        return await asyncio.wait_for(_taken(process), SECONDS)
    except TimeoutError:
        raise BadFile("hard") from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _taken(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    made = bytearray()
    while piece := await process.stdout.read(_PIECE):
        made += piece
        if len(made) > MOST_MADE:
            raise BadFile("hard")
    return bytes(made)


def _read(made: bytes) -> Found:
    sheets: list[Sheet] = []
    film = (0, 0, 0)
    for mark, numbers, content in _parts(made):
        if mark == b"P":
            sheets.append(Sheet(numbers[0], numbers[1], content))
        else:
            film = numbers
    return Found(tuple(sheets), *film)


def _parts(made: bytes) -> Iterator[tuple[bytes, tuple[int, int, int], bytes]]:
    at = 0
    while at < len(made):
        mark = made[at : at + 1]
        if mark == b"Z":
            return
        if mark == b"E":
            why = made[at + 1 : at + 32].decode("ascii", "replace")
            raise BadFile(why if why in _WHY else "broken", most=MOST_PAGES if why == "pages" else LONGEST_FILM // 60)
        if mark not in (b"P", b"F") or at + 13 > len(made):
            break
        numbers = struct.unpack_from(">III", made, at + 1)
        at += 13
        content = b""
        if mark == b"P":
            content = made[at : at + numbers[2]]
            at += numbers[2]
            if not content.startswith(b"\xff\xd8\xff"):
                break
        yield mark, numbers, content
    raise BadFile("hard")  # it was ended before it had finished: too much time, too much memory
