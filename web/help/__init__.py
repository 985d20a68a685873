"""The place of the user manual that belongs to a page: one table from the name of a route to a chapter and its anchor.

A page that is new gets a line here; `tests/web/help/test_places.py` names it otherwise. Chapters are docs/manual;
`manual` shows them and the keys that pages listen to.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices import OfficerRole
from web.http.security import known_guest, known_officer

PARTIES: Final = ("consumer", "business")
STAFF: Final = ("clerk", "mediator", "supervisor", "administrator")
CHAPTERS: Final = (*PARTIES, *STAFF)

PARTY: Final = "party"
"""In the table: the chapter of whichever side the guest is on. Both have the anchors that are named with it."""

OF_ROLE: Final[dict[OfficerRole, str]] = {
    "mediator": "mediator",
    "supervisor": "supervisor",
    "administrator": "administrator",
    "inspector": "clerk",
}

PLACES: Final[dict[str, str]] = {
    # the public window
    "window_file": "consumer#complain",
    "window_step": "consumer#complain",
    "window_code": "consumer#complain",
    "window_follow": "consumer#follow",
    "window_state": "consumer#follow",
    "window_photos": "consumer#photos",
    "window_notice": "consumer#follow",
    "window_withdraw": "consumer#withdraw",
    "public": "consumer#public",
    "public_warning": "consumer#public",
    "public_bulletin": "consumer#public",
    "public_complaints": "consumer#public",
    "public_complaint_list": "consumer#public",
    "public_complaint_business": "consumer#public",
    "log": "consumer#verify",
    "verify_document": "consumer#verify",
    "test_call": "consumer#try-call",
    # by a personal link
    "invite": "party#link",
    "invite_here": "party#link",
    "invite_decline": "party#time",
    "invite_other_time": "party#time",
    "join": "party#link",
    "join_real_name": "party#code",
    "join_age": "party#consent",
    "join_notice": "party#consent",
    "join_recording": "party#consent",
    "join_text": "party#consent",
    "consent_text": "party#consent",
    "join_refused": "party#consent",
    "join_code": "party#code",
    "join_voice": "party#code",
    "join_asked": "party#time",
    "join_name": "party#device",
    "join_device": "party#device",
    "join_wechat": "party#device",
    "join_wechat_back": "party#device",
    "join_apart": "party#apart",
    "join_switch": "party#device",
    "join_again": "party#link",
    "room": "party#room",
    "answer_invitation": "business#answer",
    "answer_code": "business#answer",
    "answer": "business#answer",
    "objection_invitation": "business#named",
    "objection_code": "business#named",
    "objection": "business#named",
    "sign_by_link": "party#sign",
    "own_papers": "party#copies",
    "questions": "party#questions",
    "lawyer_invitation": "mediator#lawyer",
    "lawyer_code": "mediator#lawyer",
    "lawyer": "mediator#lawyer",
    # everybody of an office
    "home": "clerk#sign-in",
    "sign_in": "clerk#sign-in",
    "sign_on": "clerk#sign-in",
    "sign_on_back": "clerk#sign-in",
    "finish": "clerk#account",
    "account": "clerk#account",
    "own_tokens": "supervisor#tokens",
    "law": "clerk#law",
    "law_articles": "clerk#law",
    "procedure": "clerk#decide",
    # intake
    "complaints": "clerk#find",
    "complaint_new": "clerk#register",
    "queue": "clerk#queue",
    "next": "mediator#call",
    "call": "mediator#call",
    "session_apart": "mediator#apart",
    "own_signature": "mediator#saved-signature",
    "screen": "supervisor#screen",
    "screen_figures": "supervisor#screen",
    "own_figures": "supervisor#screen",
    "complaint": "clerk#complaint",
    "complaint_decide": "clerk#decide",
    "complaint_amend": "clerk#amend",
    "notice": "clerk#notice",
    "notice_sheet": "clerk#notice",
    "due": "clerk#due",
    "imports": "clerk#import",
    "import_mapping": "clerk#import",
    "import_batch": "clerk#mend",
    "import_row": "clerk#mend",
    "exchange": "clerk#exchange",
    "exchange_line": "clerk#exchange",
    "confirmation": "mediator#confirmation",
    "outbox": "clerk#messages",
    "message_templates": "administrator#templates",
    "message_template": "administrator#templates",
    "consultations": "clerk#consultations",
    "consultation_new": "clerk#consultations",
    "consultation": "clerk#consultations",
    "reports": "clerk#reports",
    "report_new": "clerk#reports",
    "leads": "clerk#leads",
    "lead": "clerk#leads",
    "respondents": "clerk#businesses",
    "respondent": "clerk#businesses",
    "respondent_records": "clerk#businesses",
    # mediation
    "desk": "mediator#desk",
    "alerts": "mediator#alerts",
    "calendar": "mediator#calendar",
    "calendar_hours": "mediator#hours",
    "schedule": "mediator#schedule",
    "reschedule": "mediator#reschedule",
    "session": "mediator#links",
    "held": "mediator#held",
    "statements": "mediator#spoken",
    "cockpit": "mediator#room",
    "performance": "mediator#promises",
    "lines": "mediator#quality",
    "line_report": "mediator#quality",
    "cards": "mediator#cards",
    "card": "mediator#cards",
    "practice": "mediator#practice",
    "casebook": "mediator#casebook",
    "casebook_find": "mediator#casebook",
    "casebook_read": "mediator#casebook",
    "casebook_book": "mediator#casebook",
    "casebook_preface": "supervisor#casebook",
    "casebook_making": "mediator#case",
    "casebook_board": "supervisor#casebook",
    "case": "mediator#case",
    "case_texts": "mediator#case",
    "case_sheet": "mediator#case",
    "casebook_take_in": "supervisor#casebook",
    "casebook_cut": "supervisor#casebook",
    "casebook_topics": "mediator#casebook",
    "casebook_notes": "mediator#casebook",
    "casebook_note": "mediator#casebook",
    # oversight
    "audit": "supervisor#records",
    "record": "supervisor#records",
    "journal": "supervisor#records",
    "correct": "supervisor#correct",
    "copy": "supervisor#export",
    "transcript": "supervisor#transcript",
    "transcripts": "supervisor#transcript",
    "kept": "supervisor#keep",
    "keeping": "supervisor#keep",
    "supervision": "supervisor#plan",
    "sampling_rule": "supervisor#rule",
    "plan": "supervisor#plan",
    "reviews": "supervisor#review",
    "review": "supervisor#review",
    "observe": "supervisor#look-on",
    "newest_report": "supervisor#report",
    "report": "supervisor#report",
    "focus": "supervisor#focus",
    "focus_month": "supervisor#focus",
    "focus_how": "supervisor#focus",
    "hotspot": "supervisor#focus",
    "hotspot_warning": "supervisor#warning",
    "publicity_list": "supervisor#publicity",
    "publicity": "supervisor#publicity",
    "publicity_entry": "supervisor#publicity",
    "bulletins": "supervisor#bulletins",
    "advice": "supervisor#bulletins",
    "bulletin": "supervisor#bulletins",
    "bulletin_leaders": "supervisor#bulletins",
    "statistics": "supervisor#statistics",
    "statistics_records": "supervisor#statistics",
    "board": "supervisor#statistics",
    "cross": "supervisor#statistics",
    "ask": "supervisor#statistics",
    "mediation": "supervisor#statistics",
    "compare": "supervisor#compare",
    "province": "supervisor#bureaus",
    "province_cell": "supervisor#bureaus",
    "approvals": "supervisor#approvals",
    "approval": "supervisor#approvals",
    "oversight": "supervisor#acts",
    # administration
    "setup": "administrator#setup",
    "officers": "administrator#people",
    "officer": "administrator#people",
    "offices": "administrator#offices",
    "office_place": "administrator#tree",
    "roster": "administrator#tree",
    "jurisdictions": "administrator#areas",
    "office_map": "administrator#map",
    "holidays": "administrator#holidays",
    "systems": "administrator#systems",
    "cells": "administrator#cells",
    "connections": "administrator#connections",
    "access": "administrator#access",
    "retention": "administrator#retention",
    "appraisals": "administrator#appraisals",
    "appraisal": "administrator#appraisals",
}

# Who comes to the same page with another task.
_BY_ROLE: Final[dict[tuple[str, OfficerRole], str]] = {
    ("audit", "mediator"): "mediator#record",
    ("record", "mediator"): "mediator#record",
    ("journal", "mediator"): "mediator#record",
    ("copy", "mediator"): "mediator#record",
    ("transcript", "mediator"): "mediator#transcript",
    ("transcripts", "mediator"): "mediator#transcript",
    ("review", "mediator"): "mediator#practice",
    ("calendar", "supervisor"): "supervisor#calendar",
    ("calendar_hours", "supervisor"): "supervisor#calendar",
    ("lines", "administrator"): "administrator#quality",
    ("line_report", "administrator"): "administrator#quality",
    ("cards", "administrator"): "administrator#cards",
    ("card", "administrator"): "administrator#cards",
    ("approvals", "administrator"): "administrator#approvals",
    ("approval", "administrator"): "administrator#approvals",
    ("outbox", "administrator"): "administrator#messages",
    ("kept", "administrator"): "administrator#retention",
    ("keeping", "administrator"): "administrator#retention",
}


def _page_of(request: web.Request) -> str:
    """The name of the page: the route's own, or, where a form is answered with a page, that of the page it is on."""
    resource = request.match_info.route.resource
    if resource is None:
        return ""
    if resource.name in PLACES:
        return resource.name
    named = {one.canonical: one.name for one in request.app.router.resources() if one.name in PLACES}
    path = resource.canonical
    while path := path.rpartition("/")[0]:
        if path in named:
            return named[path] or ""
    return ""


def help_address(request: web.Request) -> str:
    """Where the help of the page that answers `request` is; the reader's chapter where a page has no place."""
    name = _page_of(request)
    officer, guest = known_officer(request), known_guest(request)
    place = PLACES.get(name, "")
    if officer is not None:
        place = _BY_ROLE.get((name, officer.role), place) or OF_ROLE[officer.role]
    side = "business" if guest is not None and guest.seat.side == "business" else "consumer"
    chapter, _, anchor = (place or side).partition("#")
    chapter = side if chapter == PARTY else chapter
    return f"/help/{chapter}" + (f"#{anchor}" if anchor else "")


def places() -> set[str]:
    """Every place that some page leads to, of both sides where it depends on the guest."""
    named = {*PLACES.values(), *_BY_ROLE.values()}
    return {place.replace(PARTY, side, 1) for place in named for side in PARTIES if place.startswith(PARTY + "#")} | {
        place for place in named if not place.startswith(PARTY + "#")
    }
