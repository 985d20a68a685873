"""What makes pages easier: nothing ends without a word before, words are explained, a choice of type is kept."""

from __future__ import annotations

import json
import re

import pytest

from offices import SIGNED_IN_IDLE
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from web.http import cookies


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(aiohttp_client: AiohttpClient, world: World) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_an_office_page_says_when_it_signs_out_and_how_to_stay(page: Browser, world: World) -> None:
    page.sign_in(world.identity.token("zhou"))
    text = (await page.get("/desk")).text
    assert f'data-ends="{int(SIGNED_IN_IDLE.total_seconds())}"' in text
    assert 'data-alive="/api/alive"' in text
    assert re.search(r"data-ends=[^>]* hidden>", text)  # not before it is time
    answer = await page.get("/api/alive")
    assert json.loads(answer.text) == {"seconds": SIGNED_IN_IDLE.total_seconds()}


async def test_whoever_is_not_signed_in_is_told_so(page: Browser) -> None:
    assert (await page.get("/api/alive")).status == 401


async def test_the_code_s_page_says_when_it_ends_and_sends_another(page: Browser, world: World) -> None:
    phone = await another(page)
    device = await world.links.begin(world.link())
    phone.cookies[cookies.DEVICE] = device
    for kind in ("notice", "recording"):
        await phone.get(f"/join/{kind}")
        await phone.post(f"/join/{kind}", {"answer": "yes"})
    await world.links.send_code(device, "127.0.0.1")
    fresh = (await phone.get("/join/code?sent=1")).text
    assert re.search(r'data-ends="600" data-name="code" data-fresh', fresh)
    assert 'form="again"' in fresh
    assert 'id="again"' in fresh
    assert "<details" in fresh
    await phone.post("/join/code", {"code": "000000"})
