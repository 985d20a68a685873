"""What the first page of the public form says of itself."""

from __future__ import annotations

from tests.web.client import AiohttpClient, browser
from tests.web.fakes import World


async def test_the_public_form_says_that_it_is_not_the_national_platform(aiohttp_client: AiohttpClient) -> None:
    page = await browser(aiohttp_client, World().app())
    text = (await page.get("/file")).text
    assert "not the national 12315 platform" in text
