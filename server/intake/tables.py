"""A file of any kind as a table: what it is is decided by its first bytes, never by its name.

Files from outside are read by `of_batch` in a confined child only (`server.intake.confined`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from complaints.channels import documents, header
from complaints.channels.cells import Cell
from complaints.channels.errors import Unreadable
from complaints.channels.header import Header
from complaints.channels.mapping import ChannelMapping
from server.intake import workbooks

LARGEST_CSV: Final = 2 << 30  # bytes
_HEADER = re.compile(rb"(?:From [^\n]*\n)?[!-9;-~]{1,70}:[ \t]")
_PIECE = 1 << 18
_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")

Numbered = Iterator[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are those below the header. They can be read once."""

    header: Header
    rows: Numbered


def of_batch(path: Path, mapping: ChannelMapping, source: str, name: str) -> Table:
    """What was kept for a batch of this source; `name`: what the file was called. Unreadable."""
    if source == "mail":
        raw, note = path.read_bytes(), name.lower().endswith(".txt")
        if note or is_message(name, raw):
            number = f"mail-{hashlib.sha256(raw).hexdigest()[:16]}"  # names come again, content does not
            named = (documents.of_note if note else documents.of_message)(raw, mapping, number)
            return Table(header.header_of(mapping, list(named)), iter([(1, list(named.values()))]))
    return opened(path, mapping)


def of_body(path: Path, mapping: ChannelMapping) -> Table:
    """A signed request's JSON, which is small enough to be read by the program itself. Unreadable."""
    names, rows = documents.body_rows(path.read_bytes())
    return Table(header.header_of(mapping, names), iter(list(enumerate(rows, 1))))


def is_message(name: str, raw: bytes) -> bool:
    """Whether it is a mail: by its name, or because it begins with a header (RFC 5322 section 2.2)."""
    lower = name.lower()
    return lower.endswith(".eml") or (not lower.endswith((".csv", ".xlsx", ".txt")) and bool(_HEADER.match(raw)))


def opened(path: Path, mapping: ChannelMapping) -> Table:
    """Unreadable says what is wrong with the file; while its rows are read, too."""
    with path.open("rb") as file:
        first = file.read(8)
    if not first:
        raise Unreadable("empty")
    if first.startswith(_OLE):
        raise Unreadable("old_excel")
    if first.startswith(_OTHERS):
        raise Unreadable("unknown_kind")
    if first.startswith(_ZIP):
        return _of_workbook(path, mapping)
    if path.stat().st_size > LARGEST_CSV:
        raise Unreadable("too_big", most=LARGEST_CSV >> 20)
    return _of_rows(mapping, documents.rows(_pieces(path)))


def _of_workbook(path: Path, mapping: ChannelMapping) -> Table:
    """The first sheet that has a header of ours."""
    failed: Unreadable | None = None
    for sheet in workbooks.sheets(path):
        first = list(islice(sheet.rows, header.SEARCHED))
        try:
            found = header.find_header(mapping, first)
        except Unreadable as no:
            failed = no if failed is None or no.code == "columns_missing" else failed
            continue
        return Table(found, islice(enumerate(chain(first, sheet.rows), 1), found.last, None))
    raise failed or Unreadable("empty")


def _of_rows(mapping: ChannelMapping, rows: Numbered) -> Table:
    first: list[tuple[int, Sequence[Cell]]] = []
    broken: Unreadable | None = None
    try:
        first.extend(islice(rows, header.SEARCHED))
    except Unreadable as no:
        if not first:
            raise
        broken = no  # said behind the rows that could be read
    found = header.find_header(mapping, [row for _, row in first])
    # Rows of the header are counted as rows of the table; a field with line breaks makes lines more than rows.
    return Table(found, chain(first[found.last :], rows if broken is None else _broken(broken)))


def _broken(no: Unreadable) -> Numbered:
    raise no
    yield  # a generator: it is raised when the rows are read


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
