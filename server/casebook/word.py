"""Word files: a compendium read as paragraphs, and cases written as one. A DOCX is a ZIP of XML.

A stranger's file is measured before anything parses it: parts, unpacked size and ratio; no document types, no macros.
What is written is the same bytes for the same cases.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from casebook.compendium import Paragraph
from web.ports import Refused

LARGEST: Final = 16 << 20  # bytes of the file
UNPACKED: Final = 64 << 20  # bytes of the text's part
RATIO: Final = 200
MOST_PARTS: Final = 4_000
MOST_PARAGRAPHS: Final = 60_000
_SMALL: Final = 1 << 20
_PIECE: Final = 1 << 18
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError, OSError, KeyError)  # fmt: skip
_MOMENT: Final = (2000, 1, 1, 0, 0, 0)


def paragraphs(content: bytes) -> list[Paragraph]:
    """Refused: case_file, with `why`: large, kind, bomb, broken, macros, long."""
    if len(content) > LARGEST:
        raise _no("large")
    if content[:4] != b"PK\x03\x04":
        raise _no("kind")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {part.filename.lower() for part in archive.infolist()}
            if len(archive.infolist()) > MOST_PARTS:
                raise _no("bomb")
            if any(name.endswith("vbaproject.bin") for name in names):
                raise _no("macros")
            if "word/document.xml" not in names:
                raise _no("kind")
            styles = _styles(_part(archive, "word/styles.xml")) if "word/styles.xml" in names else {}
            body = _parsed(_part(archive, "word/document.xml"))
    except _FAULTS:
        raise _no("broken") from None
    found = list(_paragraphs(body, styles))
    if len(found) > MOST_PARAGRAPHS:
        raise _no("long")
    return found


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Counted while unpacking: what the archive says of itself proves nothing."""
    part = archive.getinfo(name)
    pieces, size = [], 0
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > UNPACKED or (size > _SMALL and size > RATIO * max(1, part.compress_size)):
                raise _no("bomb")
            pieces.append(piece)
    whole = b"".join(pieces)
    if b"<!DOCTYPE" in whole or b"<!ENTITY" in whole:  # no entities, ours or others'
        raise _no("kind")
    return whole


def _parsed(xml: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(xml)  # noqa: S314 - no document type is let through
    except ElementTree.ParseError:
        raise _no("broken") from None


def _styles(xml: bytes) -> dict[str, int]:
    """Heading levels by the id of their style."""
    found = {}
    for style in _parsed(xml).iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        match = _HEADING.match(name.get(f"{_W}val", "")) if name is not None else None
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        if match:
            found[style.get(f"{_W}styleId", "")] = int(match[1])
        elif outline is not None and outline.get(f"{_W}val", "").isdigit():
            found[style.get(f"{_W}styleId", "")] = min(9, int(outline.get(f"{_W}val", "0")) + 1)
    return found


def _paragraphs(body: ElementTree.Element, styles: dict[str, int]) -> Iterator[Paragraph]:
    for paragraph in body.iter(f"{_W}p"):
        text = "".join(_texts(paragraph)).strip()
        if not text:
            continue
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        id_ = style.get(f"{_W}val", "") if style is not None else ""
        match = _HEADING.match(id_)
        yield Paragraph(text, styles.get(id_, int(match[1]) if match else 0))


def _texts(paragraph: ElementTree.Element) -> Iterator[str]:
    for element in paragraph.iter():
        if element.tag == f"{_W}t":
            yield element.text or ""
        elif element.tag in (f"{_W}tab", f"{_W}br"):
            yield " "


def document(told: Iterable[Paragraph]) -> bytes:
    """A DOCX with these paragraphs."""
    lines = []
    for one in told:
        style = f'<w:pPr><w:pStyle w:val="Heading{one.level}"/></w:pPr>' if one.level else ""
        text = escape(_CONTROL.sub("", one.text))
        lines.append(f'<w:p>{style}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>')
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    body = f'{head}<w:document {space}><w:body>{"".join(lines)}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/><w:pPr><w:spacing w:before="240" '
        f'w:after="120"/><w:outlineLvl w:val="{n - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{40 - 6 * n}"/></w:rPr></w:style>'
        for n in (1, 2, 3)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="{main}.styles+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "word/document.xml": body,
        "word/styles.xml": f"{head}<w:styles {space}>{styles}</w:styles>",
    }
    return _zipped(list(parts.items()))


def _zipped(parts: Sequence[tuple[str, str]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _no(why: str) -> Refused:
    return Refused("case_file", 400, why=why)
