"""Turning templates into pages: the environments, what every template may use, the office's frame, static files.

In templates: `_` `ngettext` `pgettext` `lang` `sentence_gap` (between sentences, none in Chinese) `url(name, **parts)`
`static("app.css")` `asset("src/room/room.ts")` `later(script)` `icon("mic")` `mark(role)` `once(macro)` (is rendered
once for the same arguments) `catalogue(domain)` `page_data(data, domain, script)` (JSON, with that script's words)
`site` `navigation(officer)`;
per request `csrf()` `officer` `guest` `nonce` `here` `large`; filters `money` `when` `day` `clock` `duration_ms` `iso`
`role_name`, `lang_of` `own_language` (of what people wrote, where that is in another language than the page). A macro
file that needs the per-request ones is imported `with context`.

Owns the table of what the desk's pages are reached by, a few of them at once, the others under a heading that opens,
and the cut of it for one officer. Who may open a page is said by its route (`web.http.security`); a row names fewer
roles than its route where a page is reached from another page instead.

What a person sees when something was refused or broke is one sentence, what to do, and whom to ring (`web.refusals`).
Every page leads to its place of the manual (`web.help` has the table); pages of several features say which offices
figures may be asked of, and who reads a record.
"""

from __future__ import annotations

import functools
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_environment
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from journal.refusals import Busy, DomainError, Refused, Unanswered
from offices import BELOW, SIGNED_IN_IDLE, Office, Officer, OfficerRole, OfficeTree, may
from recordings.files import ReserveReached
from rooms.events import merge_json
from rooms.record.rules import ACCESS, RecordReader, RecordUse
from web import SITE, i18n, refusals
from web.help import BY_ROLE, OF_ROLE, PARTY, PLACES
from web.http import cookies, forms, responses, security
from web.http.forms import Form, now
from web.http.responses import ASSETS, json_response
from web.http.security import known_guest, known_officer, officer_of
from web.i18n import FILTERS, N_, Words

log = logging.getLogger(__name__)

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
    """`section` is what a page calls itself (`web.rendering.show`). `first`: whose daily work it is, a tap
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
    MenuEntry("queue", "/queue", N_("To accept"), FILES, (M,), (M,)),
    MenuEntry("people", "/officers", N_("People"), OFFICE, (A,), (A,)),
    MenuEntry("calendar", "/calendar", N_("Calendar"), FILES, (M, S), (M,)),
    MenuEntry("complaints", "/complaints", N_("Complaints"), FILES, (M, S), (M,)),
    MenuEntry("consultations", "/consultations", N_("Consultations"), FILES, (M, S)),
    MenuEntry("leads", "/leads", N_("Leads"), FILES, (I, S), (I,)),
    MenuEntry("reports", "/reports", N_("Reports"), FILES, (I, S), (I,)),
    MenuEntry("due", "/due", N_("Dates due"), FILES, (M, S, I), (M, S, I)),
    MenuEntry("imports", "/imports", N_("Imports"), FILES, (M,)),
    MenuEntry("performance", "/performance", N_("Promises"), FILES, (M, S)),
    MenuEntry("audit", "/audit", N_("Records"), FILES, (M, S)),
    MenuEntry("outbox", "/outbox", N_("Messages"), FILES, (M, A)),
    MenuEntry("lines", "/connections", N_("Call quality"), FILES, (M,)),
    MenuEntry("statistics", "/statistics", N_("Statistics"), ANALYSIS, (M, S)),
    MenuEntry("bulletins", "/bulletins", N_("Bulletins"), ANALYSIS, (S, I)),
    MenuEntry("publicity", "/publicity", N_("Publicity"), ANALYSIS, (S,)),
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
    MenuEntry("cards", "/cards", N_("Script cards"), OFFICE, (A,)),
    MenuEntry("systems", "/systems", N_("Systems"), OFFICE, (A,)),
    MenuEntry("lines", "/connections", N_("Call quality"), OFFICE, (A,)),
    MenuEntry("casebook", "/casebook", N_("Casebook"), REFERENCE, (M, S)),
    MenuEntry("cards", "/cards", N_("Script cards"), REFERENCE, (M, S)),
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
    "sign_on": "统",
    "scim": "录",
}

_CALLED: Final = ContextVar("called", default="")
"""What the office calls itself on the page that is being made: offices of one installation differ in that."""

ENVIRONMENTS: web.AppKey[dict[str, Environment]] = web.AppKey("environments", dict)
"""Language -> environment."""


_HAN: Final = re.compile("[\u3400-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z]+")
_SENTENCE: Final = 3  # words without a Chinese character; fewer are a name, as of a thing


@pass_environment
def lang_of(environment: Environment, text: object) -> Markup:
    """The attribute of an element that holds `text`, where that is in another language than the page (WCAG 3.1.2)."""
    said = str(text or "")
    words, characters = len(_LATIN.findall(said)), len(_HAN.findall(said))
    if characters > 2 * words:
        language = "zh-CN"
    elif not characters and words >= _SENTENCE:
        language = "en"
    else:
        return Markup()
    return Markup() if language[:2] == environment.globals["lang"] else Markup(' lang="{}"').format(language)


@pass_environment
def own_language(environment: Environment, text: object) -> Markup:
    """As `lang_of`, with an element of its own around it where that is needed."""
    attribute = lang_of(environment, text)
    return Markup("<span{}>{}</span>").format(attribute, text) if attribute else escape("" if text is None else text)


def plain_environment(words: Callable[[], i18n.Words], language: str, templates: Path = TEMPLATES) -> Environment:
    """What templates outside of a request may use too: an evidence package's page."""
    made = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}  # Chinese packs smaller as itself
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda *said, **more: words().gettext(*said, **more),
        lambda *said, **more: words().forms(*said, **more),
        newstyle=True,
        pgettext=lambda *said, **more: words().pgettext(*said, **more),
    )
    made.globals.update(lang=language, sentence_gap="" if language == "zh" else " ")
    made.filters.update(lang_of=lang_of, own_language=own_language)
    return made


