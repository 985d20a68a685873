"""Ready or not, and what is counted, without the rest of the program."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from server.serving import health
from server.serving.health import Health
from tests.web.client import AiohttpClient
from web.http import security

Client = TestClient[web.Request, web.Application]


async def broken() -> bool:
    raise OSError("disk gone")


async def fine() -> bool:
    return True


async def serving(aiohttp_client: AiohttpClient, of: Health) -> Client:
    app = web.Application()
    security.install_proxies(app)
    of.install(app)
    app.cleanup_ctx.append(of.running)
    return await aiohttp_client(app)


async def test_ready_is_when_every_check_says_so(aiohttp_client: AiohttpClient) -> None:
    client = await serving(aiohttp_client, Health({"database": fine}, {}, security.from_here))
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "checks": {"database": True}})


async def test_why_it_is_not_ready_is_in_the_log_and_not_in_the_answer(
    aiohttp_client: AiohttpClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await serving(aiohttp_client, Health({"database": broken}, {}, security.from_here))
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert "disk gone" not in await answer.text()
    assert "disk gone" in "".join(capsys.readouterr())  # of a server on its output, of a command on its errors


async def test_a_check_that_cannot_be_broken_off_is_not_waited_for(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_CHECK_SECONDS", 0.01)
    answered = asyncio.Event()

    async def stubborn() -> bool:  # as psycopg, whose server does not end a statement
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await answered.wait()
        return True

    client = await serving(aiohttp_client, Health({"database": stubborn}, {}, security.from_here))
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (503, {"ready": False, "checks": {"database": False}})
    answered.set()


async def test_methods_that_no_page_has_are_one_series(aiohttp_client: AiohttpClient) -> None:
    client = await serving(aiohttp_client, Health({}, {}, security.from_here))
    for method in ("PROPFIND", "MKCOL", "LOCK"):
        await client.request(method, "/coffee")
    text = await (await client.get("/metrics")).text()
    assert 'yuntiao_http_requests_total{method="other",route="none",status="404"} 3.0' in text
    assert "PROPFIND" not in text
