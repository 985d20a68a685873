"""The list of records, one record, and correcting an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from offices.oversight import ApprovalWish
from recordings.evidence.lines import WITHHOLDABLE
from recordings.gap_ledger import Ledger, ledger
from recordings.views import AuditPage
from rooms import MOST_LINE
from rooms.events import KINDS, SessionEntry, plain, session_entry
from rooms.record.rules import RecordUse
from rooms.views import AuditFilter
from rooms.vocabulary import Phase
from web import READS, SESSIONS, i18n, rendering
from web.http import cookies
from web.http.forms import Form, typed_day
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.links import documents
from web.office import audit
from web.office.audit import (
    EXPORTS,
    TRANSCRIPT_STATES,
    TRANSCRIPTS,
    files,
    journal_look,
    kept,
    sections as moments,
)
from web.office.audit.files import Player, player
from web.office.audit.sections import agreed_clauses, outward, people
from web.office.audit.sentences import NAMES, Voice, gap_lines, headline
from web.office.audit.timeline import draw
from web.office.oversight import APPROVALS
from web.rendering import READER_PARTY, go, number, office_scopes, officer_in, posted, readers_named, show
from web.room import SIGNING

MINUTE_MS: Final = 60_000


@officer_page("supervisor", "mediator")
async def record_list(request: web.Request) -> web.StreamResponse:
    wanted = record_filter(request)
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
        scopes=office_scopes(found.offices, i18n.words_for(request)),
        words=i18n,
    )


def record_filter(request: web.Request) -> AuditFilter:
    """The filter in the address; what cannot be read is not filtered by."""
    query = request.query

    def minutes(name: str) -> int:
        return number(request, name, 0, 24 * 60) * MINUTE_MS if query.get(name) else 0

    outcome = query.get("outcome", "")
    return AuditFilter(
        office=query.get("office", "")[:64],
        mediator=query.get("mediator", "")[:64],
        outcome=outcome if outcome in i18n.OUTCOMES else "",
        since=typed_day(query.get("since", "")),
        until=typed_day(query.get("until", "")),
        shortest_ms=minutes("shortest"),
        longest_ms=minutes("longest"),
        page=number(request, "page"),
    )


MACHINE: Final = N_("the program")
BRIEF: Final = 30  # entries on the record page; the journal page has all
SPEEDS: Final = (0.75, 1, 1.25, 1.5, 2)


@dataclass(frozen=True, slots=True)
class Jump:
    phase: Phase
    seconds: float
    at: datetime


@officer_page("supervisor", "mediator")
async def record(request: web.Request) -> web.StreamResponse:
    return await _record(request, await journal_look(request, "record"), Form())


@officer_page("supervisor")
async def add_note(request: web.Request) -> web.StreamResponse:
    """A further entry to the journal, beside the record; a note with `corrects` replaces another's words."""
    page = await journal_look(request, "record")
    form, told = await posted(request), told_of(request, page)
    command = moments.command(form, page.session, told.player)
    if not form.good:
        return await _record(request, page, form, 422)
    await request.app[SESSIONS].submit(page.session.id, command, officer_in(request).actor)
    address = request.app.router["record"].url_for(session=page.session.id)
    at = form.values.get("t", "")
    return go(str((address.with_query(t=at) if second_of(at) else address).with_fragment("notes")))


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """What the record's parts are made of."""

    voice: Voice
    history: Sequence[SessionEntry]
    gaps: Ledger
    player: Player | None


def told_of(request: web.Request, page: AuditPage) -> ToldRecord:
    voice, history = _voice(request, page), _history(page)
    gaps = ledger(history)
    film = player(history, page.session, page.timing, page.recording, gap_lines(gaps), voice, _url(request))
    return ToldRecord(voice, history, gaps, film)


