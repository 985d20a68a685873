"""The page that says whether what the installation is connected to works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from offices.systems import ConnectionState
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from web.http import cookies

TEST = "/systems/connections/messages/aliyun/test"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def chief(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("admin"))
    visitor.cookies[cookies.LANGUAGE] = "en"
    return visitor


async def test_it_says_of_each_whether_it_works(chief: Browser) -> None:
    page = await chief.get("/systems/connections")
    for said in ("Text messages and the like", "aliyun", "dysmsapi.aliyuncs.com", "works", "Sign-on", "not used yet"):
        assert said in page.text
    assert "对接情况" in (await chief.get("/systems/connections?lang=zh")).text


async def test_while_the_newest_use_failed_it_says_why_and_what_came_back(world: World, chief: Browser) -> None:
    one = world.connections.known[0]
    assert one.succeeded_at is not None
    failed = one.after_failure(one.succeeded_at + timedelta(hours=1), "refused", "SignatureDoesNotMatch")
    world.connections.known[0] = failed
    for page in (await chief.get("/systems/connections"), await chief.post(TEST, {f"given-{failed.kind}-aliyun": "1"})):
        assert "Check account and secret" in page.text
        assert "SignatureDoesNotMatch" in page.text


async def test_a_test_asks_for_the_number_it_is_sent_to(world: World, chief: Browser) -> None:
    await chief.get("/systems/connections")
    missing = await chief.post(TEST, {})
    assert (missing.status, world.connections.given) == (422, [])
    sent = await chief.post(TEST, {"given-messages-aliyun": "13900000000"})
    assert (sent.status, world.connections.given) == (200, ["13900000000"])
    assert "The connection to aliyun works." in sent.text
    assert (await chief.post("/systems/connections/messages/other/test", {})).status == 404


async def test_what_comes_back_is_text(world: World, chief: Browser) -> None:
    one = replace(world.connections.known[1], where="<script>alert(1)</script>")
    world.connections.known[1] = one.after_failure(world.clock.now, "not_understood", "<img src=x>")
    page = await chief.get("/systems/connections")
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text


async def test_with_nothing_connected_the_page_says_so(world: World, chief: Browser) -> None:
    world.connections.known = list[ConnectionState]()
    assert "Nothing is connected yet." in (await chief.get("/systems/connections")).text
