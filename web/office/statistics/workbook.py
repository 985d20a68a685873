"""The figures as an XLSX workbook: figures, groups, months, and the definitions they follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from complaints.statistics.definitions import Statistic, current, day_names
from complaints.statistics.figures import QUARTERS, quarters
from complaints.statistics.views import Dashboard, Figures, MediationPerformance, Overview, StatisticsQuery
from web.i18n import N_, Words
from web.office.charts import Cell, new_workbook, packed, workbook_row
from web.office.statistics import words as said

NAMES: Final = (N_("Figures"), N_("Groups"), N_("Months"), N_("Definitions"))
TITLES: Final = (
    N_("Statistic"), N_("Version"), N_("Unit"), N_("This period"), N_("Out of"),
    N_("Period before"), N_("A year before"),
)  # fmt: skip
MEANING: Final = (N_("Statistic"), N_("Version"), N_("Unit"), N_("Formula"), N_("Counts by"), N_("Digits"))


def workbook(seen: Overview, asked: StatisticsQuery, words: Words, name: Callable[[str], str]) -> bytes:
    """`name`: a group's name. Blocks for a moment: openpyxl packs the file."""
    book, _ = new_workbook(), words.gettext
    figures, groups, months, meaning = (book.create_sheet(_(title)) for title in NAMES)
    for sheet in (figures, meaning):
        sheet.column_dimensions["A"].width = 30
    asked_for = [str(asked.period)]
    if asked.as_of:
        asked_for.append(_("As it was known at the end of %(day)s", day=asked.today))
    workbook_row(figures, asked_for, bold=True)
    workbook_row(figures, [_(title) for title in TITLES], bold=True)
    for one in current():
        now, before, earlier = (some.get(one.id) for some in (seen.now, seen.previous, seen.year_before))
        bottom = now.bottom if now else None
        workbook_row(
            figures,
            [
                one.title(words.language), one.version, _(said.UNITS[one.unit]),
                *(_value(now), bottom), _value(before), _value(earlier),
            ],
        )  # fmt: skip
    _table(groups, _(said.BY[asked.by]) if asked.by else "", seen.groups, current(), words, name)
    month = said.BY["month"]
    _table(months, _(month), seen.months, [one for one in current() if one.id in _told(seen.months)], words)
    workbook_row(meaning, [_(title) for title in MEANING], bold=True)
    for one in current():
        by = day_names(one.measures).replace("`", "")
        workbook_row(
            meaning,
            [
                one.title(words.language),
                one.version,
                _(said.UNITS[one.unit]),
                one.words(words.language),
                by,
                one.digits,
            ],
        )
    return packed(book)


def board_book(
    seen: Dashboard,
    asked: StatisticsQuery,
    statistic: Statistic,
    by: str,
    beside: str,
    words: Words,
    name: Callable[[str], str],
) -> bytes:
    """A dashboard: what is on the page, with numbers as numbers, and what they mean. Blocks for a moment."""
    book, _ = new_workbook(), words.gettext
    sheet = book.create_sheet(_(NAMES[1]))
    sheet.column_dimensions["A"].width = 36
    workbook_row(sheet, [statistic.title(words.language), str(asked.period)], bold=True)
    workbook_row(sheet, [statistic.words(words.language), statistic.id])
    if asked.as_of:
        workbook_row(sheet, [_("As it was known at the end of %(day)s", day=asked.today)])
    titles = [by, _(said.UNITS[statistic.unit]), _(N_("Complaints")), _(N_("Out of"))]
    workbook_row(sheet, [*titles, *([beside] if beside else [])], bold=True)
    rows = [(name(row.label), row.now, row.other) for row in seen.rows]
    for label, now, other in [*rows, (_(N_("In all")), seen.total, seen.other)]:
        workbook_row(sheet, [label, _value(now), now.top, now.bottom, *([_value(other)] if beside else [])])
    return packed(book)


def mediation_book(
    seen: MediationPerformance,
    asked: StatisticsQuery,
    wanted: Sequence[Statistic],
    by: str,
    short: Mapping[str, str],
    words: Words,
    name: Callable[[str], str],
) -> bytes:
    """How mediation goes, by office and by class; days by which a tenth, a quarter … were done. Blocks for a moment."""
    book, _ = new_workbook(), words.gettext
    titles = [one.title(words.language) for one in wanted]
    tenths = [f"{share:.0%}" for share in QUARTERS]
    expected = [_(N_("Expected of its mix")), _(N_("at least")), _(N_("at most"))]
    for title, rows in (
        (_(N_("Offices")), [(short.get(one.label, one.label), one) for one in seen.mine]),
        (_(NAMES[1]), [*[(name(one.label), one) for one in seen.classes], (_(N_("In all")), seen.total)]),
    ):
        sheet = book.create_sheet(title)
        sheet.column_dimensions["A"].width = 30
        workbook_row(sheet, [str(asked.period)], bold=True)
        workbook_row(sheet, [by if title == _(NAMES[1]) else title, *titles, *tenths, *expected], bold=True)
        for label, one in rows:
            days = quarters(one.days)
            none: list[Cell] = [None] * len(tenths)
            like = one.like and (one.like.expected, one.like.low, one.like.high)
            figures = [_value(one.figures.get(each.id)) for each in wanted]
            known = [Decimal(f"{part:.1f}") for part in like] if like else []
            workbook_row(sheet, [label, *figures, *(days or none), *known])
    return packed(book)


def _table(
    sheet: Any, by: str, rows: Sequence[tuple[str, Figures]], wanted: Sequence[Statistic], words: Words,
    name: Callable[[str], str] = str,
) -> None:  # fmt: skip
    if not rows:
        return
    workbook_row(sheet, [by, *(one.title(words.language) for one in wanted)], bold=True)
    for label, figures in rows:
        workbook_row(sheet, [name(label), *(_value(figures.get(one.id)) for one in wanted)])


def _told(months: Sequence[tuple[str, Figures]]) -> set[str]:
    return {id for _, figures in months for id in figures}


def _value(figure: Any) -> Decimal | None:
    value: Decimal | None = figure.value if figure else None
    return value
