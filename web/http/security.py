"""Who may use a route, and where a request comes from: every route declares it, and one that does not keeps the program
from starting.

Owns the guards that handlers wear and what they leave in the request. Forms are checked in `web.http.forms`, headers
set in `web.http.responses`.

Here alone a request's address and scheme are read, and decided which proxy is believed. A proxy adds the address it was
asked from at the end of `X-Forwarded-For`, so only what trusted proxies added counts: read from the right, the first
hop that is none of them is the person. Everything left of it is what that person wrote.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, Literal
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from yarl import URL

import offices
from journal.refusals import Refused
from offices import Officer, OfficerRole, Unfinished
from rooms.joining.invitations import Guest
from rooms.session import apart_on
from web import ANSWERS, APART, LINKS, SESSIONS, WINDOW
from web.http import cookies
from web.links import OBJECTIONS
from web.office.oversight import IDENTITY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OFFICER: web.RequestKey[Officer | None] = web.RequestKey("officer", Officer)
GUEST: web.RequestKey[Guest | None] = web.RequestKey("guest", Guest)

SAFE: Final = {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS}
BODY_LIMIT: Final = 256 * 1024  # bytes; forms and JSON. A route that takes files says how much.

STANDING_FOR: Final = 1.0
"""Seconds for which whoever takes a download is who they were."""


@dataclass(frozen=True, slots=True)
class Access:
    """`officer` with no roles: any officer. `guest` with verified: only after the one-time code.

    `enrolling`: an officer who signed in and still owes a password or a second step.
    `visitor`: whoever confirmed a code at the public window, or on a link to answer.
    `system`: another system with a token (web.api.document). `sender`: one that signs its requests (web.api.document).
    `self_checked`: the route checks the origin of its callers itself (the Socket.IO transport).
    `most_bytes`: how long a request's body may be.
    """

    who: Literal["anyone", "officer", "enrolling", "guest", "system", "sender", "visitor"]
    roles: tuple[OfficerRole, ...] = ()
    verified: bool = False
    self_checked: bool = False
    most_bytes: int = BODY_LIMIT


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
        await recognise(request)
        return await handler(request)

    return _declared(page, Access("anyone"))


def anyone_sending(most_bytes: int) -> Callable[[Handler], Handler]:
    """As `anyone`, for a page that takes somewhat larger files from strangers; what is read is held in memory."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await recognise(request)
            return await handler(request)

        return _declared(page, Access("anyone", most_bytes=most_bytes))

    return guard


def visitor_page(most_bytes: int) -> Callable[[Handler], Handler]:
    """For whoever confirmed their phone at the public window or to answer, and may send more than a form. The handler
    asks with the token of the visit; somebody else's large body is never read."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await recognise(request)
            if not await _visits(request):
                raise Refused("window_over", 401)
            return await handler(request)

        return _declared(page, Access("visitor", most_bytes=most_bytes))

    return guard


async def _visits(request: web.Request) -> bool:
    token, device = cookies.read(request, cookies.WINDOW), cookies.read(request, cookies.ANSWER)
    try:
        if token and (await request.app[WINDOW].visit(token)).verified:
            return True
    except Refused:
        pass
    if device and await request.app[ANSWERS].known(device):
        return True
    objecting = cookies.read(request, cookies.OBJECTION)
    return bool(objecting) and await request.app[OBJECTIONS].known(objecting)


def officer_page(*roles: OfficerRole, most_bytes: int = BODY_LIMIT) -> Callable[[Handler], Handler]:
    """For signed-in officers of these roles (none: any). The handler asks `officer_of(request)`."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await recognise(request)
            officer = request[OFFICER]
            if officer is None:
                await _unfinished_business(request)
                if is_api(request):
                    raise Refused("sign_in_needed", 401)
                back = request.path_qs if request.method in SAFE else "/"
                raise web.HTTPSeeOther(URL("/sign-in").with_query(next=back))
            if roles and officer.role not in roles:
                raise Refused("not_allowed", 403)
            if not offices.may(officer, _route_of(request)):
                raise Refused("withheld", 403)
            return await handler(request)

        return _declared(page, Access("officer", roles, most_bytes=most_bytes))

    return guard


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else request.path


