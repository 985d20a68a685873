"""Word files: a compendium read as paragraphs, and cases written as one. A DOCX is a ZIP of XML.

A stranger's file is read by a confined child (`server.casebook.exchange`): parts, unpacked size and ratio are
counted while it is unpacked; no document types in any encoding, no macros. What is written is the same bytes for the
same cases.
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
from xml.parsers import expat
from xml.sax.saxutils import escape

from casebook import Paragraph, is_title, label_of
from journal.numbers import is_number
from server.confinement import Declined

LARGEST: Final = 16 << 20  # bytes of the file
UNPACKED: Final = 32 << 20  # bytes of all parts that are read; a tree of them is ten times that
RATIO: Final = 100  # unpacked to packed; texts of real files have 10 to 30
MOST_PARTS: Final = 4_000
MOST_PARAGRAPHS: Final = 60_000
_SMALL: Final = 1 << 20
_PIECE: Final = 1 << 18
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_COMPATIBLE: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OLD: Final = b"\xd0\xcf\x11\xe0"  # .doc, and a file behind a password
_NESTED: Final = 60  # tables and boxes within each other
_DEEPEST: Final = 12  # styles based on styles
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError, OSError, KeyError)  # fmt: skip
_MOMENT: Final = (2000, 1, 1, 0, 0, 0)


def paragraphs(content: bytes) -> list[Paragraph]:
    """Declined: case_file, with `why`: large, old, kind, bomb, broken, macros, long.

    In the order they are read: rows of tables cell by cell, text boxes after the paragraph they hang on, footnotes where
    they are referred to. A table whose head names parts of a case is a case a row."""
    if len(content) > LARGEST:
        raise _no("large")
    if content[:4] == OLD:
        raise _no("old")
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
            parts = _Parts(archive)
            styles = _styles(parts.read("word/styles.xml")) if "word/styles.xml" in names else {}
            body = _parsed(parts.read("word/document.xml"))
            notes = _notes(parts.read("word/footnotes.xml")) if "word/footnotes.xml" in names else {}
    except _FAULTS:
        raise _no("broken") from None
    found = list(_ParagraphReader(styles, notes).read(body))
    if len(found) > MOST_PARAGRAPHS:
        raise _no("long")
    return found


class _Parts:
    """Counted while they are unpacked: what the archive says of itself proves nothing."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._size = archive, 0

    def read(self, name: str) -> bytes:
        part = self._archive.getinfo(name)
        pieces, size = [], 0
        with self._archive.open(part) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                self._size += len(piece)
                if self._size > UNPACKED or (size > _SMALL and size > RATIO * max(1, part.compress_size)):
                    raise _no("bomb")
                pieces.append(piece)
        return b"".join(pieces)


def _parsed(xml: bytes) -> ElementTree.Element:
    """No entities, ours or others': the parser itself says whether there is a document type, whatever the encoding."""
    first = expat.ParserCreate()
    first.StartDoctypeDeclHandler = _typed
    try:
        first.Parse(xml, True)
        main = _W[1:-1].encode()
        return ElementTree.fromstring(xml.replace(_STRICT, main))  # noqa: S314 - no document type is let through
    except (expat.ExpatError, ElementTree.ParseError):
        raise _no("broken") from None


def _typed(*_: object) -> None:
    raise _no("kind")


def _styles(xml: bytes) -> dict[str, int]:
    """Heading levels by the id of their style: its own, or of the style it is based on."""
    own: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in _parsed(xml).iter(f"{_W}style"):
        id_, name, parent = style.get(f"{_W}styleId", ""), style.find(f"{_W}name"), style.find(f"{_W}basedOn")
        match = _HEADING.match(name.get(f"{_W}val", "")) if name is not None else None
        level = int(match[1]) if match else _outline(style)
        if level:
            own[id_] = level
        if parent is not None:
            based[id_] = parent.get(f"{_W}val", "")
    found = {}
    for id_ in {*own, *based}:
        at, steps = id_, 0
        while at not in own and at in based and steps < _DEEPEST:
            at, steps = based[at], steps + 1
        if at in own:
            found[id_] = own[at]
    return found


