"""Rows of a workbook. Numbers are numbers; every text is written as text, so that one that begins with = + - @ is no
formula in any program that opens the file (ASVS 1.2.10)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
_FORMATS: Final = {0: "#,##0", 1: "0.0", 2: "#,##0.00"}

Cell = str | int | float | Decimal | date | None


def row(sheet: Any, cells: Sequence[Cell], bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold) for value in cells])


def packed(book: Workbook) -> bytes:
    """Blocks for a moment."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell, bold: bool) -> WriteOnlyCell:
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, Decimal):
            exponent = value.as_tuple().exponent
            cell.number_format = _FORMATS.get(-exponent if isinstance(exponent, int) else 0, "General")
        return cell
    cell = WriteOnlyCell(sheet, _CONTROLS.sub("", value))
    cell.data_type = "s"  # openpyxl takes a leading = for a formula
    cell.quotePrefix = value[:1] in tuple("=+-@\t\r")  # and a spreadsheet would, once the cell is edited
    if bold:
        cell.font = Font(bold=True)
    return cell
