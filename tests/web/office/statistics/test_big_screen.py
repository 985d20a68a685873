"""What a screen says of hot spots, and what it answers without a token, on fakes."""

from __future__ import annotations

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World


@pytest.fixture
async def nobody(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_a_business_is_not_named_and_a_published_warning_is_told_by_its_title(
    nobody: Browser, world: World
) -> None:
    nobody.sign_in(world.identity.token("lin"))
    page = (await nobody.get("/supervision?lang=en")).text
    assert "A business · " in page
    assert "12 complaints, 3 expected" in page
    assert "&lt;b&gt;年卡&lt;/b&gt;消费警示" in page
    assert "nobody has looked yet" in page


async def test_without_a_token_there_is_a_form_and_no_figure(nobody: Browser) -> None:
    page = await nobody.get("/screen")
    assert "data-screen-enter" in page.text
    assert "data-figure" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert (await nobody.get("/screen/figures")).status == 401
    refused = await nobody.post("/screen", {"token": "yt_nothing"})
    assert refused.status == 401
    assert "yt_nothing" not in refused.text
