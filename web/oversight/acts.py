"""Who viewed, exported, unmasked, erased, changed a role or a rule: one list over the journals, and hints."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from openpyxl import Workbook

from offices.oversight import ActFilter, ActRow
from offices.people import Officer
from web import figures, i18n
from web.dates import day_of
from web.downloads import XLSX, attached
from web.i18n import N_, Words
from web.office.pages import number, officer_in, show, today
from web.oversight import words
from web.oversight.services import ACTS
from web.security import officer_page
from web.spreadsheet import packed, row

DAYS: Final = 30  # looked back when nothing else is asked for
LONGEST: Final = 400  # days
HEADS: Final = (N_("Time"), N_("Who"), N_("Role"), N_("Their office"), N_("Did what"), N_("What exactly"),
                N_("Object"), N_("Of which office"), N_("Reason"))  # fmt: skip


@officer_page("supervisor", "administrator")
async def listing(request: web.Request) -> web.StreamResponse:
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
        part=lambda what: _part(what, i18n.words(request)),
    )


@officer_page("supervisor", "administrator")
async def workbook(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    since, until = _period(request, officer)
    rows = await request.app[ACTS].export(officer, _filter(request, officer, since, until))
    offices = await request.app[ACTS].offices()
    file = await asyncio.to_thread(book, rows, i18n.words(request), ZoneInfo(officer.office.zone), offices)
    return attached(file, XLSX, f"yuntiao-acts-{since}-{until}.xlsx")


def book(rows: Sequence[ActRow], words_: Words, zone: ZoneInfo, offices: Mapping[str, str]) -> bytes:
    """Every act a row. Blocks for a moment."""
    _ = words_.gettext
    made = Workbook(write_only=True)
    sheet = made.create_sheet(_("Acts"))
    row(sheet, [_(head) for head in HEADS], bold=True)
    for one in rows:
        cells = (
            one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), one.actor,
            _(figures.ROLE_NAMES.get(one.actor_role, one.actor_role)), offices.get(one.actor_office, ""),
            _(words.ACTS[one.act]), _part(one.what, words_), one.label, offices.get(one.office, ""), one.reason,
        )  # fmt: skip
        row(sheet, cells)
    return packed(made)


def _part(what: str, words_: Words) -> str:
    """ "track:s-consumer" is a part of the recording; a role is a role; what has no words is left out."""
    if what.startswith("track:"):
        return words_.gettext(words.PARTS["recording"])
    known = words.PARTS.get(what) or figures.ROLE_NAMES.get(what, "")
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
    return day_of(request.query.get(name, ""))
