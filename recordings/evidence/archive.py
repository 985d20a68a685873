"""The archive: a ZIP in one form only, so that the bytes follow from names and contents (docs/evidence.md, section 1).

Owns both directions. Reading means writing the headers anew and comparing: there is no header field to forget.

EvidenceError
├── NotAnArchive   not a ZIP, or not of the one form
├── Unsound        an entry that should be read has another form than docs/evidence.md says
└── Changed        a file is not what the journal says was recorded, found while it was being packed
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from recordings.errors import RecordingsError


class EvidenceError(RecordingsError):
    code = "evidence"


class NotAnArchive(EvidenceError):
    code = "zip"


class Unsound(EvidenceError):
    code = "manifest"


class Changed(EvidenceError):
    code = "segment_hash"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


MOST_ENTRIES = 60_000
MOST_DIRECTORY = 16 << 20

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}")
_LONGEST_NAME = 200

# APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14, 4.3.15, 4.3.16; all little-endian.
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_DATE = 0x0021  # 1980-01-01
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """`offset` of its local header; `size` in bytes, as stored."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        """Of the data."""
        return self.offset + _LOCAL.size + len(self.name) + (20 if self.size >= _FULL32 else 0)

    @property
    def end(self) -> int:
        return self.start + self.size


def sound(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def local_header(entry: ArchiveEntry) -> bytes:
    large = entry.size >= _FULL32
    size = _FULL32 if large else entry.size
    extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.size) if large else b""
    name = entry.name.encode("ascii")
    fields = (45 if large else 20, 0, 0, 0, _DATE, entry.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\3\4", *fields) + name + extra


def directory(entries: Sequence[ArchiveEntry], offset: int) -> bytes:
    """The central directory at `offset`, with everything behind it."""
    central = b"".join(map(_central, entries))
    count, size = len(entries), len(central)
    tail = b""
    if count >= _FULL16 or size >= _FULL32 or offset >= _FULL32:
        tail = _END64.pack(b"PK\6\6", _END64.size - 12, 45, 45, 0, 0, count, count, size, offset)
        tail += _LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)
    short = min(count, _FULL16)
    return central + tail + _END.pack(b"PK\5\6", 0, 0, short, short, min(size, _FULL32), min(offset, _FULL32), 0)


def _central(entry: ArchiveEntry) -> bytes:
    large, far = entry.size >= _FULL32, entry.offset >= _FULL32
    wide = ([entry.size, entry.size] if large else []) + ([entry.offset] if far else [])
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size = _FULL32 if large else entry.size
    name = entry.name.encode("ascii")
    fields = (20, 45 if wide else 20, 0, 0, 0, _DATE, entry.crc, size, size, len(name), len(extra), 0, 0, 0, 0)
    return _CENTRAL.pack(b"PK\1\2", *fields, min(entry.offset, _FULL32)) + name + extra


@dataclass(frozen=True, slots=True)
class ArchivePart:
    """What becomes an entry: size and CRC are known before its content is asked for."""

    name: str
    size: int
    crc: int
    content: Callable[[], Iterable[bytes]]


def part(name: str, content: bytes) -> ArchivePart:
    return ArchivePart(name, len(content), zlib.crc32(content), lambda: (content,))


def stream(parts: Iterable[ArchivePart]) -> Iterator[bytes]:
    """The archive's bytes in order. ValueError: a name no archive may have, or content that is not what was said."""
    entries: list[ArchiveEntry] = []
    at = 0
    for one in parts:
        if not sound(one.name):
            raise ValueError(one.name)
        entry = ArchiveEntry(one.name, one.size, one.crc, at)
        yield local_header(entry)
        crc, written = 0, 0
        for piece in one.content():
            crc = zlib.crc32(piece, crc)
            written += len(piece)
            yield piece
        if (written, crc) != (one.size, one.crc):
            raise ValueError(f"{one.name} changed while it was being packed")
        entries.append(entry)
        at = entry.end
    yield directory(entries, at)


def read(file: BinaryIO) -> list[ArchiveEntry]:
    """The entries, once every byte that is not content has been found to be as it must. NotAnArchive says what is not.

    Contents are not read, nor their CRCs compared.
    """
    length = file.seek(0, 2)
    count, size, offset, tail = _ending(file, length)
    if count > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise NotAnArchive("the directory is larger than any package's")
    if offset + size + tail != length:
        raise NotAnArchive("the directory does not end where the file ends")
    file.seek(offset)
    central = file.read(size)
    entries = _entries(central, count)
    file.seek(offset + size)
    if central + file.read(tail) != directory(entries, offset):
        raise NotAnArchive("the directory has another form than a package's")
    at, names = 0, set()
    for entry in entries:
        folded = entry.name.lower()
        if not sound(entry.name) or folded in names:
            raise NotAnArchive(f"a name that no package has, or has twice: {entry.name[:80]!r}")
        names.add(folded)
        if entry.offset != at or entry.end > offset:
            raise NotAnArchive(f"something lies between the entries, at {entry.name}")
        file.seek(at)
        wanted = local_header(entry)
        if file.read(len(wanted)) != wanted:
            raise NotAnArchive(f"the header of {entry.name} does not agree with the directory")
        at = entry.end
    if at != offset:
        raise NotAnArchive("something lies between the last entry and the directory")
    return entries


def _ending(file: BinaryIO, length: int) -> tuple[int, int, int, int]:
    """Count, size and offset of the directory, and how many bytes follow it."""
    if length < _END.size:
        raise NotAnArchive("too short for a ZIP")
    file.seek(length - _END.size)
    mark, _, _, _, count, size, offset, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6" or comment:
        raise NotAnArchive("no ZIP, or cut off, or with something behind its end")
    tail = _END.size
    if count == _FULL16 or size == _FULL32 or offset == _FULL32:
        tail += _END64.size + _LOCATOR.size
        if length < tail:
            raise NotAnArchive("too short for its own end record")
        file.seek(length - tail)
        mark, _, _, _, _, _, _, count, size, offset = _END64.unpack(file.read(_END64.size))
        if mark != b"PK\6\6":
            raise NotAnArchive("its ZIP64 end record is missing")
    return count, size, offset, tail


def _entries(central: bytes, count: int) -> list[ArchiveEntry]:
    entries, at = [], 0
    for _ in range(count):
        if at + _CENTRAL.size > len(central):
            raise NotAnArchive("the directory is cut off")
        fields = _CENTRAL.unpack_from(central, at)
        crc, size, offset = fields[7], fields[9], fields[16]
        name_length, extra_length = fields[10], fields[11]
        at += _CENTRAL.size
        name, extra = central[at : at + name_length], central[at + name_length : at + name_length + extra_length]
        at += name_length + extra_length
        wide = [number for (number,) in struct.iter_unpack("<Q", extra[4:])] if len(extra) in (12, 20, 28) else []
        if size == _FULL32 and len(wide) >= 2:
            size, wide = wide[0], wide[2:]
        if offset == _FULL32 and wide:
            offset = wide[0]
        try:
            entries.append(ArchiveEntry(name.decode("ascii"), size, crc, offset))
        except UnicodeDecodeError:
            raise NotAnArchive("a name that is not ASCII") from None
    return entries
