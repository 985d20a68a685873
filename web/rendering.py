"""Turning templates into pages: the environments, and what every template may use.

In templates: `_` `ngettext` `pgettext` `lang` `url(name, **parts)` `static("app.css")` `asset("src/room.ts")`
`icon("mic")` `mark(role)` `catalogue(domain)` `site` `navigation(officer)`; per request `csrf()` `officer` `guest`
`nonce` `here` `large`; filters `money` `when` `day` `clock` `duration_ms` `iso` `role_name`. A macro file that needs
the per-request ones is imported `with context`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from offices.people import SIGNED_IN_IDLE
from web import cookies, forms, headers, i18n, security
from web.assets import ASSETS
from web.figures import FILTERS
from web.navigation import navigation
from web.services import SITE

TEMPLATES: Final = Path(__file__).parent / "templates"

MARKS: Final = {
    "mediator": "调",
    "consumer": "消",
    "business": "商",
    "representative": "代",
    "lawyer": "律",
    "interpreter": "译",
    "companion": "助",
    "observer": "观",
    "supervisor": "督",
    "administrator": "管",
    "inspector": "查",
}

ENVIRONMENTS: web.AppKey[dict[str, Environment]] = web.AppKey("environments", dict)
"""Language -> environment."""


def environment(app: web.Application, language: str, templates: Path = TEMPLATES) -> Environment:
    called = app[SITE].office_called
    words = i18n.words_of(language, called)
    made = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.forms, newstyle=True, pgettext=words.pgettext
    )
    assets, site = app[ASSETS], app[SITE]

    def url(name: str, **parts: Any) -> str:
        query = parts.pop("query", None)
        address = app.router[name].url_for(**{key: str(part) for key, part in parts.items()})
        return str(address.with_query(query) if query else address)

    def icon(name: str, kind: str = "icon") -> Markup:
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
            kind, assets.address("icons.svg"), name
        )

    def mark(role: str, kind: str = "mark") -> Markup:
        return Markup('<span class="{}" data-role="{}" aria-hidden="true">{}</span>').format(kind, role, MARKS[role])

    made.globals.update(
        lang=language,
        url=url,
        static=assets.address,
        asset=assets.bundle,
        icon=icon,
        mark=mark,
        catalogue=lambda domain: dict(i18n.catalog(language, domain, called)),
        site=site,
        navigation=navigation,
    )
    made.filters.update(FILTERS)
    return made


def render(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
    """A page in the request's language; sets the cookies that the page's forms and `?lang=` need."""
    language = i18n.language(request)

    def csrf() -> Markup:
        return Markup('<input type="hidden" name="csrf" value="{}">').format(forms.form_token(request))

    officer, guest = security.known_officer(request), security.known_guest(request)
    known = guest or officer
    page = request.app[ENVIRONMENTS][language].get_template(template)
    text = page.render(
        {
            "csrf": csrf,
            "officer": officer,
            "guest": guest,
            "office": known.office if known else None,
            "section": "",
            "nonce": headers.nonce(request),
            "here": request.path_qs,
            "idle_seconds": int(SIGNED_IN_IDLE.total_seconds()),
            "large": cookies.read(request, cookies.TYPE) == "large",
            **context,
        }
    )
    response = web.Response(text=text, status=status, content_type="text/html")
    forms.keep_fresh(request, response)
    if request.query.get("lang") in i18n.LANGUAGES:
        cookies.put(request, response, cookies.LANGUAGE, language)
    return response


def go(path: str) -> web.Response:
    """After a form: on to another page, with GET (RFC 9110 15.4.4). `path` is ours, or from `local_path`."""
    return web.Response(status=303, headers={"Location": path})


def install(app: web.Application) -> None:
    app[ENVIRONMENTS] = {language: environment(app, language) for language in i18n.LANGUAGES}
