"""Who may use a route, and what every request and response must carry.

Owns the access declarations (a route without one keeps the program from starting), the check that an unsafe
request comes from our own page, body limits, and the response headers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from yarl import URL

from web import cookies
from web.ports import IDENTITY, LINKS, SITE, Guest, Officer, OfficerRole, Refused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OFFICER: web.RequestKey[Officer | None] = web.RequestKey("officer", Officer)
GUEST: web.RequestKey[Guest | None] = web.RequestKey("guest", Guest)
_FRESH: web.RequestKey[str] = web.RequestKey("fresh_seen", str)
_NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)

SAFE: Final = {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS}
BODY_LIMIT: Final = 256 * 1024  # bytes; forms and JSON, nothing is uploaded through pages


# ---------------------------------------------------------------- who may use a route


@dataclass(frozen=True, slots=True)
class Access:
    """`officer` with no roles: any officer. `guest` with verified: only after the one-time code.

    `self_checked`: the route checks the origin of its callers itself (the Socket.IO transport).
    """

    who: Literal["anyone", "officer", "guest"]
    roles: tuple[OfficerRole, ...] = ()
    verified: bool = False
    self_checked: bool = False


class Undeclared(Exception):
    """A route does not say who may use it."""


DECLARED: web.AppKey[dict[tuple[str, str], Access]] = web.AppKey("declared", dict)
"""(method, path) -> access, of routes whose handlers cannot carry a decorator."""


def declare(app: web.Application, method: str, path: str, access: Access) -> None:
    """For handlers that are not ours, e.g. `declare(app, "*", "/socket.io/", Access("anyone", self_checked=True))`."""
    app[DECLARED][method, path] = access


def access_of(app: web.Application, method: str, path: str, handler: object) -> Access | None:
    declared = app[DECLARED].get((method, path)) or app[DECLARED].get(("*", path))
    found: Access | None = declared or getattr(handler, "access", None)
    return found


def access_map(app: web.Application) -> dict[tuple[str, str], Access]:
    """Every route with who may use it; Undeclared names the first that does not say."""
    found = {}
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        access = access_of(app, route.method, path, route.handler)
        if access is None:
            raise Undeclared(f"{route.method} {path} does not declare who may use it")
        found[route.method, path] = access
    return found


async def check_declarations(app: web.Application) -> None:
    access_map(app)


def anyone(handler: Handler) -> Handler:
    """Open to everybody; an officer or guest is still recognised."""

    @wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        await _recognise(request)
        return await handler(request)

    return _declared(page, Access("anyone"))


def officer_page(*roles: OfficerRole) -> Callable[[Handler], Handler]:
    """For signed-in officers of these roles (none: any). The handler asks `officer_of(request)`."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await _recognise(request)
            officer = request[OFFICER]
            if officer is None:
                if is_api(request):
                    raise Refused("sign_in_needed", 401)
                back = request.path_qs if request.method in SAFE else "/"
                raise web.HTTPSeeOther(URL("/sign-in").with_query(next=back))
            if roles and officer.role not in roles:
                raise Refused("not_allowed", 403)
            return await handler(request)

        return _declared(page, Access("officer", roles))

    return guard


