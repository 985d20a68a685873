"""A review beside the recording, the mediator's answer to it, and all reviews in a list.

A look at the recording here is a look at the record: it is journaled as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from offices.refusal import Refused
from recordings.views import AuditPage
from rooms.supervision.reviews import Evidence, Finding
from rooms.supervision.views import REVIEW_STATES, ReviewFilter, ReviewPage
from web import i18n, words as office_words
from web.audit import moments as journal_moments
from web.audit.holds import journal_look
from web.audit.records import MACHINE, SPEEDS, Told, told_of
from web.field_form import Form
from web.i18n import N_
from web.rendering import go
from web.responses import json_response
from web.security import officer_page
from web.staff_pages import number, officer_in, posted, show
from web.supervision import moments, words
from web.supervision.moments import DRAFTED, MEDIATORS, READERS, Around, draft_names
from web.supervision.services import SUPERVISION

PACE: Final = 1.5
FIELDS: Final = 20  # drafts in one request
HAPPENED: Final = {
    "ReviewOpened": N_("Review begun"),
    "ReviewTakenOver": N_("Taken over"),
    "ItemAnswered": N_("Answered"),
    "FindingNoted": N_("Finding noted"),
    "FindingDropped": N_("Finding dropped"),
    "Undone": N_("Taken back"),
    "OpinionAsked": N_("Second opinion asked for"),
    "OpinionGiven": N_("Second opinion given"),
    "OpinionWaived": N_("Second opinion waived"),
    "HandedOn": N_("Handed to the mediator"),
    "MediatorReplied": N_("The mediator answered"),
    "FindingDecided": N_("Objection decided"),
    "RemedyNoted": N_("Remedy noted"),
    "ReviewClosed": N_("Review closed"),
    "TrainingMarked": N_("Training case changed"),
}
SAID: Final = {
    "unanswered": N_("Something is still open: an item, an answer, an objection or a second opinion."),
    "no_evidence": N_("What is not in order needs a finding with evidence before it is handed on."),
    "nothing_to_undo": N_("There is nothing to take back."),
    "wrong_state": N_("Somebody else was quicker: this is how it stands now."),
    "bad_choice": N_("Choose one of these."),
    "missing": N_("Please fill this in."),
}


@officer_page("supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    state = request.query.get("state", "")
    wanted = ReviewFilter(
        state if state in REVIEW_STATES else "", request.query.get("office", "")[:64], number(request, "page")
    )
    found = await request.app[SUPERVISION].reviews(officer_in(request), wanted)
    return show(
        request,
        "supervision/reviews.html",
        "supervision",
        found=found,
        wanted=wanted,
        states=REVIEW_STATES,
        query={name: value for name, value in request.query.items() if value and name in ("state", "office")},
        pages=max(1, -(-found.total // found.page_size)),
        offices={one.id: one.short for one in found.offices},
        words=words,
        office_words=office_words,
    )


@officer_page("supervisor", "mediator")
async def review(request: web.Request) -> web.StreamResponse:
    page = await request.app[SUPERVISION].review(officer_in(request), request.match_info["session"])
    return await _page(request, page, await journal_look(request, "record"), "", Form())


@officer_page("supervisor")
async def begin(request: web.Request) -> web.StreamResponse:
    session = request.match_info["session"]
    await request.app[SUPERVISION].open_review(officer_in(request), session)
    return go(f"/supervision/reviews/{session}")


@officer_page("supervisor", "mediator")
async def act(request: web.Request) -> web.StreamResponse:
    """One step of the review; a refusal is said on the page, with what was typed."""
    officer, session, what = officer_in(request), request.match_info["session"], request.match_info["what"]
    desk = request.app[SUPERVISION]
    page = await desk.review(officer, session)
    if what not in READERS or (what in MEDIATORS) != (officer.role == "mediator"):
        raise Refused("not_found", 404)
    form, seen = await posted(request), await journal_look(request, "record")
    command = READERS[what](form, Around(seen.session, told_of(request, seen).player, page.review))
    if not form.good:
        return await _page(request, page, seen, what, form, 422)
    try:
        await desk.ask(officer, session, command)
    except Refused as no:
        if no.code not in SAID:
            raise
        form.errors["review"] = SAID[no.code]
        return await _page(request, await desk.review(officer, session), seen, what, form, no.status)
    if what in DRAFTED:
        await desk.keep_draft(officer, session, dict.fromkeys(draft_names(what, form), ""))
    return go(f"/supervision/reviews/{session}#work")


@officer_page("supervisor")
async def draft(request: web.Request) -> web.StreamResponse:
    """What is being typed, kept until it is sent: a closed tab loses nothing."""
    officer, session, form = officer_in(request), request.match_info["session"], await posted(request)
    changes = {name: value for name, value in form.values.items() if name != "csrf"}
    if len(changes) > FIELDS or not all("." in name for name in changes):
        raise Refused("bad_choice", 422)
    await request.app[SUPERVISION].keep_draft(officer, session, changes)
    return json_response({"kept": sorted(changes)})


async def _page(
    request: web.Request, page: ReviewPage, seen: AuditPage, what: str, form: Form, status: int = 200
) -> web.Response:
    officer, told = officer_in(request), told_of(request, seen)
    zone = ZoneInfo(officer.office.zone)
    film, voice = told.player, told.voice
    strand = next((one for one in film.strands if one.pieces), None) if film and not film.film else None
    entries = journal_moments.moments(seen.events, voice, voice.gettext(MACHINE), film.origin if film else None)
    context: dict[str, Any] = {
        "page": page,
        "review": page.review,
        "row": page.session,
        "session": seen.session,
        "timing": seen.timing,
        "names": voice.names,
        "player": film,
        "at": 0.0,
        "looked": journal_moments.looked(seen.events, officer.id),
        "strand": strand,
        "piece": strand.at(0.0) if strand else None,
        "speeds": SPEEDS,
        "pace": PACE,
        "map": moments.draw_moments(told.history, seen.timing, film, voice) if film else None,
        "entries": {one.version: one for one in entries},
        "second": partial(_second, seen, told),
        "entry_second": lambda version: _second(seen, told, Evidence("entry", version)),
        "as_typed": lambda some: moments.written(some, seen.session, film),
        "ticked": lambda some: {one.at for one in some if one.kind == "entry"},
        "spoke": _spoke(seen, told),
        "clock_of": lambda at: at.astimezone(zone).strftime("%H:%M:%S"),
        "what": what,
        "form": form,
        "happened": HAPPENED,
        "words": words,
        "office_words": office_words,
        "mine": page.review is not None and page.review.reviewer == officer.id,
        "refresh": False,
        "language": i18n.language(request),
        "known": partial(_known, page),
    }
    template = "supervision/review.html" if officer.role == "supervisor" else "supervision/reply.html"
    return show(request, template, "supervision" if officer.role == "supervisor" else "practice", status, **context)


def _second(seen: AuditPage, told: Told, evidence: Evidence) -> float | None:
    """Into the recording, of either kind of evidence."""
    if told.player is None:
        return None
    if evidence.kind == "second":
        return moments.second_of(evidence, seen.session, told.player)
    entry = next((one for one in told.history if one.version == evidence.at), None)
    return told.player.second(entry.at) if entry is not None else None


def _spoke(seen: AuditPage, told: Told) -> Sequence[tuple[str, str, int]]:
    """(name, role, ms) of who spoke, the longest first."""
    found = [
        (told.voice.name(seat), seen.session.seats[seat].role.value, timing.spoke_ms)
        for seat, timing in seen.timing.seats.items()
        if timing.spoke_ms and seat in seen.session.seats
    ]
    return sorted(found, key=lambda one: -one[2])


def _known(page: ReviewPage, n: int) -> Finding | None:
    return page.review.finding(n) if page.review else None
