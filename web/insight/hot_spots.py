"""Focus, and the page of one hot spot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import web

from complaints.insight.expectation import RULES
from complaints.insight.report import Trait
from complaints.insight.series import WORD
from complaints.insight.spots import REASONS, DismissSpot, LookAtSpot, TakeBackSpot
from complaints.insight.views import FocusPage, SpotNow
from complaints.leads import Lead
from complaints.record.industries import industry_name
from offices.refusal import Refused
from web import i18n, words as office_words
from web.accounts.account import phone_asked
from web.charts import saved
from web.field_form import Form
from web.i18n import Words
from web.insight import posters, words as said
from web.insight.findings import before, insight_workbook, three_findings
from web.insight.picture import Picture, draw, heat
from web.insight.services import FOCUS
from web.leads.lead_words import OUTCOMES, aftermath
from web.leads.services import LEADS
from web.rendering import go
from web.responses import XLSX, attachment_headers
from web.security import officer_page
from web.staff_pages import officer_in, posted, show

CARDS: Final = 3
READERS: Final = ("supervisor", "mediator")  # a mediator reads of the own office, and does nothing here


@dataclass(frozen=True, slots=True)
class Card:
    """`lead`: what became of it, when one was opened and this officer may read it."""

    now: SpotNow
    title: str
    badge: tuple[str, str]
    picture: Picture
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
    streets = said.told_streets(report) if report else []
    return show(
        request,
        "insight/focus.html",
        "focus",
        phone_asked=officer.role == "supervisor" and await phone_asked(request),
        seen=seen,
        report=report,
        cards=cards[:CARDS],
        more=[one for one in cards[CARDS:] if one.now.spot.stage in ("new", "looked")],
        earlier=[await card(request, one) for one in acted(seen)],
        things=three_findings(request, open_, handed_on, seen),
        done=before(acted(seen), words),
        bars=posters.of_trades(report, words).poster().bars[:6] if report else (),
        trades=said.trades(report.classes, words) if report else "",
        where=said.streets(report, words) if report else "",
        streets=[(one, heat(one)) for one in streets],
        industry=partial(industry, words),
        over=said.over,
        sentence=partial(said.now, words=words),
        stages=said.STAGES,
        reasons=said.REASONS,
        leads=said.LEADS,
        outcomes=OUTCOMES,
        can_act=officer.role == "supervisor",
        can_open=opens_leads(request),
    )


@officer_page(*READERS)
async def month(request: web.Request) -> web.StreamResponse:
    words = i18n.words_for(request)
    seen = await request.app[FOCUS].page(officer_in(request))

    return show(
        request,
        "insight/month.html",
        "focus",
        report=seen.report,
        part=partial(said.part, words=words),
        kinds=said.KINDS,
        industry=partial(industry, words),
        class_name=partial(posters.class_name, words=words),
        lines={name: getattr(said, name)(seen.report, words) for name in ("fresh", "moved", "season")}
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
    made = posters.of_week(which, seen.report, words) or posters.of_month(which, seen.report, words)
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
        said.title(one.figures, words),
        said.badge(one.figures, one.spot),
        draw(one.figures.weeks),
        said.ways(one.figures, words),
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
    """Above the line, and nobody has handed them on or put them aside; the most complaints too many first."""
    open_ = [one for one in seen.spots if one.spot.stage in ("new", "looked") and one.figures.alarmed]
    return sorted(open_, key=lambda one: (one.figures.expected - one.figures.seen, one.figures.id))


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
    made = posters.of_spot(seen.figures, seen.day.isoformat(), i18n.words_for(request))
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
        title=shown["one"].title if shown["one"] else said.called(found.kind, found.key, "", words),
        kinds=said.KINDS,
        sentence=partial(said.now, words=words),
        stages=said.STAGES,
        reasons=said.REASONS,
        happened=said.HAPPENED,
        leads=said.LEADS,
        outcomes=OUTCOMES,
        also=[said.part(one, words) for one in _words_last(seen.figures.also)] if seen.figures else [],
        words=office_words,
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
