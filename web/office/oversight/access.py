"""Who may do what, and who did what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, get_args
from zoneinfo import ZoneInfo

from aiohttp import web

from journal.refusals import Refused
from offices.oversight import LOOK_BOUNDS, ActFilter, ActRow, LookLimits
from offices.people import PERMISSIONS, Officer, OfficerRole, most
from web import i18n
from web.http import cookies
from web.http.forms import Form, typed_day
from web.http.responses import XLSX, attachment_headers
from web.http.security import access_map, officer_page
from web.i18n import N_, OFFICER_ROLES, Words
from web.office.charts import new_workbook, packed, workbook_row
from web.office.oversight import words
from web.office.oversight.services import ACCESS, ACTS, LOOK_LIMITS
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
    return await _page(request, Form())


@officer_page("administrator")
async def change_access(request: web.Request) -> web.StreamResponse:
    office, role = request.match_info["office"], _role(request)
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _page(request, form, 422, f"{office}/{role}")
    allowed = [name.removeprefix("may_") for name in form.values if name.startswith("may_")]
    waits = await request.app[ACCESS].set(officer_in(request), _token(request), office, role, allowed, reason)
    return go(f"/approvals/{waits}" if waits else f"/access?cell={office}/{role}#cell")


@officer_page("administrator")
async def oversee(request: web.Request) -> web.StreamResponse:
    supervisor, form = request.match_info["supervisor"], await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _page(request, form, 422, overseer=supervisor)
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
        return await _page(request, form, 422)
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


async def _page(
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
        words=words,
        roles=OFFICER_ROLES,
        chosen=chosen,
        role=role,
        overseer=next((one for one in found.overseers if one.officer.id == overseer), None),
        shorts={one.id: one.short for one in found.offices},
        bureau=officer.office.intake,
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
        words=words,
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
            _(words.ACTS[one.act]), _part(one.what, words_), one.label, offices.get(one.office, ""),
            one.reason or (_(CASE_IN_HAND) if one.act == "unmasked" else ""),
        )  # fmt: skip
        workbook_row(sheet, cells)
    return packed(made)


def _part(what: str, words_: Words) -> str:
    """ "track:s-consumer" is a part of the recording; a role is a role; what has no words is left out."""
    if what.startswith("track:"):
        return words_.gettext(words.PARTS["recording"])
    known = words.PARTS.get(what) or i18n.ROLE_NAMES.get(what, "")
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
        act=act if act in words.ACTS else "",
        since=datetime.combine(since, time(), zone),
        until=datetime.combine(until + timedelta(days=1), time(), zone),
        page=number(request, "page", most=10_000),
    )


def _day(request: web.Request, name: str) -> date | None:
    return typed_day(request.query.get(name, ""))
