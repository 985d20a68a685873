"""Bulletins, the leaders' page and warnings as papers, and what an edition changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from complaints import PROBLEMS, name as called
from complaints.insight.aftermath import Aftermath
from complaints.insight.bulletin import LEAST, Bulletin, BulletinFigure, Effect, Mover, TypicalCase
from complaints.insight.views import (
    BulletinCase,
    BulletinChart,
    BulletinPaper,
    BulletinSection,
    BulletinTable,
    PublicWarning,
)
from complaints.insight.warnings import advice_on
from complaints.statistics import find_statistic
from complaints.statistics.figures import Figure, change, median
from web.i18n import LANGUAGES, N_, Words, day, day as written, span, words_of
from web.office import leads as leads_words, statistics as figure_words

KEPT: Final = "*"  # a number that is kept back
_ZONE: Final = ZoneInfo("UTC")  # days have no zone; the formatter asks for one
TITLES: Final[Mapping[str, str]] = {
    "week": N_("Weekly bulletin on complaints"),
    "month": N_("Monthly bulletin on complaints"),
}
CLEAREST: Final[Mapping[str, str]] = {
    "problem": N_("The clearest change among problems: %(what)s."),
    "industry": N_("The clearest change among industries: %(what)s."),
    "channel": N_("The clearest change among channels: %(what)s."),
}
TREND: Final[Mapping[str, str]] = {"week": N_("Thirteen weeks"), "month": N_("Thirteen months")}
BY: Final[Mapping[str, str]] = {
    "problem": N_("By problem"),
    "industry": N_("By industry"),
    "channel": N_("By channel"),
}
VERDICTS: Final[Mapping[str, str]] = {
    "early": N_("too early to say"),
    "few": N_("too few to say"),
    "fell": N_("fell by more than chance"),
    "rose": N_("rose by more than chance"),
    "unclear": N_("may be chance"),
}


def bulletin_paper(bulletin: Bulletin, office: str, words: Words) -> BulletinPaper:
    """`office`: whose it is, as it signs."""
    _, period = words.gettext, bulletin.period
    sections = [
        _figures(bulletin, words),
        _trend(bulletin, words),
        _movers(bulletin, words),
        *(_table(bulletin, by, words) for by in bulletin.tables),
        *advice(bulletin, words),
        *_typical(bulletin, words),
        _leads(bulletin, words),
    ]
    if bulletin.respondents:
        sections.append(_respondents(bulletin, words))
    if bulletin.public:
        sections.append(_note(words))
    return BulletinPaper(
        words.language,
        office,
        _(TITLES[bulletin.kind]),
        span(written_day(period.first, words), written_day(period.last, words)),
        period.last,
        _lead(bulletin, words),
        sections,
        _("For the public") if bulletin.public else _("For internal use"),
        bulletin.public,
    )


def _lead(bulletin: Bulletin, words: Words) -> str:
    _, told = words.gettext, dict(bulletin.figures).get("received@1")
    if told is None or told.now is None:
        return _("Fewer than %(least)s complaints were received, or none may be told.", least=LEAST)
    said = [_("%(num)s complaints were received.", num=f"{told.now.top:,}")]
    if bulletin.running:
        said.append(_("The period is not over: these are the figures so far."))
    else:
        said += _compared(told, words)
    if bulletin.movers:
        first = bulletin.movers[0]
        said.append(_(CLEAREST[first.by], what=_name(first.by, first.label, words)))
    return _joined(said, words)


def _compared(told: BulletinFigure, words: Words) -> list[str]:
    """Beside the period before (环比) and the same a year before (同比), as far as either was counted."""
    _, said = words.gettext, []
    for before, up, down, same in (
        (
            told.previous,
            N_("Up %(by)s%% on the period before."),
            N_("Down %(by)s%% on the period before."),
            N_("As many as in the period before."),
        ),
        (
            told.year_before,
            N_("Up %(by)s%% on a year before."),
            N_("Down %(by)s%% on a year before."),
            N_("As many as a year before."),
        ),
    ):
        by = None if before is None or told.now is None else change(told.now, before)
        if by is not None:
            said.append(_(up if by > 0 else down if by < 0 else same, by=f"{abs(by):,}"))
    return said


def _figures(bulletin: Bulletin, words: Words) -> BulletinSection:
    _ = words.gettext
    head = [_("Statistic"), _("This period"), _("Period before"), _("A year before")]
    rows = [
        [
            find_statistic(id_.partition("@")[0]).title(words.language),
            *(_value(getattr(told, which), bulletin, words) for which in _OF),
        ]
        for id_, told in bulletin.figures
    ]
    known = [find_statistic(id_.partition("@")[0]) for id_, _told in bulletin.figures]
    grows = [one.title(words.language) for one in known if one.grows]
    said = [
        _(
            "%(what)s: of the complaints of the period, as they stand on the day of counting. What is still under way "
            "is not in it yet, so newer periods are not comparable with older ones.",
            what=words.listed(grows),
        )
    ] * bool(grows)
    return BulletinSection(_("Figures"), said, None, BulletinTable(head, rows))


_OF: Final = ("now", "previous", "year_before")


def _value(figure: Figure | None, bulletin: Bulletin, words: Words) -> str:
    if figure is None and bulletin.public:
        return KEPT
    return figure_words.figure_text(figure, words)


def _trend(bulletin: Bulletin, words: Words) -> BulletinSection:
    _ = words.gettext
    says = _(
        "Complaints received: %(list)s", list="; ".join(f"{label} {_count(many)}" for label, many in bulletin.trend)
    )
    names = [(label[5:] if bulletin.kind == "week" else label[2:], many) for label, many in bulletin.trend]
    middle = median(Counter(many for _label, many in bulletin.trend[:-1] if many is not None))
    sentences = []
    if middle and bulletin.trend[-1][1] is not None:
        sentences = [
            _(
                "%(now)s in the last; the median of those before it is %(middle)s.",
                now=f"{bulletin.trend[-1][1]:,}",
                middle=f"{middle.normalize():,f}",
            )
        ]
    return BulletinSection(_(TREND[bulletin.kind]), sentences, BulletinChart(says, names))


def _movers(bulletin: Bulletin, words: Words) -> BulletinSection:
    _ = words.gettext
    if not bulletin.movers:
        return BulletinSection(_("What moved"), [_("Nothing moved by more than chance would have it.")])
    head = [_("Kind"), _("This period"), _("Period before"), _("To be expected")]
    rows = [
        [_name(one.by, one.label, words), f"{one.now:,}", f"{one.before:,}", f"{one.expected:,.0f}"]
        for one in bulletin.movers
    ]
    sentences = [_mover(one, words) for one in bulletin.movers[:3]]
    sentences.append(_("Only changes beyond chance are listed here, of a fifth at the least."))
    return BulletinSection(_("What moved"), sentences, None, BulletinTable(head, rows))


def advice(bulletin: Bulletin, words: Words) -> list[BulletinSection]:
    """To consumers, about the problems that rose, else about the most frequent; none where nothing may be told."""
    rose = [one.label for one in bulletin.movers if one.by == "problem" and one.now > one.expected]
    told = sorted(bulletin.tables.get("problem") or (), key=lambda row: -(row[1] or 0))
    classes = rose[:2] or [label for label, many, _before in told[:1] if label and many]
    tips = list(dict.fromkeys(tip for code in classes for tip in advice_on(code, words.language, bulletin.advice)))
    what = words.listed([called(PROBLEMS, code, words.language) for code in classes])
    said = [words.gettext("About %(what)s:", what=what), *(f"{n}. {tip}" for n, tip in enumerate(tips, 1))]
    return [BulletinSection(words.gettext("Advice to consumers"), said)] if classes else []


TYPICAL: Final = N_("A typical case")


def _typical(bulletin: Bulletin, words: Words) -> list[BulletinSection]:
    """What happened, how it ended and on which articles, word by word as it was published; the public is not told its
    number."""
    _, case = words.gettext, bulletin.case
    if case is None:
        return []
    said = [about_case(bulletin, words)] if case.why != "taken" else []
    said.append(_("Nobody in it is named; its sums and days are not the real ones."))
    if case.sample:
        said.append(_("It is a sample, and invented."))
    if not bulletin.public:
        said.append(_("In the casebook: %(number)s, edition %(edition)s.", number=case.number, edition=case.edition))
    if words.language != "zh":
        said.append(_("It is told in Chinese, as it was published."))
    told = [(_("Facts of the case"), case.facts), (_("Outcome of the case"), case.outcome)]
    parts = [(heading, "zh", [line for line in text.split("\n") if line.strip()]) for heading, text in told]
    if case.articles:
        cited = [zh if words.language == "zh" else en for zh, en in case.articles]
        parts.append((_("Legal basis"), words.language, cited))
    shown = BulletinCase("" if bulletin.public else case.id, case_title(case, words), parts)
    return [BulletinSection(_(TYPICAL), [_joined(said, words)], case=shown)]


def case_title(case: TypicalCase, words: Words) -> str:
    return case.title_zh if words.language == "zh" or not case.title_en else case.title_en


def about_case(bulletin: Bulletin, words: Words) -> str:
    """Why it is this case, or why there is none."""
    _, what = words.gettext, words.listed([_name(one.by, one.label, words) for one in bulletin.rose])
    if bulletin.case is None:
        return _(UNTOLD[bulletin.untold], what=what) if bulletin.untold else ""
    return _(WHY_CASE[bulletin.case.why], what=_name(*bulletin.case.of, words) if bulletin.case.of[0] else "")


WHY_CASE: Final[Mapping[str, str]] = {
    "rose": N_("Complaints about %(what)s rose; this is the newest published case of them."),
    "period": N_("Published in this period."),
    "taken": N_("An officer chose this case."),
}
UNTOLD: Final[Mapping[str, str]] = {
    "rose": N_("No case is told: the casebook has published none about what rose (%(what)s)."),
    "period": N_("No case is told: nothing rose, and the casebook published none in this period."),
    "left_out": N_("No case is told, as an officer chose."),
    "gone": N_("No case is told: the one that was chosen is not in the casebook any more."),
}


def rising(bulletin: Bulletin, words: Words, most: int) -> list[str]:
    return [_mover(one, words) for one in bulletin.movers if one.now > one.expected][:most]


def _mover(one: Mover, words: Words) -> str:
    text = (
        N_("%(what)s rose from %(before)s to %(now)s.")
        if one.now > one.expected
        else N_("%(what)s fell from %(before)s to %(now)s.")
    )
    name = _name(one.by, one.label, words)
    return words.gettext(text, what=name, before=f"{one.before:,}", now=f"{one.now:,}")


def _table(bulletin: Bulletin, by: str, words: Words) -> BulletinSection:
    _, rows = words.gettext, bulletin.tables[by]
    if rows is None:
        return BulletinSection(_(BY[by]), [_("Too few to be told by kind.")])
    head = [_(figure_words.BY[by]), _("This period"), _("Period before")]
    order = rows if bulletin.public else sorted(rows, key=lambda row: (-(row[1] or 0), row[0]))
    made = [[_name(by, label, words), _count(now), _count(before)] for label, now, before in order]
    return (
        BulletinSection(_(BY[by]), (), None, BulletinTable(head, made))
        if made
        else BulletinSection(_(BY[by]), [_("None were received.")])
    )


def _leads(bulletin: Bulletin, words: Words) -> BulletinSection:
    _, told = words.gettext, bulletin.leads
    said = [_("%(num)s leads were registered.", num=_count(told.opened))]
    if told.decided:
        parts = [f"{_(leads_words.OUTCOMES.get(outcome, outcome))} {_count(many)}" for outcome, many in told.decided]
        said.append(_("Decided: %(list)s.", list=("，" if words.language == "zh" else ", ").join(parts)))
    elif told.decided is not None:
        said.append(_("None was decided."))
    if not told.effects:
        return BulletinSection(_("What became of leads"), said)
    head = [_("Lead"), _("Acted on"), _("Each week before"), _("Each week after"), _("Did complaints fall?")]
    return BulletinSection(
        _("What became of leads"), said, None, BulletinTable(head, [_effect(one, words) for one in told.effects])
    )


def _effect(one: Effect, words: Words) -> Sequence[str]:
    name = f"{one.number} {one.title}"
    if one.after is None:
        return [name, "–", "–", "–", words.gettext("cannot be counted")]
    after: Aftermath = one.after
    was, now = after.per_week
    rates = [f"{was:.1f}", f"{now:.1f}" if after.after else "–"]
    return [name, written_day(after.acted, words), *rates, words.gettext(VERDICTS[after.verdict])]


def _respondents(bulletin: Bulletin, words: Words) -> BulletinSection:
    _ = words.gettext
    rows = [[name, f"{many:,}"] for _key, name, many in bulletin.respondents]
    said = [_("Many complaints may only mean many customers: the number is where to look, not what was found.")]
    return BulletinSection(
        _("Businesses complained about"), said, None, BulletinTable([_("Business name"), _("Complaints")], rows)
    )


def _note(words: Words) -> BulletinSection:
    _ = words.gettext
    return BulletinSection(
        _("How to read it"),
        [
            _(
                "Numbers from 1 to %(most)s are kept back (%(mark)s), and one larger number with them, so that nobody "
                "can be told from them.",
                most=LEAST - 1,
                mark=KEPT,
            ),
            _("Complaints are counted by the day they were received; no business and nobody is named."),
        ],
    )


def _name(by: str, label: str, words: Words) -> str:
    return figure_words.group_name(by, label, {}, words, coded=False)


def _count(many: int | None) -> str:
    return KEPT if many is None else f"{many:,}"


def written_day(of: date, words: Words) -> str:
    return written(of, words.language, _ZONE)


def _joined(said: Sequence[str], words: Words) -> str:
    return ("" if words.language == "zh" else " ").join(said)


MOST = 40  # changes that are listed; how many more there are is said


def bulletin_edition(
    bulletin: Bulletin, office: str, number: str, which: int, before: Mapping[str, BulletinPaper]
) -> dict[str, BulletinPaper]:
    """The papers of an edition by language. `before`: those of the edition before, none for the first."""
    return {
        language: edition(bulletin_paper(bulletin, office, words_of(language)), number, which, before.get(language))
        for language in LANGUAGES
    }


def edition(paper: BulletinPaper, number: str, which: int, before: BulletinPaper | None) -> BulletinPaper:
    """The paper as it is issued. `before`: the edition before, in the same language; None for the first."""
    _ = words_of(paper.language).gettext
    foot = _(N_("No. %(number)s, edition %(edition)s"), number=number, edition=which)
    made = replace(paper, foot=f"{paper.foot} · {foot}")
    if before is None:
        return made
    found = list(_changes(before, paper))
    head = [_(N_("What")), _(N_("Which")), _(N_("Edition before")), _(N_("Now"))]
    said = [_(N_("This edition replaces the one before. Records came in or were corrected since; this is different:"))]
    if len(found) > MOST:
        said.append(_(N_("%(num)s more numbers changed."), num=len(found) - MOST))
    if not found:
        said = [_(N_("This edition replaces the one before; no number of its tables is different."))]
    if (told := _case(paper)) != _case(before):
        said.append(_(N_("It tells another typical case.")) if told else _(N_("It tells no typical case any more.")))
    sheet = BulletinTable(head, found[:MOST]) if found else None
    return replace(made, sections=[BulletinSection(_(N_("What changed")), said, None, sheet), *made.sections])


def _changes(before: BulletinPaper, now: BulletinPaper) -> Iterator[list[str]]:
    """Heading and row, column, then and now."""
    old = {(section.heading, row[0]): row for section in before.sections for row in _rows(section)}
    seen = set()
    for section in now.sections:
        for row in _rows(section):
            key = (section.heading, row[0])
            seen.add(key)
            was = old.get(key, ())
            for n, cell in enumerate(row[1:], 1):
                then = was[n] if n < len(was) else "–"
                if then != cell:
                    yield [f"{section.heading}: {row[0]}", _column(section, n), then, cell]
    for (heading, name), row in old.items():
        if (heading, name) not in seen and heading in {section.heading for section in now.sections}:
            yield [f"{heading}: {name}", "", row[1] if len(row) > 1 else "", "–"]


def _case(paper: BulletinPaper) -> BulletinCase | None:
    return next((one.case for one in paper.sections if one.case), None)


def _rows(section: BulletinSection) -> list[list[str]]:
    return [list(row) for row in section.sheet.rows] if section.sheet else []


def _column(section: BulletinSection, n: int) -> str:
    return section.sheet.head[n] if section.sheet and n < len(section.sheet.head) else ""


ZONE = ZoneInfo("Asia/Shanghai")  # a warning is dated where it is published


def warning_paper(warning: PublicWarning) -> BulletinPaper:
    words = words_of(warning.language)
    paragraphs = [part.strip() for part in warning.body.splitlines() if part.strip()]
    published = warning.published.astimezone(ZONE).date()
    return BulletinPaper(
        warning.language,
        warning.office,
        warning.title,
        day(published, warning.language, ZONE),
        published,
        "",
        [BulletinSection("", paragraphs)],
        words.gettext(N_("A warning to consumers · %(digest)s"), digest=warning.digest[:16]),
        public=True,
    )


# ------------------------------------------------------------ for leaders


LEADERS: Final = ("received", "handled", "settled_share", "loss_recovered", "on_time_decision")
HOT: Final = 3


def leaders_paper(
    bulletin: Bulletin, office: str, asked: str, words: Words, spots: Sequence[str] | None = None
) -> BulletinPaper:
    """One sheet of the bulletin's own figures: five of them, three things that rose, three businesses, the case it
    tells by its title, and what is asked of leaders. `spots`: what is said of the hot spots found in the period, which
    take the place of one thing that rose; None where that is not known, or not for who reads it."""
    _, paper = words.gettext, bulletin_paper(bulletin, office, words)
    known = {id_.partition("@")[0]: told for id_, told in bulletin.figures}
    rows = [
        [
            find_statistic(name).title(words.language), figure_words.figure_text(told.now, words),
            *(_moved(told.now, before, words) for before in (told.previous, told.year_before)),
        ]
        for name in LEADERS
        if (told := known.get(name)) is not None
    ]  # fmt: skip
    head = [_("Statistic"), _("This period"), _("On the period before"), _("On a year before")]
    many = [[name, f"{count:,}"] for _key, name, count in bulletin.respondents[:HOT]]
    sections = [
        BulletinSection(_("Figures"), (), None, BulletinTable(head, rows)),
        BulletinSection(
            _("What rose"),
            rising(bulletin, words, HOT - bool(spots)) or [_("Nothing rose by more than chance would have it.")],
        ),
    ]
    if spots is not None:
        sections.append(BulletinSection(_("Hot spots"), [_joined(spots or [_("None was found.")], words)]))
    if many:
        named = BulletinTable([_("Business name"), _("Complaints")], many)
        sections.append(BulletinSection(_("Businesses complained about"), (), None, named))
    if case := bulletin.case:
        said = _("%(title)s (%(number)s)", title=case_title(case, words), number=case.number)
        sections.append(BulletinSection(_(TYPICAL), [said]))
    sections.append(BulletinSection(_("Asked of leaders"), [asked or _("Nothing is asked for.")]))
    return replace(paper, title=_("For leaders: complaints on one page"), sections=sections)


def _moved(now: Figure | None, before: Figure | None, words: Words) -> str:
    by = None if now is None or before is None else change(now, before)
    if by is None or now is None:
        return "–"
    text = f"{'+' if by > 0 else '−' if by < 0 else ''}{abs(by):,}"
    return words.gettext("%(by)s points", by=text) if now.statistic.unit == "percent" else f"{text}%"
