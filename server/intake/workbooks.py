"""XLSX files, from strangers: measured before anything parses them, refused when they calculate or carry programs.

The parser keeps a rectangle of every cell between the outermost two, so one cell in the last corner of a sheet would
cost more memory than there is; the sheet's own text is scanned for that before.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from complaints.channels.cells import Cell
from complaints.channels.errors import Unreadable

LARGEST: Final = 100 << 20  # bytes of the file
UNPACKED: Final = 400 << 20  # bytes of everything in it
RATIO: Final = 200  # unpacked to packed; sheets of real exports have 10 to 40
MOST_PARTS: Final = 2_000
MOST_SHEETS: Final = 50
MOST_ROWS: Final = 200_000  # longer exports come as CSV
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 6_000_000  # of the rectangle
MOST_FILLED: Final = 500_000  # cells that merged areas stand for
_Area = tuple[tuple[int, int], tuple[int, int]]
_SMALL = 1 << 20  # bytes below which a ratio says nothing
_PIECE = 1 << 18
_OVERLAP = 400  # bytes; longer than any start tag of a cell
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s/>]")
_PLACE = re.compile(rb"""<(?:\w{1,20}:)?c\b[^>]{0,200}?\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_MERGED = re.compile(rb"""\bref=["'][A-Z]{1,3}\d{1,7}:([A-Z]{1,3})(\d{1,7})["']""")
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with their numbers in the file, merged areas filled downwards."""

    name: str
    rows: Sequence[Sequence[Cell]]

    def numbered(self, after: int = 0) -> Iterator[tuple[int, Sequence[Cell]]]:
        return ((number, row) for number, row in enumerate(self.rows, 1) if number > after)


def sheets(path: Path) -> Iterator[Sheet]:
    """Visible or not, in their order. Unreadable, e.g. too_big, truncated, bomb, macros, formula."""
    if path.stat().st_size > LARGEST:
        raise Unreadable("too_big", most=LARGEST >> 20)
    _checked(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for number, name in enumerate(book.sheet_names):
                sheet = book.get_sheet_by_index(number)
                if sheet.start is None:
                    continue
                shift = sheet.start[1]
                rows: list[list[Cell]] = [[*[""] * shift, *row] for row in sheet.iter_rows()]
                _fill(rows, sheet.merged_cell_ranges or [])
                yield Sheet(name, rows)
    except (CalamineError, *_FAULTS):
        raise Unreadable("truncated") from None


def _checked(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise Unreadable("bomb", most=UNPACKED >> 20)
            names = [part.filename.lower() for part in parts]
            if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
                raise Unreadable("macros")
            if "xl/workbook.xml" not in names:
                raise Unreadable("unknown_kind")
            if sum(name.startswith("xl/worksheets/") and name.endswith(".xml") for name in names) > MOST_SHEETS:
                raise Unreadable("bomb", most=UNPACKED >> 20)
            whole = 0
            for part in parts:
                whole += _scanned(archive, part, UNPACKED - whole)
    except _FAULTS:
        raise Unreadable("truncated") from None


def _scanned(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Bytes of a part, counted while unpacking: what the archive says of itself proves nothing."""
    sheet = part.filename.lower().startswith("xl/worksheets/") and part.filename.lower().endswith(".xml")
    extent = _Extent()
    size, before = 0, b""
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > left or (size > _SMALL and size > RATIO * max(1, part.compress_size)):
                raise Unreadable("bomb", most=UNPACKED >> 20)
            if size == len(piece) and b"<!DOCTYPE" in piece[:1000]:
                raise Unreadable("unknown_kind")
            if sheet:
                extent.take(before, piece)
                before = piece[-_OVERLAP:]
    return size


class _Extent:
    """How far a sheet reaches, and that nothing in it calculates."""

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = 0

    def take(self, before: bytes, piece: bytes) -> None:
        both = before + piece
        if formula := _FORMULA.search(both):
            places = _PLACE.findall(both[: formula.start()])
            column, row = places[-1] if places else (b"?", b"")
            raise Unreadable("formula", cell=(column + row).decode())
        self.cells += len(_CELL.findall(piece))
        for column, row in (*_PLACE.findall(both), *_MERGED.findall(both)):
            self.rows = max(self.rows, int(row))
            self.columns = max(self.columns, _column(column))
        if self.rows > MOST_ROWS:
            raise Unreadable("too_many_rows", most=MOST_ROWS)
        if self.columns > MOST_COLUMNS:
            raise Unreadable("too_many_columns", most=MOST_COLUMNS)
        if max(self.cells, self.rows * self.columns) > MOST_CELLS:
            raise Unreadable("too_many_rows", most=MOST_CELLS // max(1, self.columns))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _fill(rows: list[list[Cell]], merged: Sequence[_Area]) -> None:
    """A merged area says the same of every row in it."""
    filled = 0
    for (top, left), (bottom, _right) in merged:
        if bottom <= top or top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top + 1 : bottom + 1]:
            filled += 1
            if filled > MOST_FILLED:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
            if left < len(row) and row[left] == "":
                row[left] = value
