"""What may be attached: JPEG, PNG, HEIC and PDF, told by their content; no PDF that does anything by itself.

Pictures are kept pixel by pixel, but only with what draws them: whatever else a phone writes into them (place, time,
serial numbers, preview, anything behind the end) is dropped. HEIC, which few browsers show, is drawn as JPEG instead by
`server.rooms.exhibits.drawing`. Formats: ITU T.81 annex B, W3C PNG 3rd edition section 5, Exif 2.32 for the one thing
that stays, which way up.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from complaints import BadUpload

LARGEST: Final = 10 * 1024 * 1024  # bytes of one file
MOST_PIXELS: Final = 60_000_000
LONGEST_NAME: Final = 80

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_DRAWS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT"})
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.S)
HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
"""Brands of ISO/IEC 23008-12: a picture as iPhones take it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """`kind`: "jpeg", "png", "heic" or "pdf"; `content` as it is kept: of HEIC a JPEG."""

    kind: str
    content: bytes


ENDINGS: Final = {"jpeg": "jpg", "png": "png", "heic": "heic", "pdf": "pdf"}
TYPES: Final = {"jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic", "pdf": "application/pdf"}


def upload(content: bytes) -> Upload:
    """BadUpload (why: "empty", "large", "kind", "broken", "pixels", and those of `complaints.record.uploads`).

    Of what strangers send it is asked in a confined child, which draws HEIC itself: `server.complaints.attachments`."""
    if not content:
        raise BadUpload(why="empty")
    if len(content) > LARGEST:
        raise BadUpload(why="large")
    if content.startswith(b"\xff\xd8\xff"):
        return Upload("jpeg", _jpeg(content))
    if content.startswith(_PNG):
        return Upload("png", _png(content))
    if content.startswith(b"%PDF-"):
        return Upload("pdf", _pdf(content))
    raise BadUpload(why="kind")


def is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC


def harmless_name(name: str, kind: str) -> str:
    """What it was called, without folders, control and reserved characters, with the ending of what it is."""
    last = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", last)
    # \u202e and its like make a name read as another.
    plain = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]", "", stem).strip(" .")
    return f"{plain[:LONGEST_NAME] or 'file'}.{ENDINGS[kind]}"


def _jpeg(content: bytes) -> bytes:
    """Segments but APPn and comments, and the scans between them; up to the end of the first image."""
    out, at, turned, sized, scanned = bytearray(b"\xff\xd8"), 2, 1, False, False
    while content[at : at + 2] != b"\xff\xd9":
        marker, begin, end = _segment(content, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[begin + 1 : begin + 5].ljust(4, b"\0"))
            _sized(width, height)
            sized = True
        if marker == 0xE1 and content[begin : begin + 6] == b"Exif\0\0":
            turned = _orientation(content[begin + 6 : end])
        if marker == 0xDA:  # coded data follows: up to a marker that is no restart
            scanned, after = True, _MARKER.search(content, end)
            if after is None:
                raise BadUpload(why="broken")
            end = after.start()
        # APP0 (JFIF) and APP14 (Adobe) say how the colours are meant.
        if not (0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)):
            out += content[at:end]
        at = end
    if not (sized and scanned):
        raise BadUpload(why="broken")
    if turned != 1:
        out[2:2] = _exif(turned)
    return bytes(out) + b"\xff\xd9"


def _segment(content: bytes, at: int) -> tuple[int, int, int]:
    """Marker, where its content begins and ends."""
    if at + 4 > len(content) or content[at] != 0xFF:
        raise BadUpload(why="broken")
    while content[at + 1] == 0xFF and at + 4 < len(content):
        at += 1
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    end = at + 2 + length
    if length < 2 or end > len(content) or content[at + 1] in (0x00, 0xD8, 0xD9):
        raise BadUpload(why="broken")
    return content[at + 1], at + 4, end