def environment(app: web.Application, language: str, templates: Path = TEMPLATES) -> Environment:
    assets, site = app[ASSETS], app[SITE]

    def called() -> str:
        return _CALLED.get() or site.office_called

    def words() -> i18n.Words:
        return i18n.words_of(language, called())

    made = plain_environment(words, language, templates)

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

    @functools.lru_cache(512)  # offices' names for themselves are few
    def spoken(domain: str, script: str, called: str) -> str:
        return dumped({"words": assets.spoken(script, i18n.catalog(language, domain, called))})

    def dumped(data: Mapping[str, Any]) -> str:
        return htmlsafe_json_dumps(data, **made.policies["json.dumps_kwargs"])

    def page_data(data: Mapping[str, Any], domain: str, script: str) -> Markup:
        return Markup(merge_json(dumped(data), spoken(domain, script, called())))  # noqa: S704 - escaped as `tojson` does

    made.globals.update(
        url=url,
        static=assets.address,
        asset=assets.bundle,
        later=assets.later,
        icon=icon,
        mark=mark,
        catalogue=lambda domain: i18n.catalog(language, domain, called()),
        page_data=page_data,
        once=functools.cache,
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
    office = context.get("office") or (known.office if known else None)
    page = request.app[ENVIRONMENTS][language].get_template(template)
    _CALLED.set(i18n.called(request, office.called if isinstance(office, Office) else ""))
    text = page.render(
        {
            "csrf": csrf,
            "officer": officer,
            "guest": guest,
            "office": known.office if known else None,
            "section": "",
            "nonce": responses.nonce(request),
            "here": request.path_qs,
            "help_place": help_address(request),
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


PAGE_SIZE: Final = 50


def day_of(officer: Officer, at: datetime) -> date:
    """By the calendar of the officer's office."""
    return at.astimezone(ZoneInfo(officer.office.zone)).date()


def today(request: web.Request) -> date:
    """Of whoever has signed in."""
    return day_of(officer_of(request), now(request))


def show(request: web.Request, template: str, section: str, status: int = 200, **context: Any) -> web.Response:
    """`section` is the tab that is open; "" for none."""
    day = None if known_officer(request) is None else today(request)  # nobody has signed in where one signs in
    return render(request, template, status, section=section, this_day=day, **context)


async def posted(request: web.Request) -> Form:
    return Form.of(await request.post())


def number(request: web.Request, name: str, otherwise: int = 1, most: int = 100_000) -> int:
    """A whole number from the query; anything else is `otherwise`."""
    text = request.query.get(name, "")
    return min(most, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def own_office(officer: Officer, office: str) -> None:
    """A session or complaint of another office does not exist (ASVS 8.2.2)."""
    if officer.office.id != office:
        raise Refused("not_found", 404)


def officer_in(request: web.Request) -> Officer:
    return officer_of(request)


# ------------------------------------------------------------ what was refused, or broke


REQUEST_NUMBER: web.AppKey[Callable[[], str]] = web.AppKey("request number")
"""Under which number the log has the request that is being dealt with; "" where it has none."""
_READ_OUT: Final = 8  # characters
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
        return answer(request, no.code, 503 if isinstance(no, Busy) else 409, no.params)
    except Unanswered:
        return answer(request, Busy.code, 503)
    except web.HTTPException as http:
        if http.status not in _HTTP_CODES:
            raise
        await security.recognise(request)  # no page's guard was asked
        refused = answer(request, _HTTP_CODES[http.status], http.status)
        if "Allow" in http.headers:  # RFC 9110 section 15.5.6
            refused.headers["Allow"] = http.headers["Allow"]
        return refused
    except web.RequestPayloadError:  # a body that breaks off, or is not packed as it says
        return answer(request, "bad_request", 400)
    except Exception as fault:
        if isinstance(fault, ConnectionResetError) and (request.transport is None or request.transport.is_closing()):
            return web.Response(status=_GONE)  # nobody to answer, and no fault: a player jumped, a tab was closed
        # As long as it can be read out; whoever looks for it in the log finds the whole of it.
        reference = request.app.get(REQUEST_NUMBER, str)()[:_READ_OUT] or secrets.token_hex(_READ_OUT // 2)
        resource = request.match_info.route.resource
        # The route, never the path: a path may hold a link's secret.
        log.exception("%s %s failed (%s)", request.method, resource.canonical if resource else "", reference)
        return answer(request, "internal", 500, {"reference": reference})


def answer(request: web.Request, code: str, status: int, params: Mapping[str, Any] | None = None) -> web.Response:
    """JSON for scripts, the error page for people. Works whoever is behind the request."""
    params = params or {}
    if security.is_api(request):
        again = {"Retry-After": str(params["seconds"])} if status == 429 and "seconds" in params else {}
        return json_response({"error": {"code": code, "params": dict(params)}}, status=status, headers=again)
    guest, officer = security.known_guest(request), security.known_officer(request)
    words = i18n.words_for(request)
    if officer is not None and guest is None:  # what a party would be told to do is not for an officer to do
        told = {"sentence": refusals.staff_sentence(words, code, params)}
        told["advice"] = refusals.staff_advice(words, code, params)
        reference = params.get("reference", "")
        return show(request, "office/refused.html", "", status, code=code, reference=reference, **told)
    known = guest or officer
    office = {
        "office_name": params.get("office_name") or (known.office.name if known else ""),
        "office_phone": params.get("office_phone") or (known.office.phone if known else ""),
    }
    return render(
        request,
        "layout/error.html",
        status,
        code=code,
        reference=params.get("reference", ""),
        sentence=refusals.sentence(words, code, params),
        advice=refusals.advice(words, code, params),
        back=bool(params.get("back")),
        **office,
    )


def office_scopes(offices: Sequence[Office], words: Words) -> list[tuple[str, str]]:
    """What figures may be asked of, as offices stand below each other; [] where there is no choice."""
    found, tree = [], OfficeTree(offices)
    for depth, one in tree.rows() if len(offices) > 1 else ():
        name = "　" * depth + one.short
        if tree.right_below(one.id):
            found.append((f"{BELOW}{one.id}", words.gettext(N_("%(office)s and below"), office=name)))
            name = words.gettext(N_("%(office)s alone"), office=name)
        found.append((one.id, name))
    return found


_READERS: Final[Mapping[RecordReader, str]] = {
    RecordReader.MEDIATOR: N_("the mediator of the case"),
    RecordReader.SUPERVISOR: N_("authorised supervisors"),
}
READER_PERSON: Final = N_("you and others who took part, once the office has granted the request")


READER_PARTY: Final = N_("whoever took part, once a supervisor has granted their request")
"""The same as officers read it."""
_AND: Final = N_(" and ")
_AND_ALSO: Final = N_(", and ")


def readers_named(use: RecordUse, gettext: Callable[[str], str], person: str = READER_PERSON) -> str:
    """Everybody who can do this, the person last."""
    officers = gettext(_AND).join(gettext(name) for reader, name in _READERS.items() if use in ACCESS[reader])
    return officers + gettext(_AND_ALSO) + gettext(person) if use in ACCESS[RecordReader.PERSON] else officers


def help_address(request: web.Request) -> str:
    """Where the help of the page that answers `request` is; the reader's chapter where a page has no place."""
    name = _page_of(request)
    officer, guest = known_officer(request), known_guest(request)
    place = PLACES.get(name, "")
    if officer is not None:
        place = BY_ROLE.get((name, officer.role), place) or OF_ROLE[officer.role]
    side = "business" if guest is not None and guest.seat.side == "business" else "consumer"
    chapter, _, anchor = (place or side).partition("#")
    chapter = side if chapter == PARTY else chapter
    return f"/help/{chapter}" + (f"#{anchor}" if anchor else "")


def _page_of(request: web.Request) -> str:
    """The name of the page: the route's own, or, where a form is answered with a page, that of the page it is on."""
    resource = request.match_info.route.resource
    if resource is None:
        return ""
    if resource.name in PLACES:
        return resource.name
    named = {one.canonical: one.name for one in request.app.router.resources() if one.name in PLACES}
    path = resource.canonical
    while path := path.rpartition("/")[0]:
        if path in named:
            return named[path] or ""
    return ""
