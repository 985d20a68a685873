"""Statistics for people: the figures of a period beside those before it, the complaints behind each, and a workbook.

Here is what the pages ask for, by their address and of the service, what figures, groups and changes are called, and
how any page of the office has charts: as pictures and as rows of a workbook.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints import CHANNELS, PROBLEMS, name
from complaints.record.industries import SECTIONS, industry_name
from complaints.record.places import short_name
from complaints.statistics import Part, Statistic, figures
from complaints.statistics.figures import (
    BETWEEN,
    EARLIEST,
    GROUPS,
    MOST_DAYS,
    Figure,
    Period,
    change,
    crossed,
    read_narrowed,
    write_narrowed,
)  # fmt: skip
from complaints.statistics.views import (
    Comparison as Against,
    CountedComplaint as Behind,
    CrossTable as Cross,
    Dashboard,
    FigureChange as Since,
    FigureGroup,
    MediationPerformance as Performance,
    OfficeComparison,
    Overview,
    Poster,
    PosterBar,
    StatisticsQuery as StatisticsQuery,
)
from journal.refusals import Refused
from law.orders import mode_name
from offices import Office, Officer
from web.http.responses import PNG, XLSX, attachment_headers
from web.i18n import N_, Words
from web.rendering import officer_in, today

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

BY: Final[Mapping[str, str]] = {
    "channel": N_("Channel"),
    "problem": N_("Problem"),
    "industry": N_("Industry"),
    "industry2": N_("Industry: division"),
    "division": N_("Place"),
    "platform": N_("Platform"),
    "band": N_("Amount in dispute"),
    "age_band": N_("Age"),
    "mode": N_("Way of mediation"),
    "office": N_("Office"),
    "month": N_("Month"),
    "day": N_("Day"),
}
"""Of the page of all figures; dashboards know these too, of which there are many."""
MANY: Final[Mapping[str, str]] = {
    "industry3": N_("Industry: group"),
    "industry4": N_("Industry: class"),
    "street": N_("Street"),
    "respondent": N_("Business complained about"),
}
ALL: Final[Mapping[str, str]] = {**BY, **MANY}
BANDS_FROM: Final[Mapping[str, str]] = {
    "0": N_("under ¥100"),
    "100": N_("¥100 to 500"),
    "500": N_("¥500 to 1,000"),
    "1000": N_("¥1,000 to 5,000"),
    "5000": N_("¥5,000 to 10,000"),
    "10000": N_("¥10,000 to 50,000"),
    "50000": N_("¥50,000 and more"),
}
AGES: Final[Mapping[str, str]] = {"minor": N_("under 18"), "adult": N_("18 to 59"), "elder": N_("60 and over")}
NOT_GIVEN: Final = N_("not given")
UNITS: Final[Mapping[str, str]] = {
    "complaints": N_("complaints"),
    "yuan": N_("yuan"),
    "percent": N_("per cent"),
    "days": N_("days"),
    "kilometres": N_("kilometres"),
}


def figure_text(figure: Figure | None, words: Words) -> str:
    """With its unit; a dash where there is nothing to divide by."""
    if figure is None or figure.value is None:
        return "–"
    number = f"{figure.value:,}"
    match figure.statistic.unit:
        case "yuan":
            return f"¥{number}"
        case "percent":
            return f"{number}%"
        case "days":
            return words.gettext("%(number)s days", number=number)
        case "kilometres":
            return words.gettext("%(number)s km", number=number)
        case _:
            return number


def change_text(now: Figure | None, before: Figure | None, words: Words) -> str:
    """+12.5% of what it was, +3.2 points of a share, +1.0 days; "" when it cannot be said."""
    by = change(now, before) if now and before else None
    if by is None or now is None:
        return ""
    number = f"{by:+,}".replace("-", "−") if by else "±0.0"
    match now.statistic.unit:
        case "percent":
            return words.gettext("%(number)s points", number=number)
        case "days":
            return words.gettext("%(number)s days", number=number)
        case _:
            return f"{number}%"


def group_name(
    by: str,
    label: str,
    offices: Mapping[str, str],
    words: Words,
    names: Mapping[str, str] | None = None,
    coded: bool = True,
) -> str:
    """A group's name for a person. `names`: of respondents by their key, of industries by code, as far as known.
    `coded`: an industry with its code, as in a table; a sentence says its name alone."""
    if BETWEEN in by:
        first, second = (one.partition(BETWEEN)[::2] for one in (by, label))
        parts = [group_name(one, name_, offices, words, names, coded) for one, name_ in zip(first, second, strict=True)]
        return " · ".join(parts)
    if not label:
        return words.gettext(NOT_GIVEN)
    match by:
        case "channel":
            return name(CHANNELS, label, words.language)
        case "problem":
            return name(PROBLEMS, label, words.language)
        case "industry":
            return f"{label if coded else ''} {name(SECTIONS, label, words.language)}".strip()
        case "industry2" | "industry3" | "industry4":
            return f"{label if coded else ''} {industry_name(label, words.language, names)}".strip()
        case "division":
            return short_name(label) or label
        case "band":
            return words.gettext(BANDS_FROM[label]) if label in BANDS_FROM else label
        case "age_band":
            return words.gettext(AGES[label]) if label in AGES else label
        case "mode":
            return mode_name(label, words.language)
        case "respondent":
            return (names or {}).get(label) or words.gettext(N_("a business"))
        case "office":
            return offices.get(label, label)
        case _:
            return label


def behind(amount: Decimal | int | None, unit: str, words: Words) -> str:
    """What one complaint adds to a figure; "" when it only counts."""
    if amount is None or unit not in ("yuan", "days", "kilometres"):
        return ""
    if unit == "kilometres":
        return words.gettext("%(number)s km", number=f"{amount}")
    return f"¥{amount:,}" if unit == "yuan" else words.gettext("%(number)s days", number=f"{amount}")


FEW: Final = 5  # a group with fewer is not said to have grown


def dashboard_sentence(
    seen: Dashboard, statistic: Statistic, name: Callable[..., str], beside: str, upright: bool, words: Words
) -> list[str]:
    """`name`: `web.office.statistics.group_name` of a label."""
    _, name = words.gettext, partial(name, coded=False)
    if not seen.rows:
        return [_(N_("Nothing was counted in this period."))]
    told = [_(N_("%(what)s: %(value)s in all."), what=statistic.title(words.language), value=_told(seen.total, words))]
    if beside and seen.other is not None and (moved := change_text(seen.total, seen.other, words)):
        told.append(_(N_("Against %(what)s: %(moved)s."), what=beside, moved=moved))
    if statistic.unit == "percent":
        return told
    most = max(seen.rows, key=lambda row: (row.now.value or 0, row.now.top))
    if not upright or len(seen.rows) > 1:
        told.append(_(N_("Most: %(group)s, %(value)s."), group=name(most.label), value=_told(most.now, words)))
    grown = max(seen.rows, key=_growth)
    if beside and not upright and _growth(grown) > 0 and grown.now.top >= FEW and grown.other is not None:
        by = f"+{_growth(grown):,}"
        told.append(_(N_("Grown most: %(group)s, by %(number)s complaints."), group=name(grown.label), number=by))
    return told


def _told(figure: Figure, words: Words) -> str:
    """In a sentence Chinese counts complaints with their own word."""
    value = figure_text(figure, words)
    return words.pgettext("counted", "%(number)s", number=value) if figure.statistic.unit == "complaints" else value


def _growth(row: FigureGroup) -> int:
    return 0 if row.other is None else row.now.top - row.other.top


BAD_DAY: Final = N_("This is not a day. Write it as 2026-06-30.")
BACKWARDS: Final = N_("The period ends before it begins; this month is shown.")
TOO_LONG: Final = N_("The period is longer than ten years; this month is shown.")
MOST_ONLY: Final = 1_000  # characters of an address


@dataclass(frozen=True, slots=True)
class StatisticsQuestion:
    """`query`: the address's own words, to be carried along; `errors`: by field."""

    asked: StatisticsQuery
    query: Mapping[str, str]
    errors: Mapping[str, str]
    day: date  # the office's own today

    def over(self, period: Period) -> Mapping[str, str]:
        """The same question about another period."""
        return {**self.query, "from": period.first.isoformat(), "to": period.last.isoformat()}


