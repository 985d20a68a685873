"""Files as phones, strangers and attackers send them; all made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw


def picture(form: str = "JPEG", size: tuple[int, int] = (320, 240), mode: str = "RGB", **how: object) -> bytes:
    image = Image.new(mode, size, "white")
    ImageDraw.Draw(image).rectangle((10, 10, size[0] // 2, size[1] // 2), fill=0)
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


PLACE = b"GPS:30.5928N,114.3055E"


def photo_with_place() -> bytes:
    """A JPEG that says where and with what it was taken, turned on its side, with a comment."""
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 30, 20), fill="black")  # marks its upper left corner
    told = Image.Exif()
    told[0x0112] = 6  # to be turned by a quarter
    told[0x010F] = "Somephone"
    told.get_ifd(0x8825)[1] = "N"
    told.get_ifd(0x8825)[2] = (30.0, 35.0, 34.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=told, comment=PLACE)
    return out.getvalue()


def document(pages: int = 1, *, script: bool = False) -> bytes:
    """A PDF made by hand, with a script in it where it is asked for."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    action = "/OpenAction<</S/JavaScript/JS(app.alert(1))>>" if script else ""
    objects = [f"<</Type/Catalog/Pages 2 0 R{action}>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>"]
    objects += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>" for _ in range(pages)]
    return written(objects)


def written(objects: list[str], trailer: str = "") -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(out) + f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()


def swollen_document(megabytes: int = 2048) -> bytes:
    """A page whose content unpacks to `megabytes` from a few hundred kilobytes: packed twice."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(megabytes)) + packer.flush()
    twice = zlib.compress(once, 9)
    body = twice.decode("latin-1")
    return written(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            f"<</Length {len(twice)}/Filter[/FlateDecode/FlateDecode]>>stream\n{body}\nendstream",
        ]
    )


def pixel_bomb(side: int = 30_000) -> bytes:
    """A PNG of `side` squared pixels, a few kilobytes long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 1)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def film(seconds: float = 1.0, size: tuple[int, int] = (64, 48), container: str = "mp4", **metadata: str) -> bytes:
    """With sound, and with whatever else a phone writes into it."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        made.metadata.update(metadata)
        video = made.add_stream("libvpx" if container == "webm" else "libx264", rate=10)
        video.width, video.height, video.pix_fmt = size[0], size[1], "yuv420p"
        for n in range(max(1, round(seconds * 10))):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), n * 5 % 256, np.uint8), format="rgb24")
            made.mux(video.encode(frame))
        made.mux(video.encode())
    return out.getvalue()


def heic(size: tuple[int, int], claims: tuple[int, int] | None = None) -> bytes:
    """A red picture as iPhones keep theirs (ISO/IEC 23008-12), its boxes made by hand around one HEVC picture.

    `claims`: the size that it says it has."""
    coded, settings = _hevc(size)
    width, height = claims or size

    def box(kind: bytes, *parts: bytes) -> bytes:
        inner = b"".join(parts)
        return struct.pack(">I", 8 + len(inner)) + kind + inner

    full = bytes(4)  # version and flags
    start = box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(offset: int) -> bytes:
        item = box(b"infe", b"\2\0\0\0", struct.pack(">HH", 1, 0), b"hvc1", b"\0")
        place = struct.pack(">HHHHHII", 0x4400, 1, 1, 0, 1, offset, len(coded))
        shape = box(b"ispe", full, struct.pack(">II", width, height))
        belongs = box(b"ipma", full, struct.pack(">IHBBB", 1, 1, 2, 0x81, 2))
        return box(
            b"meta", full,
            box(b"hdlr", full, bytes(4), b"pict", bytes(13)), box(b"pitm", full, struct.pack(">H", 1)),
            box(b"iloc", full, place), box(b"iinf", full, struct.pack(">H", 1), item),
            box(b"iprp", box(b"ipco", box(b"hvcC", settings), shape), belongs),
        )  # fmt: skip

    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", coded)


def _hevc(size: tuple[int, int]) -> tuple[bytes, bytes]:
    """One coded picture and the decoder's settings, as an MP4 holds them."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as film:
        stream = film.add_stream(
            "libx265", rate=1, options={"x265-params": "log-level=none:pools=1:frame-threads=1:bframes=0"}
        )
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.codec_tag = "hvc1"
        frame: Any = av.VideoFrame.from_image(  # type: ignore[no-untyped-call]
            Image.new("RGB", size, "red")
        )
        frame.pts = 0
        film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    whole = out.getvalue()
    at = whole.index(b"hvcC")
    settings = whole[at + 4 : at - 4 + struct.unpack(">I", whole[at - 4 : at])[0]]
    with av.open(io.BytesIO(whole), "r") as read:
        return next(bytes(packet) for packet in read.demux(video=0) if packet.size), settings
