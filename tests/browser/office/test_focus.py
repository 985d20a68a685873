"""Monday's page in a browser: a supervisor sees what matters and why, and puts one aside and back, on two screens."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import ViewportSize, async_playwright, expect

from tests.browser.axe import sideways, violations
from tests.machine import browser
from tests.web.fakes import LIN, World
from web.http import cookies

pytestmark = pytest.mark.browser
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.mark.parametrize(
    ("language", "heading", "aside", "why", "back"),
    [
        ("zh", "本周有3项需要关注", "暂不处理", "known", "撤回上一步"),
        ("en", "3 things are worth a look this week", "Put it aside", "known", "Take the last step back"),
    ],
)
async def test_a_supervisor_looks_at_the_week_and_puts_one_aside(
    language: str, heading: str, aside: str, why: str, back: str
) -> None:
    world = World()
    world.focus.fill()
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for screen in (PHONE, DESK):
            context = await chromium.new_context(viewport=screen)
            token = world.identity.token(LIN.login)
            await context.add_cookies([{"name": cookies.OFFICER, "value": token, "url": home}])
            page = await context.new_page()
            for path in ("/focus", "/focus/month", "/focus/how", "/focus/s3/warning", "/focus/s1"):
                await page.goto(f"{home}{path}?lang={language}")
                assert await violations(page) == [], path
                assert await sideways(page) == [], path
            await page.get_by_text(aside).first.click()
            await page.select_option("#reason", why)
            await page.get_by_role("button", name=aside).click()
            await expect(page.get_by_role("button", name=back)).to_be_visible()
            assert world.focus.spots["s1"].stage == "dismissed"
            await page.get_by_role("button", name=back).click()
            await page.goto(f"{home}/focus")
            await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            await context.close()
        await chromium.close()
    await server.close()
