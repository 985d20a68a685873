"""The list of sessions to look back at, and what it is narrowed by."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import web

from rooms.views import AuditFilter
from web.dates import day_of
from web.office import words
from web.office.pages import number, officer_in, show
from web.security import officer_page
from web.services import READS

MINUTE_MS: Final = 60_000


@officer_page("supervisor", "mediator")
async def listing(request: web.Request) -> web.StreamResponse:
    wanted = asked(request)
    found = await request.app[READS].audit_list(officer_in(request), wanted)
    return show(
        request,
        "audit/list.html",
        "audit",
        found=found,
        wanted=wanted,
        filtered=replace(wanted, page=1) != AuditFilter(),
        query={name: value for name, value in request.query.items() if value and name not in ("page", "lang")},
        pages=max(1, -(-found.total // max(1, found.page_size))),
        offices={office.id: office.short for office in found.offices},
        words=words,
    )


def asked(request: web.Request) -> AuditFilter:
    """The filter in the address; what cannot be read is not filtered by."""
    query = request.query

    def minutes(name: str) -> int:
        return number(request, name, 0, 24 * 60) * MINUTE_MS if query.get(name) else 0

    outcome = query.get("outcome", "")
    return AuditFilter(
        office=query.get("office", "")[:64],
        mediator=query.get("mediator", "")[:64],
        outcome=outcome if outcome in words.OUTCOMES else "",
        since=day_of(query.get("since", "")),
        until=day_of(query.get("until", "")),
        shortest_ms=minutes("shortest"),
        longest_ms=minutes("longest"),
        page=number(request, "page"),
    )
