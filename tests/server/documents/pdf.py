"""The text of a PDF as our typesetter writes it, page after page in reading order. Not a reader for others' files.

What a person would copy out: codes of shown strings through each font's ToUnicode map, `ActualText` where it stands in
for them (ISO 32000-1, 9.10).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_TOKEN = re.compile(rb"/ActualText|/(f\d+) [\d.]+ Tf|<<|>>|<([0-9A-Fa-f]*)>|(\()|TJ|Tj|EMC|BDC")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes, page: int | None = None) -> str:
    """`page`: one of them alone, as a list is asked for it."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return "".join(_page(objects, body) for body in (pages if page is None else [pages[page]]))


def names_in(pdf: bytes) -> set[str]:
    """Whatever a viewer might act on beside showing the page."""
    risky = (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction", b"/AA", b"/AcroForm")
    outside = re.sub(rb"stream\n.*?\nendstream", b"", pdf, flags=re.DOTALL)
    return {name.decode() for name in risky if re.search(re.escape(name) + rb"[^A-Za-z]", outside)}


def pages_of(pdf: bytes) -> int:
    return len([body for _, body in _OBJECT.findall(pdf) if b"/Type/Page/" in body])


def _page(objects: dict[int, bytes], page: bytes) -> str:
    resources = objects[_reference(page, b"/Resources")]
    listed = re.search(rb"/Font<<(.*?)>>", resources)
    fonts = {
        name.decode(): _unicodes(_stream(objects[_reference(objects[int(number)], b"/ToUnicode")]))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", listed[1] if listed else b"")
    }
    return "".join(_shown(_stream(objects[_reference(page, b"/Contents")]), fonts))


def _shown(content: bytes, fonts: dict[str, dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    stands_in = actual = False
    strings: list[bytes] = []
    at = 0
    while token := _TOKEN.search(content, at):
        at = token.end()
        if token[3]:
            string, at = _literal(content, at)
        elif token[2] is not None:
            string = bytes.fromhex(token[2].decode())
        else:
            string = None
        if string is not None:
            if actual:
                yield string[2:].decode("utf-16-be") if string[:2] == b"\xfe\xff" else string.decode("latin-1")
                stands_in, actual = True, False
            else:
                strings.append(string)
        elif token[0] == b"/ActualText":
            actual = True
        elif token[0] == b"BDC":
            strings = []  # of its properties, such as /Lang
        elif token[0] == b"EMC":
            stands_in = False
        elif token[1]:
            font = fonts[token[1].decode()]
        elif token[0] in (b"TJ", b"Tj"):
            codes, strings = b"".join(strings), []
            if not stands_in:
                yield "".join(font[int.from_bytes(codes[n : n + 2])] for n in range(0, len(codes), 2))


def _unicodes(cmap: bytes) -> dict[int, str]:
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = int.from_bytes(bytes.fromhex(text.decode()))
            for n in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + n] = chr(start + n)
    return found


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """A string from behind its opening parenthesis, and where it ends; balanced ones inside need no escape."""
    made, depth = bytearray(), 1
    while True:
        char = content[at : at + 1]
        at += 1
        if char == b"\\":
            octal = re.compile(rb"[0-7]{1,3}").match(content, at)
            if octal:
                made.append(int(octal[0], 8))
                at = octal.end()
            else:
                made += _ESCAPES.get(content[at : at + 1], content[at : at + 1])
                at += 1
            continue
        depth += (char == b"(") - (char == b")")
        if not depth:
            return bytes(made), at
        made += char


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    raw = rest[: -len(b"\nendstream")] if rest.endswith(b"\nendstream") else rest
    return zlib.decompress(raw) if b"FlateDecode" in head else raw


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(re.escape(name) + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])
