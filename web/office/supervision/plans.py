"""Plans of supervision, looking on at a mediation, one's own practice, and the quarter's report; and what supervision's
pages ask for.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from aiohttp import web

from complaints.insight.publicity import number as number_of
from journal.refusals import Refused
from offices import Office, Officer
from rooms.commands import Observe
from rooms.supervision import (
    Add,
    PassedRow,
    PlanCommand,
    PlanPage,
    Practice,
    PracticeRange,
    QuarterlyReport as Report,
    ReviewFilter,
    ReviewList,
    ReviewPage,
    SetAside,
    SupervisorDesk as Monday,
    TakeUp,
    quarter_before,
    quarter_of,
)
from rooms.supervision.drawing import BOUNDS, RuleEdition, SamplingRule
from rooms.supervision.reviewing import ReviewCommand
from rooms.views import SessionRow
from web import READS, SESSIONS, i18n
from web.http.forms import Form
from web.http.security import officer_page
from web.i18n import N_, Words, money
from web.office import supervision as supervision_words
from web.office.accounts import phone_asked
from web.office.insight.services import PUBLICITY
from web.office.statistics import screen
from web.rendering import go, number, officer_in, posted, render, show, today
from web.room import page_data


class Supervision(Protocol):
    # ------------------------------------------------------------ plans

    async def monday(self, officer: Officer, office: str = "", page: int = 1) -> Monday:
        """`office`: one below theirs instead. Refused: not_found."""
        ...

    async def plan(self, officer: Officer, office: str, period: str) -> PlanPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def passed(
        self, officer: Officer, office: str, period: str, page: int
    ) -> tuple[Sequence[PassedRow], int, Mapping[str, int]]:
        """A page of them, how many pages, and how many for which reason."""
        ...

    async def published(self, officer: Officer, office: str, period: str) -> Mapping[str, Any]:
        """What anybody needs to do the draw over."""
        ...

    async def change_plan(self, officer: Officer, office: str, period: str, command: PlanCommand) -> None: ...

    async def editions(self, officer: Officer, office: str) -> Sequence[RuleEdition]: ...

    async def choose_rule(self, officer: Officer, office: str, rule: SamplingRule, reason: str) -> None: ...

    # ------------------------------------------------------------ reviews

    async def reviews(self, officer: Officer, wanted: ReviewFilter) -> ReviewList: ...

    async def review(self, officer: Officer, session: str) -> ReviewPage:
        """Refused: not_found. A mediator sees theirs once it was handed on."""
        ...

    async def open_review(self, officer: Officer, session: str) -> None:
        """Refused: not_closed, erased."""
        ...

    async def ask(self, officer: Officer, session: str, command: ReviewCommand) -> None: ...

    async def keep_draft(self, officer: Officer, session: str, changes: Mapping[str, str]) -> None: ...

    # ------------------------------------------------------------ practice and report

    async def practice(self, officer: Officer) -> Practice: ...

    async def report(self, officer: Officer, office: str, quarter: str) -> Report:
        """Refused: not_found."""
        ...

    async def data_set(self, officer: Officer, office: str, quarter: str) -> Sequence[Mapping[str, Any]]:
        """One row a mediation that closed in the quarter, naming nobody."""
        ...

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """Those they oversee, by name."""
        ...


SUPERVISION: web.AppKey[Supervision] = web.AppKey("supervision", Supervision)


REPORT_PRESS: web.AppKey[Callable[[Mapping[str, Any]], bytes]] = web.AppKey("report_press")
"""Prints as PDF/A what `web.office.supervision.plans.report_sheet` says; takes a quarter of a second: in a thread."""

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
    page, office = number(request, "page"), request.query.get("office", "")[:64]
    seen = await request.app[SUPERVISION].monday(officer_in(request), office, page)
    said = i18n.words_for(request)
    return show(
        request,
        "supervision/monday.html",
        "supervision",
        phone_asked=await phone_asked(request),
        seen=seen,
        page=min(page, seen.pages),
        left=seen.left,
        done=seen.done,
        offices={one.id: one.short for one in await request.app[SUPERVISION].offices(officer_in(request))},
        publicity=[one for one in await request.app[PUBLICITY].listed(officer_in(request)) if one.waits],
        publicity_number=number_of,
        rule_of=lambda plan: supervision_words.in_words(plan.edition.rule, said),
        form=Form(),
        words=supervision_words,
        office_words=i18n,
        ask=request.query.get("ask", "")[:64],
        **await screen.shown(request, officer_in(request)),
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
        rule=supervision_words.in_words(drawn.edition.rule, said),
        form=Form(),
        words=supervision_words,
        office_words=i18n,
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
        editions=[(one, supervision_words.in_words(one.rule, said)) for one in reversed(known)],
        form=form,
        bounds=BOUNDS,
        words=supervision_words,
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


FIGURES: Final = {
    "together": (N_("Together, minutes"), 120.0),
    "settled": (N_("Settled, per cent"), 100.0),
    "lesser": (N_("The quieter side’s part of what was said, per cent"), 50.0),
    "private": (N_("In private, per cent of the time"), 100.0),
    "recovered": (N_("Agreed, per cent of the claim"), 100.0),
}
WIDTH: Final = 240.0


@dataclass(frozen=True, slots=True)
class Scale:
    """One figure as a picture: the middle half of comparable ones as a bar, one's own as a point. 0 to WIDTH."""

    name: str
    range: PracticeRange
    bar: tuple[float, float] | None
    middle: float | None
    own: float | None


