"""Decodes one file that a stranger sent, and writes what is shown instead. A script: it runs in a process of its own.

    drawing.py FORM INPUT MOST_PAGES MOST_SECONDS

reads the open file number INPUT and writes to standard output: `P` and width, height, length (three times four bytes,
big endian) and a JPEG, per page; `F` and width, height, milliseconds of a film that can be prepared; `E` and a word
of `server.exhibits.forms.BadFile` when it is refused; `Z` at the end. Nothing else of the program is loaded here, and
it may take so much of the machine and no more.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any

MOST_PIXELS = 60_000_000
SHOWN_PIXELS = 6_000_000  # of a page as it is shown
SHOWN_SIDE = 2_600  # pixels of its longer side
TALL = 2.6  # height to width, from which on a picture is cut into pages
OVERLAP = 0.04
PAGE_SIDE = 1_900  # pixels of a document's page
MEMORY = 1_400 << 20
SECONDS = 40
QUALITY = 86
CODINGS = {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg"}


class Unfit(Exception):
    pass


def main(form: str, number: int, most_pages: int, most_seconds: int, out: IO[bytes]) -> None:
    with os.fdopen(number, "rb") as file:
        try:
            if form in ("mp4", "mov", "webm"):
                out.write(b"F" + struct.pack(">III", *film(file, form, most_seconds)))
            else:
                pages = document(file.read(), most_pages) if form == "pdf" else picture(file.read(), form.upper())
                for n, (width, height, content) in enumerate(pages, 1):
                    if n > most_pages:
                        raise Unfit("pages")
                    out.write(b"P" + struct.pack(">III", width, height, len(content)) + content)
        except Unfit as no:
            out.write(b"E" + str(no).encode())
        except MemoryError:
            out.write(b"Ehard")
        except Exception:
            out.write(b"Ebroken")  # whatever a decoder stumbles over
        else:
            out.write(b"Z")
    out.flush()


def limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


# ---------------------------------------------------------------- pictures


def picture(content: bytes, form: str) -> Iterator[tuple[int, int, bytes]]:
    """Drawn anew, so that nothing but its pixels is left: no place, no phone, nothing behind its end."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        image: Any = Image.open(io.BytesIO(content), formats=[form])
    except Image.DecompressionBombError:
        raise Unfit("pixels") from None
    if image.width * image.height > MOST_PIXELS:
        raise Unfit("pixels")
    if form != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise Unfit("animated")
    profile = image.info.get("icc_profile")
    image.load()
    image = _plain(ImageOps.exif_transpose(image), profile)
    step = int(image.width * TALL * 0.85)
    if image.height <= image.width * TALL:
        yield _page(image)
        return
    top = 0
    while True:
        bottom = min(top + step, image.height)
        yield _page(image.crop((0, top, image.width, bottom)))
        if bottom == image.height:
            return
        top = bottom - int(step * OVERLAP)


def _plain(image: Any, profile: bytes | None) -> Any:
    """RGB on white, in the colours that browsers mean."""
    from PIL import Image, ImageCms

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    if profile and image.mode in ("RGB", "CMYK"):
        with contextlib.suppress(Exception):  # a profile that says nothing changes nothing
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    return image.convert("RGB")


def _page(image: Any) -> tuple[int, int, bytes]:
    from PIL import Image

    share = min(1.0, SHOWN_SIDE / max(image.size), (SHOWN_PIXELS / (image.width * image.height)) ** 0.5)
    if share < 1.0:
        size = max(1, round(image.width * share)), max(1, round(image.height * share))
        image = image.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    fresh = Image.new("RGB", image.size)  # without what the old one carried along
    fresh.paste(image)
    fresh.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return fresh.width, fresh.height, out.getvalue()


# ---------------------------------------------------------------- documents


def document(content: bytes, most_pages: int) -> Iterator[tuple[int, int, bytes]]:
    """Every page as a picture; no script of it runs, and no file in it is opened."""
    import pypdfium2

    try:
        read = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as fault:
        raise Unfit("locked" if "assword" in str(fault) else "broken") from None
    if not len(read):
        raise Unfit("broken")
    if len(read) > most_pages:
        raise Unfit("pages")
    with contextlib.suppress(Exception):
        read.init_forms()
    for n in range(len(read)):
        page = read[n]
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            raise Unfit("broken")
        yield _page(page.render(scale=PAGE_SIDE / max(width, height)).to_pil().convert("RGB"))
        page.close()


# ---------------------------------------------------------------- films


def film(file: IO[bytes], form: str, most_seconds: int) -> tuple[int, int, int]:
    """Width, height and milliseconds, without decoding more than its first picture."""
    import av

    av.logging.set_level(None)
    opened: Any = av.open(file, mode="r", format="matroska" if form == "webm" else "mov")
    with opened as read:
        if not read.streams.video:
            raise Unfit("coding")
        stream = read.streams.video[0]
        if stream.codec_context.name.split("_")[0] not in CODINGS and stream.codec.canonical_name not in CODINGS:
            raise Unfit("coding")
        width, height = stream.codec_context.width, stream.codec_context.height
        if not width or not height or width * height > 4096 * 2304:
            raise Unfit("pixels")
        if read.duration is not None:
            seconds = read.duration / 1_000_000
        elif stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = 0.0  # a recording of a browser does not say; preparing it stops at the limit
            last = 0.0
            for packet in read.demux(stream):
                if packet.pts is not None and packet.time_base is not None:
                    last = max(last, float(packet.pts * packet.time_base))
                if last > most_seconds + 1:
                    break
            seconds = last
        if seconds > most_seconds + 1:
            raise Unfit("long")
        read.seek(0)
        for _ in read.decode(stream):
            return width, height, round(seconds * 1000)
    raise Unfit("broken")


if __name__ == "__main__":
    limit()
    with os.fdopen(os.dup(1), "wb") as answer:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), answer)