async def _record(request: web.Request, page: AuditPage, form: Form, status: int = 200) -> web.Response:
    officer = officer_in(request)
    zone = ZoneInfo(officer.office.zone)
    told = told_of(request, page)
    voice, film, gaps = told.voice, told.player, told.gaps
    missing = gap_lines(gaps)
    origin = film.origin if film else None

    def clock(at: datetime, seconds: bool) -> str:
        return at.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")

    made = await request.app[EXPORTS].of(page.session.id)
    transcript = await request.app[TRANSCRIPTS].state(page.session.id)
    brief = moments.moments(page.events, voice, voice.gettext(MACHINE), origin, brief=True)
    at = min(second_of(request.query.get("t", "")), film.seconds if film else 0.0)
    strand = film.strand(request.query.get("who", "")) if film else None
    if film and not film.film and strand is None:
        strand = next((one for one in film.strands if one.pieces), None)
    context: dict[str, Any] = {
        "page": page,
        "row": page.row,
        "session": page.session,
        "timing": page.timing,
        "heading": headline(page.session.outcome, voice) if page.session.outcome else "",
        "looked": moments.looked(page.events, officer.id),
        "verdict": moments.verdict(page.events),
        "people": people(told.history),
        "names": voice.names,
        "voice": voice,
        "player": film,
        "at": at,
        "strand": strand,
        "piece": strand.at(at) if strand else None,
        "second_of": partial(clock, seconds=True),
        "source_name": lambda source: voice.gettext(NAMES[source]),
        "picture": draw(told.history, page.timing, voice, clock, origin, gaps),
        "missing": missing,
        "brief_gaps": sum(not line.listed for line in missing),
        "gaps": gaps,
        "kept": await kept(request, page.session),
        "jumps": jumps(page, film),
        "clauses": agreed_clauses(page.session, film),
        "notes": moments.listed_notes(page.session, film),
        "viewings": audit.listed_viewings(page.session),
        "readers": lambda use: readers_named(RecordUse(use), voice.gettext, READER_PARTY),
        "form": form,
        "request_t": request.query.get("t", "") if at else "",
        "speeds": SPEEDS,
        "moments": brief[-BRIEF:],
        "exports": made,
        "transcript": transcript,
        "transcript_told": TRANSCRIPT_STATES[transcript.state],
        "documents": await request.app[SIGNING].documents(page.session.id) if page.session.documents else (),
        "document_kinds": documents.KINDS,
        "file": False,  # the mediator's to do
        "export_kinds": files.KINDS,
        "export_states": files.STATES,
        "export_errors": files.ERRORS,
        "exportable": page.session.over and page.session.erasure is None,
        "refresh": page.recording.state in ("queued", "composing")
        or any(one.state in ("queued", "working") for one in made),
        "words": i18n,
    }
    return show(request, "audit/record.html", "audit", status, **context)


def second_of(text: str) -> float:
    """A second of the recording from an address; 0 for what is none."""
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 <= found < 86_400 else 0.0


def _url(request: web.Request) -> Any:
    """As templates write addresses."""
    return request.app[rendering.ENVIRONMENTS][i18n.language(request)].globals["url"]


def _history(page: AuditPage) -> list[SessionEntry]:
    """What this version of the program can read; the journal page shows the rest by type."""
    return [session_entry(event) for event in page.events if event.type in KINDS and not event.erased]


def _voice(request: web.Request, page: AuditPage) -> Voice:
    called = moments.titles(entry.event for entry in _history(page))
    return voice_of(
        request, dict(moments.event_names(page.events)), page.session.mediator_seat, page.complaint.order, called
    )


def jumps(page: AuditPage, film: Player | None) -> Sequence[Jump]:
    """Where each phase begins in the recording."""
    if film is None:
        return ()
    found = [Jump(phase, film.second(span.start), span.start) for phase, span in page.timing.phase_spans]
    return [jump for jump in found if jump.seconds < film.seconds]


@officer_page("supervisor", "mediator")
async def caption_file(request: web.Request) -> web.StreamResponse:
    """Belongs to the record: looking at it is looking at that."""
    told = told_of(request, await journal_look(request, "record"))
    return web.Response(text=files.vtt(told.player.cues if told.player else ()), content_type="text/vtt")


