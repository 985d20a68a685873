"""Decodes one file that a stranger sent, and makes what is shown instead. A task of the confined child.

A frame is `P` and width, height (two times four bytes, big endian) and a JPEG, per page; or `F` and width, height and
milliseconds of a film that can be prepared. Declined with a word of `server.rooms.exhibits.uploads.BadFile`.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, Final

from server.confinement import Declined

MOST_PIXELS: Final = 60_000_000
SHOWN_PIXELS: Final = 6_000_000  # of a page as it is shown
SHOWN_SIDE: Final = 2_600  # pixels of its longer side
TALL: Final = 2.6  # height to width, from which on a picture is cut into pages
OVERLAP: Final = 0.04
PAGE_SIDE: Final = 1_900  # pixels of a document's page
QUALITY: Final = 86
CODINGS: Final = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg"})


def drawing(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    """Pages of a picture or document, or a film's size and length. `order`: form, most_pages, most_seconds."""
    form, most_pages = order["form"], order["most_pages"]
    try:
        if form in ("mp4", "mov", "webm"):
            yield b"F" + struct.pack(">III", *film(file, form, order["most_seconds"]))
            return
        pages = document(file.read(), most_pages) if form == "pdf" else picture(file.read(), form.upper())
        for n, (width, height, content) in enumerate(pages, 1):
            if n > most_pages:
                raise Declined("pages")
            yield b"P" + struct.pack(">II", width, height) + content
    except (Declined, MemoryError):
        raise
    except Exception:
        raise Declined("broken") from None  # whatever a decoder stumbles over


# ---------------------------------------------------------------- pictures


def photo(content: bytes, form: str) -> bytes:
    """One JPEG, however tall it is, with nothing but its pixels. Declined."""
    try:
        image, profile = _upright(content, form)
        return _page(_plain(image, profile))[2]
    except (Declined, MemoryError):
        raise
    except Exception:
        raise Declined("broken") from None


def picture(content: bytes, form: str) -> Iterator[tuple[int, int, bytes]]:
    """Drawn anew, so that nothing but its pixels is left: no place, no phone, nothing behind its end."""
    image, profile = _upright(content, form)
    step = int(image.width * TALL * 0.85)
    if image.height <= image.width * TALL:
        yield _page(_plain(image, profile))
        return
    top = 0
    while True:
        bottom = min(top + step, image.height)
        yield _page(_plain(image.crop((0, top, image.width, bottom)), profile))
        if bottom == image.height:
            return
        top = bottom - int(step * OVERLAP)


def _upright(content: bytes, form: str) -> tuple[Any, bytes | None]:
    """The picture without most of the pixels that no page shows, the right way up; the colours it means."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    if form == "HEIC":
        form = _reads_heif()
    try:
        image: Any = Image.open(io.BytesIO(content), formats=[form])
    except Image.DecompressionBombError:
        raise Declined("pixels") from None
    if image.width * image.height > MOST_PIXELS:
        raise Declined("pixels")
    if form not in ("JPEG", "HEIF") and getattr(image, "n_frames", 1) > 1:
        raise Declined("animated")
    profile = image.info.get("icc_profile")
    return ImageOps.exif_transpose(_shrunk(image)), profile


def _reads_heif() -> str:
    """Pillow's name of what iPhones take. Its decoder is loaded for them only; of several pictures the first counts."""
    import pi_heif

    pi_heif.options.DECODE_THREADS = 1  # each more has memory of its own
    pi_heif.register_heif_opener(thumbnails=False)
    return "HEIF"


def _shrunk(image: Any) -> Any:
    """Without most of the pixels that no page shows, so that what follows may copy it: 60 megapixels are 240 MB.

    Its shorter side is a page's width, whichever way up it is."""
    short, long = sorted(image.size)
    high = min(long, short * TALL)
    times = int(1 / min(1.0, SHOWN_SIDE / high, (SHOWN_PIXELS / (short * high)) ** 0.5))
    if times < 2:
        image.load()
        return image
    exif = image.getexif()
    image.draft(image.mode, (image.width // times, image.height // times))  # of a JPEG, while it is decoded
    image.load()
    left = times * max(image.size) // long
    if left >= 2:
        if image.mode not in ("L", "RGB", "RGBA", "CMYK", "LA"):
            image = _direct(image)
        image = image.reduce(left)
    if 0x0112 in exif:  # which way up, the one thing of it that counts
        image.getexif()[0x0112] = exif[0x0112]
    return image


def _direct(image: Any) -> Any:
    """Colours in the place of numbers of colours, which cannot be averaged."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")


def _plain(image: Any, profile: bytes | None) -> Any:
    """RGB on white, in the colours that browsers mean."""
    from PIL import Image, ImageCms

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    if image.mode.startswith("I"):
        image = _direct(image)
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
        raise Declined("locked" if "assword" in str(fault) else "broken") from None
    if not len(read):
        raise Declined("broken")
    if len(read) > most_pages:
        raise Declined("pages")
    with contextlib.suppress(Exception):
        read.init_forms()
    for n in range(len(read)):
        page = read[n]
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            raise Declined("broken")
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
            raise Declined("coding")
        stream = read.streams.video[0]
        stream.codec_context.thread_count = 1  # each more has memory of its own
        if stream.codec_context.name.split("_")[0] not in CODINGS and stream.codec.canonical_name not in CODINGS:
            raise Declined("coding")
        width, height = stream.codec_context.width, stream.codec_context.height
        if not width or not height or width * height > 4096 * 2304:
            raise Declined("pixels")
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
            raise Declined("long")
        read.seek(0)
        for _ in read.decode(stream):
            return width, height, round(seconds * 1000)
    raise Declined("broken")