def _outline(of: ElementTree.Element) -> int:
    """The level an outline gives it, 0 for running text."""
    outline = of.find(f"{_W}pPr/{_W}outlineLvl")
    value = outline.get(f"{_W}val", "") if outline is not None else ""
    return int(value) + 1 if is_number(value) and int(value) < 9 else 0


def _notes(xml: bytes) -> dict[str, str]:
    """Footnotes by their id."""
    return {
        note.get(f"{_W}id", ""): text
        for note in _parsed(xml).iter(f"{_W}footnote")
        if (text := "".join(element.text or "" for element in note.iter(f"{_W}t")).strip())
    }


class _ParagraphReader:
    def __init__(self, styles: dict[str, int], notes: dict[str, str]) -> None:
        self._styles, self._notes = styles, notes

    def read(self, block: ElementTree.Element, deep: int = 0) -> Iterator[Paragraph]:
        """Paragraphs of a body, a cell, a text box, or whatever wraps them."""
        _shallow(deep)
        for element in block:
            if element.tag == f"{_W}p":
                yield from self._paragraph(element, deep)
            elif element.tag == f"{_W}tbl":
                yield from self._table(element, deep)
            elif element.tag not in (f"{_W}del", f"{_COMPATIBLE}Fallback"):
                yield from self.read(element, deep + 1)

    def _paragraph(self, paragraph: ElementTree.Element, deep: int) -> Iterator[Paragraph]:
        boxes: list[ElementTree.Element] = []
        if text := "".join(self._texts(paragraph, boxes, deep)).strip():
            yield Paragraph(text, self._level(paragraph))
        for box in boxes:
            yield from self.read(box, deep + 1)

    def _level(self, paragraph: ElementTree.Element) -> int:
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        id_ = style.get(f"{_W}val", "") if style is not None else ""
        match = _HEADING.match(id_)
        return self._styles.get(id_, int(match[1]) if match else 0) or _outline(paragraph)

    def _texts(self, block: ElementTree.Element, boxes: list[ElementTree.Element], deep: int) -> Iterator[str]:
        """Of a paragraph itself; the text boxes that hang on it are put into `boxes`. A box is there twice, once for
        old programs: that one is left out."""
        _shallow(deep)
        for element in block:
            if element.tag == f"{_W}t":
                yield element.text or ""
            elif element.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
                yield " "
            elif element.tag == f"{_W}footnoteReference":
                if note := self._notes.get(element.get(f"{_W}id", "")):
                    yield f"（{note}）"
            elif element.tag == f"{_W}txbxContent":
                boxes.append(element)
            elif element.tag not in (f"{_W}del", f"{_COMPATIBLE}Fallback", f"{_W}pPr"):
                yield from self._texts(element, boxes, deep + 1)

    def _table(self, table: ElementTree.Element, deep: int) -> Iterator[Paragraph]:
        rows = [[list(self.read(cell, deep + 1)) for cell in _own(row, "tc")] for row in _own(table, "tr")]
        head = [" ".join(one.text for one in cell) for cell in rows[0]] if rows else []
        if len(rows) > 1 and len([name for name in head if label_of(name)]) >= 2:
            for row in rows[1:]:
                yield from _case_of_row(head, row)
            return
        yield from (one for row in rows for cell in row for one in cell)


def _own(block: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Rows of a table or cells of a row, also where something wraps them; none of a table within."""
    for element in block:
        if element.tag == f"{_W}{name}":
            yield element
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _own(element, name)


def _shallow(deep: int) -> None:
    if deep > _NESTED:
        raise _no("broken")


def _case_of_row(head: Sequence[str], row: Sequence[Sequence[Paragraph]]) -> Iterator[Paragraph]:
    """A title, or what stands in no column with a name, and then its parts."""
    cells = list(zip(head, row, strict=False))
    title = next((cell for name, cell in cells if is_title(name) and cell), [])
    if not any(cell for name, cell in cells if label_of(name)):
        return
    yield Paragraph("案例1：" + " ".join(one.text for one in title))
    for name, cell in cells:
        if label_of(name) and cell:
            yield Paragraph(name.strip())
            yield from (Paragraph(one.text) for one in cell)


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


def _no(why: str) -> Declined:
    return Declined("case_file", why=why)
