"""Hot spots and the week by classes as an XLSX workbook. Every text is written as text (ASVS 1.2.10)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from complaints.industries import industry_name
from web.i18n import N_, Words
from web.insight import words as said
from web.ports.insight import FocusPage

SHEETS: Final = (N_("Hot spots"), N_("Weeks"), N_("Trades"), N_("Streets"))
TITLES: Final = (
    N_("What"), N_("Of what kind"), N_("State"), N_("Course"), N_("Since"), N_("Seen"), N_("Expected"),
    N_("Days of the window"), N_("Seen in the window"), N_("Expected in the window"),
)  # fmt: skip
WEEK: Final = (N_("What"), N_("Week from"), N_("Seen"), N_("Expected"), N_("Ordinary from"), N_("Ordinary up to"))
CLASS: Final = (N_("What"), N_("Last week"), N_("Mean of the four weeks before"), N_("Expected"))


def workbook(seen: FocusPage, words: Words) -> bytes:
    book = Workbook(write_only=True)
    spots, weeks, trades, streets = (book.create_sheet(words.gettext(name)) for name in SHEETS)
    for sheet, titles in ((spots, TITLES), (weeks, WEEK), (trades, CLASS), (streets, CLASS)):
        _row(sheet, [words.gettext(title) for title in titles], bold=True)
    for one in seen.spots:
        figures, title = one.figures, said.title(one.figures, words)
        _row(
            spots,
            [
                title,
                words.gettext(said.KINDS[figures.kind]),
                words.gettext(said.STAGES[one.spot.stage]),
                words.gettext(said.COURSES[figures.course][0]),
                figures.since,
                figures.seen,
                figures.expected,
                figures.window,
                figures.in_window,
                figures.window_expected,
            ],
        )
        for week in figures.weeks:
            _row(weeks, [title, week.first, week.seen, week.expected, week.low, week.high])
    if seen.report is not None:
        for row in seen.report.classes:
            _row(trades, [industry_name(row.key, words.language), row.seen, row.before, row.expected])
        for row in seen.report.streets:
            _row(streets, [row.key, row.seen, row.before, row.expected])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(sheet: Any, cells: Sequence[Any], bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold) for value in cells])


def _cell(sheet: Any, value: Any, bold: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.quotePrefix = value[:1] in tuple("=+-@\t\r")  # and a spreadsheet would, once the cell is edited
    if bold:
        cell.font = Font(bold=True)
    return cell
