"""One hot spot: why it was found, the complaints behind it, and what is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from complaints.insight.report import Trait
from complaints.insight.series import WORD
from complaints.insight.spots import REASONS, DismissSpot, LookAtSpot, TakeBackSpot
from complaints.insight.views import SpotNow
from offices.refusal import Refused
from web import i18n
from web.charts import saved
from web.insight import posters, words as said
from web.insight.focus import READERS, card, opens_leads
from web.insight.services import FOCUS
from web.office import words as office_words
from web.office.forms import Form
from web.office.lead_words import OUTCOMES
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page


@officer_page(*READERS)
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page(*READERS)
async def chart(request: web.Request) -> web.StreamResponse:
    """Its weeks, as a picture or as a workbook."""
    seen = await request.app[FOCUS].spot(officer_in(request), request.match_info["hotspot"])
    if seen.figures is None:
        raise Refused("not_found", 404)
    made = posters.of_spot(seen.figures, seen.day.isoformat(), i18n.words(request))
    return await saved(request, made, f"yuntiao-hotspot-{seen.day}")


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    words = i18n.words(request)
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
async def looked(request: web.Request) -> web.StreamResponse:
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
async def back(request: web.Request) -> web.StreamResponse:
    hotspot, form = request.match_info["hotspot"], await posted(request)
    await request.app[FOCUS].ask(officer_in(request), hotspot, TakeBackSpot(form.text("what", longest=20)))
    return go(f"/focus/{hotspot}")
