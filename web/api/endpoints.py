"""The endpoints of /api/v1: each reads what it is asked, asks the services the pages ask, and answers in JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.channels.dates import FIRST_YEAR, LAST_YEAR
from complaints.record.parties import Person
from complaints.record.record import SourceNumber
from complaints.statistics.figures import GROUPS, TOTAL
from complaints.statistics.periods import Period, month
from complaints.statistics.views import Figures, StatisticsQuery
from complaints.views import ComplaintFilter, NewComplaint
from complaints.vocabulary import CHANNELS
from journal.numbers import narrow
from offices.refusal import Refused
from web import words
from web.administration.services import SYSTEMS
from web.api import mediations
from web.api.bodies import answered, keyed
from web.api.document import document
from web.api.guard import RATES, Rates, endpoint, system_of
from web.api.models import (
    ComplaintDetail,
    ComplaintIn,
    ComplaintOut,
    ComplaintsOut,
    FigureOut,
    Registered,
    StatisticsOut,
)
from web.clock import now
from web.responses import json_response
from web.security import anyone
from web.services import READS
from web.statistics.services import STATISTICS


@anyone
async def described(request: web.Request) -> web.StreamResponse:
    return json_response(document(), headers={"Cache-Control": "no-cache"})


@endpoint("complaints:read")
async def complaints(request: web.Request) -> web.StreamResponse:
    state = _among(request, "state", words.COMPLAINT_STATES)
    channel = _among(request, "channel", CHANNELS)
    search = request.query.get("search", "")
    if len(search) > 80:
        raise Refused("bad_request", 422, field="search")
    wanted = ComplaintFilter(
        search=search.strip(),
        channel=channel,
        state=state,
        since=_day(request, "since"),
        until=_day(request, "until"),
        page=_whole(request, "page", 100_000) or 1,
        before=_whole(request, "before", 2**62),
    )
    found = await request.app[READS].complaints(system_of(request), wanted)
    return answered(
        ComplaintsOut(
            complaints=[ComplaintOut.of(row) for row in found.rows],
            total=found.total,
            page=wanted.page,
            pages=max(1, -(-found.total // found.page_size)),
            older=found.older,
        )
    )


@endpoint("complaints:read")
async def complaint(request: web.Request) -> web.StreamResponse:
    page = await request.app[READS].complaint(system_of(request), request.match_info["complaint"])
    return answered(ComplaintDetail.of_page(page))


@endpoint("complaints:write")
async def file(request: web.Request) -> web.StreamResponse:
    """201 when it was registered now, 200 when it was by an earlier request with the same key."""
    key, body, asked = await keyed(request, ComplaintIn)
    if asked.received > now(request):
        raise Refused("bad_request", 422, field="received")
    system = system_of(request)
    digest = hashlib.sha256(body).hexdigest()
    made, fresh = await request.app[SYSTEMS].register(system, _new(asked), key, digest)
    page = await request.app[READS].complaint(system, made)
    headers = {"Location": f"/api/v1/complaints/{made}"}
    return answered(Registered(id=made, number=page.row.number), 201 if fresh else 200, headers)


@endpoint("statistics:read")
async def statistics(request: web.Request) -> web.StreamResponse:
    system, by = system_of(request), _among(request, "by", GROUPS)
    today = now(request).astimezone(ZoneInfo(system.office.zone)).date()
    first, last = _day(request, "from"), _day(request, "to")
    whole = month(first or last or today)  # what is not said is the rest of the month of what is
    try:
        period = Period(first or whole.first, last or whole.last)
    except ValueError:
        raise Refused("bad_request", 422, field="to") from None
    seen = await request.app[STATISTICS].overview(system, StatisticsQuery(period, today, by=by))
    groups: list[tuple[str, Figures]] = list(seen.groups) if by else [(TOTAL, seen.now)]
    figures = [
        FigureOut(
            name=one.statistic.name,
            version=one.statistic.version,
            group=group,
            value=None if one.value is None else str(one.value),
            unit=one.statistic.unit,
            top=one.top,
            bottom=one.bottom,
        )
        for group, told in groups
        for one in told.values()
    ]
    return answered(StatisticsOut(first=period.first, last=period.last, as_of=None, by=by, figures=figures))


def _new(asked: ComplaintIn) -> NewComplaint:
    business, consumer = asked.business, asked.consumer
    return NewComplaint(
        channel=asked.channel,
        received=asked.received,
        title=asked.title,
        request=asked.request,
        facts=asked.facts,
        amount=asked.amount,
        consumer=Person(consumer.name, consumer.phone, consumer.city, consumer.address),
        business=Person(
            business.contact, business.phone, business.city, business.address, business.name, business.credit_code
        ),
        sources=(SourceNumber(asked.channel, narrow(asked.source_number)),) if asked.source_number else (),
        problem_class=asked.problem,
        requests=tuple(asked.requests),
        industry_code=asked.industry_code,
    )


def _day(request: web.Request, name: str) -> date | None:
    text = request.query.get(name)
    try:
        if text is None or len(text) == 10:  # 2026-06-24, and no other form of ISO 8601 (RFC 3339 full-date)
            day = None if text is None else date.fromisoformat(text)
            if day is None or FIRST_YEAR <= day.year < LAST_YEAR:
                return day
    except ValueError:
        pass
    raise Refused("bad_request", 422, field=name)


def _whole(request: web.Request, name: str, most: int) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and 1 <= int(text) <= most):
        raise Refused("bad_request", 422, field=name)
    return int(text)


def _among(request: web.Request, name: str, known: Collection[str]) -> str:
    value = request.query.get(name)
    if value is not None and value not in known:
        raise Refused("bad_request", 422, field=name)
    return value or ""


def register(app: web.Application) -> None:
    app[RATES] = Rates()
    app.router.add_get("/api/openapi.json", described, name="api_document")
    app.router.add_get("/api/v1/complaints", complaints)
    app.router.add_post("/api/v1/complaints", file)
    app.router.add_get("/api/v1/complaints/{complaint}", complaint)
    app.router.add_post("/api/v1/complaints/{complaint}/mediations", mediations.record)
    app.router.add_get("/api/v1/statistics", statistics)
