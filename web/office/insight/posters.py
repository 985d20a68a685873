"""Charts of hot spots, of the week and of the month, of a business and of a bulletin, to be taken along."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.insight.bulletin import BulletinPaper
from complaints.insight.respondents import Profile
from complaints.insight.spots import ClassWeek, HotSpotReport, SpotFigures
from complaints.record.industries import industry_name
from complaints.vocabulary import PROBLEMS, name
from web.i18n import N_, Words
from web.office.charts import Chart, ChartLine
from web.office.insight import words as insight_words
from web.office.insight.words import much


def of_spot(figures: SpotFigures, report_day: str, words: Words) -> Chart:
    """Its six weeks, each held against what was expected."""
    _ = words.gettext
    lines = [
        ChartLine(f"{week.first:%m-%d}", week.seen, week.expected, week.seen > week.high) for week in figures.weeks
    ]
    return Chart(
        insight_words.title(figures, words),
        insight_words.joined([insight_words.now(figures, words), *insight_words.ways(figures, words)], words),
        _(N_("Weeks up to %(day)s; the mark: expected"), day=report_day),
        (_(N_("Week from")), _(N_("Seen")), _(N_("Expected"))),
        lines,
        upright=True,
    )


def of_week(kind: str, report: HotSpotReport, words: Words) -> Chart | None:
    """The last week by trades or by streets; None for another kind."""
    match kind:
        case "trades":
            return of_trades(report, words)
        case "streets":
            lines = [_line(one, one.key) for one in insight_words.told_streets(report)]
            return _week(N_("Where"), insight_words.streets(report, words), lines, report, words)
        case _:
            return None


def of_trades(report: HotSpotReport, words: Words) -> Chart:
    lines = [_line(one, industry_name(one.key, words.language)) for one in report.classes]
    return _week(N_("Which trades"), insight_words.trades(report.classes, words), lines, report, words)


def _week(title: str, sentence: str, lines: Sequence[ChartLine], report: HotSpotReport, words: Words) -> Chart:
    _ = words.gettext
    return Chart(
        _(title),
        sentence,
        _(N_("Seven days up to %(day)s; the mark: expected by the four weeks before"), day=report.day.isoformat()),
        (_(title), _(N_("Last week")), _(N_("Expected"))),
        lines,
    )


def _line(one: ClassWeek, label: str) -> ChartLine:
    return ChartLine(label, one.seen, one.expected, much(one))


def of_month(kind: str, report: HotSpotReport, words: Words) -> Chart | None:
    """What is new, what changed for good, what the season brings; None for another kind."""
    _ = words.gettext
    note = _(N_("Complaints up to %(day)s"), day=report.day.isoformat())
    match kind:
        case "fresh":
            lines = [ChartLine(insight_words.part(one, words), one.seen, one.before) for one in report.fresh]
            columns = (_(N_("What")), _(N_("In the last four weeks")), _(N_("In the year before")))
            return Chart(_(N_("Hardly there before")), insight_words.fresh(report, words), note, columns, lines)
        case "moved":
            lines = [
                ChartLine(class_name(one.kind, one.key, words), one.after, one.before, one.after > one.before)
                for one in report.moved
            ]
            columns = (_(N_("Class")), _(N_("A week since")), _(N_("A week before")))
            return Chart(_(N_("Lasting change")), insight_words.moved(report, words), note, columns, lines)
        case "season":
            lines = [
                ChartLine(industry_name(one.key, words.language), round(one.expected), one.last_year)
                for one in report.season
            ]
            columns = (_(N_("Industry")), _(N_("Expected in thirty days")), _(N_("The same days a year ago")))
            return Chart(_(N_("What the season brings")), insight_words.season(report, words), note, columns, lines)
        case _:
            return None


def class_name(kind: str, key: str, words: Words) -> str:
    """Of an industry division or a problem class."""
    if kind == "industry":
        return industry_name(key, words.language) or key
    return name(PROBLEMS, key, words.language)


def of_respondent(name: str, made: Profile, sentence: str, words: Words) -> Chart:
    """A business's months."""
    _ = words.gettext
    lines = [ChartLine(month, count) for month, count in made.months]
    return Chart(
        name,
        sentence,
        _(N_("Complaints received, by month")),
        (_(N_("Month")), _(N_("Complaints")), ""),
        lines,
        upright=True,
    )


def of_bulletin(paper: BulletinPaper) -> Chart | None:
    """Its chart, with what is kept back kept back; None for one without."""
    for section in paper.sections:
        if section.bars is not None:
            title = f"{paper.title} · {section.heading}"
            lines = [ChartLine(label, count) for label, count in section.bars.bars]
            note = f"{paper.office} · {paper.span} · {paper.foot}"
            columns = section.heading, paper.title, ""
            return Chart(title, " ".join(section.sentences) or section.bars.says, note, columns, lines, upright=True)
    return None
