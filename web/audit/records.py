"""Sessions for supervisors to look back at: the list, and the record of one. Only looks are written, to the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from rooms.codec import KINDS, Happened, happened, plain
from rooms.vocabulary import Phase
from web import i18n, ranges
from web.audit import moments
from web.audit.consents import people
from web.audit.keeping import kept
from web.audit.looks import LOOKS
from web.audit.sentences import headline
from web.audit.timeline import draw
from web.audit.voice import Voice
from web.i18n import N_
from web.office import words
from web.office.pages import now, number, officer_in, show
from web.office.sessions import voice_of
from web.ports import READS, SHELF, AuditFilter, AuditPage, Officer, Recording, Refused
from web.security import officer_page

MACHINE: Final = N_("the program")
BRIEF: Final = 30  # entries on the record page; the journal page has all
PER_PAGE: Final = 300
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Jump:
    phase: Phase
    seconds: float
    at: datetime


# ---------------------------------------------------------------- the list


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

    def day(name: str) -> date | None:
        try:
            return date.fromisoformat(query.get(name, ""))
        except ValueError:
            return None

    def minutes(name: str) -> int:
        return number(request, name, 0, 24 * 60) * MINUTE_MS if query.get(name) else 0

    outcome = query.get("outcome", "")
    return AuditFilter(
        office=query.get("office", "")[:64],
        mediator=query.get("mediator", "")[:64],
        outcome=outcome if outcome in words.OUTCOMES else "",
        since=day("since"),
        until=day("until"),
        shortest_ms=minutes("shortest"),
        longest_ms=minutes("longest"),
        page=number(request, "page"),
    )


# ---------------------------------------------------------------- one session


@officer_page("supervisor", "mediator")
async def record(request: web.Request) -> web.StreamResponse:
    page = await request.app[READS].audit(officer_in(request), request.match_info["session"], "record")
    zone = ZoneInfo(officer_in(request).office.zone)
    told, voice = _history(page), _voice(request, page)
    origin = page.recording.origin if page.recording.state == "ready" else None

    def clock(at: datetime, seconds: bool) -> str:
        return at.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")

    brief = moments.moments(page.events, voice, voice.gettext(MACHINE), origin, brief=True)
    context: dict[str, Any] = {
        "page": page,
        "row": page.row,
        "session": page.session,
        "timing": page.timing,
        "heading": headline(page.session.outcome, voice) if page.session.outcome else "",
        "looked": page.events[-1].at,
        "verdict": moments.verdict(page.events),
        "people": people(told),
        "names": voice.names,
        "picture": draw(told, page.timing, voice, clock, origin),
        "jumps": jumps(page),
        "moments": brief[-BRIEF:],
        "kept": kept(request, page.session),
        "refresh": page.recording.state in ("queued", "composing"),
        "words": words,
    }
    return show(request, "audit/record.html", "audit", **context)


def _history(page: AuditPage) -> list[Happened]:
    """What this version of the program can read; the journal page shows the rest by type."""
    return [happened(event) for event in page.events if event.type in KINDS and not event.erased]


def _voice(request: web.Request, page: AuditPage) -> Voice:
    return voice_of(request, dict(moments.names(page.events)), page.session.mediator_seat, page.complaint.order)


def jumps(page: AuditPage) -> Sequence[Jump]:
    """Where each phase begins in the recording."""
    recording, origin = page.recording, page.recording.origin
    if recording.state != "ready" or origin is None:
        return ()
    found = []
    for phase, span in page.timing.phase_spans:
        seconds = round(max(0.0, (span.start - origin).total_seconds()), 1)
        if seconds * 1000 < (recording.duration_ms or seconds * 1000 + 1):
            found.append(Jump(phase, seconds, span.start))
    return found


@officer_page("supervisor", "mediator")
async def journal(request: web.Request) -> web.StreamResponse:
    page = await request.app[READS].audit(officer_in(request), request.match_info["session"], "journal")
    voice = _voice(request, page)
    entries = moments.moments(page.events, voice, voice.gettext(MACHINE))
    pages = max(1, -(-len(entries) // PER_PAGE))
    at = min(pages, number(request, "page"))
    return show(
        request,
        "audit/journal.html",
        "audit",
        row=page.row,
        verdict=moments.verdict(page.events),
        moments=entries[PER_PAGE * (at - 1) : PER_PAGE * at],
        page=at,
        pages=pages,
        words=words,
    )


@officer_page("supervisor", "mediator")
async def journal_download(request: web.Request) -> web.StreamResponse:
    """The stream as it is hashed, with the figures computed from it."""
    page = await request.app[READS].audit(officer_in(request), request.match_info["session"], "journal")
    verdict = moments.verdict(page.events)
    body = {
        "stream": f"session/{page.session.id}",
        "number": page.row.number,
        "verified": verdict.holds,
        "broken_at": verdict.broken,
        "events": [plain(event) for event in page.events],
        "timing": plain(page.timing),
    }
    name = f"journal-{page.session.id}.json"
    return web.json_response(body, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# ---------------------------------------------------------------- the recording


@officer_page("supervisor", "mediator")
async def recording_state(request: web.Request) -> web.StreamResponse:
    """How far composing is; the page asks again until it is ready."""
    found = await request.app[READS].recording(officer_in(request), request.match_info["session"])
    return web.json_response(
        {
            "state": found.state,
            "progress": round(found.progress, 3),
            "duration_ms": found.duration_ms,
            "text": i18n.words(request).gettext(STATES[found.state]),
        }
    )


STATES: Final = {
    "none": N_("There is no recording."),
    "queued": N_("The recording waits to be composed."),
    "composing": N_("The recording is being composed. You may close this page."),
    "ready": N_("The recording is ready."),
    "erased": N_("This recording has been erased."),
    "failed": N_("The recording could not be composed. The single tracks are kept."),
}


@officer_page("supervisor", "mediator")
async def recording_file(request: web.Request) -> web.StreamResponse:
    """The film, in byte ranges as players ask for them."""
    officer, session = officer_in(request), request.match_info["session"]
    found = await _film(request, officer, session)
    if found.state == "erased":
        raise Refused("erased", 410)
    if found.file is None:
        raise Refused("not_found", 404)
    shelf = request.app[SHELF]
    path = found.file.relative_to(shelf.folder.resolve()).as_posix()
    return await ranges.send(request, shelf, session, path, "video/mp4", f"session-{session}.mp4")


async def _film(request: web.Request, officer: Officer, session: str) -> Recording:
    if request.method == "GET" and request.app[LOOKS].fresh(officer.id, session, now()):
        return (await request.app[READS].audit(officer, session, "recording")).recording
    return await request.app[READS].recording(officer, session)
