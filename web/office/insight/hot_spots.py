"""Focus: the findings it begins with, its workbook, and the page of one hot spot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web
from yarl import URL

from complaints.insight import WORD
from complaints.insight.bursts import RULES
from complaints.insight.spots import REASONS, DismissSpot, HotSpotReport, LookAtSpot, NewTerm, TakeBackSpot, Trait
from complaints.insight.views import FocusPage, SpotNow
from complaints.leads import Lead
from complaints.record.industries import industry_name
from journal.refusals import Refused
from web import i18n
from web.http.forms import Form
from web.http.responses import XLSX, attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office import insight as insight_words
from web.office.accounts import phone_asked
from web.office.first_steps import first_steps
from web.office.insight import WeeksPicture, class_name, draw, heat, much
from web.office.insight.services import FOCUS
from web.office.leads import LEADS, OUTCOMES, aftermath
from web.office.statistics import new_workbook, packed, saved, workbook_row
from web.rendering import go, officer_in, posted, show

MOST: Final = 3
STILL: Final = ("rising", "level")


@dataclass(frozen=True, slots=True)
class Thing:
    """`link`: what stands behind it, in words; `href`: where. `also`: the same thing seen from another side."""

    what: str
    why: str
    href: str
    link: str
    also: list[Thing] = field(default_factory=list)


def three_findings(
    request: web.Request, open_: Sequence[SpotNow], handed_on: Sequence[SpotNow], seen: FocusPage
) -> list[Thing]:
    """`open_`: hot spots that wait for somebody, the most urgent first; `handed_on`: those that were. Each thing once:
    what mostly lies in one that is told stands with it, whichever it is."""
    if seen.report is None:
        return []
    told: dict[tuple[str, str], Thing] = {}
    for keys, home, thing in _all(request, open_, handed_on, seen.report):
        if (known := next((told[one] for one in (*home, *keys) if one in told), None)) is None:
            told |= dict.fromkeys(keys, thing)
        else:
            told |= {key: known for key in keys if key not in told}
            known.also.append(thing)
    return list({id(thing): thing for thing in told.values()}.values())[:MOST]


Finding = tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]], Thing]
"""By what it is known, and what it would be told with."""


def _all(
    request: web.Request, open_: Sequence[SpotNow], handed_on: Sequence[SpotNow], report: HotSpotReport
) -> Iterator[Finding]:
    words = i18n.words_for(request)
    for one in open_:
        yield [("spot", one.figures.id)], (), _spot(request, one, insight_words.now(one.figures, words), words)
    for one in handed_on:
        if one.figures.course in STILL:
            course = words.gettext(insight_words.COURSES[one.figures.course][0])
            why = words.gettext("Handed on, and %(course)s: %(now)s", course=_low(course, words),
                                now=insight_words.now(one.figures, words))  # fmt: skip
            yield [("spot", one.figures.id)], (), _spot(request, one, why, words)
    for row in sorted(filter(much, report.classes), key=lambda row: row.expected - row.seen):
        thing = Thing(
            industry_name(row.key, words.language) or row.key,
            _beside(row.seen, row.expected, words),
            _behind(request, report, "industry2", row.key),
            _complaints(row.seen, words),
        )
        yield [("industry", row.key)], [("spot", row.spot)], thing
    for row in sorted(
        (row for row in insight_words.told_streets(report) if heat(row) >= 2), key=lambda row: -heat(row)
    ):
        why = _beside(row.seen, row.expected, words)
        thing = Thing(row.key, why, _behind(request, report, "street", row.key), _complaints(row.seen, words))
        yield [("street", row.key)], [("spot", row.spot)], thing
    month = str(request.app.router["focus_month"].url_for())
    more = words.gettext(N_("See the month"))
    for new in report.fresh[:1]:
        why = words.gettext(
            "New: %(seen)s complaints in the last four weeks, %(before)s in the year before.",
            seen=new.seen,
            before=new.before,
        )
        thing = Thing(insight_words.part(new, words), why, f"{month}#fresh", more)
        yield [("new", new.key)], [("spot", new.spot), ("industry", new.division)], thing
    for moved in [one for one in report.moved if one.after > one.before][:1]:
        before, after = apart(moved.before, moved.after)
        why = words.gettext(
            "For good since %(week)s: from %(before)s to %(after)s complaints a week.",
            week=i18n.calendar_day(moved.week, words.language),
            before=before,
            after=after,
        )
        yield (
            [(moved.kind, moved.key)],
            (),
            Thing(class_name(moved.kind, moved.key, words), why, f"{month}#moved", more),
        )
    for note in report.season[:1]:
        why = words.gettext(
            "Its season begins: about %(expected)s complaints in the next thirty days; a year ago there were %(last)s.",
            expected=round(note.expected),
            last=note.last_year,
        )
        thing = Thing(industry_name(note.key, words.language) or note.key, why, f"{month}#season", more)
        yield [("industry", note.key)], (), thing


def _spot(request: web.Request, one: SpotNow, why: str, words: Words) -> Thing:
    href = str(request.app.router["hotspot"].url_for(hotspot=one.figures.id))
    return Thing(insight_words.title(one.figures, words), why, href, _complaints(len(one.figures.records), words))


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


def _behind(request: web.Request, report: HotSpotReport, by: str, group: str) -> str:
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
    return insight_words.joined(told, words)


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
        figures, title = one.figures, insight_words.title(one.figures, words)
        workbook_row(
            spots,
            [
                title,
                words.gettext(insight_words.KINDS[figures.kind]),
                words.gettext(insight_words.STAGES[one.spot.stage]),
                words.gettext(insight_words.COURSES[figures.course][0]),
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


CARDS: Final = 3
READERS: Final = ("supervisor", "mediator")  # a mediator reads of the own office, and does nothing here


@dataclass(frozen=True, slots=True)
class Card:
    """`lead`: what became of it, when one was opened and this officer may read it."""

    now: SpotNow
    title: str
    badge: tuple[str, str]
    picture: WeeksPicture
    ways: Sequence[str]
    lead: Lead | None = None
    after: str = ""  # whether complaints fell after action was taken, in a sentence

    @property
    def id(self) -> str:
        return self.now.figures.id


@officer_page(*READERS)
async def focus_page(request: web.Request) -> web.StreamResponse:
    officer, words = officer_in(request), i18n.words_for(request)
    seen = await request.app[FOCUS].page(officer)
    cards = [await card(request, one) for one in ranked(seen)]
    report = seen.report
    open_, handed_on = waiting(seen), [one for one in seen.spots if one.spot.stage == "handed_on"]
    streets = insight_words.told_streets(report) if report else []
    return show(
        request,
        "insight/focus.html",
        "focus",
        phone_asked=officer.role == "supervisor" and await phone_asked(request),
        first_steps=await first_steps(request) if officer.role == "supervisor" else [],
        seen=seen,
        report=report,
        cards=cards[:CARDS],
        more=[one for one in cards[CARDS:] if one.now.spot.stage in ("new", "looked")],
        earlier=[await card(request, one) for one in acted(seen)],
        things=three_findings(request, open_, handed_on, seen),
        done=before(acted(seen), words),
        bars=insight_words.of_trades(report, words).poster().bars[:6] if report else (),
        trades=insight_words.trades(report.classes, words) if report else "",
        where=insight_words.streets(report, words) if report else "",
        streets=[(one, heat(one)) for one in streets],
        industry=partial(industry, words),
        over=insight_words.over,
        sentence=partial(insight_words.now, words=words),
        stages=insight_words.STAGES,
        reasons=insight_words.REASONS,
        leads=insight_words.LEADS,
        outcomes=OUTCOMES,
        can_act=officer.role == "supervisor",
        can_open=opens_leads(request),
    )


def _also(one: NewTerm, words: Words) -> str:
    names = words.listed(insight_words.part(side, words) for side in one.also)
    return words.gettext("In them also: %(names)s", names=names)


@officer_page(*READERS)
async def month(request: web.Request) -> web.StreamResponse:
    words = i18n.words_for(request)
    seen = await request.app[FOCUS].page(officer_in(request))

    return show(
        request,
        "insight/month.html",
        "focus",
        report=seen.report,
        part=partial(insight_words.part, words=words),
        also=partial(_also, words=words),
        kinds=insight_words.KINDS,
        industry=partial(industry, words),
        class_name=partial(insight_words.class_name, words=words),
        lines={name: getattr(insight_words, name)(seen.report, words) for name in ("fresh", "moved", "season")}
        if seen.report
        else {},
    )


@officer_page(*READERS)
async def how(request: web.Request) -> web.StreamResponse:
    seen = await request.app[FOCUS].page(officer_in(request))
    return show(request, "insight/how.html", "focus", report=seen.report, rules=RULES)


@officer_page(*READERS)
async def focus_file(request: web.Request) -> web.StreamResponse:
    seen = await request.app[FOCUS].page(officer_in(request))
    body = await asyncio.to_thread(insight_workbook, seen, i18n.words_for(request))
    day = seen.report.day.isoformat() if seen.report else "none"
    return attachment_headers(body, XLSX, f"yuntiao-focus-{day}.xlsx")


@officer_page(*READERS)
async def focus_chart(request: web.Request) -> web.StreamResponse:
    """One of the week's or the month's charts, as a picture or as a workbook."""
    seen, words = await request.app[FOCUS].page(officer_in(request)), i18n.words_for(request)
    which = request.match_info["chart"]
    if seen.report is None:
        return go("/focus")  # where it says when there will be one
    made = insight_words.of_week(which, seen.report, words) or insight_words.of_month(which, seen.report, words)
    if made is None:
        raise Refused("not_found", 404)
    return await saved(request, made, f"yuntiao-focus-{which}-{seen.report.day}")


async def card(request: web.Request, one: SpotNow) -> Card:
    words = i18n.words_for(request)
    lead, after = None, ""
    if one.spot.lead:
        try:
            page = await request.app[LEADS].lead(officer_in(request), one.spot.lead)
        except Refused:
            pass  # another office's, or its beginning was erased
        else:
            lead, told = page.lead, aftermath(page.aftermath, page.lead, words)
            after = told.sentences[-1] if told and told.sentences else ""
    return Card(
        one,
        insight_words.title(one.figures, words),
        insight_words.badge(one.figures, one.spot),
        draw(one.figures.weeks),
        insight_words.ways(one.figures, words),
        lead,
        after,
    )


def ranked(seen: FocusPage) -> list[SpotNow]:
    """What is worth a look: above the line and neither put aside nor handed on, the most complaints too many first;
    then what was handed on and has a result in its figures."""
    after = [one for one in seen.spots if one.spot.stage == "handed_on"]
    after.sort(key=lambda one: one.figures.since, reverse=True)
    return [*waiting(seen), *after]


def waiting(seen: FocusPage) -> list[SpotNow]:
    """Above the line, and nobody has handed them on or put them aside; the most voices too many first (copies of one
    text are one), campaigns last."""
    open_ = [one for one in seen.spots if one.spot.stage in ("new", "looked") and one.figures.alarmed]

    def rank(one: SpotNow) -> tuple[bool, float, str]:
        seen = one.figures.seen - (len(one.figures.records) - one.figures.voices if one.figures.copies else 0)
        return one.figures.campaign, one.figures.expected - seen, one.figures.id

    return sorted(open_, key=rank)


def acted(seen: FocusPage) -> list[SpotNow]:
    """Handed on or put aside in the last ninety days, the newest first."""
    done = [one for one in seen.spots if one.spot.stage in ("handed_on", "dismissed")]
    return sorted(done, key=lambda one: one.spot.found.day, reverse=True)


def opens_leads(request: web.Request) -> bool:
    return "lead_from_spot" in request.app.router


def industry(words: Words, key: str) -> str:
    return industry_name(key, words.language) or key


@officer_page(*READERS)
async def spot_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page(*READERS)
async def spot_chart(request: web.Request) -> web.StreamResponse:
    """Its weeks, as a picture or as a workbook."""
    seen = await request.app[FOCUS].spot(officer_in(request), request.match_info["hotspot"])
    if seen.figures is None:
        raise Refused("not_found", 404)
    made = insight_words.of_spot(seen.figures, seen.day.isoformat(), i18n.words_for(request))
    return await saved(request, made, f"yuntiao-hotspot-{seen.day}")


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    words = i18n.words_for(request)
    seen = await request.app[FOCUS].spot(officer_in(request), request.match_info["hotspot"])
    now = SpotNow(seen.figures, seen.spot) if seen.figures is not None else None
    found = seen.spot.found
    shown: dict[str, Any] = {"one": await card(request, now) if now else None}
    return show(
        request,
        "insight/spot.html",
        "focus",
        status,
        seen=seen,
        spot=seen.spot,
        figures=seen.figures,
        title=shown["one"].title if shown["one"] else insight_words.called(found.kind, found.key, "", words),
        kinds=insight_words.KINDS,
        sentence=partial(insight_words.now, words=words),
        stages=insight_words.STAGES,
        reasons=insight_words.REASONS,
        happened=insight_words.HAPPENED,
        leads=insight_words.LEADS,
        outcomes=OUTCOMES,
        also=[insight_words.part(one, words) for one in _words_last(seen.figures.also)] if seen.figures else [],
        words=i18n,
        can_act=officer_in(request).role == "supervisor",
        can_open=opens_leads(request),
        form=form,
        **shown,
    )


def _words_last(also: Sequence[Trait]) -> Sequence[Trait]:
    """A business, trade or street says more than one of the words in its complaints."""
    return sorted(also, key=lambda one: one.kind == WORD)


@officer_page("supervisor")
async def spot_looked_at(request: web.Request) -> web.StreamResponse:
    hotspot = request.match_info["hotspot"]
    await request.app[FOCUS].ask(officer_in(request), hotspot, LookAtSpot())
    return go(f"/focus/{hotspot}")


@officer_page("supervisor")
async def dismiss(request: web.Request) -> web.StreamResponse:
    hotspot, form = request.match_info["hotspot"], await posted(request)
    reason = form.choice("reason", REASONS)
    note = form.text("note", needed=reason == "other", longest=500)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[FOCUS].ask(officer_in(request), hotspot, DismissSpot(reason, note))
    return go(f"/focus/{hotspot}")


@officer_page("supervisor")
async def reopen_spot(request: web.Request) -> web.StreamResponse:
    hotspot, form = request.match_info["hotspot"], await posted(request)
    await request.app[FOCUS].ask(officer_in(request), hotspot, TakeBackSpot(form.text("what", longest=20)))
    return go(f"/focus/{hotspot}")
