"""Charts as pictures and as rows of a workbook."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from complaints.statistics.views import Poster, PosterBar
from journal.refusals import Refused
from web.http.responses import PNG, XLSX, attachment_headers
from web.office.statistics import DASHBOARDS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them
_FORMATS: Final = {0: "#,##0", 1: "0.0", 2: "#,##0.00"}

Cell = str | int | float | Decimal | date | None


def new_workbook() -> Workbook:
    """Begin an XLSX file whose rows are written in order."""
    from openpyxl import Workbook  # a tenth of all there is to load, and needed for a download only

    return Workbook(write_only=True)


def workbook_row(sheet: Any, cells: Sequence[Cell], bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold) for value in cells])


def packed(book: Workbook) -> bytes:
    """Blocks for a moment."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell, bold: bool) -> WriteOnlyCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

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


KEPT: Final = "*"  # a number that is kept back


@dataclass(frozen=True, slots=True)
class ChartLine:
    """`count` None: it is kept back. `hot`: it stands out. `beside`: what it is held against, None for nothing."""

    label: str
    count: float | None
    beside: float | None = None
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns`: what a line is, what was counted, what it is held against ("" for nothing). `upright`: time goes to
    the right."""

    title: str
    sentence: str
    note: str
    columns: tuple[str, str, str]
    lines: Sequence[ChartLine]
    upright: bool = False

    def poster(self) -> Poster:
        most = max((max(one.count or 0, one.beside or 0) for one in self.lines), default=0) or 1
        bars = [
            PosterBar(
                one.label,
                _shown(one.count),
                (one.count or 0) / most,
                None if one.beside is None else one.beside / most,
                one.hot,
            )
            for one in self.lines
        ]
        return Poster(self.title, self.sentence, self.note, bars, self.upright)

    def workbook(self) -> bytes:
        """Blocks for a moment."""
        book = new_workbook()
        sheet = book.create_sheet()
        sheet.column_dimensions["A"].width = 36
        workbook_row(sheet, [self.title], bold=True)
        workbook_row(sheet, [self.sentence])
        workbook_row(sheet, [self.note])
        workbook_row(sheet, [column for column in self.columns if column], bold=True)
        for one in self.lines:
            workbook_row(
                sheet, [one.label, KEPT if one.count is None else one.count, *([one.beside] if self.columns[2] else [])]
            )
        return packed(book)


def _shown(count: float | None) -> str:
    if count is None:
        return KEPT
    return f"{count:,.0f}" if count == round(count) else f"{count:,.1f}"


async def saved(request: web.Request, made: Chart, name: str) -> web.Response:
    """`name`: of the file, without its ending, which the address has: png or xlsx."""
    match request.match_info["ending"]:
        case "png":
            return attachment_headers(await request.app[DASHBOARDS].picture(made.poster()), PNG, f"{name}.png")
        case "xlsx":
            return attachment_headers(await asyncio.to_thread(made.workbook), XLSX, f"{name}.xlsx")
        case _:
            raise Refused("not_found", 404)
