"""Which characters a font file shows, read from its `cmap` table, and a text in the form a sheet can carry.

Only what a paper must have: OpenType's cmap formats 4 and 12 (ISO/IEC 14496-22), in single files and collections.
"""

from __future__ import annotations

import bisect
import re
import struct
import unicodedata
from pathlib import Path
from typing import BinaryIO, Protocol

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # say which form of a character is meant
_LONG = 24  # characters of one word after which a line may break
_ZERO_WIDTH = "\u200b"
_CMAP = int.from_bytes(b"cmap")


class NoFont(Exception):
    """The font file has no table of characters that we read."""

    code = "no_font"


class Shown(Protocol):
    """The characters something has a shape for."""

    def __contains__(self, character: str, /) -> bool: ...


class Coverage:
    """Ranges of code points, sorted."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._ranges = sorted(ranges)
        self._starts = [first for first, _ in self._ranges]

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        at = bisect.bisect_right(self._starts, code) - 1
        return at >= 0 and code <= self._ranges[at][1]


def coverage_of(path: Path, index: int = 0) -> Coverage:
    """`index`: which font of a collection. NoFont, OSError."""
    with path.open("rb") as file:
        try:
            return Coverage(_ranges(file, index))
        except (struct.error, KeyError, IndexError) as fault:
            raise NoFont(f"{path.name}: {fault}") from None


def printable(text: str, shown: Shown) -> str:
    """What a sheet can say of a text: every visible character, or its code point where the font has no shape for it.

    Characters without a shape of their own (joiners, marks of direction, variants) are left out: on paper they would
    only change the order in which others are read. Long words get places to break at.
    """
    text = _SELECTORS.sub("", _BREAKS.sub("\n", text))
    return _breakable("".join(_said(character, shown) for character in text))


def plain(text: str) -> str:
    """Without the places to break at: to compare with what was meant."""
    return text.replace(_ZERO_WIDTH, "")


def _said(character: str, shown: Shown) -> str:
    if character == "\n":
        return character
    kind = unicodedata.category(character)
    if character == "\t" or kind == "Zs":
        return " " if character != "\u3000" else character
    if kind == "Cf":
        return ""
    if kind in ("Cc", "Co", "Cs", "Cn") or character not in shown:
        return f"[U+{ord(character):04X}]"
    return character


def _breakable(text: str) -> str:
    made, run = [], 0
    for character in text:
        run = 0 if character.isspace() or unicodedata.east_asian_width(character) in "WF" else run + 1
        if run > _LONG:
            made.append(_ZERO_WIDTH)
            run = 1
        made.append(character)
    return "".join(made)


def _ranges(file: BinaryIO, index: int) -> list[tuple[int, int]]:
    file.seek(0)
    start = _read(file, 12 + 4 * index, ">L")[0] if file.read(4) == b"ttcf" else 0
    (tables,) = _read(file, start + 4, ">H")
    records = [_read(file, start + 12 + 16 * n, ">L4xL4x") for n in range(tables)]
    cmap = {tag: offset for tag, offset in records}[_CMAP]  # noqa: C416 - rows are no pairs to a type checker
    (subtables,) = _read(file, cmap + 2, ">H")
    by_format: dict[int, int] = {}
    for n in range(subtables):
        platform, encoding, offset = _read(file, cmap + 4 + 8 * n, ">HHL")
        if (platform, encoding) in ((3, 10), (3, 1), (0, 3), (0, 4), (0, 6)):
            by_format[_read(file, cmap + offset, ">H")[0]] = cmap + offset
    if 12 in by_format:
        return _segments_12(file, by_format[12])
    return _segments_4(file, by_format[4])


def _segments_12(file: BinaryIO, at: int) -> list[tuple[int, int]]:
    (groups,) = _read(file, at + 12, ">L")
    file.seek(at + 16)
    flat = struct.unpack(f">{groups * 3}L", file.read(groups * 12))
    return list(zip(flat[0::3], flat[1::3], strict=True))


def _segments_4(file: BinaryIO, at: int) -> list[tuple[int, int]]:
    (doubled,) = _read(file, at + 6, ">H")
    count = doubled // 2
    ends = _read(file, at + 14, f">{count}H")
    starts = _read(file, at + 16 + doubled, f">{count}H")
    return [(first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF]


def _read(file: BinaryIO, at: int, form: str) -> tuple[int, ...]:
    file.seek(at)
    found: tuple[int, ...] = struct.unpack(form, file.read(struct.calcsize(form)))
    return found
