"""Whether a PDF does anything by itself, told without believing its own table of contents.

Readers repair what is broken, so objects count wherever they lie: in old revisions and behind damaged tables. Names
are read with their escapes (ISO 32000-2, 7.3.5) in the whole file and in every object stream (7.5.7); a file that keeps
objects in a way that cannot be looked through here is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from complaints.errors import BadUpload

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


def check(content: bytes) -> None:
    """BadUpload (why: "active", "locked", "unclear"). Its time grows with the file and what its object streams hold."""
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
