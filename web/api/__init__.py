"""The open interface for other systems: /api/v1, described by /api/openapi.json (OpenAPI 3.1).

Here are its endpoints: each reads what it is asked, asks the services the pages ask, and answers in JSON. A writing
request carries its key, and a body that its model takes. A mediation without a room is recorded by a program of the
mediator's as the page `/complaints/ID/held` does it.

Beside them /api/receipts: what the message gateway says later of a message it took; and /api/cells/v1: what other
installations say, signed by their keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date, datetime, time
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel, ValidationError

from complaints import CHANNELS
from complaints.channels.cells import FIRST_YEAR, LAST_YEAR
from complaints.record import PartyTyped, SourceNumber
from complaints.record.uploads import LARGEST
from complaints.statistics.figures import GROUPS, TOTAL, Period, month
from complaints.statistics.views import Figures, StatisticsQuery
from complaints.views import ComplaintFilter, NewComplaint
from journal.numbers import narrow
from journal.refusals import Refused, Throttle
from rooms.commands import RecordHeld
from rooms.events import HeldElsewhere
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Side, Term
from web import READS, i18n
from web.api.document import (
    KEY,
    MOST_UNKNOWN,
    RATES,
    SIGNATURE,
    TIMESTAMP,
    UNKNOWN,
    UNKNOWN_WITHIN,
    Rates,
    endpoint,
    openapi,
    system_of,
)
from web.api.models import (
    ComplaintDetail,
    ComplaintIn,
    ComplaintOut,
    ComplaintsOut,
    FigureOut,
    MediationIn,
    Recorded,
    Registered,
    StatisticsOut,
    TermIn,
)
from web.http.forms import now
from web.http.responses import json_response
from web.http.security import BODY_LIMIT, Access, anyone, counted_as
from web.office.administration import CELLS, SYSTEMS
from web.office.complaints import ELSEWHERE
from web.office.complaints.exchange import EXCHANGE
from web.office.statistics import STATISTICS

Asked = TypeVar("Asked", bound=BaseModel)


async def keyed(request: web.Request, model: type[Asked]) -> tuple[str, bytes, Asked]:
    """`Idempotency-Key`, the body's bytes and what they say. Refused: bad_request (400 the key; 422, `field`),
    too_large."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused("bad_request", 400, field="Idempotency-Key")
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refused("too_large", 413)
    body = await request.read()
    try:
        return key, body, model.model_validate_json(body)
    except ValidationError as fault:
        place = ".".join(str(part) for part in fault.errors()[0]["loc"])
        raise Refused("bad_request", 422, field=place or "body") from None


def answered(answer: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        text=answer.model_dump_json(), status=status, content_type="application/json", headers=headers or {}
    )


# What the session refuses of a field, by the code it says it with.
_FIELDS: Final = frozenset({"bad_value", "bad_outcome", "bad_clause", "missing", "too_long", "bad_choice"})


@endpoint("mediations:write")
async def record(request: web.Request) -> web.StreamResponse:
    """201 when it was recorded now, 200 when it was by an earlier request with the same key."""
    key, body, asked = await keyed(request, MediationIn)
    system, complaint = system_of(request), request.match_info["complaint"]
    digest = hashlib.sha256(f"mediation of {complaint}\n".encode() + body).hexdigest()
    command = _command(asked, ZoneInfo(system.office.zone))
    try:
        session, fresh = await request.app[ELSEWHERE].record_once(system, complaint, command, key, digest)
    except Refused as no:
        if no.code not in _FIELDS:
            raise
        field, term = str(no.params.get("field") or no.params.get("problem") or ""), no.params.get("term")
        named = f"terms.{int(str(term)) - 1}.{field}" if term else field
        raise Refused("bad_request", 422, field=named, why=no.code) from None
    return answered(Recorded(session=session, complaint=complaint), 201 if fresh else 200)