def question(request: web.Request, two: bool = False) -> StatisticsQuestion:
    """What cannot be read is told and not asked for. `two`: it may group by two things at once."""
    officer = officer_in(request)
    day = today(request)
    errors: dict[str, str] = {}

    def read(name: str) -> date | None:
        text = request.query.get(name, "").strip()
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or not EARLIEST <= found <= date(day.year + 1, 12, 31)):
            errors[name] = BAD_DAY
            return None
        return found

    since, until, known = read("from"), read("to"), read("as_of")
    period = _period(since, until, day, errors)
    by = request.query.get("by", "")
    zone = ZoneInfo(officer.office.zone)
    past = known if known is not None and known < day else None
    asked = StatisticsQuery(
        period=period,
        today=past or day,
        office=request.query.get("office", "")[:64],
        by=by if by in GROUPS or (two and crossed(by)) else "",
        as_of=None if past is None else datetime.combine(past, time.max, zone).astimezone(UTC),
        only=read_narrowed(request.query.get("only", "")[:MOST_ONLY]),
    )
    query = {"from": period.first.isoformat(), "to": period.last.isoformat(), "office": asked.office, "by": asked.by}
    query |= {"as_of": past.isoformat() if past else "", "only": write_narrowed(asked.only)}
    return StatisticsQuestion(asked, {name: value for name, value in query.items() if value}, errors, day)


