"""A file of any kind as a table: what it is is decided by its first bytes, never by its name; and its rows in frames.

Files from outside are read by `of_batch` in a confined child only (`server.imports.batches`). XLSX files are
refused when they calculate, carry programs, or unpack to more than an export has. Everything is counted while it is
unpacked and while rows are told: what a file says of itself proves nothing. The parser keeps a rectangle of every
cell between the outermost two, so a cell in the last corner of a sheet, or one whose place goes without saying, may
ask for more memory than there is; the child's limit ends it.

Rows go from the child to the program in frames, which never hold many: they are counted while they come.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from complaints.channels import ChannelError, UnreadableFile, documents, mapping as header
from complaints.channels.cells import Cell
from complaints.channels.mapping import ChannelMapping, Header, from_plain
from server.confinement import ROWS_HEAD, Declined

LARGEST: Final = 100 << 20  # bytes of the file
UNPACKED: Final = 400 << 20  # bytes of everything in it
RATIO: Final = 200  # unpacked to packed; sheets of real exports have 10 to 40
MOST_PARTS: Final = 2_000
MOST_SHEETS: Final = 50
MOST_ROWS: Final = 200_000  # longer exports come as CSV
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 4_000_000  # of the rectangle: with short texts 440 MB of the child's memory
MOST_FILLED: Final = 500_000  # cells that merged areas stand for
LONGEST_CELL: Final = 200_000  # characters that are kept of one; a row is refused for far fewer
_Area = tuple[tuple[int, int], tuple[int, int]]
_SMALL = 1 << 20  # bytes below which a ratio says nothing
_PIECE = 1 << 18
_OVERLAP = 400  # bytes; longer than any start tag of a cell
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_PLACE = re.compile(rb"""<(?:\w{1,20}:)?c\b[^>]{0,200}?\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0")
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
class WorkbookSheet:
    """Rows from the first line on, merged areas filled downwards. They can be read once."""

    name: str
    rows: Iterator[Sequence[Cell]]


