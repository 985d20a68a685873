"""The headers every response carries, also those of errors, files and sockets."""

from __future__ import annotations

import re
import secrets
from typing import Final

from aiohttp import web

from web.http.proxies import hop
from web.services import SITE

_NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), "
    "fullscreen=(self), geolocation=(), payment=(), usb=()",
}

STRICT_TRANSPORT: Final = "max-age=31536000"
"""A year (ASVS 3.4.1), for this host alone: what else there is under its name is not ours to cut off from http."""


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """When a response is about to be sent; what a handler set itself stays."""
    for header, value in FIXED.items():
        response.headers.setdefault(header, value)
    response.headers.setdefault("Content-Security-Policy", content_policy(request))
    response.headers.setdefault("Referrer-Policy", _referrer_policy(request.path))
    response.headers.setdefault("Cache-Control", "no-store")  # every page names people
    if hop(request).scheme == "https" and request.app[SITE].certified:
        # Not with a certificate of our own: whoever trusts it once would have every port of that machine, and of
        # localhost, closed to plain http for a year (RFC 6797 8.1, 14.4).
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
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


_PERSONAL = (
    "/j/", "/join", "/room", "/file", "/follow", "/a/", "/answer", "/c/", "/c-file/", "/g/", "/g-sign/", "/g-refuse/",
    "/l/", "/comment", "/q/",
)  # fmt: skip


def _referrer_policy(path: str) -> str:
    """The join link is in the address: it must not travel (a party's pages never need a referrer)."""
    private = path.startswith(_PERSONAL)
    return "no-referrer" if private else "same-origin"


def install(app: web.Application) -> None:
    app.on_response_prepare.append(protect)
