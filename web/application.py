"""Puts the pages into an application: middlewares, static files, and the routes of every part.

The caller has put `SITE` and the services into the application before.
"""

from __future__ import annotations

from aiohttp import web

from web import assets, bodies, compression, errors, forms, headers, preferences, proxies, rendering, security
from web.answers import pages as answers
from web.api import endpoints as api, intake
from web.audit import routes as audit
from web.casebook import routes as casebook
from web.casefinding import routes as casefinding
from web.consents import pages as consents
from web.documents import pages as documents
from web.insight import bulletins, respondents, routes as insight
from web.join import routes as join
from web.law import pages as law
from web.log import pages as log
from web.office import maps, routes as office, systems
from web.oversight import routes as oversight
from web.questions import pages as questions
from web.reports import routes as reports
from web.room import routes as room
from web.statistics import boards, cross, mediation, pages as statistics
from web.supervision import routes as supervision
from web.window import routes as window


def create_web(app: web.Application) -> None:
    app[assets.ASSETS] = assets.Assets(assets.folder_of(app))
    proxies.install(app)
    security.install(app)
    headers.install(app)
    rendering.install(app)
    # Outermost first: what the check refuses becomes a page as well, and is packed like one.
    app.middlewares.append(compression.packed)
    app.middlewares.append(errors.refusals_as_pages)
    app.middlewares.append(bodies.readable)
    app.middlewares.append(forms.own_pages_only)
    app.router.add_get("/static/{name:.+}", assets.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    offices = (
        log,
        documents,
        office,
        audit,
        room,
        statistics,
        insight,
        boards,
        cross,
        mediation,
        supervision,
        systems,
        oversight,
        law,
        casefinding,
        casebook,
        api,
        intake,
        respondents,
        reports,
        bulletins,
        maps,
    )
    for part in (preferences, join, consents, window, answers, questions, *offices):
        part.register(app)
