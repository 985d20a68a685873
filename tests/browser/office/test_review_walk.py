"""One mediation reviewed by keys, from Monday's plan to its close: what a supervisor does is counted.

The figures stand in docs/supervision.md. Typing a text counts as one action, its letters do not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from rooms.supervision.reviewing import checklist_items
from tests.browser import axe
from tests.machine import browser
from tests.server.supervision.house import house
from tests.web.client import AiohttpClient
from web.http import cookies

pytestmark = pytest.mark.browser


class Hands:
    """Acts in a page and counts; `loads`: pages that came in whole."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys, self.texts, self.loads = page, 0, 0, 0, 0
        page.on("domcontentloaded", lambda _page: self._loaded())

    def _loaded(self) -> None:
        self.loads += 1

    async def click(self, where: str) -> None:
        self.clicks += 1
        await self.page.locator(where).first.click()

    async def press(self, key: str) -> None:
        self.keys += 1
        await self.page.keyboard.press(key)

    async def write(self, where: str, text: str) -> None:
        self.texts += 1
        await self.page.locator(where).fill(text)

    @property
    def counted(self) -> dict[str, int]:
        return {"loads": self.loads, "clicks": self.clicks, "keys": self.keys, "texts": self.texts}


async def test_a_review_by_keys_takes_three_actions_an_item_and_five_pages(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    at = await house(tmp_path, aiohttp_client)
    home = str(at.nobody.client.make_url("")).rstrip("/")
    asked = checklist_items("settled")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = await chromium.new_context(viewport={"width": 1280, "height": 844})
        token = at.supervisor.cookies[cookies.OFFICER]
        for name, value in ((cookies.OFFICER, token), (cookies.LANGUAGE, "en")):
            await context.add_cookies([{"name": name, "value": value, "url": home}])
        page = await context.new_page()
        hands = Hands(page)
        await page.goto(f"{home}/supervision")
        await hands.click("#plan-1 >> xpath=ancestor::section >> css=tbody th a")
        await hands.click("#work .btn-act")
        await expect(page.locator("#review-keys")).to_be_visible()
        assert await axe.violations(page) == []
        address = page.url.split("#")[0]
        for item in asked:
            here, wrong = page.locator(f"#item-{item}"), item == asked[1]
            await hands.press("Alt+2" if wrong else "Alt+1")
            await expect(here.locator(f"input[name=answer][value={'no' if wrong else 'yes'}]")).to_be_checked()
            if await here.locator("input[name^=entry_]").count():
                await hands.press("Alt+e")
                await expect(here.locator("input[name^=entry_]").first).to_be_checked()
            else:
                await hands.write(f"#{item}-moments", "00:20")
            await hands.press("Enter")
            await expect(here.locator(".line .badge").first).to_be_visible()
            if wrong:  # the finding it asks for has begun, about this and resting on the same
                await expect(page.locator("form[data-key=finding] input[name=severity]").first).to_be_focused()
                await expect(page.locator("#finding-item")).to_have_value(item)
                await hands.press("ArrowDown")
                await hands.write("#finding-text", "没有讲清楚")
                await hands.click("form[data-key=finding] .btn-dense:not([type=button])")
                await expect(page.locator("#finding-1 .evidence li")).to_have_count(1)
                await expect(page.locator(f"#item-{asked[2]} summary")).to_be_focused()
        await expect(page.locator("[data-unanswered]")).to_have_count(0)
        await hands.press("Alt+n")
        await expect(page.locator("#summary")).to_be_focused()
        await hands.write("#summary", "总体规范")
        await hands.click("#summary >> xpath=ancestor::form >> css=.btn-act")
        await expect(page.locator("h1")).to_contain_text("who answers")

        session = address.rsplit("/", 1)[1]
        await at.mediator.get(f"/supervision/reviews/{session}")
        answer = await at.mediator.post(f"/supervision/reviews/{session}/reply", {"accepts_1": "yes"})
        assert answer.status == 303, answer.text

        await page.goto(f"{home}/supervision")
        await hands.click("#replied-h >> xpath=ancestor::section >> css=.row a")
        await hands.click("#work .btn-act")
        await expect(page.locator("h1")).to_contain_text("closed")
        await chromium.close()
    assert hands.counted == {"loads": 5, "clicks": 6, "keys": 23, "texts": 8}
