"""Files of a record: tracks, exhibits, copies, exports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from offices.people import Officer
from offices.refusal import Refused
from recordings.errors import BadName, BlobError, FileMissing
from recordings.views import ExportRow
from rooms.events import RecordingComposed, SegmentSealed
from rooms.record.rules import RecordUse
from rooms.session import Session
from web import i18n
from web.http import responses
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit.holds import COPIES, EXPORTS, note
from web.office.audit.sentences import TRACK
from web.office.staff_pages import officer_in, posted, show
from web.rendering import go
from web.services import READS, SESSIONS, SHELF

Recorded = RecordingComposed | SegmentSealed


@officer_page("supervisor", "mediator")
async def recording_file(request: web.Request) -> web.StreamResponse:
    """The composed video."""
    return await _file(request, "recording", lambda session: session.composed, "video/mp4")


@officer_page("supervisor", "mediator")
async def track_file(request: web.Request) -> web.StreamResponse:
    """One piece of one person's recording."""
    seat, file = request.match_info["seat"], request.match_info["file"]

    def piece(session: Session) -> SegmentSealed | None:
        return next((one for one in session.segments if one.path == f"{session.id}/{seat}/{file}"), None)

    return await _file(request, TRACK + seat, piece, "video/webm")


async def _file(
    request: web.Request, part: str, find: Callable[[Session], Recorded | None], kind: str
) -> web.StreamResponse:
    """Nothing is journaled of what is not there, and no byte leaves before the look is. Refused(403, 404, 410, 503)."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.WATCH)
    session = await request.app[SESSIONS].state(request.match_info["session"])
    found, shelf = find(session), request.app[SHELF]
    if found is None:
        raise Refused("not_found", 404)
    if session.erasure is not None:
        raise Refused("erased", 410)
    try:
        await asyncio.to_thread(shelf.require, found.path)
    except FileMissing:
        raise Refused("not_found", 404) from None
    except BlobError:
        raise Refused("archive_away", 503) from None
    await note(request, part)
    return await responses.send_file(request, shelf, session.id, found.path, kind, found.path.replace("/", "-"))


TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
EXHIBIT: Final = "exhibit:"  # and an id: the original of one
SHUT: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}


@officer_page("supervisor", "mediator")
async def original(request: web.Request) -> web.StreamResponse:
    """As it was sent: it may say where and with what it was made. Refused(403, 404, 410, 503)."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.TAKE)
    session = await request.app[SESSIONS].state(request.match_info["session"])
    one, number = session.exhibits.items.get(request.match_info["exhibit"]), request.match_info["number"]
    known = one is not None and not one.withdrawn and number in map(str, range(1, len(one.originals) + 1))
    if one is None or not known:
        raise Refused("not_found", 404)
    file = one.originals[int(number) - 1]
    await note(request, EXHIBIT + one.id)
    name = f"exhibit-{one.n}-{number}.{file.form}"
    try:
        return await responses.send_file(
            request, request.app[SHELF], session.id, file.path, TYPES[file.form], name, True, SHUT
        )
    except BadName:
        raise Refused("not_found", 404) from None


@officer_page("supervisor", "mediator")
async def copies_page(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    found = await request.app[COPIES].newest(officer, session)
    row = await request.app[READS].record(officer, session, RecordUse.TAKE)
    recording = await request.app[READS].recording(officer, session)
    waits = found is not None and found.state in ("queued", "making")
    return show(
        request, "audit/copying.html", "audit", row=row, copy=found, waits=waits, ready=recording.state == "ready"
    )


@officer_page("supervisor", "mediator")
async def ask_copy(request: web.Request) -> web.StreamResponse:
    session = request.match_info["session"]
    await request.app[COPIES].ask(officer_in(request), session)
    return go(f"/audit/{session}/copy")


@officer_page("supervisor", "mediator")
async def download_copy(request: web.Request) -> web.StreamResponse:
    """Whole, not in ranges: every asking is an export of its own, and stands in the journal."""
    session = request.match_info["session"]
    copy, file = await request.app[COPIES].take(officer_in(request), session, request.match_info["copy"])
    try:
        name = f"session-{session}-{copy.asked:%Y%m%d-%H%M}.mp4"
        response = web.StreamResponse(
            headers={
                "Content-Type": "video/mp4",
                "Content-Length": str(copy.size),
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        await responses.pour(request, response, file, copy.size)
        await response.write_eof()
    finally:
        file.close()
    return response


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
async def ask_export(request: web.Request) -> web.StreamResponse:
    officer, session = await _seen(request)
    kind = (await posted(request)).values.get("kind", "package")
    if kind not in ("package", "masked"):
        raise Refused("not_found", 404)
    await request.app[EXPORTS].ask(officer, session, "masked" if kind == "masked" else "package")
    return go(f"/audit/{session}#exports")


@officer_page("supervisor", "mediator")
async def export_state(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    found = await request.app[EXPORTS].one(session, request.match_info["export"])
    text = i18n.words_for(request).gettext(STATES[found.state])
    # The page's script knows these two for "go on asking".
    told = {"working": "composing"}.get(found.state, found.state)
    return json_response({"state": told, "progress": round(found.progress, 3), "text": text})


@officer_page("supervisor", "mediator")
async def export_file(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    export = request.match_info["export"]
    found = await request.app[EXPORTS].one(session, export)
    path = await request.app[EXPORTS].path(session, export)
    await note(request, PART)
    name = _name(session, found)
    return await responses.send_file(request, request.app[SHELF], session, path, "application/zip", name, saved=True)


def _name(session: str, found: ExportRow) -> str:
    return f"yuntiao-{'masked' if found.kind == 'masked' else 'evidence'}-{session}.zip"


async def _seen(request: web.Request) -> tuple[Officer, str]:
    """Whoever may not export the record does not learn whether somebody has."""
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].record(officer, session, RecordUse.EXPORT)
    return officer, session
