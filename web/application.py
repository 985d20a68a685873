"""Puts the pages into an application: middlewares, static files, every part's routes, a browser's preferences, errors.

The caller has put `SITE` and the services into the application before. What a person sees when something was refused
or broke is one sentence, what to do, and whom to ring:

journal.refusals.Refused       a service or guard said no
journal.refusals.DomainError   a record's rules said no
aiohttp's own                  no such page, wrong method, too large, a body that is none
anything else                  our fault: logged under a reference that the page shows

A browser's preferences are its language and large type: cookies, set by plain forms.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from yarl import URL

from journal.refusals import DomainError, Refused
from recordings.files.durable import ReserveReached
from web import i18n, refusals, rendering, routes
from web.api import document, endpoints as api, receipts
from web.http import cookies, forms, proxies, responses, security
from web.http.responses import json_response
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
from web.rendering import go, render


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


log = logging.getLogger(__name__)

_GONE = 499  # nobody reads it; a log may
_HTTP_CODES = {404: "not_found", 405: "not_found", 413: "too_large"}


@web.middleware
async def refusals_as_pages(request: web.Request, handler: security.Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as no:
        return answer(request, no.code, no.status, no.params)
    except ReserveReached:
        return answer(request, "no_space", 507)
    except DomainError as no:
        return answer(request, no.code, 409, no.params)
    except web.HTTPException as http:
        if http.status not in _HTTP_CODES:
            raise
        refused = answer(request, _HTTP_CODES[http.status], http.status)
        if "Allow" in http.headers:  # RFC 9110 section 15.5.6
            refused.headers["Allow"] = http.headers["Allow"]
        return refused
    except web.RequestPayloadError:  # a body that breaks off, or is not packed as it says
        return answer(request, "bad_request", 400)
    except Exception as fault:
        if isinstance(fault, ConnectionResetError) and (request.transport is None or request.transport.is_closing()):
            return web.Response(status=_GONE)  # nobody to answer, and no fault: a player jumped, a tab was closed
        reference = secrets.token_hex(4)
        log.exception("%s %s failed (%s)", request.method, request.path, reference)
        return answer(request, "internal", 500, {"reference": reference})


def answer(request: web.Request, code: str, status: int, params: Mapping[str, Any] | None = None) -> web.Response:
    """JSON for scripts, the error page for people. Works whoever is behind the request."""
    params = params or {}
    if security.is_api(request):
        again = {"Retry-After": str(params["seconds"])} if status == 429 and "seconds" in params else {}
        return json_response({"error": {"code": code, "params": dict(params)}}, status=status, headers=again)
    known = security.known_guest(request) or security.known_officer(request)
    office = {
        "office_name": params.get("office_name") or (known.office.name if known else ""),
        "office_phone": params.get("office_phone") or (known.office.phone if known else ""),
    }
    words = i18n.words_for(request)
    return render(
        request,
        "layout/error.html",
        status,
        code=code,
        reference=params.get("reference", ""),
        sentence=refusals.sentence(words, code, params),
        advice=refusals.advice(words, code, params),
        **office,
    )


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
    app.middlewares.append(refusals_as_pages)
    app.middlewares.append(forms.readable)
    app.middlewares.append(forms.own_pages_only)
    app.router.add_get("/static/{name:.+}", rendering.serve, name="static")
    security.declare(app, "GET", "/static/{name}", security.Access("anyone"))
    security.declare(app, "HEAD", "/static/{name}", security.Access("anyone"))
    for register in PARTS:
        register(app)
