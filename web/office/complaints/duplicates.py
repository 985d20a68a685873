"""Complaints that may be one dispute: why, and what a person makes of it. A part of a complaint's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from offices.refusal import Refused
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints.services import DUPLICATES
from web.office.staff_pages import officer_in, posted
from web.rendering import go

SIGNALS: Final[Mapping[str, str]] = {
    "phone": N_("Phone"),
    "consumer": N_("Name"),
    "business": N_("Business"),
    "amount": N_("Amount"),
    "date": N_("Receipt"),
    "text": N_("Wording"),
}
FOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "phone": {"same": N_("the same number"), "other": N_("another number")},
    "consumer": {"same": N_("the same name"), "surname": N_("the same surname"), "other": N_("another name")},
    "business": {
        "code": N_("the same credit code"),
        "name": N_("the same name"),
        "short": N_("the short form of the name"),
        "alike": N_("a similar name"),
        "other_code": N_("another credit code"),
        "other": N_("another name"),
    },
    "amount": {
        "same": N_("the same amount"),
        "rounded": N_("the same, rounded"),
        "near": N_("nearly the same"),
        "other": N_("another amount"),
    },
    "date": {"days": N_("within two weeks"), "weeks": N_("within weeks"), "months": N_("months apart")},
    "text": {
        "very": N_("very much alike"),
        "rather": N_("rather alike"),
        "little": N_("a little alike"),
        "hardly": N_("hardly alike"),
    },
}
HINTS: Final[Mapping[str, str]] = {
    "16.2": N_(
        "Perhaps accepted or handled already: %(count)s on file look like this dispute (Order 121 Art 16 item 2)."
    ),
    "17.1": N_(
        "The quantity on file is %(count)s: compare it with the goods’ shelf life and with what people usually use "
        "(Order 121 Art 17 item 1)."
    ),
    "17.2": N_(
        "This number has complained of this business %(count)s times within three months (Order 121 Art 17 item 2)."
    ),
    "17.2b": N_(
        "%(count)s complaints of this business about the same kind of problem came within a week: consider Order 121 "
        "Art 17 item 2, or that many people were really harmed."
    ),
    "17.4": N_("%(count)s different names complained from this number (Order 121 Art 17 item 4)."),
    "17.5": N_(
        "This number has complained of %(count)s businesses within three months: one factor among others (Order 121 "
        "Art 17 item 5)."
    ),
}
MOST_NAMED: Final = 6  # complaints a hint leads to


async def shown(request: web.Request, complaint: str) -> dict[str, Any]:
    """What `office/duplicates.html` needs beside the complaint's page."""
    return {
        "lookalikes": await request.app[DUPLICATES].of(officer_in(request), complaint),
        "signal_names": SIGNALS,
        "signal_found": FOUND,
        "hint_texts": HINTS,
        "most_named": MOST_NAMED,
    }


@officer_page("mediator")
async def decide(request: web.Request) -> web.StreamResponse:
    """One form: this one goes into the other, the other into this one, or they are two disputes."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    other, what = form.text("other", longest=64), form.choice("what", ("into", "take", "different"))
    reason = form.text("reason", longest=200)
    if not other or not what:
        raise Refused("not_found", 404)
    desk = request.app[DUPLICATES]
    if what == "different":
        await desk.dismiss(officer, complaint, other, reason)
        return go(f"/complaints/{complaint}")
    kept, gone = (other, complaint) if what == "into" else (complaint, other)
    await desk.merge(officer, kept, gone, reason)
    return go(f"/complaints/{kept}")


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    kept, gone = form.text("kept", longest=64), form.text("gone", longest=64)
    if complaint not in (kept, gone):
        raise Refused("not_found", 404)
    await request.app[DUPLICATES].undo(officer, kept, gone, form.text("reason", longest=200) or "—")
    return go(f"/complaints/{gone}")
