"""Signing by link on a phone: the pad, its question, and a page that comes back with what was written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from tests.browser import axe
from tests.machine import browser
from tests.web.fakes import World
from tests.web.fakes.records.signing import COPY_CODE, LINK

pytestmark = pytest.mark.browser

LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280)])
async def test_a_name_written_with_a_finger_is_what_is_sent(language: str, width: int) -> None:
    world = World()
    async with TestServer(world.app()) as server, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        page = await chromium.new_page(viewport={"width": width, "height": 844})
        home = str(server.make_url("")).rstrip("/")
        await page.goto(f"{home}/g/{LINK}?lang={language}")
        await page.locator(".btn-act").click()
        await page.fill("#code", COPY_CODE)
        await page.locator(".btn-act").click()
        await expect(page.locator("#hand")).to_be_hidden()
        await page.locator("#write").click()
        await expect(page.locator("#typed")).to_be_hidden()
        await page.check("[name=read]")
        await page.check("[name=electronic]")
        await page.locator("[form=sign]").click()
        await expect(page.locator("#unwritten")).to_be_visible()
        pad = await page.locator("#pad").bounding_box()
        assert pad is not None
        await page.mouse.move(pad["x"] + 40, pad["y"] + 40)
        await page.mouse.down()
        await page.mouse.move(pad["x"] + 240, pad["y"] + 120, steps=12)
        await page.mouse.up()
        await expect(page.locator("#unwritten")).to_be_hidden()
        await page.locator("[form=sign]").click()  # nothing was said yet of keeping the handwriting
        await page.wait_for_load_state()
        await expect(page.locator(".error").first).to_be_visible()
        await expect(page.locator("#hand")).to_be_visible()
        assert world.by_link.signed == []
        assert await axe.violations(page) == []
        assert await axe.sideways(page) == []
        if LOOK:
            await page.screenshot(path=Path(LOOK) / f"sign-by-link-{language}-{width}.png", full_page=True)
        await page.check("#handwriting")
        await page.locator("[form=sign]").click()
        await page.wait_for_load_state()
        [drawn] = world.by_link.drawn
        assert drawn is not None
        assert len(drawn.strokes) == 1  # the stroke of before the question
        assert len(drawn.strokes[0]) > 5
        await chromium.close()
