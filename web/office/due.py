"""The board of what is late, due today and due soon, by clock, with why each date is that date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from complaints.procedure_views import DueRow
from web import i18n
from web.clock import now
from web.complaints.services import PROCEDURE
from web.office import words
from web.office.pages import day_of, officer_in, show
from web.office.why import Why, why
from web.security import officer_page
from web.services import PERFORMANCE


@dataclass(frozen=True, slots=True)
class Line:
    row: DueRow
    why: Why


@officer_page("mediator", "supervisor", "inspector")
async def board(request: web.Request) -> web.StreamResponse:
    officer, language, at = officer_in(request), i18n.language(request), now(request)
    clock = request.query.get("clock", "")
    clock = clock if clock in words.DEADLINES else ""
    found = await request.app[PROCEDURE].board(officer, clock, at)
    day = day_of(officer, at)

    def lines(rows: Sequence[DueRow]) -> list[Line]:
        return [Line(row, why(row.deadline, row.deadline.start, day, language)) for row in rows]

    return show(
        request,
        "office/due.html",
        "due",
        late=lines(found.late),
        today=lines(found.today),
        soon=lines(found.soon),
        standing=lines(found.standing),
        counts=found.counts,
        totals=[sum(found.counts[one][part] for one in found.counts if clock in ("", one)) for part in range(3)],
        until=found.until,
        clock=clock,
        wishes=0 if officer.role == "inspector" else await request.app[PERFORMANCE].wishes(officer),
        words=words,
    )
