"""How long a record is kept: when it is due, holding it, and having it erased before its time, after asking twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from rooms.commands import LiftHold, OrderErasure, PlaceHold
from rooms.retention import Retention, later
from rooms.session import Session
from rooms.vocabulary import OutcomeKind
from web.i18n import N_
from web.office import words
from web.office.forms import Form
from web.office.pages import number, officer_in, posted, show
from web.ports import READS, RETENTION, SESSIONS, AuditFilter, SessionRow
from web.rendering import go
from web.security import officer_page

LONGEST_REASON: Final = 500
NOT_THE_NUMBER: Final = N_("This is not the number of this complaint.")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page says of one record."""

    until: datetime | None
    session: Session


@dataclass(frozen=True, slots=True)
class Line:
    row: SessionRow
    until: datetime | None  # at the latest; an earlier promise to somebody is on the record's own page


def kept(request: web.Request, session: Session) -> Kept:
    return Kept(request.app[RETENTION].until(session), session)


@officer_page("supervisor", "administrator")
async def listing(request: web.Request) -> web.StreamResponse:
    page = number(request, "page")
    found = await request.app[READS].audit_list(officer_in(request), AuditFilter(page=page))
    lines = [Line(row, _ruled(request.app[RETENTION], row)) for row in found.rows]
    pages = max(1, -(-found.total // max(1, found.page_size)))
    return show(request, "audit/kept.html", "kept", lines=lines, page=page, pages=pages, words=words)


def _ruled(retention: Retention, row: SessionRow) -> datetime | None:
    if row.closed is None or not row.outcome:
        return None
    return later(row.closed, retention.ruled(OutcomeKind(row.outcome)))


@officer_page("supervisor", "administrator")
async def record(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor", "administrator")
async def hold(request: web.Request) -> web.StreamResponse:
    return await _asked(request, PlaceHold)


@officer_page("supervisor", "administrator")
async def lift(request: web.Request) -> web.StreamResponse:
    return await _asked(request, LiftHold)


async def _asked(request: web.Request, command: type[PlaceHold | LiftHold]) -> web.StreamResponse:
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[SESSIONS].submit(row.id, command(reason), officer_in(request).actor)
    return go(f"/kept/{row.id}")


@officer_page("supervisor", "administrator")
async def erase(request: web.Request) -> web.StreamResponse:
    """The first time it only asks; then the complaint's number has to be typed."""
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    sure = form.values.get("number")
    if sure is None or _plain(sure) != _plain(row.number):
        if sure is not None:
            form.errors["number"] = NOT_THE_NUMBER
        return await _page(request, form, 200 if sure is None else 422, "audit/erase.html")
    await request.app[SESSIONS].submit(row.id, OrderErasure(reason), officer_in(request).actor)
    return go(f"/kept/{row.id}")


def _plain(text: str) -> str:
    """Brackets of a number are typed as they come."""
    return "".join(sign for sign in text if sign.isalnum())


async def _row(request: web.Request) -> SessionRow:
    """Refused(404) for another office's."""
    return await request.app[READS].session(officer_in(request), request.match_info["session"])


async def _page(
    request: web.Request, form: Form, status: int = 200, template: str = "audit/keeping.html"
) -> web.StreamResponse:
    row = await _row(request)
    state = await request.app[SESSIONS].state(row.id)
    return show(request, template, "kept", status, row=row, kept=kept(request, state), form=form, words=words)
