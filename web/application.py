"""Puts the pages into an application: middlewares, static files, and the routes of every part.

The caller has put `SITE` and the services into the application before.
"""

from __future__ import annotations

from aiohttp import web

from web import assets, errors, forms, headers, preferences, proxies, rendering, responses, security, staff_routes
from web.administration.maps import register_maps
from web.administration.systems import register_systems
from web.answers import register_answers
from web.api import endpoints as api, intake
from web.audit import routes as audit
from web.casebook import routes as casebook
from web.casebook.yearbook import register_case_search
from web.consents.pages import register_texts
from web.documents import register_documents
from web.insight import respondents, routes as insight
from web.insight.bulletins import register_bulletin
from web.join import routes as join
from web.law import register_law
from web.leads.consultations import register_reports
from web.log import register_log
from web.oversight import routes as oversight
from web.questions import register_questions
from web.room import routes as room
from web.statistics import boards, cross, mediation, pages as statistics
from web.supervision import routes as supervision
from web.window import routes as window

PARTS = (
    preferences.register,
    join.register,
    register_texts,
    window.register,
    register_answers,
    register_questions,
    register_log,
    register_documents,
    staff_routes.register,
    audit.register,
    room.register,
    statistics.register,
    insight.register,
    boards.register,
    cross.register,
    mediation.register,
    supervision.register,
    register_systems,
    oversight.register,
    register_law,
    register_case_search,
    casebook.register,
    api.register,
    intake.register,
    respondents.register,
    register_reports,
    register_bulletin,
    register_maps,
)
"""Each adds its routes, and who may use them, to the application."""


def create_web(app: web.Application) -> None:
    app[assets.ASSETS] = assets.Assets(assets.folder_of(app))
    proxies.install(app)
    security.install(app)
    headers.install(app)
    rendering.install(app)
    # Outermost first: what the check refuses becomes a page as well, and is packed like one.
    app.middlewares.append(responses.packed)
    app.middlewares.append(errors.refusals_as_pages)
    app.middlewares.append(forms.readable)
    app.middlewares.append(forms.own_pages_only)
    app.router.add_get("/static/{name:.+}", assets.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    for register in PARTS:
        register(app)
