"""Bulletins, warnings and publicity as papers, and what an edition changed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from complaints.insight.aftermath import Aftermath
from complaints.insight.bulletin import (
    LEAST,
    Bulletin,
    BulletinChart,
    BulletinFigure,
    BulletinPaper,
    BulletinSection,
    BulletinTable,
    Effect,
    Mover,
)
from complaints.insight.publicity import ShownFigures, number, shown
from complaints.insight.publicity_rules import PublicEntry
from complaints.insight.views import PublicPublicity, PublicWarning
from complaints.insight.warnings import ADVICE_EN, ADVICE_ZH
from complaints.statistics import find_statistic
from complaints.statistics.figures import Figure, change, median
from complaints.vocabulary import PROBLEMS, name as called
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
        span(_day(period.first, words), _day(period.last, words)),
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
    known = ADVICE_EN if words.language == "en" else ADVICE_ZH
    tips = list(dict.fromkeys(tip for code in classes for tip in known.get(code, known[""])))
    what = words.listed([called(PROBLEMS, code, words.language) for code in classes])
    said = [words.gettext("About %(what)s:", what=what), *(f"{n}. {tip}" for n, tip in enumerate(tips, 1))]
    return [BulletinSection(words.gettext("Advice to consumers"), said)] if classes else []


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
    return [name, _day(after.acted, words), *rates, words.gettext(VERDICTS[after.verdict])]


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


def _day(of: date, words: Words) -> str:
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


# ------------------------------------------------------------ publicity of complaints


PUBLICITY: Final = N_("Consumer complaint information")


def entries_like(one: PublicPublicity, wanted: str) -> Iterable[PublicEntry]:
    standing = [each for each in (one.edition.entries if one.edition else ()) if not each.withdrawn]
    return (each for each in standing if wanted.casefold() in each.name.casefold() or wanted.upper() == each.code)


def problem_classes(figures: ShownFigures, words: Words) -> Sequence[tuple[str, int | None]] | None:
    """Most complaints first, those kept back last."""
    if figures.problems is None:
        return None
    told = sorted(figures.problems, key=lambda one: -(one[1] or 0))
    return [(called(PROBLEMS, code, words.language), many) for code, many in told]


def problem_line(figures: ShownFigures, words: Words) -> str:
    """The classes that may be told, in a line."""
    told = [f"{what} {many}" for what, many in problem_classes(figures, words) or () if many is not None]
    return words.listed(told[:3]) if told else KEPT


def how_to_read(words: Words) -> list[str]:
    _ = words.gettext
    return [
        _(
            "Counted are complaints that an office accepted and whose mediation was concluded in the period. Those "
            "that were withdrawn, merged with another, not to be accepted or abusive are not."
        ),
        _(
            "A business is named by its credit code. Each was told beforehand, could object, and was answered; two "
            "persons agreed to the publication."
        ),
        _(
            "Many complaints may only mean many customers, and a complaint is not a finding: what was settled and how "
            "often stands beside it."
        ),
        _(
            "Classes with 1 to %(most)s complaints are kept back (%(mark)s), and one larger with them, so that nobody "
            "can be told from them.",
            most=LEAST - 1,
            mark=KEPT,
        ),
    ]


_PUBLICITY_HEAD: Final = (
    N_("Business name"), N_("Credit code"), N_("Complaints"), N_("Settled"), N_("Share settled"),
    N_("Written answer missed"), N_("Promises due"), N_("Promises kept"), N_("Most about"),
)  # fmt: skip


def publicity_rows(one: PublicPublicity, words: Words) -> list[list[str]]:
    found = []
    for entry in entries_like(one, ""):
        told = shown(entry.figures)
        counts = [told.unanswered, told.promised, told.kept]
        found.append(
            [
                entry.name, entry.code, f"{told.complaints}", f"{told.settled}", f"{told.share}%",
                *(KEPT if count is None else f"{count}" for count in counts), problem_line(told, words),
            ]
        )  # fmt: skip
    return found


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def publicity_table(one: PublicPublicity, words: Words) -> str:
    """Nothing in it is read as a formula (ASVS 1.2.10)."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([words.gettext(title) for title in _PUBLICITY_HEAD])
    for row in publicity_rows(one, words):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return file.getvalue()


def publicity_paper(one: PublicPublicity, words: Words) -> BulletinPaper:
    """To be printed, as a bulletin is."""
    assert one.edition is not None
    _ = words.gettext
    chosen = (0, 1, 2, 3, 4, 8)
    head = [_(_PUBLICITY_HEAD[n]) for n in chosen]
    rows = [[row[n] for n in chosen] for row in publicity_rows(one, words)]
    sections = [BulletinSection(_("Businesses"), (), None, BulletinTable(head, rows))]
    if changes := publicity_changes(one, words):
        sections.insert(0, BulletinSection(_("What changed"), changes))
    sections.append(BulletinSection(_("How to read it"), how_to_read(words)))
    first, last = (_day(each, words) for each in (one.period.first, one.period.last))
    which = number(one.kind, one.period.first)
    foot = _(N_("No. %(number)s, edition %(edition)s"), number=which, edition=one.edition.edition)
    return BulletinPaper(
        words.language, one.office_name, _(PUBLICITY), span(first, last), one.period.last, "", sections, foot, True
    )


def publicity_changes(one: PublicPublicity, words: Words) -> list[str]:
    """What this edition says otherwise than the one before."""
    _, said = words.gettext, []
    for before, now in one.edition.changes if one.edition else ():
        if now is None and before is not None and not before.withdrawn:
            said.append(_("%(name)s is not named any more.", name=before.name))
        elif before is None and now is not None:
            said.append(_("%(name)s is named now.", name=now.name))
        elif before is not None and now is not None:
            then, counts = shown(before.figures), shown(now.figures)
            said.append(
                _(
                    "%(name)s: %(was)s complaints, %(then)s of them settled, are now %(now)s and %(settled)s.",
                    name=now.name,
                    was=then.complaints,
                    then=then.settled,
                    now=counts.complaints,
                    settled=counts.settled,
                )
            )
    return said