def _command(asked: MediationIn, zone: ZoneInfo) -> RecordHeld:
    held = HeldElsewhere(
        mode=asked.mode,
        began=asked.began,
        ended=asked.ended,
        place=asked.place,
        consumer_by=asked.consumer_by,
        business_by=asked.business_by,
        others=asked.others,
        course=asked.course,
        proof=tuple(asked.proof),
        agreement=asked.agreement,
        next_mode=asked.next_mode,
        next_place=asked.next_place,
    )
    outcome = Outcome(
        OutcomeKind(asked.outcome),
        tuple(_term(term, zone) for term in asked.terms),
        ground=asked.ground,
        adjourned_to=asked.adjourned_to,
        note=asked.reason,
    )
    wanted = asked.agreement == "wanted"
    capacity = Capacity(asked.capacity or "head") if wanted else None
    return RecordHeld(held, outcome, capacity, asked.basis)


def _term(term: TermIn, zone: ZoneInfo) -> Term:
    later = not term.at_once
    # The whole day it is due on: until its last minute where the office is.
    due = datetime.combine(term.due, time(23, 59), zone) if later and term.due is not None else None
    done = Performance.LATER if later else Performance.ON_THE_SPOT
    return Term(Side(term.who), term.action, term.amount, due, term.how, done)


@anyone
async def described(request: web.Request) -> web.StreamResponse:
    return json_response(openapi(), headers={"Cache-Control": "no-cache"})


@endpoint("complaints:read")
async def complaints(request: web.Request) -> web.StreamResponse:
    state = _among(request, "state", i18n.COMPLAINT_STATES)
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
        consumer=PartyTyped(consumer.name, consumer.phone, consumer.city, consumer.address),
        business=PartyTyped(
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
    app[RATES], app[UNKNOWN] = Rates(), Throttle(MOST_UNKNOWN, UNKNOWN_WITHIN, "too_many_tries")
    app.router.add_get("/api/openapi.json", described, name="api_document")
    app.router.add_get("/api/v1/complaints", complaints)
    app.router.add_post("/api/v1/complaints", file)
    app.router.add_get("/api/v1/complaints/{complaint}", complaint)
    app.router.add_post("/api/v1/complaints/{complaint}/mediations", record)
    app.router.add_get("/api/v1/statistics", statistics)


MOST_CELL: Final = 2 << 20  # bytes of a document


async def cell_message(request: web.Request) -> web.StreamResponse:
    """A document of another installation, answered with one (docs/cells.md)."""
    signature = request.headers.get(SIGNATURE, "")
    sender = await request.app[CELLS].knows(signature) if 0 < len(signature) <= LONGEST_SIGNATURE else ""
    if not sender:
        return json_response({"error": "unknown_sender"}, status=401)
    request.app[RATES].take(sender)
    if (request.content_length or 0) > MOST_CELL:
        return json_response({"error": "too_large"}, status=413)
    body = await request.clone(client_max_size=MOST_CELL).read()
    status, text, signed = await request.app[CELLS].answer(body, signature)
    headers = {SIGNATURE: signed} if signed else {}
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


async def cell_file(request: web.Request) -> web.StreamResponse:
    """A file of a transfer, whose hash that document names."""
    signature = request.headers.get(SIGNATURE, "")
    sender = await request.app[CELLS].knows(signature) if 0 < len(signature) <= LONGEST_SIGNATURE else ""
    if not sender:
        return json_response({"error": "unknown_sender"}, status=401)
    request.app[RATES].take(sender)

    async def read() -> bytes:
        return await request.clone(client_max_size=LARGEST + 1).read()

    transfer, sha256 = request.match_info["transfer"], request.match_info["sha256"]
    status, code = await request.app[CELLS].take_file(transfer, sha256, signature, request.content_length, read)
    return web.Response(status=204) if status == 204 else json_response({"error": code}, status=status)


LONGEST_SIGNATURE: Final = 300
for _handler, _most in ((cell_message, MOST_CELL), (cell_file, LARGEST)):
    _handler.access = Access("anyone", self_checked=True, most_bytes=_most)  # type: ignore[attr-defined]


def register_cells(app: web.Application) -> None:
    app.router.add_post("/api/cells/v1/messages", cell_message, name="cell_messages")
    app.router.add_post("/api/cells/v1/transfers/{transfer}/files/{sha256}", cell_file, name="cell_files")


MOST_EXCHANGED: Final = 1 << 20  # bytes of a document


async def exchanged(request: web.Request) -> web.StreamResponse:
    """A document of a platform that complaints come from, answered with one (docs/exchange.md)."""
    name, timestamp = request.match_info["connection"], request.headers.get(TIMESTAMP, "")
    given = request.headers.get(SIGNATURE, "")
    if not request.app[EXCHANGE].known(name):  # nobody else's body is read
        return json_response({"error": {"code": "bad_signature"}}, status=401)
    if len(given) > LONGEST_SIGNATURE or (request.content_length or 0) > MOST_EXCHANGED:
        raise Refused("too_large", 413)
    # Its name is no secret: whoever asks without its key uses up what is their own.
    request.app[RATES].take(f"exchange {name} {counted_as(request)}")
    body = await request.clone(client_max_size=MOST_EXCHANGED).read()
    status, text, headers = await request.app[EXCHANGE].answer(name, timestamp, given, body)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


exchanged.access = Access("anyone", self_checked=True, most_bytes=MOST_EXCHANGED)  # type: ignore[attr-defined]


def register_exchange(app: web.Application) -> None:
    app.router.add_post("/api/exchange/v1/{connection}", exchanged, name="exchange_documents")


Receipts = Callable[[str, str, bytes], Awaitable[bool]]
"""Timestamp, signature and body as they came; False when they are not the gateway's. Refused: bad_request."""
RECEIPTS: web.AppKey[Receipts] = web.AppKey("receipts")
MOST_RECEIPT: Final = 4096  # bytes


async def receipt(request: web.Request) -> web.StreamResponse:
    if request.content_length is None or request.content_length > MOST_RECEIPT:
        raise Refused("too_large", 413)
    body = await request.read()
    if not await request.app[RECEIPTS](request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""), body):
        raise Refused("not_allowed", 403)
    return web.Response(status=204)


