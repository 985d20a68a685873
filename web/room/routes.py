"""The live room's addresses."""

from __future__ import annotations

from aiohttp import web

from web.room import exhibits, notes, pages, signing, voice


def register(app: web.Application) -> None:
    app.router.add_get("/room", pages.phone, name="room")
    app.router.add_get("/sessions/{session}/room", pages.cockpit, name="cockpit")
    notes.register(app)
    exhibits.register(app)
    signing.register(app)
    voice.register(app)
