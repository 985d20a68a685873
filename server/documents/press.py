"""Prints sheets as PDF/A: the same sheet in the same edition gives the same bytes, with the same typesetter and font.

Owns the font. What a sheet says reaches the layout only as data (`sys.inputs`), which typst never reads as markup;
the layout's root holds the editions and nothing else.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import typst

from server.documents.coverage import Coverage, NoFont, coverage_of, printable
from server.documents.sheet import Sheet

EDITIONS: Final = Path(__file__).parent / "editions"
STANDARDS: Final = ["a-2a", "ua-1"]
_PREFERRED: Final = "Noto Sans CJK SC"


class Unprintable(Exception):
    """The typesetter refused; the text says where."""

    code = "unprintable"


def installed_fonts() -> Path:
    """The folder of the font that is installed with the program. NoFont."""
    found = importlib.util.find_spec("manimgx_fonts_cjk")
    if found is None or found.origin is None:
        raise NoFont("the font package is missing")
    return Path(found.origin).parent


@dataclass(frozen=True)
class Font:
    fonts: typst.Fonts
    family: str
    coverage: Coverage
    name: str  # "Noto Sans CJK SC 3fa9c1d2e0b4": the family and the beginning of its file's SHA-256


class Press:
    """`fonts`: a folder of font files, None for the installed ones; of several families a Chinese one is taken."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._folder = fonts

    @cached_property
    def font(self) -> Font:
        folder = self._folder or installed_fonts()
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
        found = [font for font in fonts.fonts() if font.path]
        if not found:
            raise NoFont(f"{folder} holds no font")
        chosen = min(found, key=lambda font: (font.family != _PREFERRED, "SC" not in font.family.split(), font.family))
        path = Path(str(chosen.path))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Font(fonts, chosen.family, coverage_of(path, chosen.index), f"{chosen.family} {digest[:12]}")

    @property
    def maker(self) -> str:
        """What bytes depend on beside the sheet and its edition."""
        return f"typst {importlib.metadata.version('typst')}, {self.font.name}"

    def says(self, text: str) -> str:
        """A text as a sheet shows it."""
        return printable(text, self.font.coverage)

    def print(self, sheet: Sheet) -> bytes:
        """Takes some milliseconds a page, the first time a quarter of a second. Unprintable, NoFont."""
        layout = EDITIONS / sheet.edition / "layout.typ"
        inputs = {"font": self.font.family, "sheet": json.dumps(sheet.said(self.says))}
        try:
            made = typst.compile(
                str(layout),
                root=str(layout.parent),
                font_paths=self.font.fonts,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None
        return made

    def picture(self, sheet: Sheet) -> bytes:
        """The first page as PNG, to look at."""
        layout = EDITIONS / sheet.edition / "layout.typ"
        made = typst.compile(
            str(layout),
            root=str(layout.parent),
            font_paths=self.font.fonts,
            ignore_system_fonts=True,
            format="png",
            ppi=80,
            sys_inputs={"font": self.font.family, "sheet": json.dumps(sheet.said(self.says))},
        )
        return made if isinstance(made, bytes) else made[0]