async def _unfinished_business(request: web.Request) -> None:
    """Led to what is owed first, if anything is."""
    if await unfinished(request) is None:
        return
    if is_api(request):
        raise Refused("second_step_needed", 403)
    back = request.path_qs if request.method in SAFE else "/"
    raise web.HTTPSeeOther(URL("/sign-in/finish").with_query(next=back))


async def unfinished(request: web.Request) -> Unfinished | None:
    token = cookies.read(request, cookies.OFFICER)
    return await request.app[IDENTITY].unfinished(token) if token else None


def enrolling_page(handler: Handler) -> Handler:
    """For an officer who signed in and is let in nowhere yet; everybody else is sent to where they belong. The handler
    asks `unfinished(request)`."""

    @wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        await recognise(request)
        if request[OFFICER] is not None:
            raise web.HTTPSeeOther("/")
        if await unfinished(request) is None:
            raise web.HTTPSeeOther("/sign-in")
        return await handler(request)

    return _declared(page, Access("enrolling"))


def guest_page(verified: bool, most_bytes: int = BODY_LIMIT) -> Callable[[Handler], Handler]:
    """For a device that started from a join link. The handler asks `guest_of(request)`.

    A guest who has not confirmed the code is led back to the join flow from a page that needs it. While nobody meets a
    code is asked for on each visit; pages do that themselves, what scripts and pictures ask for is refused here.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def page(request: web.Request) -> web.StreamResponse:
            await recognise(request)
            guest = request[GUEST]
            if guest is None:
                raise await request.app[LINKS].refusal(cookies.read(request, cookies.DEVICE))
            if verified and not guest.verified:
                if is_api(request):
                    raise Refused("code_needed", 403)
                raise web.HTTPSeeOther("/join")
            if verified and is_api(request) and not await _may_come(request, guest):
                raise Refused("code_needed", 403)
            return await handler(request)

        return _declared(page, Access("guest", verified=verified, most_bytes=most_bytes))

    return guard


async def visiting(request: web.Request, guest: Guest) -> bool:
    """Whether they showed by a code who they are, and were here within the last half hour."""
    return await request.app[APART].visits(guest, cookies.read(request, cookies.VISIT))


async def _may_come(request: web.Request, guest: Guest) -> bool:
    session = await request.app[SESSIONS].state(guest.session)
    return apart_on(session) is None or await visiting(request, guest)


def _declared(page: Handler, access: Access) -> Handler:
    page.access = access  # type: ignore[attr-defined]
    return page


async def recognise(request: web.Request) -> None:
    """Ask once per request who is behind its cookies."""
    if OFFICER in request:
        return
    request[OFFICER], request[GUEST] = await _behind(request)


async def _behind(request: web.Request) -> tuple[Officer | None, Guest | None]:
    officer_token, device = cookies.read(request, cookies.OFFICER), cookies.read(request, cookies.DEVICE)
    officer = await request.app[IDENTITY].officer(officer_token) if officer_token else None
    return officer, await request.app[LINKS].guest(device) if device else None


def ask_again(request: web.Request) -> None:
    """Forget who was behind the request, so that its guard asks anew: sending it may have taken long."""
    for key in (OFFICER, GUEST):
        request.pop(key, None)


class CredentialWatch:
    """Whether whoever is being answered still is who they were, asked once a second: a download may take long."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._who = request.get(OFFICER), request.get(GUEST)
        self._asked = time.monotonic()

    async def holds(self) -> bool:
        """As the guards would see it now. A new role, or something withheld, is not who they were."""
        if time.monotonic() - self._asked < STANDING_FOR:
            return True
        self._asked = time.monotonic()
        now = await _behind(self._request)
        return all(before is None or before == one for before, one in zip(self._who, now, strict=True))


async def is_known(request: web.Request) -> bool:
    """Whether somebody signed in, invited or with a confirmed phone is behind it: nobody else's large body is read."""
    await recognise(request)
    return request[OFFICER] is not None or request[GUEST] is not None or await _visits(request)


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
    return request.path.startswith(("/api/", "/scim/"))


def local_path(text: str, otherwise: str = "/") -> str:
    """A path on this site, or `otherwise`: what `next=` and `back=` may lead to (ASVS 1.2.2)."""
    plain = re.fullmatch(r"/(?![/\\])[^\\\s\x00-\x1f]*", text)
    return text if plain else otherwise


