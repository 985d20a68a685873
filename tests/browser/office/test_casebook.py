"""A case gone through in a browser: place by place, undone, approved, sent on; readable in both languages."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from tests import ROOT
from tests.browser import axe
from tests.machine import browser
from tests.web.fakes import ZHOU, World
from web.http import cookies

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
SIZES = ((1280, 800), (390, 844))


SELECT = """(text, words) => {
  const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.textContent.indexOf(words);
    if (at >= 0) return getSelection().setBaseAndExtent(walk.currentNode, at, walk.currentNode, at + words.length);
  }
  throw new Error(words);
}"""


async def seen(page: Page, name: str, language: str, wrong: list[str]) -> None:
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await axe.settle(page)
        found = [*await axe.violations(page), *await axe.sideways(page)]
        wrong += [f"{name} ({language}, {width} px): {one}" for one in found]
        await page.screenshot(path=PICTURES / f"casebook-{name}-{width}-{language}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_a_case_is_gone_through_and_sent_on(language: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    world, wrong = World(), list[str]()
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = await chromium.new_context(reduced_motion="reduce")
        token = world.identity.token(ZHOU.login)
        await context.add_cookies([{"name": cookies.name(world.site, cookies.OFFICER), "value": token, "url": home}])
        page = await context.new_page()
        for path, name in (
            ("/casebook", "shelf"),
            ("/casebook/board", "board-empty"),
            ("/casebook/making", "making"),
            ("/casebook/cases/k1", "case"),
            ("/casebook/cases/k2/sheet", "sheet"),
            ("/casebook/take-in", "take-in"),
            ("/casebook/take-in/a-cut", "cut"),
            ("/casebook/topics", "topics"),
            ("/casebook/notes", "notes"),
            ("/casebook/notes/contract-R89", "note"),
            ("/casebook/cases/k2/texts", "texts"),
        ):
            await page.goto(f"{home}{path}?lang={language}")
            await seen(page, name, language, wrong)
        work = world.casebook.works["k2"]
        pending = work.now.pending
        await page.locator("button[name=do][value=hidden]").first.click()
        await page.wait_for_load_state()
        assert work.now.pending == pending - 1
        await page.locator("button[name=do][value=back]").first.click()
        await page.wait_for_load_state()
        assert work.now.pending == pending, "undone"
        while await (rest := page.locator("button[name=do][value=rest]")).count():
            await rest.first.click()
            await page.wait_for_load_state()
        assert work.now.pending == 0
        raw = page.locator("[data-raw=facts]")
        await raw.evaluate(SELECT, "关门")
        async with page.expect_navigation():
            await page.keyboard.press("Alt+m")
        await seen(page, "texts-marked", language, wrong)
        assert work.now.pending == 0
        assert "关门" not in await page.locator("#t-facts .case-text").nth(1).inner_text()
        async with page.expect_navigation():
            await page.locator("#done button").click()
        assert "关门" in await page.locator("#t-facts .case-text").nth(1).inner_text(), "undone"
        await page.fill("#words", "门店")
        await page.locator("#mark button").click()
        await page.wait_for_load_state()
        await seen(page, "texts-decided", language, wrong)
        await page.locator("form[action$=approve] button").click()
        await page.wait_for_url("**/casebook/cases/k2")
        await seen(page, "approved", language, wrong)
        for box in await page.locator("#send input[type=checkbox]").all():
            await box.check()
        await page.locator("#send button").click()
        await page.wait_for_load_state()
        assert work.now.state.value == "review"
        assert "门店" not in work.now.texts["facts"]
        await chromium.close()
    await server.close()
    assert not wrong, "\n" + "\n".join(wrong)


async def test_what_is_selected_with_a_mouse_is_hidden_at_once_and_by_touch_with_the_button_that_appears() -> None:
    world = World()
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    token = world.identity.token(ZHOU.login)
    name = cookies.name(world.site, cookies.OFFICER)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        desk = await (context := await chromium.new_context(reduced_motion="reduce")).new_page()
        await context.add_cookies([{"name": name, "value": token, "url": home}])
        await desk.goto(f"{home}/casebook/cases/k2/texts")
        marked = desk.locator("[data-raw=facts]")
        await marked.scroll_into_view_if_needed()
        await marked.evaluate(SELECT, "门店")
        box = await marked.evaluate("() => getSelection().getRangeAt(0).getBoundingClientRect().toJSON()")
        await desk.evaluate("getSelection().removeAllRanges()")
        await desk.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
        await desk.mouse.down()
        await desk.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=4)
        await desk.mouse.up()
        await desk.wait_for_url("**since=*")
        assert "门店" not in await desk.locator("#t-facts .case-text").nth(1).inner_text()
        assert await desk.locator("#done").is_visible()

        phone = await chromium.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
        await phone.add_cookies([{"name": name, "value": token, "url": home}])
        hand = await phone.new_page()
        await hand.goto(f"{home}/casebook/cases/k2/texts")
        button = hand.locator("#select-hides button")
        assert not await button.is_visible()
        await hand.locator("[data-raw=facts]").evaluate(SELECT, "办卡")
        await button.wait_for()
        size = await button.bounding_box()
        assert size is not None
        assert size["height"] >= 44
        await button.tap()
        await hand.wait_for_url("**since=*")
        assert "办卡" not in await hand.locator("#t-facts .case-text").nth(1).inner_text()
        await chromium.close()
    await server.close()
