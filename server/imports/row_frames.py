"""What a confined child makes of tables and messages, in frames, and how the program reads them again.

Loaded by the child: rows are counted here while they come, and a frame never holds many.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from complaints.channels import documents
from complaints.channels.cells import Cell
from complaints.channels.errors import ChannelError
from complaints.channels.mapping import Header, from_plain
from server.confinement import Declined
from server.imports import tables

if TYPE_CHECKING:  # it loads half of the program
    from complaints.channels.reading import Numbered

ROWS: Final = 250  # of a frame
CHARACTERS: Final = 400_000  # of a frame, or one row more
_NAME: Final = struct.Struct(">H")
_KINDS: Final[dict[str, Callable[[str], Cell]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=float(seconds)),
}


def table(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    """The header, then the rows behind `order["after"]`."""
    try:
        found = tables.of_batch(
            Path(f"/dev/fd/{file.fileno()}"), from_plain(order["mapping"]), order["source"], order["name"]
        )
        yield json.dumps(asdict(found.header)).encode()
        yield from _packed(found.rows, order["after"], len(found.header.names))
    except ChannelError as no:
        raise Declined(no.code, **no.params) from None


def attached(file: BinaryIO, _order: object) -> Iterator[bytes]:
    """Of a message every file that lay with it: length of its name, name, content."""
    for name, content in documents.attached_files(file.read()):
        told = name.encode("utf-8", "replace")
        yield _NAME.pack(len(told)) + told + content


def _packed(rows: Iterable[Numbered], after: int, width: int) -> Iterator[bytes]:
    """Cells beyond the header's are nobody's. What comes before a fault is told before it is raised."""
    told: list[tuple[int, Sequence[Cell]]] = []
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


def _written(rows: list[tuple[int, Sequence[Cell]]]) -> bytes:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.encode("utf-8", "surrogatepass")


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


def rows_of(frame: bytes) -> list[Numbered]:
    return [(number, cells) for number, cells in json.loads(frame, object_hook=_cell)]


def attachment_of(frame: bytes) -> tuple[str, bytes]:
    (length,) = _NAME.unpack_from(frame)
    return frame[_NAME.size : _NAME.size + length].decode(), frame[_NAME.size + length :]


def _cell(told: dict[str, str]) -> Cell:
    ((kind, value),) = told.items()
    return _KINDS[kind](value)
