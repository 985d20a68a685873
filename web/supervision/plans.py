"""Plans of supervision, and looking on at a mediation under way."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web

from offices.refusal import Refused
from rooms.commands import Observe
from rooms.supervision.plans import Add, PlanCommand, SetAside, TakeUp
from rooms.supervision.rule import BOUNDS, SamplingRule
from rooms.views import SessionRow
from web import i18n, words as office_words
from web.accounts.account import phone_asked
from web.field_form import Form
from web.i18n import N_
from web.rendering import go, render
from web.room.pages import page_data
from web.security import officer_page
from web.services import READS, SESSIONS
from web.staff_pages import number, officer_in, posted, show
from web.supervision import words
from web.supervision.services import SUPERVISION

PLAN_MOST_REASON: Final = 500
BAD_NUMBER: Final = N_("Write a whole number within the bounds.")
NO_CHANCE: Final = N_("Part of it has to be drawn by lot, so that nobody can steer the selection.")
CHANGES: Final[Mapping[str, type[SetAside] | type[TakeUp] | type[Add]]] = {
    "aside": SetAside,
    "take_up": TakeUp,
    "add": Add,
}


@officer_page("supervisor")
async def monday(request: web.Request) -> web.StreamResponse:
    seen = await request.app[SUPERVISION].monday(officer_in(request))
    said = i18n.words_for(request)
    return show(
        request,
        "supervision/monday.html",
        "supervision",
        phone_asked=await phone_asked(request),
        seen=seen,
        left=sum(len(plan.wanted) - plan.done for plan in seen.plans),
        done=sum(plan.done for plan in seen.plans),
        offices={one.id: one.short for one in await request.app[SUPERVISION].offices(officer_in(request))},
        rule_of=lambda plan: words.in_words(plan.edition.rule, said),
        form=Form(),
        words=words,
        office_words=office_words,
        ask=request.query.get("ask", "")[:64],
    )


@officer_page("supervisor")
async def plan(request: web.Request) -> web.StreamResponse:
    """Everybody else in the draw, with why they were not drawn."""
    office, period, page = request.match_info["unit"], request.match_info["period"], number(request, "page")
    desk, officer = request.app[SUPERVISION], officer_in(request)
    drawn = await desk.plan(officer, office, period)
    rows, pages, why = await desk.passed(officer, office, period, page)
    said = i18n.words_for(request)
    return show(
        request,
        "supervision/plan.html",
        "supervision",
        plan=drawn,
        rows=rows,
        pages=pages,
        page=page,
        why=why,
        rule=words.in_words(drawn.edition.rule, said),
        form=Form(),
        words=words,
        office_words=office_words,
        ask=request.query.get("ask", "")[:64],
    )


@officer_page("supervisor")
async def published(request: web.Request) -> web.StreamResponse:
    """To be given to anybody who wants to do the draw over."""
    office, period = request.match_info["unit"], request.match_info["period"]
    found = await request.app[SUPERVISION].published(officer_in(request), office, period)
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    headers = {"Content-Disposition": f'attachment; filename="draw-{period}.json"'}
    return web.Response(text=text, content_type="application/json", headers=headers)


@officer_page("supervisor")
async def change_plan(request: web.Request) -> web.StreamResponse:
    """Set aside, take up again, add: each with a reason."""
    office, period, form = request.match_info["unit"], request.match_info["period"], await posted(request)
    officer, desk = officer_in(request), request.app[SUPERVISION]
    await desk.plan(officer, office, period)
    what = form.choice("what", tuple(CHANGES))
    session, reason = (
        form.text("session", needed=True, longest=64),
        form.text("reason", needed=True, longest=PLAN_MOST_REASON),
    )
    if not form.good:
        raise Refused("missing", 422)
    command: PlanCommand = CHANGES[what](session, reason)
    await desk.change_plan(officer, office, period, command)
    back = form.values.get("back", "")
    return go(f"/supervision/plans/{office}/{period}" if back == "plan" else "/supervision")


@officer_page("supervisor")
async def rule(request: web.Request) -> web.StreamResponse:
    office = request.query.get("office", "")[:64] or officer_in(request).office.id
    return await _rule(request, office, None)


@officer_page("supervisor")
async def choose(request: web.Request) -> web.StreamResponse:
    office, form = request.match_info["unit"], await posted(request)
    officer, desk = officer_in(request), request.app[SUPERVISION]
    known = await desk.editions(officer, office)
    wanted = _numbers(form, known[-1].rule)
    reason = form.text("reason", needed=True, longest=PLAN_MOST_REASON)
    if not form.good:
        return await _rule(request, office, form, 422)
    try:
        await desk.choose_rule(officer, office, wanted, reason)
    except Refused as no:
        if no.code != "bad_rule":
            raise
        field = str(no.params["field"])
        form.errors[field] = NO_CHANCE if field == "share" else BAD_NUMBER
        return await _rule(request, office, form, 422)
    return go(f"/supervision/rule?office={office}")


async def _rule(request: web.Request, office: str, form: Form | None, status: int = 200) -> web.Response:
    desk, officer, said = request.app[SUPERVISION], officer_in(request), i18n.words_for(request)
    known = await desk.editions(officer, office)
    if form is None:
        form = Form({name: str(getattr(known[-1].rule, name)) for name in BOUNDS})
    return show(
        request,
        "supervision/rule.html",
        "supervision",
        status,
        office=office,
        offices=await desk.offices(officer),
        editions=[(one, words.in_words(one.rule, said)) for one in reversed(known)],
        form=form,
        bounds=BOUNDS,
        words=words,
    )


def _numbers(form: Form, before: SamplingRule) -> SamplingRule:
    found: dict[str, int] = {}
    for name, (least, most) in BOUNDS.items():
        text = form.values.get(name, "").strip()
        if not text.isascii() or not text.isdigit() or len(text) > 5 or not least <= int(text) <= most:
            form.errors[name] = BAD_NUMBER
        else:
            found[name] = int(text)
    return replace(before, **found)


LIVE_MOST_REASON: Final = 500
UNDER_WAY: Final = ("live", "recess")
MISSING: Final = N_("Please say why you look on: it is recorded in the journal.")


@officer_page("supervisor")
async def observed_room(request: web.Request) -> web.StreamResponse:
    """The room for whoever has come in, else what coming in means and the question why."""
    officer, row = officer_in(request), await _row(request)
    session = await request.app[SESSIONS].state(row.id)
    seat = session.observing_seat(officer.id)
    if not (session.under_way and seat and session.seats[seat].in_room):
        return _asked(request, row, Form())
    data = page_data(request, officer.office) | {
        "session": row.id,
        "links": {"desk": "/supervision", "record": f"/audit/{row.id}", "back": f"/supervision/live/{row.id}"},
    }
    return render(request, "room/phone.html", data=data, title=row.title, office=officer.office, mode="text")


@officer_page("supervisor")
async def begin_looking_on(request: web.Request) -> web.StreamResponse:
    officer, row, form = officer_in(request), await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LIVE_MOST_REASON)
    if not form.good:
        form.errors["reason"] = MISSING if not reason else form.errors["reason"]
        return _asked(request, row, form, 422)
    fresh = f"supervisor-{uuid.uuid4().hex[:8]}"
    command = Observe(fresh, officer.id, officer.name[:40], officer.office.short, reason)
    await request.app[SESSIONS].submit(row.id, command, officer.actor)
    return go(f"/supervision/live/{row.id}")


async def _row(request: web.Request) -> SessionRow:
    """Refused: not_found, also when it is another office's."""
    return await request.app[READS].session(officer_in(request), request.match_info["session"])


def _asked(request: web.Request, row: SessionRow, form: Form, status: int = 200) -> web.Response:
    return show(
        request,
        "supervision/live.html",
        "supervision",
        status,
        session=row,
        running=row.status in UNDER_WAY,
        form=form,
        most=LIVE_MOST_REASON,
    )
