"""Taking a record along: asked for on the record's page, made in the background, taken within a week."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices.people import Officer
from offices.refusal import Refused
from recordings.views import ExportRow
from rooms.record.access import RecordUse
from web import i18n, ranges
from web.audit.looks import note
from web.audit.services import EXPORTS
from web.i18n import N_
from web.json_answers import json_response
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import officer_page
from web.services import READS, SHELF

KINDS: Final = {"package": N_("Evidence package"), "masked": N_("Masked copy")}
STATES: Final = {
    "queued": N_("The export waits for its turn."),
    "working": N_("The export is being made. You may close this page."),
    "ready": N_("The export is ready."),
    "failed": N_("The export could not be made."),
}
ERRORS: Final = {
    "disk_full": N_("the disk is full"),
    "erased": N_("the record was erased"),
    "changed": N_("a recording changed while it was read"),
    "key": N_("the key of the log cannot be used; tell the administrator"),
    "io": N_("the disk could not be read or written"),
}
PART: Final = "package"  # as looks call it


@officer_page("supervisor", "mediator")
async def ask(request: web.Request) -> web.StreamResponse:
    officer, session = await _seen(request)
    kind = (await posted(request)).values.get("kind", "package")
    if kind not in ("package", "masked"):
        raise Refused("not_found", 404)
    await request.app[EXPORTS].ask(officer, session, "masked" if kind == "masked" else "package")
    return go(f"/audit/{session}#exports")


@officer_page("supervisor", "mediator")
async def state(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    found = await request.app[EXPORTS].one(session, request.match_info["export"])
    text = i18n.words(request).gettext(STATES[found.state])
    # The page's script knows these two for "go on asking".
    told = {"working": "composing"}.get(found.state, found.state)
    return json_response({"state": told, "progress": round(found.progress, 3), "text": text})


@officer_page("supervisor", "mediator")
async def file(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    export = request.match_info["export"]
    found = await request.app[EXPORTS].one(session, export)
    path = await request.app[EXPORTS].path(session, export)
    await note(request, PART)
    name = _name(session, found)
    return await ranges.send(request, request.app[SHELF], session, path, "application/zip", name, saved=True)


def _name(session: str, found: ExportRow) -> str:
    return f"yuntiao-{'masked' if found.kind == 'masked' else 'evidence'}-{session}.zip"


async def _seen(request: web.Request) -> tuple[Officer, str]:
    """Whoever may not export the record does not learn whether somebody has."""
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].record(officer, session, RecordUse.EXPORT)
    return officer, session
