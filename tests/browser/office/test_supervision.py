"""A supervisor's Monday in a real browser: the plan, a review whose typing survives a closed tab, the report."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from server.app.demo import OFFICE
from tests.browser import axe
from tests.machine import browser
from tests.server.supervision.house import House, house, this_week
from tests.web.client import AiohttpClient
from web.http import cookies

pytestmark = pytest.mark.browser

REVIEW = "/supervision/reviews/w-m3"
PAGES = {
    "plan": "/supervision",
    "draw": f"/supervision/plans/{OFFICE.id}/{this_week()}",
    "rule": "/supervision/rule",
    "review": REVIEW,
    "reviews": "/supervision/reviews",
    "report": "/supervision/reports",
}
LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures


async def sound(page: Page, name: str) -> None:
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await axe.violations(page) == [], (name, width)
        assert await axe.sideways(page) == [], (name, width)
        if LOOK:
            await page.screenshot(path=Path(LOOK) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_a_supervisors_monday(tmp_path: Path, aiohttp_client: AiohttpClient, language: str) -> None:
    at: House = await house(tmp_path, aiohttp_client)
    home = str(at.nobody.client.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = await chromium.new_context(viewport={"width": 1280, "height": 844})
        for name in (cookies.OFFICER,):
            await context.add_cookies([{"name": name, "value": at.supervisor.cookies[name], "url": home}])
        await context.add_cookies([{"name": cookies.LANGUAGE, "value": language, "url": home}])
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        await page.goto(home + REVIEW)
        await page.locator("#work .btn-act").click()
        for name in ("rights", "recusal"):
            await page.locator(f"#item-{name} summary").click()
        await page.locator("#rights-note").fill("想到一半")
        async with page.expect_response(lambda answer: answer.url.endswith("/draft")):
            await page.locator("#recusal-note").fill("另一半")
        await page.close()  # a closed tab
        page = await context.new_page()
        await page.goto(home + REVIEW)
        await expect(page.locator("#recusal-note")).to_have_value("另一半")
        item = page.locator("#item-identity")
        await item.locator("input[value=yes]").first.check()
        await item.locator("input[name=moments]").fill("00:20")
        await item.locator("button:not([type=button])").click()
        await expect(item.locator(".badge")).to_be_visible()  # sent without leaving the page
        await expect(page.locator("#rights-note")).to_have_value("想到一半")
        for name, path in PAGES.items():
            await page.goto(home + path)
            await sound(page, f"{name}-{language}")
        await context.add_cookies(
            [{"name": cookies.OFFICER, "value": at.mediator.cookies[cookies.OFFICER], "url": home}]
        )
        await page.goto(home + "/practice")
        await sound(page, f"practice-{language}")
        await chromium.close()
        assert not said
