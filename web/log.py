"""The public pages of the log."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from web.http.security import anyone
from web.i18n import N_
from web.rendering import render
from web.services import LOG

FAULTS: Final = {
    "key": N_("The signing key cannot be used."),
    "other_key": N_("The signing key is not the one the log knows."),
    "contradiction": N_("The records are not those that were signed before."),
    "making": N_("The last signature could not be made; it is tried again."),
}


@anyone
async def show_log(request: web.Request) -> web.StreamResponse:
    state = await request.app[LOG].state()
    return render(request, "log/log.html", state=state, fault=FAULTS.get(state.fault, ""))


@anyone
async def checkpoint(request: web.Request) -> web.StreamResponse:
    return _text(await request.app[LOG].note())


@anyone
async def growth(request: web.Request) -> web.StreamResponse:
    return _text(await request.app[LOG].growth(int(request.match_info["entries"])))


@anyone
async def public_key(request: web.Request) -> web.StreamResponse:
    found = await request.app[LOG].key()
    return _text(f"{found}\n" if found else "")


def _text(text: str) -> web.Response:
    if not text:
        raise web.HTTPNotFound
    return web.Response(text=text, content_type="text/plain", charset="utf-8", headers={"Cache-Control": "no-cache"})


def register_log(app: web.Application) -> None:
    app.router.add_get("/log", show_log, name="log")
    app.router.add_get("/log/checkpoint", checkpoint, name="log_checkpoint")
    app.router.add_get(r"/log/growth/{entries:[0-9]{1,15}}", growth, name="log_growth")
    app.router.add_get("/log/key", public_key, name="log_key")