@officer_page("supervisor", "mediator")
async def journal(request: web.Request) -> web.StreamResponse:
    page = await journal_look(request, "journal")
    told = told_of(request, page)
    voice, origin = told.voice, told.player.origin if told.player else None
    entries = moments.moments(page.events, voice, voice.gettext(MACHINE), origin)
    pages = max(1, -(-len(entries) // moments.PER_PAGE))
    at = min(pages, number(request, "page"))
    return show(
        request,
        "audit/journal.html",
        "audit",
        row=page.row,
        verdict=moments.verdict(page.events),
        moments=entries[moments.PER_PAGE * (at - 1) : moments.PER_PAGE * at],
        player=told.player,
        page=at,
        pages=pages,
        correctable=page.session.over and page.session.erasure is None,
        words=i18n,
    )


@officer_page("supervisor", "mediator")
async def journal_download(request: web.Request) -> web.StreamResponse:
    """The stream as it is hashed, with the figures computed from it; concessions go nowhere."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.TAKE)
    page = await journal_look(request, "journal")
    verdict = moments.verdict(page.events)
    body = {
        "stream": f"session/{page.session.id}",
        "number": page.row.number,
        "verified": verdict.holds,
        "broken_at": verdict.broken,
        "events": [plain(event) for event in outward(page.events)],
        "timing": plain(page.timing),
    }
    name = f"journal-{page.session.id}.json"
    return json_response(body, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# ---------------------------------------------------------------- the recording's making


@officer_page("supervisor", "mediator")
async def recording_state(request: web.Request) -> web.StreamResponse:
    """How far composing is; the page asks again until it is ready."""
    found = await request.app[READS].recording(officer_in(request), request.match_info["session"])
    return json_response(
        {
            "state": found.state,
            "progress": round(found.progress, 3),
            "duration_ms": found.duration_ms,
            "text": i18n.words_for(request).gettext(STATES[found.state]),
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


NO_ENTRY: Final = N_("There is no entry of this number.")
SAYS_NOTHING: Final = N_("What this entry said was erased or told in confidence. It cannot be corrected in the open.")
STILL_ON: Final = N_("The mediation is not over yet. What is wrong can be put right in the room.")


@officer_page("supervisor")
async def show_form(request: web.Request) -> web.StreamResponse:
    page = await journal_look(request, "journal")
    form = Form({"entry": request.query.get("entry", "")})
    return _page(request, page, form)


@officer_page("supervisor")
async def ask_correction(request: web.Request) -> web.StreamResponse:
    page, form = await journal_look(request, "journal"), await posted(request)
    number = _number(page, form)
    wrong, right, reason = (form.text(name, needed=True, longest=MOST_LINE) for name in ("wrong", "right", "reason"))
    if not page.session.over or page.session.erasure is not None:
        form.errors["entry"] = STILL_ON
    if not form.good:
        return _page(request, page, form, 422)
    details = {"session": page.session.id, "entry": str(number), "wrong": wrong, "right": right}
    wish = ApprovalWish("correct", f"{page.session.id}#{number}", f"{page.row.number} #{number}", reason, details)
    token = cookies.read(request, cookies.OFFICER)
    return go(f"/approvals/{await request.app[APPROVALS].ask(officer_in(request), token, wish)}")


def _number(page: AuditPage, form: Form) -> int:
    """Of an entry that says something to everybody who may see the record; an error of the form otherwise."""
    typed = form.text("entry", needed=True, longest=9).lstrip("#")
    number = int(typed) if typed.isascii() and typed.isdigit() else 0
    entry = next((event for event in page.events if event.version == number), None)
    if entry is None:
        form.errors.setdefault("entry", NO_ENTRY)
    elif entry.erased or entry.type in WITHHOLDABLE:
        form.errors["entry"] = SAYS_NOTHING
    return number


def _page(request: web.Request, page: AuditPage, form: Form, status: int = 200) -> web.Response:
    voice = told_of(request, page).voice
    typed = form.values.get("entry", "").lstrip("#")
    known = moments.moments(page.events, voice, voice.gettext(MACHINE))
    entry = next((one for one in known if str(one.version) == typed.lstrip("0")), None)
    return show(request, "audit/correct.html", "audit", status, row=page.row, form=form, entry=entry)


NO_EXHIBITS: Final[Mapping[str, str]] = {}


def voice_of(
    request: web.Request,
    names: dict[str, str],
    mediator: str = "",
    order: str = "121",
    exhibits: Mapping[str, str] = NO_EXHIBITS,
) -> Voice:
    """How records speak to this officer."""
    spoken, zone = i18n.words_for(request), ZoneInfo(officer_in(request).office.zone)

    def when(at: datetime) -> str:
        return i18n.when(at, spoken.language, zone)

    return Voice(spoken.gettext, i18n.money, when, names, spoken.language, mediator, order, exhibits)
