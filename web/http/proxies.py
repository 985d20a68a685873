"""Where a request comes from: the one place that reads its address and scheme, and decides which proxy is believed.

A proxy adds the address it was asked from at the end of `X-Forwarded-For`, so only what trusted proxies added counts:
read from the right, the first hop that is none of them is the person. Everything left of it is what that person wrote.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

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


def install(app: web.Application) -> None:
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
