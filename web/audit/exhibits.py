"""Originals of a session's exhibits, for whoever audits it: only for saving, and the journal has each that is taken."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from offices.refusal import Refused
from recordings.errors import BadName
from rooms.record.access import RecordUse
from web import ranges
from web.audit.looks import note
from web.office.pages import officer_in
from web.security import officer_page
from web.services import READS, SESSIONS, SHELF

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
        return await ranges.send(request, request.app[SHELF], session.id, file.path, TYPES[file.form], name, True, SHUT)
    except BadName:
        raise Refused("not_found", 404) from None
