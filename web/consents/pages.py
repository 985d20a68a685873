"""A text that somebody agreed to, as it was then. Open to everybody: it names nobody."""

from __future__ import annotations

from aiohttp import web

from web import consents, i18n
from web.rendering import render
from web.security import anyone


@anyone
async def show(request: web.Request) -> web.StreamResponse:
    named, kind = request.match_info["version"], request.match_info["kind"]
    try:
        language = i18n.language(request)
        blocks = consents.question(named, language) if kind == "question" else consents.text(named, kind, language)
    except KeyError:
        raise web.HTTPNotFound from None
    return render(request, "consents/text.html", version=named, blocks=blocks)


def register(app: web.Application) -> None:
    app.router.add_get("/texts/{version}/{kind:notice|recording|filing|question}", show, name="consent_text")
