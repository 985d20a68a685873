"""Who viewed, exported, unmasked, erased, changed a role or a rule: one list over the journals, and hints."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from web import figures, i18n
from web.i18n import N_, Words
from web.office.pages import now, number, officer_in, show, today
from web.oversight import words
from web.ports import ACTS, Officer
from web.ports.oversight import ActFilter, ActRow
from web.security import officer_page

DAYS: Final = 30  # looked back when nothing else is asked for
LONGEST: Final = 400  # days
HEADS: Final = (N_("Time"), N_("Who"), N_("Role"), N_("Their office"), N_("Did what"), N_("What exactly"),
                N_("To what"), N_("Of which office"), N_("Reason"))  # fmt: skip
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them


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
    return web.Response(
        body=file,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="yuntiao-acts-{since}-{until}.xlsx"',
            "Cache-Control": "no-store",
        },
    )


def book(rows: Sequence[ActRow], words_: Words, zone: ZoneInfo, offices: Mapping[str, str]) -> bytes:
    """Every text is a text, so that one that begins with = + - @ is no formula in any program (ASVS 1.2.10)."""
    _ = words_.gettext
    made = Workbook(write_only=True)
    sheet = made.create_sheet(_("Acts"))
    sheet.append([_text(sheet, _(head), bold=True) for head in HEADS])
    for row in rows:
        cells = (
            row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), row.actor,
            _(figures.ROLE_NAMES.get(row.actor_role, row.actor_role)), offices.get(row.actor_office, ""),
            _(words.ACTS[row.act]), _part(row.what, words_), row.label, offices.get(row.office, ""), row.reason,
        )  # fmt: skip
        sheet.append([_text(sheet, cell) for cell in cells])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _text(sheet: object, value: str, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, _CONTROLS.sub("", value))
    cell.data_type = "s"  # openpyxl takes a leading = for a formula
    cell.quotePrefix = value[:1] in tuple("=+-@\t\r")  # and a spreadsheet would, once the cell is edited
    if bold:
        cell.font = Font(bold=True)
    return cell


def _part(what: str, words_: Words) -> str:
    """ "track:s-consumer" is a part of the recording; a role is a role; what has no words is left out."""
    if what.startswith("track:"):
        return words_.gettext(words.PARTS["recording"])
    known = words.PARTS.get(what) or figures.ROLE_NAMES.get(what, "")
    return words_.gettext(known) if known else ""


def _period(request: web.Request, officer: Officer) -> tuple[date, date]:
    """Both days included; thirty days up to today where nothing else, or nothing sensible, is asked for."""
    last = _day(request, "until") or today(officer, now())
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
    try:
        day = date.fromisoformat(request.query.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None