def _orientation(tiff: bytes) -> int:
    """1–8 of tag 0x0112; 1 when it is not said in an orderly way."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        (where,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, where)
        for n in range(min(count, 200)):
            tag, kind = struct.unpack_from(order + "HH", tiff, where + 2 + 12 * n)
            if (tag, kind) == (0x0112, 3):
                (turned,) = struct.unpack_from(order + "H", tiff, where + 2 + 12 * n + 8)
                return turned if 1 <= turned <= 8 else 1
    except struct.error:
        pass
    return 1


def _exif(turned: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> bytes:
    """Chunks that draw it, each with a good check sum; nothing behind the last."""
    out, ended = bytearray(_PNG), False
    for n, (kind, data, whole) in enumerate(_chunks(content)):
        if (n == 0) is not (kind == b"IHDR"):
            raise BadUpload(why="broken")
        if kind == b"IHDR":
            if len(data) != 13:
                raise BadUpload(why="broken")
            _sized(*struct.unpack(">II", data[:8]))
        if kind in _DRAWS:
            out += whole
        ended = kind == b"IEND"
    if not ended:
        raise BadUpload(why="broken")
    return bytes(out)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    at = len(_PNG)
    while at < len(content):
        if at + 12 > len(content):
            raise BadUpload(why="broken")
        length = int.from_bytes(content[at : at + 4], "big")
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise BadUpload(why="broken")
        kind = content[at + 4 : at + 8]
        yield kind, content[at + 8 : end - 4], content[at:end]
        if kind == b"IEND":
            return
        at = end


def _pdf(content: bytes) -> bytes:
    """As it is, when it does nothing by itself: it is never drawn here and only ever given out as a download."""
    if b"%%EOF" not in content[-2048:]:
        raise BadUpload(why="broken")
    check_pdf(content)
    return content


def _sized(width: int, height: int) -> None:
    if not width or not height:
        raise BadUpload(why="broken")
    if width * height > MOST_PIXELS:
        raise BadUpload(why="pixels")


# ------------------------------------------------------------ what a PDF does by itself


MOST_INFLATED: Final = 64 << 20  # bytes of all object streams
_PIECE: Final = 1 << 16
_ACTIVE: Final = frozenset({
    b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"RichMedia", b"SubmitForm",
    b"ImportData", b"GoToR", b"GoToE", b"Rendition",
})  # fmt: skip
_FORM: Final = frozenset({b"XFA", b"AcroForm"})  # the first is short enough to stand in a picture by chance
_NAMED: Final = re.compile(rb"/(%s)(?![0-9A-Za-z_])" % b"|".join(sorted([*_ACTIVE, *_FORM, b"Encrypt", b"ObjStm"])))
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"(?<!end)stream[ \t\r\n\x0c\x00]*")
_HOLDS_OBJECTS: Final = re.compile(rb"/(?:ObjStm|First)(?![0-9A-Za-z_])")
_FILTER: Final = re.compile(rb"/Filter(?![0-9A-Za-z_])")
_FLATE: Final = re.compile(rb"/(?:FlateDecode|Fl)(?![0-9A-Za-z_])")
_OTHERWISE: Final = re.compile(
    rb"/(?:DecodeParms|DP|F|FFilter|ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Crypt"
    rb"|DCTDecode|DCT|CCITTFaxDecode|CCF|JBIG2Decode|JPXDecode)(?![0-9A-Za-z_])"
)


def check_pdf(content: bytes) -> None:
    """BadUpload (why: "active", "locked", "unclear") of a PDF that does anything by itself.

    Its own table of contents is not believed. Readers repair what is broken, so objects count wherever they lie: in old
    revisions and behind damaged tables. Names are read with their escapes (ISO 32000-2, 7.3.5) in the whole file and in
    every object stream (7.5.7); a file that keeps objects in a way that cannot be looked through here is refused. Its
    time grows with the file and what its object streams hold.
    """
    plain = _unescaped(content)
    names = _NAMED.findall(plain)
    if b"Encrypt" in names:
        raise BadUpload(why="locked")
    found, seen = set(names), 0
    left = MOST_INFLATED
    for head, begin in _streams(content):
        if not _HOLDS_OBJECTS.search(head):
            continue
        seen += b"/ObjStm" in head
        if _OTHERWISE.search(head) or (_FILTER.search(head) and not _FLATE.search(head)):
            raise BadUpload(why="unclear")
        if _FILTER.search(head):
            objects = _inflated(content, begin, left)
            left -= len(objects)
            found.update(_NAMED.findall(_unescaped(objects)))
    if names.count(b"ObjStm") > seen:  # one that says so in another place
        raise BadUpload(why="unclear")
    if found & _ACTIVE or found >= _FORM:
        raise BadUpload(why="active")


def _streams(content: bytes) -> Iterator[tuple[bytes, int]]:
    """Of each the dictionary, names without escapes, and where its data begins."""
    before = 0
    for match in _STREAM.finditer(content):
        start = max(before, content.rfind(b"endobj", before, match.start()))
        yield _unescaped(content[start : match.start()]), match.end()
        before = match.end()


def _inflated(content: bytes, begin: int, most: int) -> bytes:
    unpacking, out = zlib.decompressobj(), bytearray()
    try:
        for at in range(begin, len(content), _PIECE):
            piece = content[at : at + _PIECE]
            while piece and not unpacking.eof:
                out += unpacking.decompress(piece, most + 1 - len(out))
                piece = unpacking.unconsumed_tail
                if len(out) > most:
                    raise BadUpload(why="unclear")
            if unpacking.eof:
                return bytes(out)
    except zlib.error:
        pass
    raise BadUpload(why="unclear")


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), text) if b"#" in text else text
