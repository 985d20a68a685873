"""What may be attached is told by its content; pictures come out drawn the same and silent about everything else."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from complaints import BadUpload
from complaints.record.uploads import LARGEST, harmless_name, upload

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def picture(kind: str, **options: Any) -> bytes:
    """A photo as phones make them: with its orientation, the phone's name and a place."""
    image = Image.new("RGB", (64, 40))
    image.putdata([(x * 3, x % 40 * 5, 90) for x in range(64 * 40)])
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = 6, "SECRET PHONE"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"comment": b"SECRET"}), ("JPEG", {"progressive": True}), ("PNG", {})]
)
def test_a_picture_keeps_its_pixels_and_its_orientation_and_nothing_else(kind: str, options: dict[str, object]) -> None:
    sent = picture(kind, **options) + b"<script>SECRET</script>" + picture("JPEG")
    kept = upload(sent)
    assert kept.kind == kind.lower()
    assert b"SECRET" not in kept.content
    before, after = Image.open(io.BytesIO(sent)), Image.open(io.BytesIO(kept.content))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert dict(after.getexif()) == ({0x0112: 6} if kind == "JPEG" else {})


def test_a_pdf_is_kept_as_it_is() -> None:
    assert upload(PDF).content == PDF


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff" + bytes(LARGEST), "large"),
        (b"<html><script>alert(1)</script>", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
        (b"GIF89a", "kind"),
        (b"MZ\x90", "kind"),
        (picture("JPEG")[:200], "broken"),
        (picture("PNG")[:-4], "broken"),
        (PDF[:40], "broken"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "active"),
    ],
)
def test_what_cannot_be_attached_says_why(content: bytes, why: str) -> None:
    with pytest.raises(BadUpload) as no:
        upload(content)
    assert no.value.params == {"why": why}


def objects_of(inside: bytes, more: bytes = b"/Filter /FlateDecode", how: Any = zlib.compress) -> bytes:
    """A PDF with an object stream that holds this."""
    packed = how(b"5 0 " + inside)
    head = b"4 0 obj << /Type /ObjStm /N 1 /First 4 /Length %d " % len(packed)
    return PDF.replace(b"trailer", head + more + b" >> stream\r\n" + packed + b"\nendstream endobj\ntrailer")


SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /J#61vaScript /JS (x) >>"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /#4a#61#76#61#53#63#72#69#70#74 >>"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /Names << /Embedded#46iles 9 0 R >>"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /AcroForm << /X#46A 9 0 R >>"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /AA << /WC << /S /L#61unch /F (cmd.exe) >> >>"), "active"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /SubmitForm /F (http://x.example) >>"), "active"),
        (PDF + b"1 0 obj " + SCRIPT + b" endobj\n%%EOF\n", "active"),  # in an update
        (PDF.replace(b"%%EOF", b"%%EOF\n9 0 obj " + SCRIPT + b" endobj\n%%EOF"), "active"),  # in no table
        (objects_of(SCRIPT), "active"),
        (objects_of(SCRIPT.replace(b"v", b"#76")), "active"),
        (objects_of(SCRIPT).replace(b"/Type /ObjStm", b"/Type /Obj#53tm"), "active"),
        (objects_of(SCRIPT).replace(b"/Type /ObjStm", b"/Type /XObject"), "active"),  # readers that do not ask
        (objects_of(SCRIPT).replace(b"stream\r\n", b"stream \n"), "active"),
        (objects_of(SCRIPT, b"", bytes), "active"),
        (objects_of(b"<< >>", b"/Filter [/ASCIIHexDecode /FlateDecode]", bytes), "unclear"),
        (objects_of(b"<< >>", b"/Filter 9 0 R"), "unclear"),
        (objects_of(b"<< >>", b"/Filter /LZWDecode", bytes), "unclear"),
        (objects_of(b"<< >>", b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>"), "unclear"),
        (objects_of(b"<< >>", how=lambda raw: b"\x78\x9cbroken" + raw), "unclear"),
        (objects_of(b"<< >>").replace(b"/Type /ObjStm", b"/Type 9 0 R").replace(b"/First", b"/F#69rst")
         .replace(b"trailer", b"9 0 obj /ObjStm endobj\ntrailer"), "unclear"),
        (PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /#45ncrypt 9 0 R"), "locked"),
    ],
)  # fmt: skip
def test_a_pdf_that_does_something_by_itself_is_refused_however_it_is_spelled(content: bytes, why: str) -> None:
    with pytest.raises(BadUpload) as no:
        upload(content)
    assert no.value.params == {"why": why}


def test_a_pdf_with_links_forms_pictures_and_object_streams_is_kept() -> None:
    link = b"<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://x.example) >> >>"
    for content in (objects_of(link), PDF.replace(b"/Catalog", b"/Catalog /OpenAction [3 0 R /Fit] /AcroForm << >>")):
        assert upload(content).content == content


def test_a_picture_of_a_billion_pixels_is_refused_by_its_head() -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    with pytest.raises(BadUpload) as no:
        upload(bomb)
    assert no.value.params == {"why": "pixels"}


START = st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-", picture("JPEG")[:300], picture("PNG")[:60]])


@given(START, st.binary(max_size=300))
def test_whatever_comes_only_the_declared_error_does(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(BadUpload):
        upload(start + rest)


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("发票.JPG", "发票.png"),
        ("..\\..\\etc/passwd", "passwd.png"),
        ("a\u202egpj.exe", "agpj.png"),
        ("<b>\r\nx.html", "bx.png"),
        ("...", "file.png"),
        ("长" * 300, "长" * 80 + ".png"),
    ],
)
def test_a_files_name_leads_nowhere_and_says_what_it_is(name: str, harmless: str) -> None:
    assert harmless_name(name, "png") == harmless