receipt.access = Access("anyone", self_checked=True, most_bytes=MOST_RECEIPT)  # type: ignore[attr-defined]


Pushed = Callable[[str, str, Mapping[str, str], bytes], Awaitable[str]]
"""A connection's name, the secret of the address, what stands after it, the body: what the carrier wants to hear.
Refused: not_found, not_allowed."""
PUSHED: web.AppKey[Pushed] = web.AppKey("pushed")
MOST_PUSHED: Final = 1 << 18  # bytes: a batch of receipts


async def pushed(request: web.Request) -> web.StreamResponse:
    """What carriers post of messages that they took, as each of them does (docs/connect.md). Guarded by the secret at
    the end of the address, and by a signature where there is one."""
    if (request.content_length or 0) > MOST_PUSHED:
        raise Refused("too_large", 413)
    body = await request.clone(client_max_size=MOST_PUSHED + 1).read() if request.can_read_body else b""
    name, secret = request.match_info["name"], request.match_info["secret"]
    answer = await request.app[PUSHED](name, secret, dict(request.query), body)
    return web.Response(text=answer, content_type="application/json" if answer.startswith("{") else "text/plain")


pushed.access = Access("anyone", self_checked=True, most_bytes=MOST_PUSHED)  # type: ignore[attr-defined]


def register_receipts(app: web.Application) -> None:
    app.router.add_post("/api/receipts", receipt, name="message_receipts")
    app.router.add_get("/api/receipts/{name}/{secret}", pushed, name="carrier_proof", allow_head=False)
    app.router.add_post("/api/receipts/{name}/{secret}", pushed, name="carrier_receipts")
