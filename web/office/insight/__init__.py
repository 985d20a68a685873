"""What complaints say, for people: what to look at on Monday, one hot spot, the month, and how it is calculated.

Here is how hot spots are called, what is said of them, and how they are drawn. Numbers come with what they are held
against: the picture of a hot spot's weeks has a band of what is ordinary, what was expected and what was seen, as
geometry only. Charts (of the week and month, of a business, of a bulletin) can be taken along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from complaints import PROBLEMS, name
from complaints.insight import PLATFORM, RESPONDENT, STREET, TRADE, WORD
from complaints.insight.respondents import Profile
from complaints.insight.spots import ClassWeek, ExpectedWeek, HotSpotReport, NewTerm, Spot, SpotFigures, Trait
from complaints.insight.views import BulletinPaper, FocusPage, SpotNow
from complaints.leads import SpotAtHand
from complaints.record.industries import industry_name
from complaints.statistics.figures import Period
from web.i18n import N_, Words, day as written
from web.office.statistics import Chart, ChartLine

WIDTH: Final = 320.0
HEIGHT: Final = 112.0
LEFT, RIGHT, TOP, BOTTOM = 6.0, 294.0, 30.0, 84.0
MUCH: Final = 1.4  # times the weeks before: drawn in red, and said in words


@dataclass(frozen=True, slots=True)
class WeeksPicture:
    band: str
    expected: str
    seen: str
    last: tuple[float, float]
    label_y: float


def draw(weeks: Sequence[ExpectedWeek]) -> WeeksPicture:
    """Two weeks at least."""
    most = max(1, *(max(week.seen, week.high) for week in weeks))
    step = (RIGHT - LEFT) / max(len(weeks) - 1, 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return round(LEFT + step * n, 1), round(BOTTOM - (BOTTOM - TOP) * value / most, 1)

    high = [at(n, week.high) for n, week in enumerate(weeks)]
    low = [at(n, week.low) for n, week in enumerate(weeks)]
    seen = [at(n, week.seen) for n, week in enumerate(weeks)]
    last = seen[-1]
    return WeeksPicture(
        band=_path([*high, *reversed(low)]) + "z",
        expected=_path([at(n, week.expected) for n, week in enumerate(weeks)]),
        seen=_path(seen),
        last=last,
        label_y=round(max(min(y for _, y in seen[-2:]) - 11, 14), 1),  # clear of the line's last stretch
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def much(row: ClassWeek) -> bool:
    return row.seen >= 10 and row.seen > MUCH * row.expected


def heat(row: ClassWeek) -> int:
    """0 ordinary, 3 far more than expected: by standard deviations of a count."""
    over = (row.seen - row.expected) / max(row.expected, 1.0) ** 0.5
    return 3 if over >= 4 else 2 if over >= 2.5 else 1 if over >= 1.5 else 0


KINDS: Final[Mapping[str, str]] = {
    RESPONDENT: N_("Business"),
    STREET: N_("Street"),
    PLATFORM: N_("Platform"),
    TRADE: N_("Industry and problem"),
    WORD: N_("Word"),
}
COURSES: Final[Mapping[str, tuple[str, str]]] = {  # words, tone
    "new": (N_("New"), "seal"),
    "rising": (N_("Still rising"), "warn"),
    "level": (N_("Stays high"), "warn"),
    "falling": (N_("Falling"), "ok"),
    "over": (N_("Back to normal"), "ok"),
}
AFTER: Final[Mapping[str, tuple[str, str]]] = {
    "falling": (N_("Falling since it was handed on"), "ok"),
    "over": (N_("Back to normal since it was handed on"), "ok"),
}
STAGES: Final[Mapping[str, str]] = {
    "new": N_("Nobody has looked yet"),
    "looked": N_("Looked at"),
    "dismissed": N_("Put aside"),
    "handed_on": N_("Handed on as a lead"),
}
REASONS: Final[Mapping[str, str]] = {
    "known": N_("Known, and being dealt with"),
    "one_person": N_("One person’s complaints"),
    "recording": N_("A matter of how it was recorded"),
    "season": N_("The season, a holiday or an event"),
    "other": N_("Something else"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "SpotFound": N_("Found"),
    "SpotLookedAt": N_("Looked at"),
    "SpotDismissed": N_("Put aside"),
    "SpotHandedOn": N_("Handed on as a lead"),
    "SpotTakenBack": N_("Taken back"),
}
LEADS: Final[Mapping[str, str]] = {
    "open": N_("is being verified"),
    "decided": N_("is decided"),
    "withdrawn": N_("was withdrawn"),
}
UNNAMED: Final = N_("a business without a name")
KEPT: Final = timedelta(days=90)
"""For how long a hot spot is followed (`server.insight.hotspot_store`)."""
TOLD_TO_LEADERS: Final = 2  # so that all stays on one page
_ZONE: Final = ZoneInfo("Asia/Shanghai")
SMALL: Final = 5  # complaints; a street with fewer is not told apart


def trade(key: str, words: Words) -> str:
    """Of `industry division|problem`."""
    industry, _, problem = key.partition("|")
    return words.gettext(
        "%(industry)s: %(problem)s",
        industry=industry_name(industry, words.language),
        problem=name(PROBLEMS, problem, words.language).lower()
        if words.language == "en"
        else name(PROBLEMS, problem, words.language),
    )


def called(kind: str, key: str, named: str, words: Words) -> str:
    if kind == RESPONDENT:
        return named or words.gettext(UNNAMED)
    if kind == TRADE:
        return trade(key, words)
    if kind == WORD:
        return words.gettext("“%(word)s”", word=key)
    return key


def title(figures: SpotFigures, words: Words) -> str:
    """A business with what most complain of; anything else by its own name."""
    mine = called(figures.kind, figures.key, figures.name, words)
    if figures.kind == RESPONDENT and figures.problem is not None:
        problem = name(PROBLEMS, figures.problem.key.partition("|")[2], words.language)
        return words.gettext("%(business)s: %(problem)s", business=mine, problem=_inside(problem, words))
    return mine


def _inside(text: str, words: Words) -> str:
    return text.lower() if words.language == "en" else text


def part(one: Trait | NewTerm, words: Words) -> str:
    return called(one.kind, one.key, one.name, words)


def badge(figures: SpotFigures, spot: Spot) -> tuple[str, str]:
    """Words and tone."""
    if figures.campaign:
        return N_("A campaign"), "warn"
    if spot.acted is not None and figures.course in AFTER:
        return AFTER[figures.course]
    return COURSES[figures.course]


def above(figures: SpotFigures, day: date, words: Words) -> str:
    """How many there were up to `day`, held against what was expected."""
    return words.gettext(
        "Since %(since)s there were %(seen)s complaints up to %(day)s; %(expected)s were expected.",
        since=written(figures.since, words.language, _ZONE),
        day=written(day, words.language, _ZONE),
        seen=figures.seen,
        expected=f"{figures.expected:.1f}",
    )


def as_lead(spot: SpotAtHand, words: Words) -> tuple[str, str, str]:
    """Title of a lead that is opened from it, whom or what it is about, and what was expected and seen since when."""
    content = " ".join([above(spot.figures, spot.day, words), *ways(spot.figures, words)])
    return title(spot.figures, words), called(spot.kind, spot.key, spot.figures.name, words), content


def now(figures: SpotFigures, words: Words) -> str:
    """What was seen in the last seven days and what was expected, in one sentence."""
    last = figures.weeks[-1]
    expected = round(last.expected)
    if figures.course in ("falling", "over"):
        return words.gettext(
            "From %(most)s in a week to %(now)s in the last seven days; %(expected)s would be ordinary.",
            most=max(week.seen for week in figures.weeks),
            now=last.seen,
            expected=expected,
        )
    if not expected:
        return words.gettext(
            "%(seen)s in the last seven days; hardly any were expected for the season.",
            seen=last.seen,
        )
    return words.gettext(
        "%(seen)s in the last seven days; about %(expected)s were expected for the season.",
        seen=last.seen,
        expected=expected,
    )


def found_in(seen: FocusPage, period: Period, words: Words) -> list[str] | None:
    """For leaders: of the hot spots found in the period the two furthest above what was expected, as they were found.
    Those put aside are left out, and campaigns. None where nothing was looked at, or what was found is not kept any
    more."""
    if seen.report is None or period.first < seen.report.day - KEPT:
        return None
    found = [
        one
        for one in seen.spots
        if period.first <= one.spot.found.day <= period.last and one.spot.dismissal is None and not one.figures.campaign
    ]
    found.sort(key=lambda one: float(one.spot.found.expected) - one.spot.found.seen)
    return [_as_found(one, words) for one in found[:TOLD_TO_LEADERS]]


def _as_found(one: SpotNow, words: Words) -> str:
    found = one.spot.found
    return words.gettext(
        "%(what)s: %(seen)s from %(since)s to %(day)s, about %(expected)s expected.",
        what=title(one.figures, words),
        seen=found.seen,
        since=written(found.since, words.language, _ZONE),
        day=written(found.day, words.language, _ZONE),
        expected=round(float(found.expected)),
    )


def joined(sentences: Sequence[str], words: Words) -> str:
    return ("" if words.language == "zh" else " ").join(sentences)


def trades(rows: Sequence[ClassWeek], words: Words) -> str:
    names = [industry_name(one.key, words.language) or one.key for one in rows if much(one)]
    if not names:
        return words.gettext("No trade is far above the four weeks before.")
    return words.gettext("Far more than in the four weeks before: %(names)s.", names=words.listed(names))


def told_streets(report: HotSpotReport) -> list[ClassWeek]:
    return [one for one in report.streets if one.seen >= SMALL]


def streets(report: HotSpotReport, words: Words) -> str:
    rows = told_streets(report)
    top = max(rows, key=heat, default=None)
    if top is None:
        return words.gettext("No street had five complaints in the last week.")
    if not heat(top):
        return words.gettext("No street stands out.")
    return words.gettext("%(street)s stands out: %(by)s against what was expected.", street=top.key, by=over(top))


def over(one: ClassWeek) -> str:
    """+9, −2, 0: complaints beside what was expected."""
    by = round(one.seen - one.expected)
    return f"+{by}" if by > 0 else f"−{-by}" if by < 0 else "0"


def fresh(report: HotSpotReport, words: Words) -> str:
    if not report.fresh:
        return words.gettext("No word, business or trade came up in five complaints that the year before hardly had.")
    first = report.fresh[0]
    return words.ngettext(
        "One thing came up that the year before hardly had: %(first)s, in %(seen)s complaints.",
        "%(num)s things came up that the year before hardly had, first of all %(first)s, in %(seen)s complaints.",
        len(report.fresh),
        first=part(first, words),
        seen=first.seen,
    )


def moved(report: HotSpotReport, words: Words) -> str:
    if not report.moved:
        return words.gettext("No class has had a lasting change in the last half year.")
    up = sum(one.after > one.before for one in report.moved)
    return words.gettext(
        "%(up)s classes have more complaints permanently, %(down)s have fewer.", up=up, down=len(report.moved) - up
    )


def season(report: HotSpotReport, words: Words) -> str:
    if report.season:
        return words.ngettext(
            "One trade has its busy season in the next thirty days.",
            "%(num)s trades have their busy season in the next thirty days.",
            len(report.season),
        )
    if report.history_days < 365:
        return words.gettext("What a season brings is not known before a year is over.")
    return words.gettext("No trade has its busy season in the next thirty days.")


def ways(figures: SpotFigures, words: Words) -> list[str]:
    """What many of its complaints have in common, a sentence each."""
    said = []
    if figures.respondent is not None and figures.respondent.count * 4 >= max(figures.seen, 1):
        said.append(
            words.ngettext(
                "One of them is about the same business: %(name)s.",
                "%(num)s of them are about the same business: %(name)s.",
                figures.respondent.count,
                name=part(figures.respondent, words),
            )
        )
    if figures.kind != TRADE and figures.problem is not None and figures.kind != RESPONDENT:
        said.append(
            words.ngettext(
                "One of them is about %(trade)s.",
                "%(num)s of them are about %(trade)s.",
                figures.problem.count,
                trade=_inside(trade(figures.problem.key, words), words),
            )
        )
    named = list(dict.fromkeys(part(one, words) for one in figures.shared))
    if len(named) > 1:  # what they are called: two that have one name are told apart by nobody
        said.append(
            words.ngettext(
                "One name complained about gave this phone number.",
                "%(num)s names complained about gave the same phone number: %(names)s.",
                len(named),
                names=words.listed(named[:5]),
            )
        )
    if figures.copies:
        said.append(_copies(figures, words))
    if figures.people and figures.person * 2 > figures.seen and figures.person > 2:
        said.append(
            words.gettext(
                "%(count)s of them came from one phone number: look whether it is one person.", count=figures.person
            )
        )
    return said


def _copies(figures: SpotFigures, words: Words) -> str:
    """One essay sent in by many, or by one person many times, and what is left when it counts once."""
    told = words.ngettext(
        "%(copies)s complaints are copies of one text, from one phone number.",
        "%(copies)s complaints are copies of one text, from %(num)s phone numbers.",
        max(figures.copiers, 1),
        copies=figures.copies,
    )
    left = words.ngettext(
        "Copies count as one voice: one voice is left.",
        "Copies count as one voice: %(num)s voices are left.",
        figures.voices,
    )
    if not figures.campaign:
        return joined([told, left], words)
    return joined([told, left, words.gettext("So few are nothing out of the ordinary: this is a campaign.")], words)


def of_spot(figures: SpotFigures, report_day: str, words: Words) -> Chart:
    """Its six weeks, each held against what was expected."""
    _ = words.gettext
    lines = [
        ChartLine(f"{week.first:%m-%d}", week.seen, week.expected, week.seen > week.high) for week in figures.weeks
    ]
    return Chart(
        title(figures, words),
        joined([now(figures, words), *ways(figures, words)], words),
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
            lines = [_line(one, one.key) for one in told_streets(report)]
            return _week(N_("Where"), streets(report, words), lines, report, words)
        case _:
            return None


def of_trades(report: HotSpotReport, words: Words) -> Chart:
    lines = [_line(one, industry_name(one.key, words.language)) for one in report.classes]
    return _week(N_("Which trades"), trades(report.classes, words), lines, report, words)


def _week(title: str, sentence: str, lines: Sequence[ChartLine], report: HotSpotReport, words: Words) -> Chart:
    _ = words.gettext
    return Chart(
        _(title),
        sentence,
        _(
            N_("Seven days up to %(day)s; the mark: expected by the four weeks before"),
            day=written(report.day, words.language, _ZONE),
        ),
        (_(title), _(N_("Last week")), _(N_("Expected"))),
        lines,
    )


def _line(one: ClassWeek, label: str) -> ChartLine:
    return ChartLine(label, one.seen, one.expected, much(one))


def of_month(kind: str, report: HotSpotReport, words: Words) -> Chart | None:
    """What is new, what changed for good, what the season brings; None for another kind."""
    _ = words.gettext
    note = _(N_("Complaints up to %(day)s"), day=written(report.day, words.language, _ZONE))
    match kind:
        case "fresh":
            lines = [ChartLine(part(one, words), one.seen, one.before) for one in report.fresh]
            columns = (_(N_("What")), _(N_("In the last four weeks")), _(N_("In the year before")))
            return Chart(_(N_("Hardly there before")), fresh(report, words), note, columns, lines)
        case "moved":
            lines = [
                ChartLine(class_name(one.kind, one.key, words), one.after, one.before, one.after > one.before)
                for one in report.moved
            ]
            columns = (_(N_("Class")), _(N_("A week since")), _(N_("A week before")))
            return Chart(_(N_("Lasting change")), moved(report, words), note, columns, lines)
        case "season":
            lines = [
                ChartLine(industry_name(one.key, words.language), round(one.expected), one.last_year)
                for one in report.season
            ]
            columns = (_(N_("Industry")), _(N_("Expected in thirty days")), _(N_("The same days a year ago")))
            return Chart(_(N_("What the season brings")), season(report, words), note, columns, lines)
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
