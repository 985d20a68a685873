"""`/c/<link>`: a side's own copy, after the room. Looking uses nothing up; a code to the phone on file opens it.

The link says whose copy it is; what is shown before the code is the office and a masked number, nothing of the case.
"""

from __future__ import annotations

from aiohttp import web

from offices.refusal import Refused
from rooms.views import CopyVisit
from web import refusals
from web.downloads import paper
from web.i18n import N_, words
from web.office import notice_words
from web.proxies import counted_as
from web.rendering import render
from web.room.services import SIGNING
from web.security import anyone

KINDS = {
    "agreement": N_("Mediation agreement"),
    "record": N_("Mediation record"),
    "failure": N_("Record of failure to settle"),
}
NAMES = {**KINDS, **notice_words.KINDS}
OF_A_RECORD = frozenset({"record", "failure"})
_IN_PLACE = frozenset({"bad_code", "code_expired", "too_many_tries", "too_many_codes", "no_phone"})


@anyone
async def show(request: web.Request) -> web.StreamResponse:
    return _page(request, await request.app[SIGNING].visit(request.match_info["secret"]))


@anyone
async def send(request: web.Request) -> web.StreamResponse:
    secret = request.match_info["secret"]
    visit = await request.app[SIGNING].visit(secret)
    try:
        await request.app[SIGNING].send_copy_code(secret, counted_as(request))
    except Refused as no:
        return _page(request, visit, no)
    return _page(request, visit, sent=True)


@anyone
async def open_copies(request: web.Request) -> web.StreamResponse:
    secret = request.match_info["secret"]
    visit = await request.app[SIGNING].visit(secret)
    code = (await request.post()).get("code", "")
    try:
        found = await request.app[SIGNING].open_copies(
            secret, code if isinstance(code, str) else "", counted_as(request)
        )
    except Refused as no:
        return _page(request, visit, no, sent=True)
    return render(request, "documents/copies.html", visit=visit, copies=found, kinds=NAMES, under_seal=KINDS)


@anyone
async def file(request: web.Request) -> web.StreamResponse:
    return paper(await request.app[SIGNING].copy_by_ticket(request.match_info["ticket"]))


def _page(request: web.Request, visit: CopyVisit, no: Refused | None = None, sent: bool = False) -> web.Response:
    if no is not None and no.code not in _IN_PLACE:
        raise no
    problem = refusals.sentence(words(request), no.code, no.params) if no is not None else ""
    status = 200 if no is None else no.status
    return render(
        request,
        "documents/copy.html",
        status,
        visit=visit,
        problem=problem,
        sent=sent,
        secret=request.match_info["secret"],
    )
