"""`/statistics/ask`: a question in words opens the dashboard that answers it, or says what was not understood.

Nothing is counted here: the answer is the dashboard's, with its formula, its picture and its records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from complaints.record.industries import industry_name
from complaints.record.places import short_name
from complaints.statistics import current
from complaints.statistics.asking import LONGEST, NotUnderstood, Reading, Why, read_question
from complaints.statistics.figures import BETWEEN, SAID, Narrowed, write_narrowed
from complaints.statistics.views import StatisticsQuery
from offices import BELOW, Office, OfficeTree
from web import i18n
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office.statistics import ALL, STATISTICS, group_name
from web.rendering import office_scopes, officer_in, show, today

EXAMPLES: Final = (
    N_("Were there more refund disputes with gyms last month than a year before, and with which businesses?"),
    N_("How many complaints has each channel brought this month?"),
    N_("What was the success rate of each industry this year?"),
    N_("How long did it take until complaints were handled, last quarter?"),
    N_("How much was recovered this year, compared with a year before?"),
    N_("Which problems did people of 60 and over have this year?"),
)
WHY: Final[Mapping[Why, str]] = {
    "empty": N_("Write what you would like to know."),
    "long": N_("A question may have %(most)s characters."),
    "words": N_("Not understood: %(words)s. Put it in quotation marks to look for it in complaints."),
    "several": N_("None of the statistics, or several: %(words)s. Name one of those below, or the whole name."),
    "period": N_("This period is not understood: %(words)s. Say for example: last month, this quarter, 2025."),
    "amount": N_("Amounts are counted from ¥100, 500, 1,000, 5,000, 10,000 and 50,000; not %(words)s."),
    "reason": N_("Figures do not say why (%(words)s). Hot spots say what is out of the ordinary, and in which words."),
    "forecast": N_("Nothing is forecast here (%(words)s); figures are of what has happened."),
    "average": N_("There is no average among the statistics (%(words)s), but medians: how long, for example."),
    "except": N_("Leaving something out is not possible (%(words)s). Ask for what should be counted."),
    "least": N_("Those with fewest are not listed (%(words)s); the spreadsheet has all groups with their figures."),
    "reports": N_("Reports and consultations are in no figure of complaints (%(words)s); each has a list of its own."),
}


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a question was read. `instead`: words of trades, and the address that looks for the words themselves."""

    question: str
    told: Sequence[str]
    instead: Sequence[tuple[str, Mapping[str, str]]]


async def read_as(request: web.Request) -> tuple[Reading | None, NotUnderstood | None, str]:
    """Of the question in the address: the reading or why there is none, and its words."""
    text = request.query.get("q", "")[: LONGEST + 1]
    offices = await request.app[STATISTICS].offices(officer_in(request))
    try:
        return read_question(text, today(request), _scopes(offices)), None, text
    except NotUnderstood as why:
        return None, why, text


def _scopes(offices: Sequence[Office]) -> dict[str, str]:
    """What is meant by a name: an office with all below it, "" where several have the name (一所 of two districts)."""
    tree, found = OfficeTree(offices), dict[str, str]()
    for one in offices:
        scope = f"{BELOW}{one.id}" if tree.right_below(one.id) else one.id
        for name in {one.name, one.short}:
            found[name] = "" if name in found else scope
    return found


def address(reading: Reading, text: str) -> dict[str, str]:
    """Of the dashboard that answers it."""
    query = {
        "statistic": reading.statistic,
        "from": f"{reading.period.first}",
        "to": f"{reading.period.last}",
        "by": reading.by,
        "against": reading.against,
        "office": reading.office,
        "only": write_narrowed(reading.only),
        "q": text,
    }
    return {name: value for name, value in query.items() if value}


@officer_page("mediator", "supervisor")
async def ask(request: web.Request) -> web.StreamResponse:
    reading, why, text = await read_as(request)
    if reading is not None:
        route = "cross" if BETWEEN in reading.by else "board"
        raise web.HTTPSeeOther(request.app.router[route].url_for().with_query(address(reading, text)))
    assert why is not None
    asked, said = "q" in request.query, i18n.words_for(request)
    offices = await request.app[STATISTICS].offices(officer_in(request))
    between = "、" if said.language == "zh" else ", "
    return show(
        request,
        "statistics/ask.html",
        "statistics",
        tab="ask",
        scopes=office_scopes(offices, said),
        q=text[:LONGEST],
        most=LONGEST,
        error=_told(why, said) if asked else "",
        examples=EXAMPLES,
        quoted=_quoted(why, text) if asked else "",
        statistics=between.join(one.title(said.language) for one in current()),
        groups=between.join(map(said.gettext, ALL.values())),
    )


