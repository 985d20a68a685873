"""A person's request to watch the recording of the mediation they took part in: granted by a supervisor, then held at
the office on an officer's screen. Both are entries of the journal (`rooms.record.access`, Reader.PERSON)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from offices.refusal import Refused
from rooms.commands import GrantViewing, NoteViewing
from rooms.record.access import RecordUse
from rooms.record.rules import took_part, watchable
from rooms.record.viewings import Viewing
from rooms.seats import SeatState
from rooms.session import Session
from rooms.texts import MOST_LINE
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page
from web.services import READS, SESSIONS


@dataclass(frozen=True, slots=True)
class Shown:
    """What the record's page lists: whom it can be granted to, and what was granted."""

    people: Sequence[SeatState]
    granted: Sequence[Viewing]


def listed(session: Session) -> Shown:
    people = [seat for seat in session.seats.values() if took_part(seat)] if watchable(session) else []
    return Shown(people, tuple(session.viewings.values()))


@officer_page("supervisor")
async def grant(request: web.Request) -> web.StreamResponse:
    session = await _session(request)
    form = await posted(request)
    asked = form.text("request", needed=True, longest=MOST_LINE)
    if not form.good:
        raise Refused("missing", 400, field="request")
    command = GrantViewing(form.values.get("seat", "")[:64], asked)
    await request.app[SESSIONS].submit(session, command, officer_in(request).actor)
    return go(f"/audit/{session}#viewings")


@officer_page("supervisor", "mediator")
async def held(request: web.Request) -> web.StreamResponse:
    session = await _session(request)
    command = NoteViewing(request.match_info["seat"])
    await request.app[SESSIONS].submit(session, command, officer_in(request).actor)
    return go(f"/audit/{session}#viewings")


async def _session(request: web.Request) -> str:
    return (await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.WATCH)).id
