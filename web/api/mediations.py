"""A mediation without a room, recorded by a program of the mediator's: as the page `/complaints/ID/held` does it."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from offices.refusal import Refused
from rooms.commands import RecordHeld
from rooms.events import HeldElsewhere
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Side, Term
from web.api.bodies import answered, keyed
from web.api.guard import endpoint, system_of
from web.api.models import MediationIn, Recorded, TermIn
from web.complaints.services import ELSEWHERE

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
