"""What was asked for in a dialog and refused is shown where people look, by a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser import axe
from tests.browser.people import FLAGS
from tests.machine import browser as chromium
from tests.server.app.application import demo_program

pytestmark = pytest.mark.browser


@pytest.mark.long
async def test_a_dialog_that_was_refused_lies_over_the_page_again_and_says_what_is_missing(
    tmp_path: Path, artifacts: Path
) -> None:
    async with demo_program(tmp_path) as venue, async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        page = await (await chrome.new_context(locale="zh-CN")).new_page()
        await page.goto(f"{venue.url}/sign-in?lang=zh")
        await page.fill("[name=login]", "zhoumin")
        await page.fill("[name=password]", venue.password)
        await page.click("main form button.btn-act")
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        await page.goto(f"{venue.url}/complaints")
        await page.locator("main a[href^='/complaints/']", has_text="〔").first.click()
        await page.locator("[data-open=attach]").click()
        await page.locator("dialog:modal button.btn-act").click()
        await expect(page.locator("dialog#attach:modal .error")).to_be_in_viewport()
        field = page.locator("dialog:modal [aria-invalid=true]")
        await expect(field).to_be_focused()
        assert await field.get_attribute("aria-describedby")
        assert await axe.violations(page) == []
        await page.screenshot(path=artifacts / "refused-in-a-dialog.png")
        await chrome.close()
