# ruff: noqa: E501, UP031 - a line a bomb; bytes and PDF are full of braces
"""Small files that ask for the whole machine, made by code. Each is named for what it does.

`Bomb.task`: how it comes: a task of the confined child, or for an exhibit the form it says it has.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_CORNER: Final = '<row r="1"><c r="A1"><v>1</v></c></row>'


@dataclass(frozen=True, slots=True)
class Bomb:
    name: str
    task: str
    make: Callable[[], bytes]
    harmless: bool = False  # it may also be read, when that costs little

    def __str__(self) -> str:
        return f"{self.task}: {self.name}"


# ---------------------------------------------------------------- workbooks


def workbook(
    rows: str | bytes, shared: str | bytes = b"", after: str = "", more: dict[str, bytes] | None = None
) -> bytes:
    sheet = (
        rows
        if isinstance(rows, bytes)
        else f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    )
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **({"xl/sharedStrings.xml": shared} if shared else {}),
        **(more or {}),
    }  # fmt: skip
    return packed(parts)


def packed(parts: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how, compresslevel=9) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _shared_strings() -> bytes:
    """One long text that every cell says."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"投诉内容" * 8_000}</t></si></sst>'
    rows = "".join(f'<row r="{n}">' + '<c t="s"><v>0</v></c>' * 40 + "</row>" for n in range(1, 500))
    return workbook(rows, shared)


def _many_merged() -> bytes:
    areas = "".join(f'<mergeCell ref="A{n}:A1048576"/>' for n in range(1, 60_000))
    return workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="150000"><c r="A150000"><v>1</v></c></row>',
        after=f"<mergeCells>{areas}</mergeCells>",
    )


def _overlapping() -> bytes:
    """2,000 entries of the directory that all name the same packed bytes (as 42.zip's successor does)."""
    whole = workbook(_CORNER, more={"xl/media/0.bin": b"\0" * (15 << 20)})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        part = archive.getinfo("xl/media/0.bin")
        start = archive.start_dir
    end = whole.rindex(b"PK\5\6")
    entry = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, part.CRC, part.compress_size, part.file_size, 14, 0, 0, 0, 0, 0,
                    part.header_offset) + b"xl/media/0.bin"
        for _ in range(1_500)
    )  # fmt: skip
    directory = whole[start:end] + entry
    count = 1_500 + len(zipfile.ZipFile(io.BytesIO(whole)).namelist())
    return whole[:start] + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)


def laughs(root: str = "worksheet") -> str:
    """Billion laughs: each entity ten of the one before."""
    entities = ['<!ENTITY a0 "haha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)]
    return f'<?xml version="1.0" encoding="%s"?><!DOCTYPE x [{"".join(entities)}]><{root}>&a10;</{root}>'


def quadratic(root: str = "worksheet") -> str:
    """One long entity, said very often: no depth for a parser's own protection to see."""
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><{root}>{"&a;" * 100_000}</{root}>'


# ---------------------------------------------------------------- Word


def word(document: str | bytes, more: dict[str, str | bytes] | None = None) -> bytes:
    return packed({"word/document.xml": document, **(more or {})})


def paragraphs(inside: str) -> str:
    return f'<w:document xmlns:w="{WORD}"><w:body>{inside}</w:body></w:document>'


def _many_elements() -> bytes:
    return word(paragraphs("".join(f'<w:p a{n % 977}="{n}"/>' for n in range(1_400_000))))


# ---------------------------------------------------------------- text


def _quoted() -> bytes:
    """One row of a table whose fields never end, each too short to be one."""
    return b"\xe5\xb7\xa5\xe5\x8d\x95\xe7\xbc\x96\xe5\x8f\xb7,a\n" + b'"' + (b"x" * 1000 + b'\n","') * 120_000


# ---------------------------------------------------------------- pictures


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, colour: int = 0, inflated: int = 0) -> bytes:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(inflated >> 20)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _png_of_60_megapixels() -> bytes:
    """Within every limit of size, and a quarter of a gigabyte before anything was done to it."""
    return png(10_000, 6_000, 6, (10_000 * 4 + 1) * 6_000 + (1 << 20))


