"""How long a record is kept: when it is due, holding it, and having it erased before its time, after asking twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from aiohttp import web

from offices.oversight import ApprovalWish
from rooms.commands import OrderErasure, PlaceHold
from rooms.record.retention import Retention
from rooms.record.rules import order_erasure
from rooms.session import Session
from rooms.views import AuditFilter, SessionRow
from web import cookies
from web.i18n import N_
from web.office import words
from web.office.forms import Form
from web.office.pages import number, officer_in, posted, show
from web.oversight.services import APPROVALS, RETENTION
from web.rendering import go
from web.security import officer_page
from web.services import READS, SESSIONS

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


async def kept(request: web.Request, session: Session) -> Kept:
    return Kept((await request.app[RETENTION].rule()).until(session), session)


@officer_page("supervisor", "administrator")
async def listing(request: web.Request) -> web.StreamResponse:
    page = number(request, "page")
    found = await request.app[READS].audit_list(officer_in(request), AuditFilter(page=page))
    rule = await request.app[RETENTION].rule()
    lines = [Line(row, _ruled(rule, row)) for row in found.rows]
    pages = max(1, -(-found.total // max(1, found.page_size)))
    return show(request, "audit/kept.html", "kept", lines=lines, page=page, pages=pages, words=words)


def _ruled(retention: Retention, row: SessionRow) -> datetime | None:
    if row.closed is None or not row.outcome:
        return None
    return retention.due(row.closed, row.outcome)


@officer_page("supervisor", "administrator")
async def record(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor", "administrator")
async def hold(request: web.Request) -> web.StreamResponse:
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[SESSIONS].submit(row.id, PlaceHold(reason), officer_in(request).actor)
    return go(f"/kept/{row.id}")


@officer_page("supervisor", "administrator")
async def lift(request: web.Request) -> web.StreamResponse:
    """What keeps a record from being erased falls with a second person's yes."""
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    if (await request.app[SESSIONS].state(row.id)).hold is None:
        return go(f"/kept/{row.id}")
    return await _second(request, row, "lift", reason)


async def _second(request: web.Request, row: SessionRow, kind: Literal["erase", "lift"], reason: str) -> web.Response:
    wish = ApprovalWish(kind, row.id, row.number, reason, {"session": row.id})
    token = cookies.read(request, cookies.OFFICER)
    return go(f"/approvals/{await request.app[APPROVALS].ask(officer_in(request), token, wish)}")


@officer_page("supervisor", "administrator")
async def erase(request: web.Request) -> web.StreamResponse:
    """The first time it only asks; then the complaint's number has to be typed, and a second person has to agree."""
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    sure = form.values.get("number")
    if sure is None or _plain(sure) != _plain(row.number):
        if sure is not None:
            form.errors["number"] = NOT_THE_NUMBER
        return await _page(request, form, 200 if sure is None else 422, "audit/erase.html")
    state = await request.app[SESSIONS].state(row.id)
    order_erasure(OrderErasure(reason), state)  # what would be refused afterwards is refused now
    return go(f"/kept/{row.id}") if state.erasure is not None else await _second(request, row, "erase", reason)


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
    return show(request, template, "kept", status, row=row, kept=await kept(request, state), form=form, words=words)
