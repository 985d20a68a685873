"""Whoever presses a button twice has asked once, by a real browser and a server that takes its time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Request, Route, async_playwright, expect

from tests.browser.people import FLAGS
from tests.machine import browser as chromium
from tests.server.app.application import demo_program

pytestmark = pytest.mark.browser


@pytest.mark.long
async def test_a_form_is_sent_once_however_often_its_button_is_pressed(tmp_path: Path) -> None:
    asked: list[Request] = []
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route.request)
            arrived.set()
            await answer.wait()
        await route.continue_()

    async with demo_program(tmp_path) as venue, async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        page = await (await chrome.new_context(locale="zh-CN")).new_page()
        await page.goto(f"{venue.url}/sign-in?lang=zh")
        await page.fill("[name=login]", "zhoumin")
        await page.fill("[name=password]", "by mistake")
        await page.route("**/sign-in", slowly)
        button = page.locator("main form button.btn-act")
        at = await button.bounding_box()
        assert at is not None
        await page.mouse.click(at["x"] + 20, at["y"] + 20)
        await asyncio.wait_for(arrived.wait(), 30)
        await page.mouse.click(at["x"] + 20, at["y"] + 20)
        answer.set()
        await expect(page.locator("main .error, main [role=alert]").first).to_be_visible()
        assert len(asked) == 1
        await page.fill("[name=password]", venue.password)
        await button.click()
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        assert len(asked) == 2
        await chrome.close()
