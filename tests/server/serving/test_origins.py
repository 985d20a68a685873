"""From which sites a browser may open a socket."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp import web

from server.serving.gate import Origins
from server.serving.settings import Settings
from tests.web.client import AiohttpClient
from web.http.security import PROXIES, Proxies, same_origin

HERE = "yuntiao.example"
PUBLIC = Settings(public_url="https://tiaojie.example.cn")
NOWHERE = Settings()


async def allowed(
    aiohttp_client: AiohttpClient, settings: Settings, origin: str, *trusted: str, **headers: str
) -> bool:
    """Asked through a real request, as the handshake's environ holds it."""
    app = web.Application()
    app[PROXIES] = Proxies(tuple(map(ip_network, trusted)))
    answers = []

    async def handshake(request: web.Request) -> web.Response:
        answers.append(Origins(settings, same_origin)(request.headers.get("Origin"), {"aiohttp.request": request}))
        return web.Response()

    app.router.add_get("/", handshake)
    client = await aiohttp_client(app)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    await client.get("/", headers={"Host": HERE, "Origin": origin, **sent})
    return answers[0]


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (f"http://{HERE}", True),
        (f"http://{HERE.upper()}", True),
        (f"https://{HERE}", False),
        (f"http://{HERE}:81", False),
        (f"http://{HERE}.evil.example", False),
        (f"http://{HERE}@evil.example", False),
        ("http://evil.example", False),
        ("null", False),
    ],
)
async def test_without_a_public_address_it_is_the_one_that_was_asked(
    aiohttp_client: AiohttpClient, origin: str, may: bool
) -> None:
    assert await allowed(aiohttp_client, NOWHERE, origin) is may


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://tiaojie.example.cn", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1:8080", True),
        ("http://tiaojie.example.cn", False),
        (f"http://{HERE}", False),
    ],
)
async def test_with_a_public_address_it_is_that_one_and_this_machines(
    aiohttp_client: AiohttpClient, origin: str, may: bool
) -> None:
    assert await allowed(aiohttp_client, PUBLIC, origin) is may


async def test_a_trusted_proxys_scheme_makes_the_origin(aiohttp_client: AiohttpClient) -> None:
    proxied = {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "https"}
    assert await allowed(aiohttp_client, NOWHERE, f"https://{HERE}", "127.0.0.1", **proxied)
    assert not await allowed(aiohttp_client, NOWHERE, f"http://{HERE}", "127.0.0.1", **proxied)
    assert not await allowed(aiohttp_client, NOWHERE, f"https://{HERE}", **proxied)


async def test_a_forwarded_host_makes_no_origin(aiohttp_client: AiohttpClient) -> None:
    forged = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}
    assert not await allowed(aiohttp_client, NOWHERE, "http://evil.example", "127.0.0.1", **forged)
