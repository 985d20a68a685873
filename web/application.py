"""Puts the pages into an application: middlewares, static files, every part's routes, a browser's preferences.

The caller has put `SITE` and the services into the application before.

A browser's preferences are its language and large type: cookies, set by plain forms.
"""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from web import i18n, rendering, routes
from web.api import document, endpoints as api, receipts
from web.http import cookies, forms, proxies, responses, security
from web.http.security import anyone, local_path
from web.join.invitation import register_texts
from web.law import register_law
from web.links.answers import register_answers, register_questions
from web.links.documents import register_documents
from web.log import register_log
from web.office import alerts
from web.office.administration.offices import register_maps
from web.office.administration.systems import register_systems
from web.office.casebook.search import register_case_search
from web.office.insight import respondents
from web.office.insight.bulletins import register_bulletin
from web.office.leads.reports import register_reports
from web.office.statistics import boards, pages as statistics_pages
from web.rendering import go


@anyone
async def choose_language(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    response = go(_without_lang(local_path(str(form.get("back", "/")))))
    wish = str(form.get("language", ""))
    if wish in i18n.LANGUAGES:
        cookies.put(request, response, cookies.LANGUAGE, wish)
    return response


@anyone
async def choose_type(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    response = go(local_path(str(form.get("back", "/"))))
    cookies.put(request, response, cookies.TYPE, "large" if form.get("type") == "large" else "normal")
    return response


def _without_lang(path: str) -> str:
    """An address that names its language would undo the choice."""
    return str(URL(path, encoded=False).without_query_params("lang"))


def register(app: web.Application) -> None:
    app.router.add_post("/language", choose_language, name="language")
    app.router.add_post("/type", choose_type, name="type")


PARTS = (
    register,
    routes.register_join,
    register_texts,
    routes.register_window,
    register_answers,
    register_questions,
    register_log,
    register_documents,
    routes.register_office,
    alerts.register,
    routes.register_records,
    routes.register_room,
    statistics_pages.register,
    routes.register_insight,
    boards.register,
    boards.register_cross,
    statistics_pages.register_mediation,
    routes.register_supervision,
    register_systems,
    routes.register_oversight,
    register_law,
    register_case_search,
    routes.register_casebook,
    api.register,
    document.register,
    receipts.register,
    respondents.register,
    register_reports,
    register_bulletin,
    register_maps,
)
"""Each adds its routes, and who may use them, to the application."""


def create_web(app: web.Application) -> None:
    app[rendering.ASSETS] = rendering.Assets(rendering.folder_of(app))
    proxies.install(app)
    security.install(app)
    responses.install(app)
    rendering.install(app)
    # Outermost first: what the check refuses becomes a page as well, and is packed like one.
    app.middlewares.append(responses.packed)
    app.middlewares.append(rendering.refusals_as_pages)
    app.middlewares.append(forms.readable)
    app.middlewares.append(forms.own_pages_only)
    app.router.add_get("/static/{name:.+}", rendering.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    for register in PARTS:
        register(app)
