"""Requests that change something: they come from our own page, with its token, and are of sensible size."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from aiohttp import web

from web import cookies
from web.ports import SITE, Refused
from web.security import BODY_LIMIT, SAFE, Handler, access_of

_FRESH: web.RequestKey[str] = web.RequestKey("fresh_seen", str)


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
