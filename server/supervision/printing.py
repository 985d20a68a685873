"""Prints the quarter's report as PDF/A with typst. What it says reaches the layout as data, never read as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from server.documents.press import STANDARDS, Press

LAYOUT = Path(__file__).parent / "report.typ"


class ReportPrinter:
    """Implements `web.ports.supervision.ReportPress`."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._press = Press(fonts)

    def __call__(self, sheet: Mapping[str, Any]) -> bytes:
        font = self._press.font
        return typst.compile(
            str(LAYOUT),
            root=str(LAYOUT.parent),
            font_paths=font.fonts,
            ignore_system_fonts=True,
            sys_inputs={"font": font.family, "sheet": json.dumps(self._said(sheet))},
            pdf_standards=STANDARDS,  # type: ignore[arg-type]
        )

    def _said(self, value: Any) -> Any:
        """Every text as the font can show it."""
        if isinstance(value, str):
            return self._press.says(value)
        if isinstance(value, Mapping):
            return {name: self._said(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._said(one) for one in value]
        return value
