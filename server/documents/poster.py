"""Draws a chart as a PNG picture: bars lying or standing, the mark of the comparison, a sentence above, a note below.

Colours are those of `web/static/tokens.css` in its light form. Blocks for a moment.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from complaints.statistics.views import Poster, PosterBar
from server.documents import installed_fonts

WIDTH: Final = 1200
MARGIN: Final = 48
ROW: Final = 40
LABELS: Final = 330  # pixels for a group's name
VALUES: Final = 170
HEIGHT_UPRIGHT: Final = 420
_FACES: Final = 64  # of a collection, at the most
INK: Final = "#1d2322"
QUIET: Final = "#59615f"
PAPER: Final = "#fffefb"
ACT: Final = "#14524d"
SEAL: Final = "#a63022"
EDGE: Final = "#8d7f6d"

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=8)
def font_of(size: int, folder: Path, weight: str = "Regular") -> Font:
    """Pixels and weight. A file may hold faces of several languages, and a variable one begins at its thinnest."""
    found = sorted(
        folder.rglob("*.[ot]t[cf]"), key=lambda path: ("SC" not in path.name, "Bold" in path.name, path.name)
    )
    font = _simplified(found[0], size)
    with contextlib.suppress(OSError):  # a font of one weight
        font.set_variation_by_name(weight)
    return font


def _simplified(file: Path, size: int) -> Font:
    """The face for simplified Chinese, of a collection; the first where none says so."""
    for index in range(_FACES):
        try:
            face = ImageFont.truetype(str(file), size, index=index)
        except OSError:
            break
        if "SC" in (face.getname()[0] or ""):
            return face
    return ImageFont.truetype(str(file), size)


def png(poster: Poster, fonts: Path | None = None) -> bytes:
    folder = fonts or installed_fonts()
    title, text, small = font_of(34, folder, "Medium"), font_of(22, folder), font_of(17, folder)
    said = _lines(poster.sentence, text, WIDTH - 2 * MARGIN)
    top = MARGIN + 56 + 34 * len(said) + 20
    body = HEIGHT_UPRIGHT if poster.upright else ROW * max(1, len(poster.bars))
    picture = Image.new("RGB", (WIDTH, top + body + 90), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN), poster.title, INK, title)
    for n, line in enumerate(said):
        draw.text((MARGIN, MARGIN + 56 + 34 * n), line, INK, text)
    (_standing if poster.upright else _lying)(draw, poster.bars, top, text if not poster.upright else small)
    draw.text((MARGIN, top + body + 40), _fitting(poster.note, small, WIDTH - 2 * MARGIN), QUIET, small)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _lying(draw: ImageDraw.ImageDraw, bars: Sequence[PosterBar], top: int, font: Font) -> None:
    left, room = MARGIN + LABELS, WIDTH - 2 * MARGIN - LABELS - VALUES
    for n, bar in enumerate(bars):
        y = top + ROW * n
        draw.text((MARGIN, y), _fitting(bar.label, font, LABELS - 16), INK, font)
        draw.rounded_rectangle((left, y + 3, left + max(2, room * bar.length), y + 27), 4, SEAL if bar.hot else ACT)
        if bar.mark is not None:
            at = left + room * bar.mark
            draw.line((at, y - 2, at, y + 32), EDGE, 4)
        longer = max(bar.length, bar.mark or 0.0)
        draw.text((left + room * longer + 12, y), bar.text, INK, font)


def _standing(draw: ImageDraw.ImageDraw, bars: Sequence[PosterBar], top: int, font: Font) -> None:
    bottom, tall, room = top + HEIGHT_UPRIGHT - 30, HEIGHT_UPRIGHT - 70, (WIDTH - 2 * MARGIN) / max(1, len(bars))
    every = max(1, len(bars) // 12)
    for n, bar in enumerate(bars):
        x = MARGIN + room * n
        draw.rectangle((x + room * 0.14, bottom - tall * bar.length, x + room * 0.86, bottom), SEAL if bar.hot else ACT)
        if bar.mark is not None:
            draw.line((x + room * 0.06, bottom - tall * bar.mark, x + room * 0.94, bottom - tall * bar.mark), EDGE, 4)
        if n % every == 0:
            draw.text((x, bottom + 6), bar.label, QUIET, font)
            if len(bars) <= 24:
                draw.text((x + room * 0.14, bottom - tall * bar.length - 24), bar.text, INK, font)
    draw.line((MARGIN, bottom, WIDTH - MARGIN, bottom), EDGE, 2)


def _lines(text: str, font: Font, width: int) -> list[str]:
    """Broken where a line is full; Chinese breaks anywhere."""
    lines, line = [], ""
    for char in text:
        if font.getlength(line + char) > width:
            at = line.rfind(" ") if char != " " and " " in line and line[-1:].isascii() else -1
            lines.append(line[:at] if at > 0 else line)
            line = line[at + 1 :] if at > 0 else ""
        line += char
    return [*lines, line] if line else lines


def _fitting(text: str, font: Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
