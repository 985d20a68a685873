"""Prints papers as PDF/A-2a: Song for what has legal effect, the press's own font for the rest and for what Song lacks.

The Song font is the installed one or that of a folder a setting names; without any, everything is set in the other.
What a paper says reaches the layout only as data (`sys.inputs`), which typst never reads as markup.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import typst

from server.documents.coverage import Coverage, NoFont, coverage_of, printable
from server.documents.press import STANDARDS, Press, Unprintable, installed_fonts
from server.signing.papers import Paper

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


class PaperPress:
    """`sans`, `song`: folders of font files, None for the installed ones."""

    def __init__(self, sans: Path | None = None, song: Path | None = None) -> None:
        self._sans, self._song = sans, song

    @cached_property
    def _fonts(self) -> _Fonts:
        plain = Press(self._sans).font
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
