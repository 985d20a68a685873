"""The evidence package of a session: the form of docs/evidence.md, written and read.

`package` builds one, `lines` has the journal's lines and their hashes, `sheets` and `authenticity` what is derived of
them; `claim` opens one, `verifier` checks it with `stamps` (RFC 3161, signed notes), `verdict` says what that comes to.
Knows no server and no database: everything is handed in.

Here is the form: a ZIP in one form only, the manifest, canonical JSON, and where each thing lies. The bytes follow from
names and contents (docs/evidence.md, section 1). Reading means writing the headers anew and comparing: there is no
header field to forget.

EvidenceError
├── NotAnArchive   not a ZIP, or not of the one form
├── Unsound        an entry that should be read has another form than docs/evidence.md says
└── Changed        a file is not what the journal says was recorded, found while it was being packed
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO, Final, Literal, get_args

from recordings import RecordingsError


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


FORMAT: Final = "yuntiao-evidence/2"
FIRST: Final = "yuntiao-evidence/1"
"""Without signed texts, handwriting and files of the complaint."""
EXPORT: Final = "yuntiao-export/1"
MASKED: Final = "masked.json"

MANIFEST, MANIFEST_NOTE = "manifest.json", "manifest.note"
WATERMARK, EXPORT_JSON, EXPORT_NOTE = "export.html", "export.json", "export.note"
BEFORE: Final = (MANIFEST, MANIFEST_NOTE)
AFTER: Final = (WATERMARK, EXPORT_JSON, EXPORT_NOTE)

SESSION, COMPLAINT = "journal/session.jsonl", "journal/complaint.jsonl"
CHECKPOINT, INCLUSION, WITNESSES = "log/checkpoint.note", "log/inclusion.json", "log/witnesses.json"
PAGES: Final = ("index.html", "index.en.html", "index.zh.html")
"""What every package shows people. The verifier beside them is left out by a program built without one."""
STAMPS: Final = "log/timestamps/"
VERIFIER: Final = "verify.html"
VIDEO: Final = "video/composed.mp4"
TRANSCRIPT: Final = "transcript/transcript.json"
"""What a machine heard, confirmed by nobody."""

MOST_MANIFEST: Final = 32 << 20
MOST_TEXT: Final = 128 << 20
MOST_NOTE: Final = 1 << 20
MOST_EVENTS: Final = 1_000_000

Kind = Literal[
    "page", "journal", "log", "segment", "video", "text", "sheet", "exhibit", "document", "signed", "handwriting",
    "attachment", "transcript", "spoken",
]  # fmt: skip
Cause = Literal["erased", "missing", "damaged"]
FOLDERS: Final[Mapping[str, Kind]] = {
    "journal": "journal",
    "log": "log",
    "media": "segment",
    "video": "video",
    "texts": "text",
    "sheets": "sheet",
    "exhibits": "exhibit",
    "documents": "document",
    "signed": "signed",
    "handwriting": "handwriting",
    "attachments": "attachment",
    "transcript": "transcript",
    "spoken": "spoken",
}

_HEX = re.compile(r"[0-9a-f]{64}")
_WHOLE: Final = (1 << 53) - 1


@dataclass(frozen=True, slots=True)
class ManifestItem:
    path: str
    kind: str
    size: int
    sha256: str
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A piece the journal names and the installation no longer has; `path` as it would be in the package."""

    path: str
    sha256: str
    size: int
    cause: str


@dataclass(frozen=True, slots=True)
class Manifest:
    session: str
    complaint: str
    complaint_number: str
    installation: str
    software: str
    key_name: str
    key: bytes  # raw Ed25519
    items: tuple[ManifestItem, ...]
    absent: tuple[Absent, ...] = ()
    format: str = FORMAT