def jpeg(width: int, height: int) -> bytes:
    """A head that says so, and the scan of a small one."""
    from tests.server.rooms.exhibits.files import picture

    small = picture("JPEG", (64, 64))
    at = next(at for at in range(len(small)) if small[at] == 0xFF and small[at + 1] in (0xC0, 0xC2))
    return small[: at + 5] + struct.pack(">HH", height, width) + small[at + 9 :]


def _progressive() -> bytes:
    """A progressive JPEG with the same scan three hundred times, each of which goes through the whole picture."""
    from tests.server.rooms.exhibits.files import picture

    whole = picture("JPEG", (5_000, 5_000), progressive=True)
    at = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[at:-2] * 300 + b"\xff\xd9"


def webp() -> bytes:
    body = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", 0x3FFF | 0x3FFF << 14) + b"\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _text_chunks() -> bytes:
    """Metadata that unpacks to much more than its picture."""
    many = chunk(b"zTXt", b"a\0\0" + zlib.compress(b" " * (8 << 20), 9)) * 400
    whole = png(8, 8, 0, 1 << 20)
    return whole[:33] + many + whole[33:]


# ---------------------------------------------------------------- PDF


def pdf(objects: list[str], trailer: str = "") -> bytes:
    from tests.server.rooms.exhibits.files import written

    return written(objects, trailer)


def _deep_tree() -> bytes:
    """Pages below pages below pages, and the last is the first once more."""
    depth = 100_000
    objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    objects += [f"<</Type/Pages/Count 1/Kids[{n + 1} 0 R]>>" for n in range(2, depth)]
    return pdf([*objects, "<</Type/Pages/Count 1/Kids[2 0 R]>>"])


def _many_tables() -> bytes:
    """An incremental update of nothing, 40,000 times, each naming the table before."""
    out = bytearray(pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"]))
    before = out.rindex(b"xref\n0", 0, out.rindex(b"startxref"))
    for _ in range(40_000):
        start = len(out)
        out += b"xref\n0 1\n0000000000 65535 f \ntrailer<</Size 3/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
            before,
            start,
        )
        before = start
    return bytes(out)


def _fields_in_a_circle() -> bytes:
    """Forms that hold each other twice: two to the power of thirty drawings of one square."""
    depth = 30
    forms = [
        f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A {n + 1} 0 R/B {n + 1} 0 R>>>>/Length 12>>"
        f"stream\n/A Do /B Do \nendstream"
        for n in range(4, 4 + depth)
    ]
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</A 4 0 R>>>>/Contents %d 0 R>>" % (
        5 + depth
    )
    last = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 10>>stream\n0 0 9 9 re\nendstream"
    contents = "<</Length 5>>stream\n/A Do\nendstream"
    return pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page, *forms, last, contents])


