"""What a person may choose for this browser: the language and large type. Kept in cookies, set by plain forms."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from web import i18n
from web.http import cookies
from web.http.security import anyone, local_path
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
