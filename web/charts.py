"""A chart to be taken along, as a picture and as a workbook: a name, a sentence, how many were seen and what they are
held against."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from openpyxl import Workbook

from complaints.statistics.views import Poster, PosterBar
from offices.refusal import Refused
from web.downloads import PNG, XLSX, attached
from web.spreadsheet import packed, row
from web.statistics.services import DASHBOARDS

KEPT: Final = "*"  # a number that is kept back


@dataclass(frozen=True, slots=True)
class Line:
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
    lines: Sequence[Line]
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
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.column_dimensions["A"].width = 36
        row(sheet, [self.title], bold=True)
        row(sheet, [self.sentence])
        row(sheet, [self.note])
        row(sheet, [column for column in self.columns if column], bold=True)
        for one in self.lines:
            row(
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
            return attached(await request.app[DASHBOARDS].picture(made.poster()), PNG, f"{name}.png")
        case "xlsx":
            return attached(await asyncio.to_thread(made.workbook), XLSX, f"{name}.xlsx")
        case _:
            raise Refused("not_found", 404)
