"""From which sites a browser may open a socket: ours, by the address people know or the one they asked.

Socket.IO's own check knows neither TLS nor which proxies to believe, so it asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from server.settings import Settings


class Origins:
    """With a public address only it and this machine's own; a proxy may ask us under any name. Else the same origin."""

    def __init__(self, settings: Settings, same_origin: Callable[[web.Request, str], bool]) -> None:
        """`same_origin`: whether a script at an origin comes from the site that a request asks."""
        self._same_origin = same_origin
        self._named: frozenset[str] = frozenset()
        if settings.public_url:
            public = urlsplit(settings.public_url)
            ours = f"{public.scheme}://{public.netloc}".lower()
            self._named = frozenset({ours, settings.url_at("127.0.0.1"), settings.url_at("localhost")})

    def __call__(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        if origin is None:
            return False  # the library takes this for "not another site's"; cookies decide who it is
        if self._named:
            return origin.lower() in self._named
        request: web.Request = environ["aiohttp.request"]
        return self._same_origin(request, origin)
