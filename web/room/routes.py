"""The live room's addresses."""

from __future__ import annotations

from aiohttp import web

from web.room import exhibits, pages, signing


def register(app: web.Application) -> None:
    app.router.add_get("/room", pages.phone, name="room")
    app.router.add_get("/sessions/{session}/room", pages.cockpit, name="cockpit")
    pages.register_notes(app)
    exhibits.register(app)
    signing.register(app)
    pages.register_vouching(app)