def canonical(value: Any) -> bytes:
    """The one text of a JSON value. ValueError for NaN and what JSON cannot say."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def parsed(text: bytes) -> Any:
    """Of canonical JSON. Unsound for anything else, which also refuses a key that is there twice."""
    try:
        value = json.loads(text)
        if canonical(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    raise Unsound("not canonical JSON")


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def kind_of(path: str) -> Kind:
    """By the folder it lies in; KeyError when nothing of a package lies there."""
    folder, slash, _ = path.partition("/")
    if not slash:
        if path.endswith(".html"):
            return "page"
        raise KeyError(path)
    return FOLDERS[folder]


def media_path(path: str) -> str:
    """Where a segment lies whose `path` in the journal is `<session>/<seat>/<name>`."""
    return f"media/{path.partition('/')[2]}"


def spoken_path(path: str) -> str:
    """The same of what was said on the telephone while a consent was asked."""
    return f"spoken/{path.partition('/')[2]}"


def exhibit_path(exhibit: str, number: int, form: str) -> str:
    """Where an original lies: `number` counts the files of one exhibit from 1."""
    return f"exhibits/{exhibit}/{number}.{form}"


def document_path(document: str) -> str:
    return f"documents/{document}.pdf"


def signed_path(document: str) -> str:
    """Where the text lies that was signed and became this document."""
    return f"signed/{document}.json"


def handwriting_path(picture: str) -> str:
    return f"handwriting/{picture}.json"


def attachment_path(attachment: str, kind: str) -> str:
    return f"attachments/{attachment}.{kind}"


def to_json(manifest: Manifest) -> bytes:
    return canonical(
        {
            "absent": [{"cause": a.cause, "path": a.path, "sha256": a.sha256, "size": a.size} for a in manifest.absent],
            "complaint": manifest.complaint,
            "complaint_number": manifest.complaint_number,
            "format": manifest.format,
            "installation": manifest.installation,
            "items": [
                {"kind": i.kind, "path": i.path, "sha256": i.sha256, "size": i.size} | ({"sm3": i.sm3} if i.sm3 else {})
                for i in manifest.items
            ],
            "key": {"name": manifest.key_name, "public": base64_of(manifest.key)},
            "session": manifest.session,
            "software": manifest.software,
        }
    )


def from_json(text: bytes) -> Manifest:
    """Unsound says what is not as it should be."""
    value = parsed(text)
    if not isinstance(value, dict) or value.get("format") not in (FIRST, FORMAT):
        raise Unsound("not of the format " + FORMAT)
    try:
        made = Manifest(
            session=_text(value["session"]),
            complaint=_text(value["complaint"]),
            complaint_number=_text(value["complaint_number"]),
            installation=_text(value["installation"]),
            software=_text(value["software"]),
            key_name=_text(value["key"]["name"]),
            key=base64.b64decode(_text(value["key"]["public"]), validate=True),
            items=tuple(_item(item) for item in value["items"]),
            absent=tuple(_absent(piece) for piece in value["absent"]),
            format=value["format"],
        )
    except (KeyError, TypeError, AttributeError, binascii.Error) as fault:
        raise Unsound(f"a field is missing or of another kind: {fault}") from None
    if to_json(made) != text or len(made.key) != 32:
        raise Unsound("it has fields that the format does not have")
    for paths in ([item.path for item in made.items], [piece.path for piece in made.absent]):
        if any(a >= b for a, b in pairwise(paths)):
            raise Unsound("its lists are not in order")
    return made


def _item(value: Any) -> ManifestItem:
    item = ManifestItem(
        _path(value["path"]), value["kind"], _size(value["size"]), _hex(value["sha256"]), _sm3(value.get("sm3"))
    )
    if item.kind != kind_of(item.path):
        raise Unsound(f"{item.path} is no {item.kind}")
    return item


def _absent(value: Any) -> Absent:
    if value["cause"] not in get_args(Cause):
        raise Unsound("an unknown cause")
    return Absent(_path(value["path"]), _hex(value["sha256"]), _size(value["size"]), value["cause"])


def _sm3(value: Any) -> str:
    return "" if value is None else _hex(value)


def _path(value: Any) -> str:
    if not isinstance(value, str) or not sound(value) or value in (*BEFORE, *AFTER):
        raise Unsound("a path that no item has")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _WHOLE:
        raise Unsound("a size that is none")
    return value


def _hex(value: Any) -> str:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise Unsound("a hash that is none")
    return value
