"""Hot spots and the week by classes as an XLSX workbook."""

from __future__ import annotations

from typing import Final

from openpyxl import Workbook

from complaints.insight.views import FocusPage
from complaints.record.industries import industry_name
from web.i18n import N_, Words
from web.insight import words as said
from web.spreadsheet import packed, row

SHEETS: Final = (N_("Hot spots"), N_("Weeks"), N_("Industries"), N_("Streets"))
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
        row(sheet, [words.gettext(title) for title in titles], bold=True)
    for one in seen.spots:
        figures, title = one.figures, said.title(one.figures, words)
        row(
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
            row(weeks, [title, week.first, week.seen, week.expected, week.low, week.high])
    if seen.report is not None:
        for trade in seen.report.classes:
            row(trades, [industry_name(trade.key, words.language), trade.seen, trade.before, trade.expected])
        for street in seen.report.streets:
            row(streets, [street.key, street.seen, street.before, street.expected])
    return packed(book)
