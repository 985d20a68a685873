"""The cookies the pages set, and how: names, lifetimes, and the flags each carries."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from web import SITE, Site

OFFICER: Final = "yt_officer"  # an officer's session token
DEVICE: Final = "yt_device"  # a party's device token, bound to a join link
LINK: Final = "yt_link"  # digest of the join link's secret: which link the device came through
WAITING: Final = "yt_waiting"  # what a party answered before the code had shown who they are
VISIT: Final = "yt_visit"  # to an asynchronous mediation: the code was right, a short while ago
WINDOW: Final = "yt_window"  # a visit to the public window
ANSWER: Final = "yt_answer"  # a business's device, bound to the link by which it answers
BROWSER: Final = "yt_browser"  # a random value of an officer's browser: it tells it from strangers'
SIGN_ON: Final = "yt_sign_on"  # an attempt to sign in by a provider, sealed: only this browser finishes it
OBJECTION: Final = "yt_objection"  # a business's device, bound to the link by which it may object
LAWYER: Final = "yt_lawyer"  # a lawyer's device, bound to the link by which they comment
SCREEN: Final = "yt_screen"  # a big screen's, exchanged for its token; sent to that page alone
LANGUAGE: Final = "yt_lang"
SEEN: Final = "yt_seen"  # a random value for forms shown before anybody is known
TYPE: Final = "yt_type"  # "large": the person asked for large type

LONGEST: Final = 256  # characters of any of them but two
LONGEST_WAITING: Final = 2000  # with a wish in it, in people's own words
LONGEST_SIGN_ON: Final = 1000
HOUR: Final = 3600
DAY: Final = 24 * HOUR
LIFETIMES: Final = {
    OFFICER: DAY,
    DEVICE: 30 * DAY,
    LINK: 30 * DAY,
    WAITING: HOUR,
    VISIT: HOUR,
    BROWSER: 365 * DAY,
    SIGN_ON: 600,
    LANGUAGE: 365 * DAY,
    SEEN: DAY,
    WINDOW: DAY,
    ANSWER: 30 * DAY,
    OBJECTION: 30 * DAY,
    LAWYER: 60 * DAY,
    SCREEN: 366 * DAY,
    TYPE: 365 * DAY,
}


_LONGER: Final = {WAITING: LONGEST_WAITING, SIGN_ON: LONGEST_SIGN_ON}
PATHS: Final = {SCREEN: "/screen"}  # of those that are not for every page


def name(site: Site, cookie: str) -> str:
    """Under TLS the `__Host-` prefix keeps neighbours of our domain from planting one (ASVS 3.3.1). One that is for
    some pages only cannot have it (RFC 6265bis 4.1.3.2) and has `__Secure-`."""
    prefix = "__Secure-" if cookie in PATHS else "__Host-"
    return f"{prefix}{cookie}" if site.secure else cookie


def read(request: web.Request, cookie: str) -> str:
    return plain(request.cookies.get(name(request.app[SITE], cookie), ""), _LONGER.get(cookie, LONGEST))


def plain(value: str, longest: int = LONGEST) -> str:
    """As we set it: all of ours are short and ASCII; "" for anything else that a browser was made to send."""
    return value if value.isascii() and value.isprintable() and len(value) <= longest else ""


def tokens(site: Site, header: str) -> tuple[str, str]:
    """An officer's and a device's token out of a Cookie header, "" for one that is not there."""
    # RFC 6265 5.4, one by one: a neighbour's odd cookie must not hide ours, as it would from `http.cookies`.
    parts = (part.partition("=") for part in header.split(";"))
    held = {key.strip(): plain(value.strip()) for key, _, value in parts}
    return held.get(name(site, OFFICER), ""), held.get(name(site, DEVICE), "")


FRAMED: Final = frozenset({DEVICE, LINK, WAITING, VISIT, WINDOW, LANGUAGE, SEEN, TYPE})
"""Which a frame of another site needs; an officer's is never sent there."""


def same_site(site: Site, cookie: str) -> str:
    """Lax, not Strict: people come back by tapping a link in a text message. Where pages may be framed, the browser
    keeps those of the frame apart for each site around it; `http.cookies` has no word for that before Python 3.14."""
    return "None; Partitioned" if site.framed_by and cookie in FRAMED else "Lax"


def put(request: web.Request, response: web.StreamResponse, cookie: str, value: str) -> None:
    site = request.app[SITE]
    response.set_cookie(
        name(site, cookie),
        value,
        max_age=LIFETIMES[cookie],
        path=PATHS.get(cookie, "/"),
        secure=site.secure,
        httponly=True,
        samesite=same_site(site, cookie),
    )


def drop(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    site = request.app[SITE]
    response.del_cookie(
        name(site, cookie),
        path=PATHS.get(cookie, "/"),
        secure=site.secure,
        httponly=True,
        samesite=same_site(site, cookie),
    )