def install(app: web.Application) -> None:
    app[DECLARED] = {}
    app.on_startup.append(check_declarations)


Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

FORWARDED_FOR: Final = "X-Forwarded-For"
FORWARDED_PROTO: Final = "X-Forwarded-Proto"
_TELLTALE: Final = (FORWARDED_FOR, "Forwarded", "X-Real-IP", "Via")
MOST_HOPS: Final = 16
"""Nobody stands behind more proxies; a longer header is somebody's invention and is read no further."""
_ONE_CUSTOMER: Final = 64
"""Bits of an IPv6 address that name a household or phone (RFC 6177); it chooses the others as it likes."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The nearest one that is not ours, with the scheme it spoke to the proxy in front of us."""

    address: str  # "" when the transport has none
    scheme: str


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks whose word is taken; none by default."""

    trusted: tuple[Network, ...] = ()

    def person(self, peer: str, scheme: str, forwarded_for: str, forwarded_proto: str) -> Hop:
        """`peer` and `scheme` are the connection's own; the header values may hold anything."""
        at = _address(peer)
        if at is None or not self._trusts(at):
            return Hop(str(at or peer), scheme)
        told, passed = _parts(forwarded_for), 0
        for part in reversed(told[-MOST_HOPS:]):
            before = _address(part)
            if before is None:
                break  # a proxy that writes no address: we know no more than who it is
            at, passed = before, passed + 1
            if not self._trusts(at):
                break
        # The proxies that the request has passed either each add a scheme or keep the first one's.
        schemes = _parts(forwarded_proto.lower())
        spoken = schemes[-min(max(passed, 1), len(schemes))] if schemes else scheme
        return Hop(str(at), spoken if spoken in ("http", "https") else scheme)

    def trusts(self, peer: str) -> bool:
        """Whether this end of a connection is one of our proxies."""
        at = _address(peer)
        return at is not None and self._trusts(at)

    def counted(self, peer: str) -> tuple[str, bool]:
        """What limits count this end of a connection as, and whether it is one of our proxies."""
        return customer(peer), self.trusts(peer)

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self.trusted)


PROXIES: web.AppKey[Proxies] = web.AppKey("proxies", Proxies)
_HOP: web.RequestKey[Hop] = web.RequestKey("hop", Hop)


def from_proxy(request: web.Request) -> bool:
    """Whether a proxy of ours hands it on."""
    return request.app[PROXIES].trusts(request.remote or "")


def hop(request: web.Request) -> Hop:
    if _HOP not in request:
        headers = request.headers
        request[_HOP] = request.app[PROXIES].person(
            request.remote or "",
            request.scheme,
            ",".join(headers.getall(FORWARDED_FOR, ())),
            ",".join(headers.getall(FORWARDED_PROTO, ())),
        )
    return request[_HOP]


def counted_as(request: web.Request) -> str:
    """What limits by address count."""
    return customer(hop(request).address)


def customer(address: str) -> str:
    """The address, of IPv6 the network that one customer has."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, _ONE_CUSTOMER), strict=False))
    return address if found is None else str(found)


def forwarded(request: web.Request) -> bool:
    """Whether it says that it came through a proxy, trusted or not."""
    return any(header in request.headers for header in _TELLTALE)


def from_here(request: web.Request) -> bool:
    """Whether it comes from this machine, and through no proxy."""
    at = _address(hop(request).address)
    return at is not None and at.is_loopback and not forwarded(request)


def same_origin(request: web.Request, origin: str) -> bool:
    """Whether a script at `origin` comes from the site that this request asks (RFC 6454 5)."""
    return site_of(origin) == (hop(request).scheme, request.host.lower())


def site_of(url: str) -> tuple[str, str]:
    """Scheme and host with port; both empty when it is no URL."""
    try:
        given = urlsplit(url)
    except ValueError:
        return "", ""
    return given.scheme, given.netloc.lower()


def install_proxies(app: web.Application) -> None:
    """Without a word from the caller no proxy is trusted."""
    if PROXIES not in app:
        app[PROXIES] = Proxies()


def _parts(header: str) -> list[str]:
    return [part.strip() for part in header.split(",") if part.strip()]


def _address(text: str) -> _Address | None:
    """Some proxies write a port behind it; IPv4 inside IPv6 is the same person (RFC 4291 2.5.5.2)."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