def guest_page(verified: bool) -> Callable[[Handler], Handler]:
    """For a device that started from a join link. The handler asks `guest_of(request)`.

    A guest who has not confirmed the code is led back to the join flow from a page that needs it.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await _recognise(request)
            guest = request[GUEST]
            if guest is None:
                raise Refused("no_invitation", 401)
            if verified and not guest.verified:
                if is_api(request):
                    raise Refused("code_needed", 403)
                raise web.HTTPSeeOther("/join")
            return await handler(request)

        return _declared(page, Access("guest", verified=verified))

    return guard


def _declared(page: Handler, access: Access) -> Handler:
    page.access = access  # type: ignore[attr-defined]
    return page


async def _recognise(request: web.Request) -> None:
    """Ask once per request who is behind its cookies."""
    if OFFICER in request:
        return
    officer_token, device = cookies.read(request, cookies.OFFICER), cookies.read(request, cookies.DEVICE)
    request[OFFICER] = await request.app[IDENTITY].officer(officer_token) if officer_token else None
    request[GUEST] = await request.app[LINKS].guest(device) if device else None


def officer_of(request: web.Request) -> Officer:
    officer = request[OFFICER]
    assert officer is not None, "only behind officer_page"
    return officer


def guest_of(request: web.Request) -> Guest:
    guest = request[GUEST]
    assert guest is not None, "only behind guest_page"
    return guest


def known_officer(request: web.Request) -> Officer | None:
    """Anywhere: the officer, when one is known."""
    return request.get(OFFICER)


def known_guest(request: web.Request) -> Guest | None:
    return request.get(GUEST)


def is_api(request: web.Request) -> bool:
    return request.path.startswith("/api/")


def local_path(text: str, otherwise: str = "/") -> str:
    """A path on this site, or `otherwise`: what `next=` and `back=` may lead to (ASVS 1.2.2)."""
    plain = re.fullmatch(r"/(?![/\\])[^\\\s\x00-\x1f]*", text)
    return text if plain else otherwise


# ---------------------------------------------------------------- requests that change something


def form_token(request: web.Request) -> str:
    """Goes into every form as `csrf`; bound to the strongest cookie this browser has.

    The cookies are unguessable themselves, so they key the HMAC: no further secret, nothing to lose at a restart.
    """
    for cookie in (cookies.OFFICER, cookies.DEVICE, cookies.SEEN):
        if value := cookies.read(request, cookie):
            return _token(value)
    if _FRESH not in request:
        request[_FRESH] = secrets.token_urlsafe(32)
    return _token(request[_FRESH])


def keep_fresh(request: web.Request, response: web.StreamResponse) -> None:
    """Set the cookie that `form_token` had to make up."""
    if _FRESH in request:
        cookies.put(request, response, cookies.SEEN, request[_FRESH])


def _token(value: str) -> str:
    return hmac.new(value.encode(), b"yuntiao form", hashlib.sha256).hexdigest()


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An unsafe request must come from our own page (ASVS 3.5.1) and be of sensible size."""
    if request.method in SAFE or request.match_info.http_exception is not None:
        return await handler(request)
    resource = request.match_info.route.resource
    path = resource.canonical if resource else ""
    access = access_of(request.app, request.match_info.route.method, path, request.match_info.handler)
    if access and access.self_checked:
        return await handler(request)
    if (request.content_length or 0) > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)
    if not _from_here(request) or not await _has_token(request):
        raise Refused("foreign_form", 403)
    return await handler(request)


def _from_here(request: web.Request) -> bool:
    """Browsers before 2023 send no Sec-Fetch-Site; and under `no-referrer` their Origin is "null" (Fetch 4.6)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return True  # the token decides
    ours = {request.host, urlsplit(request.app[SITE].public_url).netloc}
    return urlsplit(origin).netloc in ours


async def _has_token(request: web.Request) -> bool:
    given = request.headers.get("X-CSRF-Token", "")
    if not given and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        field_value = (await request.post()).get("csrf", "")
        given = field_value if isinstance(field_value, str) else ""
    values = [cookies.read(request, cookie) for cookie in (cookies.OFFICER, cookies.DEVICE, cookies.SEEN)]
    return any(hmac.compare_digest(given.encode(), _token(value).encode()) for value in values if value)


# ---------------------------------------------------------------- response headers


@dataclass(frozen=True, slots=True)
class Headers:
    """The fixed ones; the content policy is made per request because of its nonce."""

    fixed: dict[str, str] = field(
        default_factory=lambda: {
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), "
            "fullscreen=(self), geolocation=(), payment=(), usb=()",
        }
    )

    async def __call__(self, request: web.Request, response: web.StreamResponse) -> None:
        for header, value in self.fixed.items():
            response.headers.setdefault(header, value)
        response.headers.setdefault("Content-Security-Policy", content_policy(request))
        response.headers.setdefault("Referrer-Policy", _referrer_policy(request.path))
        response.headers.setdefault("Cache-Control", "no-store")  # every page names people
        response.headers.popall("Server", None)


def nonce(request: web.Request) -> str:
    if _NONCE not in request:
        request[_NONCE] = secrets.token_urlsafe(16)
    return request[_NONCE]


def content_policy(request: web.Request) -> str:
    host = request.host if re.fullmatch(r"[A-Za-z0-9.\-:\[\]]+", request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # 'self' covers no ws: in Safari before 15.4
    return (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"connect-src 'self'{sockets}; style-src 'self'; script-src 'self' 'nonce-{nonce(request)}'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def _referrer_policy(path: str) -> str:
    """The join link is in the address: it must not travel (a party's pages never need a referrer)."""
    private = path.startswith(("/j/", "/join", "/room"))
    return "no-referrer" if private else "same-origin"


def install(app: web.Application) -> None:
    app[DECLARED] = {}
    headers: Any = Headers()
    app.on_response_prepare.append(headers)
    app.on_startup.append(check_declarations)
