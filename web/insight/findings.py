"""The findings Focus begins with, and its workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from aiohttp import web
from yarl import URL

from complaints.insight.report import Report
from complaints.insight.views import FocusPage, SpotNow
from complaints.record.industries import industry_name
from web import i18n
from web.charts import new_workbook, packed, workbook_row
from web.i18n import N_, Words
from web.insight import words as said
from web.insight.picture import heat, much
from web.insight.posters import class_name

MOST: Final = 3
STILL: Final = ("rising", "level")


@dataclass(frozen=True, slots=True)
class Thing:
    """`link`: what stands behind it, in words; `href`: where."""

    what: str
    why: str
    href: str
    link: str


def three_findings(
    request: web.Request, open_: Sequence[SpotNow], handed_on: Sequence[SpotNow], seen: FocusPage
) -> list[Thing]:
    """`open_`: hot spots that wait for somebody, the most urgent first; `handed_on`: those that were."""
    return list(islice(_all(request, open_, handed_on, seen.report), MOST)) if seen.report else []


def _all(
    request: web.Request, open_: Sequence[SpotNow], handed_on: Sequence[SpotNow], report: Report | None
) -> Iterator[Thing]:
    words = i18n.words_for(request)
    if report is None:
        return
    for one in open_:
        yield _spot(request, one, said.now(one.figures, words), words)
    for one in handed_on:
        if one.figures.course in STILL:
            course = words.gettext(said.COURSES[one.figures.course][0])
            why = words.gettext("Handed on, and %(course)s: %(now)s", course=_low(course, words),
                                now=said.now(one.figures, words))  # fmt: skip
            yield _spot(request, one, why, words)
    for row in sorted(filter(much, report.classes), key=lambda row: row.expected - row.seen):
        yield Thing(
            industry_name(row.key, words.language) or row.key,
            _beside(row.seen, row.expected, words),
            _behind(request, report, "industry2", row.key),
            _complaints(row.seen, words),
        )
    for row in sorted((row for row in said.told_streets(report) if heat(row) >= 2), key=lambda row: -heat(row)):
        why = _beside(row.seen, row.expected, words)
        yield Thing(row.key, why, _behind(request, report, "street", row.key), _complaints(row.seen, words))
    month = str(request.app.router["focus_month"].url_for())
    more = words.gettext(N_("See the month"))
    for new in report.fresh[:1]:
        why = words.gettext(
            "New: %(seen)s complaints in the last four weeks, %(before)s in the year before.",
            seen=new.seen,
            before=new.before,
        )
        yield Thing(said.part(new, words), why, f"{month}#fresh", more)
    for moved in [one for one in report.moved if one.after > one.before][:1]:
        before, after = apart(moved.before, moved.after)
        why = words.gettext(
            "For good since %(week)s: from %(before)s to %(after)s complaints a week.",
            week=moved.week.isoformat(),
            before=before,
            after=after,
        )
        yield Thing(class_name(moved.kind, moved.key, words), why, f"{month}#moved", more)
    for note in report.season[:1]:
        why = words.gettext(
            "Its season begins: about %(expected)s complaints in the next thirty days; a year ago there were %(last)s.",
            expected=round(note.expected),
            last=note.last_year,
        )
        yield Thing(industry_name(note.key, words.language) or note.key, why, f"{month}#season", more)


def _spot(request: web.Request, one: SpotNow, why: str, words: Words) -> Thing:
    href = str(request.app.router["hotspot"].url_for(hotspot=one.figures.id))
    return Thing(said.title(one.figures, words), why, href, _complaints(len(one.figures.records), words))


def _complaints(many: int, words: Words) -> str:
    return words.ngettext("See the complaint", "See the %(num)s complaints", many)


def _beside(seen: int, expected: float, words: Words) -> str:
    return words.gettext(
        "%(seen)s in the last seven days; the four weeks before suggest about %(expected)s.",
        seen=seen,
        expected=round(expected),
    )


def _low(text: str, words: Words) -> str:
    return text.lower() if words.language == "en" else text


def _behind(request: web.Request, report: Report, by: str, group: str) -> str:
    """The complaints of the last seven days."""
    first = report.day - timedelta(days=6)
    query = {"from": first.isoformat(), "to": report.day.isoformat(), "by": by, "group": group, "part": "top"}
    route = request.app.router["statistics_records"].url_for(statistic="received@1")
    return str(URL(str(route)).with_query(query))


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers that are not the same, written with as many digits as tell them apart."""
    for digits in range(3):
        both = f"{one:.{digits}f}", f"{other:.{digits}f}"
        if both[0] != both[1]:
            break
    return both


def before(acted: Sequence[SpotNow], words: Words) -> str:
    """What was done about earlier ones, in a sentence or two."""
    handed = [one for one in acted if one.spot.stage == "handed_on"]
    aside = len(acted) - len(handed)
    if not acted:
        return words.gettext("Nothing was handed on or put aside in the last ninety days.")
    told = []
    if handed:
        fell = sum(one.figures.course in ("falling", "over") for one in handed)
        told.append(
            words.ngettext(
                "Of earlier ones, one was handed on;", "Of earlier ones, %(num)s were handed on;", len(handed)
            )
        )
        told.append(
            words.gettext(
                "since then complaints fell about %(fell)s of them, about %(rest)s they did not.",
                fell=fell,
                rest=len(handed) - fell,
            )
        )
    if aside:
        told.append(words.ngettext("One was put aside.", "%(num)s were put aside.", aside))
    return said.joined(told, words)


SHEETS: Final = (N_("Hot spots"), N_("Weeks"), N_("Industries"), N_("Streets"))
TITLES: Final = (
    N_("What"), N_("Of what kind"), N_("State"), N_("Course"), N_("Since"), N_("Seen"), N_("Expected"),
    N_("Days of the window"), N_("Seen in the window"), N_("Expected in the window"),
)  # fmt: skip
WEEK: Final = (N_("What"), N_("Week from"), N_("Seen"), N_("Expected"), N_("Ordinary from"), N_("Ordinary up to"))
CLASS: Final = (N_("What"), N_("Last week"), N_("Mean of the four weeks before"), N_("Expected"))


def insight_workbook(seen: FocusPage, words: Words) -> bytes:
    book = new_workbook()
    spots, weeks, trades, streets = (book.create_sheet(words.gettext(name)) for name in SHEETS)
    for sheet, titles in ((spots, TITLES), (weeks, WEEK), (trades, CLASS), (streets, CLASS)):
        workbook_row(sheet, [words.gettext(title) for title in titles], bold=True)
    for one in seen.spots:
        figures, title = one.figures, said.title(one.figures, words)
        workbook_row(
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
            workbook_row(weeks, [title, week.first, week.seen, week.expected, week.low, week.high])
    if seen.report is not None:
        for trade in seen.report.classes:
            workbook_row(trades, [industry_name(trade.key, words.language), trade.seen, trade.before, trade.expected])
        for street in seen.report.streets:
            workbook_row(streets, [street.key, street.seen, street.before, street.expected])
    return packed(book)
