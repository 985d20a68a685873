"""Turning templates into pages: the environments, and what every template may use.

In templates: `_` `ngettext` `pgettext` `lang` `url(name, **parts)` `static("app.css")` `asset("src/room.ts")`
`icon("mic")` `mark(role)` `catalogue(domain)` `site` `navigation(officer)`; per request `csrf()` `officer` `guest`
`nonce` `here` `large`; filters `money` `when` `day` `clock` `duration_ms` `iso` `role_name`. A macro file that needs
the per-request ones is imported `with context`.

What the desk's pages are reached by: a few of them at once, the others under a heading that opens.

Owns the table and the cut for one officer. Who may open a page is said by its route (`web.http.security`); a row
names fewer roles than its route where a page is reached from another page instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from offices.people import SIGNED_IN_IDLE, Officer, OfficerRole
from offices.permissions import may
from web import i18n
from web.assets import ASSETS
from web.figures import FILTERS
from web.http import cookies, forms, headers, security
from web.i18n import N_
from web.services import SITE

M: Final[OfficerRole] = "mediator"
S: Final[OfficerRole] = "supervisor"
A: Final[OfficerRole] = "administrator"
I: Final[OfficerRole] = "inspector"  # noqa: E741

FILES, ANALYSIS, OVERSIGHT, OFFICE, REFERENCE = (
    N_("Case work"),
    N_("Analysis"),
    N_("Oversight"),
    N_("Administration"),
    N_("Reference"),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`section` is what a page calls itself (`web.office.staff_pages.show`). `first`: whose daily work it is, a tap
    away."""

    section: str
    path: str
    name: str
    group: str
    roles: tuple[OfficerRole, ...]
    first: tuple[OfficerRole, ...] = ()


ENTRIES: Final = (
    MenuEntry("focus", "/focus", N_("Focus"), ANALYSIS, (M, S), (S,)),
    MenuEntry("supervision", "/supervision", N_("Plan"), OVERSIGHT, (S,), (S,)),
    MenuEntry("desk", "/desk", N_("Desk"), FILES, (M,), (M,)),
    MenuEntry("people", "/officers", N_("People"), OFFICE, (A,), (A,)),
    MenuEntry("complaints", "/complaints", N_("Complaints"), FILES, (M, S), (M,)),
    MenuEntry("consultations", "/consultations", N_("Consultations"), FILES, (M, S)),
    MenuEntry("leads", "/leads", N_("Leads"), FILES, (I, S), (I,)),
    MenuEntry("reports", "/reports", N_("Reports"), FILES, (I, S), (I,)),
    MenuEntry("due", "/due", N_("Dates due"), FILES, (M, S, I), (M, S, I)),
    MenuEntry("imports", "/imports", N_("Imports"), FILES, (M,)),
    MenuEntry("performance", "/performance", N_("Promises"), FILES, (M, S)),
    MenuEntry("audit", "/audit", N_("Records"), FILES, (M, S)),
    MenuEntry("outbox", "/outbox", N_("Messages"), FILES, (M, A)),
    MenuEntry("statistics", "/statistics", N_("Statistics"), ANALYSIS, (M, S)),
    MenuEntry("bulletins", "/bulletins", N_("Bulletins"), ANALYSIS, (S, I)),
    MenuEntry("respondents", "/respondents", N_("Businesses"), ANALYSIS, (M, S, I)),
    MenuEntry("practice", "/practice", N_("My practice"), ANALYSIS, (M,)),
    MenuEntry("approvals", "/approvals", N_("Second person"), OVERSIGHT, (S, A), (A,)),
    MenuEntry("oversight", "/oversight", N_("Who did what"), OVERSIGHT, (S, A)),
    MenuEntry("kept", "/kept", N_("Keeping"), OVERSIGHT, (S, A)),
    MenuEntry("access", "/access", N_("Who may do what"), OVERSIGHT, (A,)),
    MenuEntry("retention", "/retention", N_("Years kept"), OVERSIGHT, (A,)),
    MenuEntry("offices", "/offices", N_("Offices"), OFFICE, (A,)),
    MenuEntry("areas", "/jurisdictions", N_("Areas"), OFFICE, (A,)),
    MenuEntry("map", "/map", N_("Map"), OFFICE, (A,)),
    MenuEntry("holidays", "/holidays", N_("Holidays"), OFFICE, (A,)),
    MenuEntry("systems", "/systems", N_("Systems"), OFFICE, (A,)),
    MenuEntry("casebook", "/casebook", N_("Casebook"), REFERENCE, (M, S)),
    MenuEntry("law", "/law", N_("Law"), REFERENCE, (M, S, A, I)),
)


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """`name` "" for those that stand by themselves."""

    name: str
    entries: Sequence[MenuEntry]

    def holds(self, section: str) -> bool:
        return any(one.section == section for one in self.entries)


def navigation(officer: Officer) -> Sequence[MenuGroup]:
    """The officer's own, daily work first; a heading that would hold a single page is that page."""
    mine = [one for one in ENTRIES if officer.role in one.roles and may(officer, one.path)]
    found = [MenuGroup("", [one]) for one in mine if officer.role in one.first]
    for name in (FILES, ANALYSIS, OVERSIGHT, OFFICE, REFERENCE):
        held = [one for one in mine if one.group == name and officer.role not in one.first]
        if held:
            found.append(MenuGroup(name if len(held) > 1 else "", held))
    return found


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
