"""Puts the pages into an application: middlewares, static files, every part's routes, a browser's preferences.

The caller has put `SITE` and the services into the application before.

Two parts stand here: the log's public pages, and a browser's preferences, which are its language and large type:
cookies, set by plain forms.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web
from yarl import URL

from web import LOG, api, i18n, rendering, routes
from web.api import document, scim
from web.help import manual
from web.http import cookies, forms, responses, security
from web.http.security import anyone, local_path
from web.i18n import N_
from web.join.invitation import register_texts
from web.join.moving import register_following
from web.law import register_law
from web.links.answers import register_answers, register_objections, register_questions
from web.links.documents import register_documents
from web.office import alerts, first_steps
from web.office.administration.messages import register_messages
from web.office.administration.offices import register_maps
from web.office.administration.systems import register_systems
from web.office.casebook.search import register_case_search
from web.office.insight import respondents
from web.office.insight.advice import register_advice
from web.office.insight.bulletins import register_bulletin
from web.office.insight.publicity import register_publicity
from web.office.leads.consultations import register_consultations
from web.office.leads.reports import register_reports
from web.office.statistics import asking, boards, pages as statistics_pages, province, screen
from web.rendering import go, render

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
    register_objections,
    register_log,
    register_documents,
    routes.register_office,
    alerts.register,
    first_steps.register,
    routes.register_records,
    routes.register_room,
    statistics_pages.register,
    routes.register_insight,
    boards.register,
    boards.register_cross,
    asking.register,
    screen.register,
    statistics_pages.register_mediation,
    province.register,
    routes.register_supervision,
    register_systems,
    routes.register_oversight,
    register_law,
    register_case_search,
    routes.register_casebook,
    api.register,
    document.register,
    scim.register,
    api.register_receipts,
    api.register_cells,
    api.register_exchange,
    respondents.register,
    register_reports,
    register_consultations,
    register_advice,
    register_bulletin,
    register_publicity,
    register_maps,
    register_messages,
    register_following,
    manual.register,
)
"""Each adds its routes, and who may use them, to the application."""


def create_web(app: web.Application) -> None:
    app[responses.ASSETS] = responses.Assets(responses.folder_of(app))
    security.install_proxies(app)
    security.install(app)
    responses.install(app)
    rendering.install(app)
    # Outermost first: what the check refuses becomes a page as well, and is packed like one.
    app.middlewares.append(responses.packed)
    app.middlewares.append(rendering.refusals_as_pages)
    app.middlewares.append(forms.readable)
    app.middlewares.append(forms.own_pages_only)
    app.router.add_get("/static/{name:.+}", responses.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    for register in PARTS:
        register(app)
