"""Prints sheets as PDF/A: the same sheet in the same edition gives the same bytes, with the same typesetter and font.

Owns the font. What a sheet says reaches the layout only as data (`sys.inputs`): plain texts in a fixed order, which
typst never reads as markup; the layout's root holds the editions and nothing else.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import typst

from server.documents.coverage import Coverage, NoFont, coverage_of, printable


@dataclass(frozen=True, slots=True)
class Block:
    """`style`: "text" | "item" | "quote" | "heading" | "close" | "imprint" (under seal and date)."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English rendering after the document, for reading only."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`number` "" for a draft; `date` as it is printed; `year`, `month`, `day` of the file's own date."""

    office: str
    number: str
    title: str
    addressee: str
    blocks: tuple[Block, ...]
    date: str
    file_number: str  # of the complaint, at the foot
    day: tuple[int, int, int]
    edition: str
    signatures: tuple[str, ...] = ()
    seal: bool = True
    draft: bool = False
    gloss: Gloss | None = None
    rows: tuple[tuple[str, str], ...] = ()  # of a form that is a table: what stands before and behind the line
    head: tuple[str, ...] = ()  # of a register on sheets laid across: what its columns are called
    table: tuple[tuple[str, ...], ...] = ()  # its lines

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return each_text(asdict(self), say)  # type: ignore[no-any-return]

    def text(self) -> str:
        """As it is kept: one JSON object."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def sheet_of(text: str) -> Sheet:
    """Back from `Sheet.text`."""
    kept = json.loads(text)
    gloss = kept.pop("gloss")
    return Sheet(
        **kept
        | {
            "blocks": _blocks(kept["blocks"]),
            "day": tuple(kept["day"]),
            "signatures": tuple(kept["signatures"]),
            "rows": tuple((label, value) for label, value in kept.get("rows", ())),
            "head": tuple(kept.get("head", ())),
            "table": tuple(tuple(line) for line in kept.get("table", ())),
            "gloss": Gloss(gloss["title"], _blocks(gloss["blocks"])) if gloss else None,
        }
    )


def _blocks(kept: list[dict[str, str]]) -> tuple[Block, ...]:
    return tuple(Block(**block) for block in kept)


def each_text(value: Any, say: Callable[[str], str]) -> Any:
    """The same of plain values, every text in it put through `say`."""
    match value:
        case str():
            return say(value)
        case Mapping():
            return {name: each_text(item, say) for name, item in value.items()}
        case list() | tuple():
            return [each_text(item, say) for item in value]
        case _:
            return value


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


class PdfRenderer:
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
