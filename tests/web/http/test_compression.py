"""What is packed on the way out, and what must not be."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import ZHOU, World
from web.http import responses
from web.http.security import access_map, anyone

LONG = "云" * responses.SMALLEST


@anyone
async def page(request: web.Request) -> web.Response:
    return web.Response(text=LONG, content_type="text/html")


@anyone
async def short(request: web.Request) -> web.Response:
    return web.Response(text="<p>云", content_type="text/html")


@anyone
async def data(request: web.Request) -> web.Response:
    return web.json_response({"long": LONG})


@anyone
async def huge(request: web.Request) -> web.Response:
    return web.json_response({"long": LONG * 300})


@anyone
async def picture(request: web.Request) -> web.Response:
    return web.Response(body=LONG.encode(), content_type="image/png")


@anyone
async def secret(request: web.Request) -> web.Response:
    responses.leave_plain(request)
    return web.Response(text=LONG, content_type="text/html")


def extra(app: web.Application) -> None:
    for handler in (page, short, data, huge, picture, secret):
        app.router.add_get(f"/{handler.__name__}", handler)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def person(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app(extra))


async def coding(person: Browser, path: str, accepts: str = "gzip, deflate, br", **headers: str) -> str:
    answer = await person.get(path, **{"Accept-Encoding": accepts}, **headers)
    return answer.headers.get("Content-Encoding", "")


@pytest.mark.parametrize("path", ["/page", "/data", "/huge", "/nowhere"])
async def test_pages_and_data_are_packed(person: Browser, path: str) -> None:
    assert await coding(person, path) == "gzip"
    assert await coding(person, path, "identity") == ""


async def test_what_is_packed_is_what_was_said(person: Browser) -> None:
    async with person.client.get("/page", auto_decompress=False, headers={"Accept-Encoding": "gzip"}) as response:
        raw = await response.read()
    assert gzip.decompress(raw).decode() == LONG
    assert int(response.headers["Content-Length"]) == len(raw) < len(LONG.encode()) / 10
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/short", "/picture"])
async def test_what_gains_nothing_is_left(person: Browser, path: str) -> None:
    assert await coding(person, path) == ""


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br, gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("xgz", False),
    ],
)
async def test_only_who_takes_gzip_gets_it(person: Browser, accepts: str, packed: bool) -> None:
    assert (await coding(person, "/page", accepts) == "gzip") is packed


@pytest.mark.parametrize(
    ("site", "packed"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)]
)
async def test_what_another_site_asked_for_is_not_packed(person: Browser, site: str, packed: bool) -> None:
    """Its length would tell that site how well its own text fits the page's (BREACH)."""
    assert (await coding(person, "/page", **{"Sec-Fetch-Site": site}) == "gzip") is packed


async def test_a_page_with_a_secret_is_not_packed(person: Browser) -> None:
    assert await coding(person, "/secret") == ""


async def test_no_page_that_shows_a_join_link_is_packed(world: World, person: Browser) -> None:
    link = world.link()
    person.sign_in(world.identity.token(ZHOU.login))
    app = person.client.server.app  # type: ignore[attr-defined]
    shown = []
    for method, path in access_map(app):
        if method == "GET":
            path = path.replace("{session}", world.session).replace("{complaint}", "c0")
            answer = await person.get(path.replace("{seat}", "s-consumer"))
            if link in answer.text:
                shown.append(path)
                assert "Content-Encoding" not in answer.headers, path
    assert shown, "the links are shown somewhere"


async def test_the_second_factors_key_is_not_packed(world: World, person: Browser) -> None:
    person.sign_in(world.identity.token(ZHOU.login))
    await person.get("/account")
    answer = await person.post("/account/totp")
    assert "JBSWY3DPEHPK3PXP" in answer.text
    assert "Content-Encoding" not in answer.headers