@officer_page("mediator")
async def own_practice(request: web.Request) -> web.StreamResponse:
    seen = await request.app[SUPERVISION].practice(officer_in(request))
    return show(
        request,
        "supervision/practice.html",
        "practice",
        seen=seen,
        scales=[
            practice_scale(name, seen.ranges[name], most) for name, (_, most) in FIGURES.items() if name in seen.ranges
        ],
        figures={name: text for name, (text, _) in FIGURES.items()},
        by_session={row.session: row for row in seen.reviews},
        words=supervision_words,
        office_words=i18n,
    )


def practice_scale(name: str, one: PracticeRange, most: float) -> Scale:
    top = max(most, one.high or 0.0, one.own or 0.0)

    def x(value: float) -> float:
        return round(WIDTH * value / top, 1)

    bar = None
    if one.low is not None and one.high is not None:
        bar = (x(one.low), max(2.0, round(x(one.high) - x(one.low), 1)))
    return Scale(name, one, bar, None if one.middle is None else x(one.middle), None if one.own is None else x(one.own))


BACK: Final = 4  # quarters offered beside the present one
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@officer_page("supervisor")
async def newest(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    return go(f"/supervision/reports/{officer.office.id}/{quarter_of(today(request))}")


@officer_page("supervisor")
async def report_page(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    seen = await desk.report(officer, request.match_info["unit"], request.match_info["quarter"])
    said = i18n.words_for(request)
    present = quarter_of(today(request))
    quarters = [present]
    while len(quarters) <= BACK:
        quarters.append(quarter_before(quarters[-1]))
    return show(
        request,
        "supervision/report.html",
        "supervision",
        seen=seen,
        quarters=quarters,
        offices=await desk.offices(officer),
        rules=[(one, supervision_words.in_words(one.rule, said)) for one in seen.editions],
        words=supervision_words,
        office_words=i18n,
    )


@officer_page("supervisor")
async def pdf(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    seen = await desk.report(officer, request.match_info["unit"], request.match_info["quarter"])
    made = await asyncio.to_thread(request.app[REPORT_PRESS], report_sheet(seen, i18n.words_for(request)))
    headers = {"Content-Disposition": f'attachment; filename="supervision-{seen.quarter}.pdf"'}
    return web.Response(body=made, content_type="application/pdf", headers=headers)


@officer_page("supervisor")
async def data_set(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[SUPERVISION]
    quarter = request.match_info["quarter"]
    rows = await desk.data_set(officer, request.match_info["unit"], quarter)
    headers = {"Content-Disposition": f'attachment; filename="mediations-{quarter}.csv"'}
    return web.Response(text=report_table(rows), content_type="text/csv", charset="utf-8", headers=headers)


def report_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV with a byte order mark for spreadsheets; nothing in it is read as a formula (ASVS 1.2.10)."""
    file = io.StringIO()
    file.write("\ufeff")
    if rows:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def report_sheet(seen: Report, said: Words) -> dict[str, Any]:
    """What the PDF says, as text; its layout decides nothing."""
    _ = said.gettext
    drawn = sum(one.drawn for one in seen.plans)
    return {
        "language": said.language,
        "office": seen.office.name,
        "title": _("Supervision report %(quarter)s", quarter=seen.quarter),
        "day": [seen.made.year, seen.made.month, seen.made.day],
        "lead": _(
            "%(count)s mediations closed, %(drawn)s were drawn for a review, %(money)s were recovered for consumers.",
            count=seen.closed,
            drawn=drawn,
            money=money(seen.recovered),
        ),
        "rule": [
            [_("Rule no. %(number)s", number=one.number), *supervision_words.in_words(one.rule, said)]
            for one in seen.editions
        ],
        "plans": [
            [one.period, f"{one.population}", f"{one.drawn}", one.seed, f"{one.size}", one.root] for one in seen.plans
        ],
        "heads": [_("Week"), _("Closed"), _("Drawn"), _("Seed"), _("Checkpoint")],
        "reasons": [[_(supervision_words.REASONS[code]), str(count)] for code, count in seen.reasons.items()],
        "passed": [[_(supervision_words.SKIPS[code]), str(count)] for code, count in seen.passed.items()],
        "aside": [list(one) for one in seen.aside],
        "findings": [
            [
                one.number,
                _(supervision_words.SEVERITIES[one.severity]) if one.stands else _("does not stand"),
                _(supervision_words.ITEMS[one.item]) if one.item else "",
                one.text,
                "；".join((*((one.remedy,) if one.remedy else ()), *one.done)),
            ]
            for one in seen.findings
        ],
        "sections": {
            "rule": _("The rule"),
            "draws": _("Draws"),
            "reasons": _("Why drawn"),
            "passed": _("Not drawn, and why"),
            "aside": _("Set aside"),
            "findings": _("Findings and remedies"),
            "none": _("none"),
        },
    }
