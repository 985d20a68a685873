"""The record's addresses, for supervisors and for the mediator of the case (`rooms.record.access`); and how long it is
kept.

Of the record itself only a supervisor's note, and a wish that an entry be corrected, is posted.
"""

from __future__ import annotations

from aiohttp import web

from web.audit import files, holds, records
from web.audit.holds import LOOKS, Looks


def register(app: web.Application) -> None:
    app[LOOKS] = Looks()
    get, post = app.router.add_get, app.router.add_post
    get("/audit", records.record_list, name="audit")
    get("/audit/{session}", records.record, name="record")
    get("/audit/{session}/journal", records.journal, name="journal")
    get("/audit/{session}/journal.json", records.journal_download, name="journal_download")
    get("/audit/{session}/correct", records.show_form, name="correct")
    post("/audit/{session}/correct", records.ask_correction)
    get("/audit/{session}/captions.vtt", records.caption_file, name="captions")
    get("/audit/{session}/recording.json", records.recording_state, name="recording_state")
    get("/audit/{session}/recording.mp4", files.recording_file, name="recording_file")
    get("/audit/{session}/tracks/{seat}/{file}", files.track_file, name="track_file")
    get("/audit/{session}/exhibits/{exhibit}/{number}", files.original, name="exhibit_original")
    post("/audit/{session}/notes", records.add_note, name="add_note")
    post("/audit/{session}/exports", files.ask_export, name="export")
    get("/audit/{session}/exports/{export}.json", files.export_state, name="export_state")
    get("/audit/{session}/exports/{export}.zip", files.export_file, name="export_file")
    post("/audit/{session}/viewings", holds.grant, name="viewings")
    post("/audit/{session}/viewings/{seat}", holds.held, name="viewing_held")
    get("/audit/{session}/copy", files.copies_page, name="copy")
    post("/audit/{session}/copy", files.ask_copy, name="copy_ask")
    get("/audit/{session}/copy/{copy}.mp4", files.download_copy, name="copy_file", allow_head=False)
    get("/kept", holds.held_records, name="kept")
    get("/kept/{session}", holds.record_keeping, name="keeping")
    post("/kept/{session}/hold", holds.hold_record, name="hold")
    post("/kept/{session}/hold/lift", holds.lift_hold, name="hold_lift")
    post("/kept/{session}/erase", holds.erase_record, name="record_erase")
