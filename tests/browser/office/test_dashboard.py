"""A dashboard's chart in a browser: it answers to pointing and leads to records, and without script it is there too."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from tests.browser.axe import sideways, violations
from tests.machine import browser
from tests.web.fakes import LIN, World
from tests.web.office.statistics.test_boards import fact
from web.http import cookies

pytestmark = pytest.mark.browser
JUNE = "from=2026-06-01&to=2026-06-30"


@asynccontextmanager
async def supervisor(width: int, script: bool = True) -> AsyncIterator[tuple[Page, list[str]]]:
    """A signed-in page, and what its console complains about, the content policy among it."""
    world = World()
    world.statistics.facts = [*(fact(f"q{n}") for n in range(14)), *(fact(f"p{n}", problem="price") for n in range(4))]
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = await chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, base_url=home
        )
        await context.add_cookies([{"name": cookies.OFFICER, "value": world.identity.token(LIN.login), "url": home}])
        page, complaints = await context.new_page(), list[str]()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        yield page, complaints
        await chromium.close()
    await server.close()


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (1280, "en")])
@pytest.mark.parametrize(("by", "across", "down"), [("problem", 0.8, 0.3), ("month", 0.3, 0.5)])
async def test_the_chart_answers_and_a_bar_opens_its_records(
    width: int, language: str, by: str, across: float, down: float
) -> None:
    async with supervisor(width) as (page, complaints):
        await page.goto(f"/statistics/dashboard?{JUNE}&by={by}&lang={language}")
        canvas = page.locator(".chart-live canvas")
        await expect(canvas).to_be_visible()
        await expect(page.locator("[data-live]")).to_be_hidden()
        assert await violations(page) == []
        assert await sideways(page) == []
        await canvas.scroll_into_view_if_needed()
        box = await canvas.bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        await expect(page).to_have_url(re.compile(r"/statistics/received@1/records\?"))
        assert complaints == []


async def test_without_script_the_page_draws_it() -> None:
    async with supervisor(1280, script=False) as (page, _):
        await page.goto(f"/statistics/dashboard?{JUNE}&by=problem&lang=en")
        await expect(page.locator("ul.bars")).to_be_visible()
        await expect(page.get_by_text("The upright mark")).to_be_visible()
