"""Prints signed documents as PDF/A-2a.

The typesetter takes them as plain texts in a fixed order, strokes as numbers, no markup.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import typst

from rooms.signing.messages import Ink
from server.documents.press import (
    STANDARDS,
    Coverage,
    NoFont,
    PdfRenderer,
    Unprintable,
    coverage_of,
    each_text,
    installed_fonts,
    printable,
)

EDITION = "2026-11-29"


@dataclass(frozen=True, slots=True)
class PaperRow:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`style`: "heading" | "text" | "quote" | "note"."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A clause: "第一条" and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Hand:
    """A signature: drawn (`ink`), or the name typed by somebody who cannot draw; neither while it is missing."""

    role: str
    name: str
    capacity: str = ""  # of a proxy: for whom and by what
    note: str = ""  # when and how
    alt: str = ""
    ink: Ink | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class SealMark:
    name: str  # in the ring
    purpose: str
    kind: str  # says that it is electronic
    note: str
    alt: str
    applied: bool = False


@dataclass(frozen=True, slots=True)
class English:
    """For reading only."""

    title: str
    rows: tuple[PaperRow, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`digest` is a line at the foot that names the text's hash; `day` (year, month, day) is the file's own date."""

    office: str
    title: str
    number: str
    rows: tuple[PaperRow, ...]
    before: tuple[Passage, ...]
    clauses: tuple[Numbered, ...]
    after: tuple[Passage, ...]
    hands: tuple[Hand, ...]
    seal: SealMark | None
    date: str
    day: tuple[int, int, int]
    foot: str
    digest: str = ""
    verify: str = ""
    gloss: English | None = None  # where somebody asked for it
    draft: bool = False
    draft_word: str = "草稿"
    contact: str = ""  # how the authority is reached, under the date
    edition: str = EDITION

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return each_text(asdict(self), say)  # type: ignore[no-any-return]


KIND: Final = "电子印章"


def seal_mark(authority: str, applied: bool, purpose: str = "") -> SealMark:
    """The picture of an office's seal on a sheet. It proves nothing, and says so: the certificate under the file does.

    `purpose`: of a seal for one kind of paper, as 调解专用章 for agreements and records; "" of the authority's own
    seal, which has a star in place of it.
    """
    note = (
        "此为电子印章的图样；是否有效、文件有无改动，以文件所附的数字签名为准"
        if applied
        else "尚未加盖电子印章，本文书未生效"
    )
    return SealMark(authority, purpose, KIND, note, f"{authority}{purpose or '印章'}（{KIND}）", applied)


EDITIONS: Final = Path(__file__).parent / "editions"
_PREFERRED: Final = "Noto Serif SC"


@dataclass(frozen=True)
class _Fonts:
    fonts: typst.Fonts
    sans: str
    song: str
    coverage: _Either


class _Either:
    """What the one or the other font has a shape for."""

    def __init__(self, *of: Coverage) -> None:
        self._of = of

    def __contains__(self, character: str) -> bool:
        return any(character in one for one in self._of)


def installed_song() -> Path | None:
    """The folder of the Song font that is installed with the program."""
    found = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    return None if found is None or found.origin is None else Path(found.origin).parent


class PaperRenderer:
    """Prints papers as PDF/A-2a: Song for what has legal effect, the press's own font for the rest and for what Song
    lacks.

    The Song font is the installed one or that of a folder a setting names; without any, everything is set in the other.
    What a paper says reaches the layout only as data (`sys.inputs`), which typst never reads as markup.

    `sans`, `song`: folders of font files, None for the installed ones.
    """

    def __init__(self, sans: Path | None = None, song: Path | None = None) -> None:
        self._sans, self._song = sans, song

    @cached_property
    def _fonts(self) -> _Fonts:
        plain = PdfRenderer(self._sans).font
        folder = self._song or installed_song()
        folders = [self._sans or installed_fonts(), *([folder] if folder else [])]
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in folders]
        )
        serif = [font for font in fonts.fonts() if font.path and folder and Path(str(font.path)).is_relative_to(folder)]
        serif = [font for font in serif if any(word in font.family for word in ("Serif", "Song", "Ming", "宋"))]
        if not serif:
            return _Fonts(fonts, plain.family, "", _Either(plain.coverage))
        chosen = min(serif, key=lambda font: (font.family != _PREFERRED, "SC" not in font.family.split(), font.family))
        try:
            song = coverage_of(Path(str(chosen.path)), chosen.index)
        except NoFont:
            return _Fonts(fonts, plain.family, "", _Either(plain.coverage))
        return _Fonts(fonts, plain.family, chosen.family, _Either(plain.coverage, song))

    @property
    def song(self) -> str:
        """The family legal text is set in, "" when there is none."""
        return self._fonts.song

    def says(self, text: str) -> str:
        """A text as a paper shows it."""
        return printable(text, self._fonts.coverage)

    def print(self, paper: Paper) -> bytes:
        """Some tens of milliseconds a page. Unprintable, NoFont."""
        layout = EDITIONS / paper.edition / "layout.typ"
        try:
            return typst.compile(
                str(layout),
                root=str(layout.parent),
                font_paths=self._fonts.fonts,
                ignore_system_fonts=True,
                sys_inputs={
                    "sans": self._fonts.sans,
                    "song": self._fonts.song,
                    "paper": json.dumps(paper.said(self.says)),
                },
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None