def _swollen_objects() -> bytes:
    """An object stream that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(200)) + packer.flush()
    head = b"4 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(data)
    whole = pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"])
    return whole[:9] + head + data + b"\nendstream\nendobj\n" + whole[9:]


def _repeated(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


ALL: Final = (
    Bomb("a row in the last line and a cell that says no place", "table", lambda: workbook('<row r="4294967295"><c><v>1</v></c></row>' + _CORNER)),
    Bomb("one cell in the last corner", "table", lambda: workbook(_CORNER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    Bomb("a place behind a long attribute", "table", lambda: workbook(_CORNER + f'<row r="1048576"><c a="{"x" * 400}" r="XFD1048576"><v>1</v></c></row>')),
    Bomb("rows that say no number behind a far one", "table", lambda: workbook(_CORNER + '<row r="1048570"><c><v>1</v></c></row>' + "<row>" + "<c/>" * 16_000 + '<c r="XFD1"><v>1</v></c></row>')),
    Bomb("a size of the whole sheet", "table", lambda: workbook(f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{_CORNER}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'.encode())),
    Bomb("millions of empty cells", "table", lambda: workbook("<row>" + '<c t="b"><v>1</v></c>' * 3_000_000 + "</row>")),
    Bomb("one long text in every cell", "table", _shared_strings),
    Bomb("merged areas over each other", "table", _many_merged),
    Bomb("entries that overlap", "table", _overlapping),
    Bomb("a part that unpacks to gigabytes", "table", lambda: workbook(_CORNER, more={"xl/media/x.bin": b"\0" * (48 << 20)})),
    Bomb("a workbook in a workbook's sheet", "table", lambda: workbook(workbook(_CORNER, more={"x": bytes(8 << 20)}))),
    Bomb("billion laughs", "table", lambda: workbook((laughs() % "utf-8").encode())),
    Bomb("billion laughs in UTF-16", "table", lambda: workbook((laughs() % "utf-16").encode("utf-16"))),
    Bomb("billion laughs in UTF-7", "table", lambda: workbook(b'<?xml version="1.0" encoding="utf-7"?>' + laughs().encode("utf-7"))),
    Bomb("quadratic blow-up", "table", lambda: workbook(quadratic().encode())),
    Bomb("laughs among the texts", "table", lambda: workbook(_CORNER, (laughs("sst") % "utf-8"))),
    Bomb("a line of a hundred megabytes", "table", lambda: _repeated(b"x", 100 << 20)),
    Bomb("a field that never ends", "table", lambda: b'a,b\n"' + _repeated(b"x\n", 40 << 20)),
    Bomb("a row that never ends", "table", _quoted),
    Bomb("separators alone", "table", lambda: _repeated(b",", 60 << 20)),
    Bomb("NULs", "table", lambda: bytes(60 << 20)),
    Bomb("NULs behind a head", "table", lambda: "工单编号,企业名称,诉求内容\n".encode() + bytes(40 << 20)),
    Bomb("UTF-16 without an end of line", "table", lambda: b"\xff\xfe" + _repeated(b"x\0", 60 << 20)),
    Bomb("a mail in mails in mails", "message", lambda: _repeated(b"Content-Type: message/rfc822\n\n", 20 << 20), True),
    Bomb("a mail of boundaries", "message", lambda: b'Subject: a\nContent-Type: multipart/mixed; boundary="b"\n\n' + _repeated(b"--b\nContent-Type: multipart/mixed; boundary=b\n\n", 20 << 20), True),
    Bomb("a header of comments in comments", "message", lambda: b"From: " + b"(" * 100_000 + b"\nDate: " + b"(" * 100_000 + b"\n\nx", True),
    Bomb("a header of a megabyte of addresses", "message", lambda: b"From: " + _repeated(b'"a" <a@b>,', 1 << 20) + b"\n\nx", True),
    Bomb("an old-style word in a header, very often", "message", lambda: b"Subject: " + _repeated(b"=?utf-8?q?a?= ", 4 << 20) + b"\n\nx", True),
    Bomb("billion laughs", "compendium", lambda: word(laughs("x") % "utf-8")),
    Bomb("billion laughs in UTF-16", "compendium", lambda: word((laughs("x") % "utf-16").encode("utf-16"))),
    Bomb("billion laughs in UTF-16 without a mark", "compendium", lambda: word((laughs("x") % "utf-16le").encode("utf-16-le"))),
    Bomb("quadratic blow-up in UTF-16", "compendium", lambda: word(quadratic("x").encode("utf-16"))),
    Bomb("a body that unpacks to far more", "compendium", lambda: word("<x>" + " " * (60 << 20) + "</x>")),
    Bomb("parts that unpack to far more together", "compendium", lambda: word(paragraphs("<w:p/>" * 3_000_000), {"word/styles.xml": "<a>" + "<b c='1'/>" * 2_500_000 + "</a>"})),
    Bomb("a million elements", "compendium", _many_elements),
    Bomb("elements nested a hundred thousand deep", "compendium", lambda: word(paragraphs("<w:p>" * 100_000 + "</w:p>" * 100_000))),
    Bomb("JSON nested a hundred thousand deep", "exchanged_cases", lambda: b"[" * 100_000 + b"]" * 100_000),
    Bomb("JSON of millions of empty lists", "exchanged_cases", lambda: b'{"form":"yuntiao-cases/1","cases":[' + b"[]," * 5_000_000 + b"[]]}"),
    Bomb("a number of ten million digits", "exchanged_cases", lambda: b'{"form":' + b"9" * 10_000_000 + b"}"),
    Bomb("JSON nested a hundred thousand deep", "outline", lambda: b"[" * 100_000 + b"]" * 100_000),
    Bomb("a map of empty lists", "outline", lambda: b'{"features":[' + b"[]," * 2_600_000 + b"[]]}"),
    Bomb("JSON nested a hundred thousand deep", "statute", lambda: b'{"articles":' + b"[" * 100_000),
    Bomb("a statute of headings", "statute", lambda: "第".encode() * 2_000_000),
    Bomb("a statute of emphases", "statute", lambda: b"x\n" + b"**a__" * 1_500_000),
    Bomb("a field that never ends", "industries", lambda: b'A,"' + b"x" * 1_900_000),
    Bomb("a HEIC of nothing", "upload", lambda: b"\0\0\0\x18ftypheic" + bytes(10_000_000)),
    Bomb("a PNG of a terapixel", "upload", lambda: png(1_000_000, 1_000_000)),
    Bomb("a JPEG of four gigapixels", "upload", lambda: jpeg(65_500, 65_500)),
    Bomb("a PNG of a million chunks", "upload", lambda: png(8, 8)[:33] + chunk(b"tEXt", b"") * 850_000),
    Bomb("a JPEG of filling bytes", "upload", lambda: b"\xff\xd8\xff" + b"\xff" * 10_000_000),
    Bomb("object streams that unpack to far more", "upload", _swollen_objects),
    Bomb("the word stream, a million times", "upload", lambda: b"%PDF-1.7\n" + b"stream " * 1_400_000 + b"%%EOF", True),
    Bomb("names that are all escapes", "upload", lambda: b"%PDF-1.7\n/" + b"#4a" * 3_400_000 + b" /J#61vaScript\n%%EOF"),
    Bomb("a PNG of a terapixel", "png", lambda: png(1_000_000, 1_000_000)),
    Bomb("a PNG of sixty megapixels", "png", _png_of_60_megapixels, True),
    Bomb("a PNG that unpacks to gigabytes", "png", lambda: png(4_000, 4_000, 2, 1 << 29), True),
    Bomb("texts in a PNG that unpack to gigabytes", "png", _text_chunks, True),
    Bomb("a JPEG of four gigapixels", "jpeg", lambda: jpeg(65_500, 65_500)),
    Bomb("a progressive JPEG of three hundred scans", "jpeg", _progressive, True),
    Bomb("a WebP of a quarter of a gigapixel", "webp", webp),
    Bomb("a GIF that says it is a PNG", "png", lambda: b"GIF89a\xff\xff\xff\xff\xf7\0\0" + bytes(1000)),
    Bomb("a TIFF that says it is a JPEG", "jpeg", lambda: b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 2000),
    Bomb("a page as large as a country", "pdf", lambda: pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 2000000000 2000000000]>>"]), True),
    Bomb("a page without an end", "pdf", lambda: pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 0.00001 14000]>>"]), True),
    Bomb("pages below pages", "pdf", _deep_tree),
    Bomb("two thousand million pages", "pdf", lambda: pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"]), True),
    Bomb("forty thousand tables of objects", "pdf", _many_tables),
    Bomb("forms within forms", "pdf", _fields_in_a_circle, True),
    Bomb("arrays nested a hundred thousand deep", "pdf", lambda: pdf(["<</Type/Catalog/Pages 2 0 R/X " + "[" * 100_000 + "]" * 100_000 + ">>", "<</Type/Pages/Kids[]/Count 0>>"])),
    Bomb("a film of nothing but boxes", "mp4", lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\0\x08moov" * 2_000_000),
    Bomb("a film with a table of four thousand million pictures", "mp4", lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + _boxes()),
)  # fmt: skip


def _box(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", len(inside) + 8) + kind + inside


def _boxes() -> bytes:
    sizes = _box(b"stsz", struct.pack(">III", 0, 0, 0xFFFFFFF0))
    table = _box(b"stbl", sizes)
    return _box(b"moov", _box(b"trak", _box(b"mdia", _box(b"minf", table))))
