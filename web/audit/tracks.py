"""The recording and each person's own files, as players ask for them: only what the journal names is handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from offices.refusal import Refused
from recordings.errors import BlobError, Missing
from rooms.events import RecordingComposed, SegmentSealed
from rooms.record.access import RecordUse
from rooms.session import Session
from web import ranges
from web.audit.looks import note
from web.audit.sentences import TRACK
from web.office.pages import officer_in
from web.security import officer_page
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
    except Missing:
        raise Refused("not_found", 404) from None
    except BlobError:
        raise Refused("archive_away", 503) from None
    await note(request, part)
    return await ranges.send(request, shelf, session.id, found.path, kind, found.path.replace("/", "-"))
