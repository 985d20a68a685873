"""Who may do what, and who did what; what waits for a second person; how long things are kept, and appraising files
whose years are over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final, get_args
from zoneinfo import ZoneInfo

from aiohttp import web

from journal.refusals import Refused
from offices import PERMISSIONS, Officer, OfficerRole, most
from offices.oversight import LOOK_BOUNDS, ActFilter, ActRow, ApprovalWish, LookLimits, RetentionEffect, RetentionTable
from web import i18n
from web.http import cookies
from web.http.forms import BAD_CHOICE, NEEDED, Form, typed_day
from web.http.responses import XLSX, attachment_headers, pdf_response
from web.http.security import access_map, officer_page
from web.i18n import N_, OFFICER_ROLES, Words
from web.office.oversight import ACCESS, ACTS, APPRAISALS, APPROVALS, LOOK_LIMITS, RETENTION, words as oversight_words
from web.office.statistics import new_workbook, packed, workbook_row
from web.rendering import go, number, officer_in, posted, show, today

CASE_IN_HAND: Final = N_("case in hand")
OUT_OF_BOUNDS: Final = N_("Write a whole number within the bounds that are said beside it.")
LOOKS: Final[Mapping[str, str]] = {
    "in_hand": N_("Of complaints they are in charge of"),
    "other": N_("Of other complaints, each with a reason"),
    "more": N_("More, by each approval of a second person"),
}
ROLES: Final[tuple[OfficerRole, ...]] = get_args(OfficerRole)


@officer_page("administrator")
async def access_table(request: web.Request) -> web.StreamResponse:
    return await _access_page(request, Form())


@officer_page("administrator")
async def change_access(request: web.Request) -> web.StreamResponse:
    office, role = request.match_info["office"], _role(request)
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _access_page(request, form, 422, f"{office}/{role}")
    allowed = [name.removeprefix("may_") for name in form.values if name.startswith("may_")]
    waits = await request.app[ACCESS].set(officer_in(request), _token(request), office, role, allowed, reason)
    return go(f"/approvals/{waits}" if waits else f"/access?cell={office}/{role}#cell")


@officer_page("administrator")
async def oversee(request: web.Request) -> web.StreamResponse:
    supervisor, form = request.match_info["supervisor"], await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _access_page(request, form, 422, overseer=supervisor)
    offices = [name.removeprefix("office_") for name in form.values if name.startswith("office_")]
    waits = await request.app[ACCESS].oversee(officer_in(request), _token(request), supervisor, offices, reason)
    return go(f"/approvals/{waits}" if waits else "/access#overseers")


@officer_page("administrator")
async def set_look_limits(request: web.Request) -> web.StreamResponse:
    form, typed = await posted(request), {}
    for field, (least, upmost) in LOOK_BOUNDS.items():
        text = form.text(field, needed=True, longest=4)
        typed[field] = int(text) if text.isascii() and text.isdigit() else -1
        if field not in form.errors and not least <= typed[field] <= upmost:
            form.errors[field] = OUT_OF_BOUNDS
    if not form.good:
        return await _access_page(request, form, 422)
    await request.app[LOOK_LIMITS].set(officer_in(request), LookLimits(**typed))
    return go("/access#looks")


@officer_page("administrator")
async def undo_access(request: web.Request) -> web.StreamResponse:
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("not_found", 404)
    reason = i18n.words_for(request).gettext(N_("Change no. %(number)s undone"), number=int(text))
    waits = await request.app[ACCESS].undo(officer_in(request), _token(request), int(text), reason)
    return go(f"/approvals/{waits}" if waits else "/access#changes")


async def _access_page(
    request: web.Request, form: Form, status: int = 200, cell: str = "", overseer: str = ""
) -> web.Response:
    officer = officer_in(request)
    found = await request.app[ACCESS].table(officer)
    could = most((path, one.roles) for (_, path), one in access_map(request.app).items() if one.who == "officer")
    office, _, role = (cell or request.query.get("cell", "")).partition("/")
    chosen = next((one for one in found.offices if one.id == office and role in ROLES), None)
    overseer = overseer or request.query.get("overseer", "")
    limits = await request.app[LOOK_LIMITS].of(officer.office.id)
    for field in LOOK_BOUNDS:
        form.values.setdefault(field, str(getattr(limits, field)))
    return show(
        request,
        "oversight/access.html",
        "access",
        status,
        found=found,
        could={one: could.get(one, frozenset()) for one in ROLES},
        permissions=PERMISSIONS,
        words=oversight_words,
        roles=OFFICER_ROLES,
        chosen=chosen,
        role=role,
        overseer=next((one for one in found.overseers if one.officer.id == overseer), None),
        shorts={one.id: one.short for one in found.offices},
        bureau=bool(found.charge),
        form=form,
        looks=LOOKS,
        look_bounds=LOOK_BOUNDS,
        look_changes=list(reversed(await request.app[LOOK_LIMITS].changes(officer.office.id)))[:5],
    )


def _role(request: web.Request) -> OfficerRole:
    for role in ROLES:
        if role == request.match_info["role"]:
            return role
    raise Refused("not_found", 404)


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.OFFICER)


DAYS: Final = 30  # looked back when nothing else is asked for
LONGEST: Final = 400  # days
HEADS: Final = (N_("Time"), N_("Who"), N_("Role"), N_("Their office"), N_("Did what"), N_("What exactly"),
                N_("Object"), N_("Of which office"), N_("Reason"))  # fmt: skip


@officer_page("supervisor", "administrator")
async def act_list(request: web.Request) -> web.StreamResponse:
    officer, acts = officer_in(request), request.app[ACTS]
    since, until = _period(request, officer)
    wanted = _filter(request, officer, since, until)
    found = await acts.acts(officer, wanted)
    hints = await acts.hints(officer, since, until)
    query = {key: value for key, value in request.query.items() if value and key in ("actor", "act", "since", "until")}
    return show(
        request,
        "oversight/acts.html",
        "oversight",
        found=found,
        hints=[] if wanted.actor or wanted.act else hints,
        wanted=wanted,
        since=since,
        until=until,
        pages=max(1, -(-found.total // found.page_size)),
        query=query,
        offices=await acts.offices(),
        words=oversight_words,
        part=lambda what: _part(what, i18n.words_for(request)),
    )


@officer_page("supervisor", "administrator")
async def act_workbook(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    since, until = _period(request, officer)
    rows = await request.app[ACTS].export(officer, _filter(request, officer, since, until))
    offices = await request.app[ACTS].offices()
    file = await asyncio.to_thread(act_book, rows, i18n.words_for(request), ZoneInfo(officer.office.zone), offices)
    return attachment_headers(file, XLSX, f"yuntiao-acts-{since}-{until}.xlsx")


def act_book(rows: Sequence[ActRow], words_: Words, zone: ZoneInfo, offices: Mapping[str, str]) -> bytes:
    """Every act a row. Blocks for a moment."""
    _ = words_.gettext
    made = new_workbook()
    sheet = made.create_sheet(_("Acts"))
    workbook_row(sheet, [_(head) for head in HEADS], bold=True)
    for one in rows:
        cells = (
            one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), one.actor,
            _(i18n.ROLE_NAMES.get(one.actor_role, one.actor_role)), offices.get(one.actor_office, ""),
            _(oversight_words.ACTS[one.act]), _part(one.what, words_), one.label, offices.get(one.office, ""),
            one.reason or (_(CASE_IN_HAND) if one.act == "unmasked" else ""),
        )  # fmt: skip
        workbook_row(sheet, cells)
    return packed(made)


def _part(what: str, words_: Words) -> str:
    """ "track:s-consumer" is a part of the recording; a role is a role; what has no words is left out."""
    if what.startswith("track:"):
        return words_.gettext(oversight_words.PARTS["recording"])
    known = oversight_words.PARTS.get(what) or i18n.ROLE_NAMES.get(what, "")
    return words_.gettext(known) if known else ""


def _period(request: web.Request, officer: Officer) -> tuple[date, date]:
    """Both days included; thirty days up to today where nothing else, or nothing sensible, is asked for."""
    last = _day(request, "until") or today(request)
    first = _day(request, "since") or last - timedelta(days=DAYS)
    return max(first, last - timedelta(days=LONGEST)), last


def _filter(request: web.Request, officer: Officer, since: date, until: date) -> ActFilter:
    zone = ZoneInfo(officer.office.zone)
    act = request.query.get("act", "")
    return ActFilter(
        actor=request.query.get("actor", "")[:64],
        act=act if act in oversight_words.ACTS else "",
        since=datetime.combine(since, time(), zone),
        until=datetime.combine(until + timedelta(days=1), time(), zone),
        page=number(request, "page", most=10_000),
    )


def _day(request: web.Request, name: str) -> date | None:
    return typed_day(request.query.get(name, ""))


RETENTION_LONGEST: Final = 500
NAMES: Final = {**i18n.OUTCOMES, **oversight_words.KEPT_BESIDES}
"""Of kinds."""


@officer_page("supervisor", "administrator")
async def retention_table(request: web.Request) -> web.StreamResponse:
    return await _show_retention(request, Form())


@officer_page("administrator")
async def change_retention(request: web.Request) -> web.StreamResponse:
    """The first time it only says what would come of it; then, with a reason, it is done or asked for."""
    officer, form, desk = officer_in(request), await posted(request), request.app[RETENTION]
    found = await desk.table(officer)
    years = {one.kind: _years_typed(form, one.kind, one.years) for one in found.periods}
    if not form.good:
        return await _show_retention(request, form, 422)
    wanted = {one.kind: years[one.kind] for one in found.periods if years[one.kind] != one.years}
    if not wanted:
        return go("/retention")
    if "sure" not in form.values:
        return await _sure(request, form, found, wanted)
    reason = form.text("reason", longest=RETENTION_LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not form.good:
        return await _sure(request, form, found, wanted, 422)
    token = cookies.read(request, cookies.OFFICER)
    waits = await desk.change(officer, token, _number(form), wanted, reason)
    return go(f"/approvals/{waits}" if waits else "/retention#changes")


async def _sure(
    request: web.Request, form: Form, found: RetentionTable, wanted: Mapping[str, int], status: int = 200
) -> web.Response:
    effects = await request.app[RETENTION].foresee(officer_in(request), wanted)
    fewer = [one for one in effects if one.after < one.before]
    return show(
        request,
        "oversight/retention_sure.html",
        "retention",
        status,
        number=form.values.get("number", str(found.number)),
        wanted=wanted,
        effects=effects,
        fewer=bool(fewer),
        more=len(fewer) < len(effects),
        names=NAMES,
        form=form,
    )


async def _show_retention(request: web.Request, form: Form, status: int = 200) -> web.Response:
    found = await request.app[RETENTION].table(officer_in(request))
    return show(
        request,
        "oversight/retention.html",
        "retention",
        status,
        found=found,
        names=NAMES,
        words=oversight_words,
        form=form,
    )


def _years_typed(form: Form, kind: str, otherwise: int) -> int:
    """What is not in the form stays as it is."""
    text = form.values.get(kind, "").strip()
    if not text and kind not in form.values:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        form.errors[kind] = BAD_CHOICE
        return otherwise
    return int(text)


def _number(form: Form) -> int:
    text = form.values.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


APPRAISAL_LONGEST: Final = 500
NOTHING_CHOSEN: Final = N_("Say of at least one file what becomes of it.")
CHANGED: Final = N_("One of them is not due any more: a hold, a new step or another list. Look once more.")
STATES: Final = {
    "destroy": N_("to be destroyed"),
    "keep": N_("kept for ten more years"),
    "destroyed": N_("destroyed"),
    "left": N_("not destroyed: something keeps it again"),
}
TONES: Final = {"destroyed": "ok", "left": "warn"}


@officer_page("supervisor", "administrator")
async def appraisal_table(request: web.Request) -> web.StreamResponse:
    return await _show_appraisals(request, Form())


@officer_page("supervisor", "administrator")
async def propose(request: web.Request) -> web.StreamResponse:
    officer, form, desk = officer_in(request), await posted(request), request.app[APPRAISALS]
    due = {one.case for one in await desk.due(officer)}
    said = {name.removeprefix("file-"): value for name, value in form.values.items() if name.startswith("file-")}
    decisions = {case: value for case, value in said.items() if value in ("destroy", "keep")}
    reason = form.text("reason", longest=APPRAISAL_LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not decisions:
        form.errors["files"] = NOTHING_CHOSEN
    elif not decisions.keys() <= due:
        form.errors["files"] = CHANGED
    if not form.good:
        return await _show_appraisals(request, form, 422)
    try:
        found = await desk.propose(officer, cookies.read(request, cookies.OFFICER), decisions, reason)
    except Refused as no:
        if no.code != "changed_since":
            raise
        form.errors["files"] = CHANGED
        return await _show_appraisals(request, form, 409)
    return go(f"/retention/appraisals/{found}")


@officer_page("supervisor", "administrator")
async def appraisal_page(request: web.Request) -> web.StreamResponse:
    row = await request.app[APPRAISALS].one(officer_in(request), request.match_info["list"])
    return show(
        request,
        "oversight/appraisal.html",
        "retention",
        row=row,
        states=STATES,
        tones=TONES,
        names=oversight_words.FILES,
    )


@officer_page("supervisor", "administrator")
async def certificate(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[APPRAISALS].certificate(officer_in(request), request.match_info["list"]))


async def _show_appraisals(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, desk = officer_in(request), request.app[APPRAISALS]
    return show(
        request,
        "oversight/appraisals.html",
        "retention",
        status,
        due=await desk.due(officer),
        lists=await desk.lists(officer),
        names=oversight_words.FILES,
        form=form,
    )


SAME: Final = {
    "account": N_("You asked for this yourself. Somebody else has to answer."),
    "name": N_("This account bears the name of whoever asked. Somebody else has to answer."),
    "browser": N_("It was asked for in this browser. Somebody else has to answer, where they work."),
    "made": N_("Whoever asked made or changed this account in the last seven days. Somebody else has to answer."),
}


@officer_page("mediator", "supervisor", "administrator")
async def listing(request: web.Request) -> web.StreamResponse:
    return await _list(request, Form())


async def _list(request: web.Request, form: Form, status: int = 200) -> web.Response:
    found = await request.app[APPROVALS].listing(officer_in(request))
    limits = await request.app[LOOK_LIMITS].of(officer_in(request).office.id)
    context = {"found": found, "words": oversight_words, "form": form, "limits": limits}
    return show(request, "oversight/approvals.html", "approvals", status, **context)


@officer_page("mediator")
async def ask(request: web.Request) -> web.StreamResponse:
    """For more full numbers; everything else is asked for where it is done."""
    officer, form = officer_in(request), await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _list(request, form, 422)
    wish = ApprovalWish("unmask", officer.id, officer.name, reason)
    approval = await request.app[APPROVALS].ask(officer, cookies.read(request, cookies.OFFICER), wish)
    return go(f"/approvals/{approval}")


@officer_page("mediator", "supervisor", "administrator")
async def one(request: web.Request) -> web.StreamResponse:
    return await _approvals_page(request, Form())


async def _approvals_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    row = await request.app[APPROVALS].one(officer_in(request), request.match_info["approval"])
    effects: Sequence[RetentionEffect] = ()
    if row.kind == "retention" and row.state == "open":
        with suppress(Refused):  # the limits were moved meanwhile; a yes will say so
            effects = await request.app[RETENTION].foresee(officer_in(request), _years(row.details["to"]))
    return show(
        request,
        "oversight/approval.html",
        "approvals",
        status,
        row=row,
        words=oversight_words,
        roles=i18n.OFFICER_ROLES,
        form=form,
        effects=effects,
        names=NAMES,
        years=_years,
    )


def _years(text: str) -> dict[str, int]:
    """Of a request for other years: `settled=2,ended=1`."""
    pairs = (one.split("=", 1) for one in text.split(","))
    return {kind: int(n) for kind, n in pairs}


@officer_page("supervisor", "administrator")
async def approve(request: web.Request) -> web.StreamResponse:
    officer, approval = officer_in(request), request.match_info["approval"]
    try:
        await request.app[APPROVALS].approve(officer, cookies.read(request, cookies.OFFICER), approval)
    except Refused as no:
        if no.code != "same_person":
            raise
        return await _approvals_page(request, Form(errors={"yes": SAME[no.params["why"]]}), 409)
    return go(f"/approvals/{approval}")


@officer_page("supervisor", "administrator")
async def decline(request: web.Request) -> web.StreamResponse:
    officer, approval, form = officer_in(request), request.match_info["approval"], await posted(request)
    await request.app[APPROVALS].one(officer, approval)
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDED
    if not form.good:
        return await _approvals_page(request, form, 422)
    await request.app[APPROVALS].decline(officer, approval, reason)
    return go(f"/approvals/{approval}")


@officer_page("mediator", "supervisor", "administrator")
async def take_back(request: web.Request) -> web.StreamResponse:
    approval = request.match_info["approval"]
    await request.app[APPROVALS].take_back(officer_in(request), approval)
    return go(f"/approvals/{approval}")