def _told(why: NotUnderstood, words: Words) -> str:
    between = "、" if words.language == "zh" else ", "
    quoted = between.join(words.gettext(N_("“%(words)s”"), words=one) for one in why.words)
    return words.gettext(WHY[why.why], words=quoted, most=LONGEST)


def _quoted(why: NotUnderstood, text: str) -> str:
    """The question with what was not understood in quotation marks, "" where that would help nobody."""
    if why.why != "words" or not all(len(one.strip()) > 1 and one in text.lower() for one in why.words):
        return ""
    for one in why.words:
        at = text.lower().index(one)
        text = f"{text[:at]}“{text[at : at + len(one)]}”{text[at + len(one) :]}"
    return text


async def answered(request: web.Request) -> ReadAs | None:
    """What a dashboard says of the question it answers; None where nobody asked one, or changed it since."""
    if "q" not in request.query:
        return None
    reading, _, text = await read_as(request)
    if reading is None or any(request.query.get(name, "") != value for name, value in address(reading, text).items()):
        return None
    said = i18n.words_for(request)
    told = [said.gettext(N_("No period was named: this year so far."))] if "period" in reading.assumed else []
    trades = [term for term in reading.terms if term.role == "only" and term.by == "industry"]
    instead: list[tuple[str, Mapping[str, str]]] = []
    for term in trades:
        named = industry_name(term.value, said.language) or term.value
        told.append(said.gettext(N_("“%(words)s” is counted as the industry %(name)s."), words=term.words, name=named))
        if term.words.isascii():
            continue  # complaints are in Chinese
        other = write_narrowed(_by_words(reading.only, term.value, term.words))
        instead.append((term.words, address(reading, "") | {"only": other}))
    if any(by == SAID for by, _ in reading.only):
        told.append(said.gettext(N_("Words are looked for in complaints as they stand today.")))
    return ReadAs(text, told, instead)


def _by_words(only: Narrowed, code: str, words: str) -> Narrowed:
    """The trade's words in the place of its code."""
    kept = {by: tuple(value for value in values if (by, value) != ("industry", code)) for by, values in only}
    kept[SAID] = tuple(f"{words} {said}".strip() for said in kept.get(SAID, ("",)))
    return tuple((by, values) for by, values in kept.items() if values)


NARROWED: Final[Mapping[str, str]] = {**ALL, SAID: N_("Complaints that say")}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One of what a question is narrowed to, in words; `without`: what it is narrowed to when this is taken away."""

    by: str
    title: str
    values: str
    without: str


def narrowings(only: Narrowed, words: Words) -> list[Narrowing]:
    def named(by: str, value: str) -> str:
        match by:
            case "division":
                return short_name(value.ljust(6, "0")) or value
            case "industry" if len(value) > 1:
                return industry_name(value, words.language) or value
            case _ if by == SAID:
                return words.gettext(N_("“%(words)s”"), words=value)
            case _:
                return group_name(by, value, {}, words, coded=False)

    between = "、" if words.language == "zh" else ", "
    return [
        Narrowing(
            by,
            words.gettext(NARROWED[by]),
            between.join(named(by, value) for value in values),
            write_narrowed(tuple(one for one in only if one[0] != by)),
        )
        for by, values in only
    ]


def told_narrowed(only: Narrowed, words: Words) -> str:
    """For what leaves the page as a picture or a workbook; "" where nothing is narrowed."""
    told = (
        words.gettext(N_("%(what)s: %(which)s"), what=one.title, which=one.values) for one in narrowings(only, words)
    )
    return " · ".join(told)


def counted(asked: StatisticsQuery, words: Words) -> str:
    """The period, and what is narrowed to."""
    return " · ".join(filter(None, [f"{asked.period}", told_narrowed(asked.only, words)]))


def register(app: web.Application) -> None:
    app.router.add_get("/statistics/ask", ask, name="ask")
