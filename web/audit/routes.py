"""The record's addresses, for supervisors and for the mediator of the case (`rooms.record.access`); and how long it is
kept.

Of the record itself only a supervisor's note, and a wish that an entry be corrected, is posted.
"""

from __future__ import annotations

from aiohttp import web

from web.audit import copies, correcting, exhibits, exports, keeping, listing, records, tracks, viewings
from web.audit.looks import LOOKS, Looks


def register(app: web.Application) -> None:
    app[LOOKS] = Looks()
    get, post = app.router.add_get, app.router.add_post
    get("/audit", listing.listing, name="audit")
    get("/audit/{session}", records.record, name="record")
    get("/audit/{session}/journal", records.journal, name="journal")
    get("/audit/{session}/journal.json", records.journal_download, name="journal_download")
    get("/audit/{session}/correct", correcting.show_form, name="correct")
    post("/audit/{session}/correct", correcting.ask)
    get("/audit/{session}/captions.vtt", records.caption_file, name="captions")
    get("/audit/{session}/recording.json", records.recording_state, name="recording_state")
    get("/audit/{session}/recording.mp4", tracks.recording_file, name="recording_file")
    get("/audit/{session}/tracks/{seat}/{file}", tracks.track_file, name="track_file")
    get("/audit/{session}/exhibits/{exhibit}/{number}", exhibits.original, name="exhibit_original")
    post("/audit/{session}/notes", records.add_note, name="add_note")
    post("/audit/{session}/exports", exports.ask, name="export")
    get("/audit/{session}/exports/{export}.json", exports.state, name="export_state")
    get("/audit/{session}/exports/{export}.zip", exports.file, name="export_file")
    post("/audit/{session}/viewings", viewings.grant, name="viewings")
    post("/audit/{session}/viewings/{seat}", viewings.held, name="viewing_held")
    get("/audit/{session}/copy", copies.page, name="copy")
    post("/audit/{session}/copy", copies.ask, name="copy_ask")
    get("/audit/{session}/copy/{copy}.mp4", copies.download, name="copy_file", allow_head=False)
    get("/kept", keeping.listing, name="kept")
    get("/kept/{session}", keeping.record, name="keeping")
    post("/kept/{session}/hold", keeping.hold, name="hold")
    post("/kept/{session}/hold/lift", keeping.lift, name="hold_lift")
    post("/kept/{session}/erase", keeping.erase, name="record_erase")
