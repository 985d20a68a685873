"""Prints bulletins as PDF/A, tagged and with bookmarks: the same paper gives the same bytes, with the same typesetter
and font. What a paper says reaches the layout only as data, which typst never reads as markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import typst

from complaints.insight.papers import BulletinPaper
from server.documents.press import STANDARDS, PdfRenderer, Unprintable

LAYOUT: Final = Path(__file__).parent / "bulletin.typ"


class BulletinRenderer:
    def __init__(self, press: PdfRenderer) -> None:
        self._press = press

    def print(self, paper: BulletinPaper) -> bytes:
        """Takes a quarter of a second. Unprintable, NoFont."""
        font = self._press.font
        told = asdict(paper) | {"day": [paper.day.year, paper.day.month, paper.day.day]}
        try:
            made = typst.compile(
                str(LAYOUT),
                root=str(LAYOUT.parent),
                font_paths=font.fonts,
                ignore_system_fonts=True,
                sys_inputs={"font": font.family, "paper": json.dumps(_shown(told, self._press))},
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None
        return made


def _shown(value: Any, press: PdfRenderer) -> Any:
    """Every text in characters the font has."""
    match value:
        case str():
            return press.says(value)
        case dict():
            return {name: _shown(item, press) for name, item in value.items()}
        case list() | tuple():
            return [_shown(item, press) for item in value]
        case _:
            return value