def sheets(path: Path) -> Iterator[WorkbookSheet]:
    """Visible or not, in their order. Unreadable, e.g. too_big, truncated, bomb, macros, formula; rows raise it too."""
    if path.stat().st_size > LARGEST:
        raise UnreadableFile("too_big", most=LARGEST >> 20)
    _checked(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for number, name in enumerate(book.sheet_names):
                sheet = book.get_sheet_by_index(number)
                if sheet.start is not None:
                    yield WorkbookSheet(name, _rows(sheet, sheet.start[1]))
    except (CalamineError, *_FAULTS):
        raise UnreadableFile("truncated") from None


def _rows(sheet: CalamineSheet, shift: int) -> Iterator[Sequence[Cell]]:
    width = shift + sheet.width
    if width > MOST_COLUMNS:
        raise UnreadableFile("too_many_columns", most=MOST_COLUMNS)
    most = min(MOST_ROWS, MOST_CELLS // max(1, width))
    fill = _Merged(sheet.merged_cell_ranges or [])
    for number, told in enumerate(sheet.iter_rows()):
        if number >= most:
            raise UnreadableFile("too_many_rows", most=most)
        row: list[Cell] = [*[""] * shift, *told]
        for at, cell in enumerate(row):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                row[at] = cell[:LONGEST_CELL]
        fill.row(number, row)
        yield row


def _checked(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise UnreadableFile("bomb", most=UNPACKED >> 20)
            names = [part.filename.lower() for part in parts]
            if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
                raise UnreadableFile("macros")
            if "xl/workbook.xml" not in names:
                raise UnreadableFile("unknown_kind")
            if sum(name.startswith("xl/worksheets/") and name.endswith(".xml") for name in names) > MOST_SHEETS:
                raise UnreadableFile("bomb", most=UNPACKED >> 20)
            whole = 0
            for part in parts:
                whole += _scanned(archive, part, UNPACKED - whole)
    except _FAULTS:
        raise UnreadableFile("truncated") from None


def _scanned(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Bytes of a part, counted while unpacking. What is XML is UTF-8, declares no types and calculates nothing."""
    name = part.filename.lower()
    xml, sheet = name.endswith((".xml", ".rels")), name.startswith("xl/worksheets/") and name.endswith(".xml")
    size, before = 0, b""
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > left or (size > _SMALL and size > RATIO * max(1, part.compress_size)):
                raise UnreadableFile("bomb", most=UNPACKED >> 20)
            if not xml:
                continue
            if size == len(piece) and (piece.startswith(_WIDE) or _ENCODING.match(piece)):
                raise UnreadableFile("unknown_kind")  # calamine reads UTF-8 only, and so do the searches below
            both = before + piece
            if b"<!DOCTYPE" in both or b"<!ENTITY" in both:
                raise UnreadableFile("unknown_kind")
            if sheet and (formula := _FORMULA.search(both)):
                places = _PLACE.findall(both[: formula.start()])
                column, row = places[-1] if places else (b"?", b"")
                raise UnreadableFile("formula", cell=(column + row).decode())
            before = piece[-_OVERLAP:]
    return size


class _Merged:
    """A merged area says the same of every row in it."""

    def __init__(self, areas: Sequence[_Area]) -> None:
        self._coming = sorted((top, left, bottom) for (top, left), (bottom, _right) in areas if bottom > top)
        self._coming.reverse()
        self._standing: list[tuple[int, int, Cell]] = []  # last row, column, what stands there
        self._filled = 0

    def row(self, number: int, row: list[Cell]) -> None:
        """Fill in what areas that began above say; rows come in their order."""
        if self._standing:
            self._standing = [one for one in self._standing if one[0] >= number]
            for _, column, value in self._standing:
                self._filled += 1
                if self._filled > MOST_FILLED:
                    raise UnreadableFile("too_many_rows", most=MOST_ROWS)
                if row[column] == "":
                    row[column] = value
        while self._coming and self._coming[-1][0] <= number:
            _, left, bottom = self._coming.pop()
            if left < len(row):
                self._standing.append((bottom, left, row[left]))


LARGEST_CSV: Final = 2 << 30  # bytes
_HEADER = re.compile(rb"(?:From [^\n]*\n)?[!-9;-~]{1,70}:[ \t]")

_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")

Row = tuple[int, Sequence[Cell]]
Numbered = Iterator[Row]


@dataclass(frozen=True, slots=True)
class FileTable:
    """`rows` are those below the header. They can be read once."""

    header: Header
    rows: Numbered


def of_batch(path: Path, mapping: ChannelMapping, source: str, name: str) -> FileTable:
    """What was kept for a batch of this source; `name`: what the file was called. Unreadable."""
    if source == "mail":
        raw, note = path.read_bytes(), name.lower().endswith(".txt")
        if note or is_message(name, raw):
            number = f"mail-{hashlib.sha256(raw).hexdigest()[:16]}"  # names come again, content does not
            named = (documents.of_note if note else documents.of_message)(raw, mapping, number)
            return FileTable(header.header_of(mapping, list(named)), iter([(1, list(named.values()))]))
    return opened(path, mapping)


def of_body(path: Path, mapping: ChannelMapping) -> FileTable:
    """A signed request's JSON, which is small enough to be read by the program itself. Unreadable."""
    names, rows = documents.body_rows(path.read_bytes())
    return FileTable(header.header_of(mapping, names), iter(list(enumerate(rows, 1))))


def is_message(name: str, raw: bytes) -> bool:
    """Whether it is a mail: by its name, or because it begins with a header (RFC 5322 section 2.2)."""
    lower = name.lower()
    return lower.endswith(".eml") or (not lower.endswith((".csv", ".xlsx", ".txt")) and bool(_HEADER.match(raw)))


def opened(path: Path, mapping: ChannelMapping) -> FileTable:
    """Unreadable says what is wrong with the file; while its rows are read, too."""
    with path.open("rb") as file:
        first = file.read(8)
    if not first:
        raise UnreadableFile("empty")
    if first.startswith(_OLE):
        raise UnreadableFile("old_excel")
    if first.startswith(_OTHERS):
        raise UnreadableFile("unknown_kind")
    if first.startswith(_ZIP):
        return _of_workbook(path, mapping)
    if path.stat().st_size > LARGEST_CSV:
        raise UnreadableFile("too_big", most=LARGEST_CSV >> 20)
    return _of_rows(mapping, documents.rows(_pieces(path)))


def _of_workbook(path: Path, mapping: ChannelMapping) -> FileTable:
    """The first sheet that has a header of ours."""
    failed: UnreadableFile | None = None
    for sheet in sheets(path):
        first = list(islice(sheet.rows, header.SEARCHED))
        try:
            found = header.find_header(mapping, first)
        except UnreadableFile as no:
            failed = no if failed is None or no.code == "columns_missing" else failed
            continue
        return FileTable(found, islice(enumerate(chain(first, sheet.rows), 1), found.last, None))
    raise failed or UnreadableFile("empty")


def _of_rows(mapping: ChannelMapping, rows: Numbered) -> FileTable:
    first: list[Row] = []
    broken: UnreadableFile | None = None
    try:
        first.extend(islice(rows, header.SEARCHED))
    except UnreadableFile as no:
        if not first:
            raise
        broken = no  # said behind the rows that could be read
    found = header.find_header(mapping, [row for _, row in first])
    # Rows of the header are counted as rows of the table; a field with line breaks makes lines more than rows.
    return FileTable(found, chain(first[found.last :], rows if broken is None else _broken(broken)))


def _broken(no: UnreadableFile) -> Numbered:
    raise no
    yield  # a generator: it is raised when the rows are read


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


ROWS: Final = 250  # of a frame
CHARACTERS: Final = 400_000  # of a frame, or one row more
_NAME: Final = struct.Struct(">H")


def table(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    """The header, then the rows behind `order["after"]`."""
    try:
        found = of_batch(Path(f"/dev/fd/{file.fileno()}"), from_plain(order["mapping"]), order["source"], order["name"])
        yield json.dumps(asdict(found.header)).encode()
        yield from _packed(found.rows, order["after"], len(found.header.names))
    except ChannelError as no:
        raise Declined(no.code, **no.params) from None


def attached(file: BinaryIO, _order: object) -> Iterator[bytes]:
    """Of a message every file that lay with it: length of its name, name, content."""
    for name, content in documents.attached_files(file.read()):
        told = name.encode("utf-8", "replace")
        yield _NAME.pack(len(told)) + told + content


def _packed(rows: Iterable[Row], after: int, width: int) -> Iterator[bytes]:
    """Cells beyond the header's are nobody's. What comes before a fault is told before it is raised."""
    told: list[Row] = []
    size, broken = 0, None
    source = iter(rows)
    while broken is None:
        try:
            number, cells = next(source)
        except StopIteration:
            break
        except ChannelError as no:
            broken = no
            break
        if number <= after:
            continue
        told.append((number, cells[:width]))
        size += sum([len(cell) for cell in cells if type(cell) is str])
        if len(told) == ROWS or size > CHARACTERS:
            yield _written(told)
            told, size = [], 0
    if told:
        yield _written(told)
    if broken is not None:
        raise broken


def _written(rows: list[Row]) -> bytes:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return ROWS_HEAD.pack(len(rows), rows[-1][0]) + text.encode("utf-8", "surrogatepass")


def _plain(cell: object) -> dict[str, str]:
    match cell:
        case datetime() | date() | time():
            return {type(cell).__name__: cell.isoformat()}
        case timedelta():
            return {"timedelta": str(cell.total_seconds())}
    raise TypeError(type(cell).__name__)


def header_of(frame: bytes) -> Header:
    found = json.loads(frame)
    return Header(tuple(found["names"]), found["columns"], tuple(found["kept"]), found["row"], found["last"])


def attachment_of(frame: bytes) -> tuple[str, bytes]:
    (length,) = _NAME.unpack_from(frame)
    return frame[_NAME.size : _NAME.size + length].decode(), frame[_NAME.size + length :]
