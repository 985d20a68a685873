"""Puts the pages into an application: middlewares, static files, and the routes of every part.

The caller has put `SITE` and the services of web.ports into the application before.
"""

from __future__ import annotations

import importlib

from aiohttp import web

from web import assets, errors, preferences, rendering, security

PARTS = ("web.join.routes", "web.office.routes", "web.audit.routes", "web.room.routes")


def create_web(app: web.Application) -> None:
    app[assets.ASSETS] = assets.Assets(assets.folder_of(app))
    security.install(app)
    rendering.install(app)
    # Outermost first: what the check refuses becomes a page as well.
    app.middlewares.append(errors.refusals_as_pages)
    app.middlewares.append(security.own_pages_only)
    app.router.add_get("/static/{name:.+}", assets.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    preferences.register(app)
    for name in PARTS:
        try:
            part = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name not in (name, name.rpartition(".")[0]):
                raise
            continue
        part.register(app)