def _period(since: date | None, until: date | None, day: date, errors: dict[str, str]) -> Period:
    whole = figures.month(since or until or day)
    first, last = since or whole.first, until or (max(whole.last, since) if since else whole.last)
    if last < first:
        errors.setdefault("to", BACKWARDS)
    elif (last - first).days > MOST_DAYS:
        errors.setdefault("to", TOO_LONG)
    else:
        return Period(first, last)
    return figures.month(day)


def shortcuts(day: date) -> list[tuple[str, Period]]:
    """Periods one tap away."""
    return [
        (N_("This month"), figures.month(day)),
        (N_("Last month"), figures.month(day).previous()),
        (N_("This quarter"), figures.quarter(day)),
        (N_("This year"), figures.year(day)),
        (N_("Last year"), figures.year(day).previous()),
    ]


class Statistics(Protocol):
    """Scoped: a mediator counts their own office, a supervisor those they oversee. Refused(404): not_found."""

    async def overview(self, officer: Officer, asked: StatisticsQuery) -> Overview: ...

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """All the officer may ask about."""
        ...

    async def compare(self, officer: Officer, asked: StatisticsQuery, wanted: Sequence[Statistic]) -> OfficeComparison:
        """The office asked about beside those right below it, each with all below them."""
        ...

    async def records(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[Behind], int]:
        """A page of those behind the figure, in the order of their day, and how many in all.

        `group`: only those of it, one of the groups `asked.by` makes; None: all.
        """
        ...


class Dashboards(Protocol):
    """Scoped as `Statistics`. Refused(404): not_found."""

    async def board(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, against: Against | None, most: int
    ) -> Dashboard: ...

    async def cross(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic) -> Cross:
        """`asked.by`: two groupings (`complaints.statistics.figures.crossed`)."""
        ...

    async def since(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, moment: datetime) -> Since:
        """TooMuchChanged."""
        ...

    async def performance(self, officer: Officer, asked: StatisticsQuery) -> Performance:
        """`asked.by`: problem, industry or channel."""
        ...

    async def picture(self, poster: Poster) -> bytes:
        """As PNG."""
        ...

    async def outline(self, office: str) -> bytes | None:
        """The map an office supplied, as `complaints.statistics.views` keeps it."""
        ...


DASHBOARDS: web.AppKey[Dashboards] = web.AppKey("dashboards", Dashboards)


STATISTICS: web.AppKey[Statistics] = web.AppKey("statistics", Statistics)


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
