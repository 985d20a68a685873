"""The record's addresses: read-only, for supervisors and for mediators of the same office."""

from __future__ import annotations

from aiohttp import web

from web.audit import records
from web.audit.looks import LOOKS, Looks


def register(app: web.Application) -> None:
    app[LOOKS] = Looks()
    get = app.router.add_get
    get("/audit", records.listing, name="audit")
    get("/audit/{session}", records.record, name="record")
    get("/audit/{session}/journal", records.journal, name="journal")
    get("/audit/{session}/journal.json", records.journal_download, name="journal_download")
    get("/audit/{session}/recording.json", records.recording_state, name="recording_state")
    get("/audit/{session}/recording.mp4", records.recording_file, name="recording_file")
