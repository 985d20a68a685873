"""The queue in a real browser: on one screen, by keyboard and by touch, with an undo, counting presses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from complaints.channels.mapping import IMPORTED
from server.imports.jobs import unfinished_imports
from tests import ROOT
from tests.browser import axe
from tests.browser.office.scheduling import Scheduling, scheduling
from tests.tools.bench.pages import hotline_export

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
EXPORTS = ROOT / "tests" / "server" / "imports" / "exports"
MORNING = 60  # complaints
FILLS = "document.documentElement.scrollHeight <= document.documentElement.clientHeight"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path) as made:
        yield made


async def opened(office: Scheduling, language: str = "zh") -> Page:
    page = await office.window(office.zhou, language)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{office.home}/queue")
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_complaint_is_on_one_screen_and_the_page_is_sound_at_both_widths(
    office: Scheduling, language: str
) -> None:
    page = await opened(office, language)
    assert await page.evaluate(FILLS)
    await expect(page.locator("[data-press=Enter]")).to_be_in_viewport(ratio=1)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height in ((1280, 800), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await axe.settle(page)
        assert [*await axe.violations(page), *await axe.sideways(page)] == []
        await page.screenshot(path=PICTURES / f"queue-{width}-{language}.png")


async def test_enter_accepts_the_next_is_there_at_once_and_undo_brings_it_back(office: Scheduling) -> None:
    page = await opened(office)
    number = await page.locator(".queue-text .num a").first.text_content()
    await page.locator("main").click(position={"x": 2, "y": 2})
    await page.keyboard.press("Enter")
    await expect(page.locator(".queue-undo form")).to_have_count(1)
    await expect(page.locator(".queue-text .num a").first).not_to_have_text(number or "")
    assert await office.texts("notice") == []
    await page.keyboard.press("Alt+u")
    await page.wait_for_url("**/queue?at=*")
    await expect(page.locator(".queue-text .num a").first).to_have_text(number or "")
    await expect(page.locator(".queue-undo")).to_have_count(0)


async def test_keys_can_be_turned_off_and_stay_off(office: Scheduling) -> None:
    page = await opened(office)
    number = await page.locator(".queue-text .num a").first.text_content()
    await page.locator("[data-queue-keys] input").uncheck()
    await page.reload()
    await expect(page.locator("[data-queue-keys] input")).not_to_be_checked()
    await expect(page.locator("[data-key-shown]").first).to_be_hidden()
    await page.keyboard.press("Alt+s")
    await page.keyboard.press("Enter")
    await page.locator("[data-press=s]").click()
    await page.wait_for_url("**/queue?after=*")
    await expect(page.locator(".queue-text .num a").first).not_to_have_text(number or "")
    await expect(page.locator(".queue-undo")).to_have_count(0)


async def imported(office: Scheduling, page: Page, channel: str, content: bytes, folder: Path) -> None:
    await page.goto(f"{office.home}/imports")
    token = await page.locator("input[name=csrf]").first.input_value()
    kept = "; ".join(f"{one.get('name')}={one.get('value')}" for one in await page.context.cookies())
    form = aiohttp.FormData({"csrf": token, "channel": channel})
    form.add_field("file", content, filename=f"{channel}.csv")
    async with aiohttp.ClientSession(headers={"Cookie": kept}) as http:
        async with http.post(f"{office.home}/imports", data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            where = answer.headers["Location"]
        async with http.post(f"{office.home}{where}/start", data={"csrf": token}, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
    async with asyncio.timeout(60):
        while await asyncio.to_thread(unfinished_imports, folder):
            pass


async def test_sixty_mixed_complaints_come_from_the_channels_exports_and_are_told_by_a_press_each(
    office: Scheduling, tmp_path: Path
) -> None:
    page = await office.window(office.zhou)
    for channel in IMPORTED:
        await imported(office, page, channel, (EXPORTS / f"{channel}.csv").read_bytes(), tmp_path)
    await imported(office, page, "hotline", hotline_export(120), tmp_path)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{office.home}/queue")
    accepted: list[str] = []
    presses = skipped = 0
    while len(accepted) < MORNING:
        card = page.locator(".queue-text .num a").first
        path = await card.get_attribute("href")
        assert path, f"the queue ended after {len(accepted)} accepted and {skipped} skipped"
        assert await page.evaluate(FILLS)
        clear = await page.locator("[data-press=Enter]").count()
        async with page.expect_navigation():
            await page.keyboard.press("Enter" if clear else "Alt+s")
        presses += 1
        if clear:
            accepted.append(path.rsplit("/", 1)[1])
        else:
            skipped += 1
    assert skipped  # it was a mixed morning
    assert presses == len(accepted) + skipped
    async with asyncio.timeout(60):
        while not all([(await office.parts.complaints.state(one)).told for one in accepted]):
            await page.reload()  # the last are held for ten seconds
    assert len(await office.texts("notice")) == MORNING


async def test_several_of_the_list_are_looked_at_accepted_with_one_report_and_undone(office: Scheduling) -> None:
    page = await office.window(office.zhou)
    await page.goto(f"{office.home}/complaints?state=registered")
    boxes = page.locator("input[name=of]")
    for n in range(3):
        await boxes.nth(n).check()
    PICTURES.mkdir(parents=True, exist_ok=True)
    # Where the list ends; further up the bar lies over a part of some row, of which one depends on the day.
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await axe.settle(page)
    assert [*await axe.violations(page), *await axe.sideways(page)] == []
    await page.screenshot(path=PICTURES / "list-1280-zh.png", full_page=True)
    await page.locator("#selection [value=accept]").click()
    goes = await page.locator("input[name=of]").count()
    assert goes
    await axe.settle(page)
    assert [*await axe.violations(page), *await axe.sideways(page)] == []
    await page.screenshot(path=PICTURES / "selection-1280-zh.png", full_page=True)
    await page.locator("form .btn-act").click()
    await expect(page.locator(".badge[data-tone=ok]")).to_have_count(goes)
    await page.locator("button[value=undo]").click()
    await expect(page.locator(".badge[data-tone=ok]")).to_have_count(goes)
    assert await office.texts("notice") == []
    await page.goto(f"{office.home}/complaints?state=registered")
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.locator("#selection [value=print]").click()
    async with page.expect_download() as downloading:
        await page.locator("form .btn-act").click()
    path = await (await downloading.value).path()
    assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_all_of_a_page_are_chosen_by_one_press_or_by_keyboard_and_the_bar_counts_and_stays_in_sight(
    office: Scheduling, language: str
) -> None:
    page = await office.window(office.zhou, language)
    await page.set_viewport_size({"width": 1280, "height": 400})
    await page.goto(f"{office.home}/complaints?state=registered")
    boxes, bar, said = page.locator("input[name=of]"), page.locator("#selection"), page.locator("[data-chosen]")
    every = await boxes.count()
    assert every >= 3
    await expect(bar).to_be_in_viewport(ratio=1)
    await expect(bar.locator("button").first).to_be_hidden()
    await bar.locator("[data-all] input").check()
    await expect(said).to_contain_text(str(every))
    await expect(bar.locator("[value=accept]")).to_be_in_viewport(ratio=1)
    await boxes.nth(0).focus()
    await page.keyboard.press("Escape")
    await expect(page.locator("input[name=of]:checked")).to_have_count(0)
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(boxes.nth(1)).to_be_focused()
    await expect(said).to_contain_text("2")
    await page.keyboard.press("Control+a")
    await expect(page.locator("input[name=of]:checked")).to_have_count(every)
    await page.keyboard.press("Escape")
    await boxes.nth(2).click(modifiers=["Shift"])  # from the last that was clicked, which is the first
    await expect(page.locator("input[name=of]:checked")).to_have_count(3)
    await expect(bar.locator("[data-all] input")).to_be_checked(
        indeterminate=every > 3, checked=None if every > 3 else True
    )
    await page.locator("#selection [value=assign]").click()
    await expect(page.locator("main form .row")).to_have_count(3)


async def test_on_a_phone_the_box_stands_beside_the_number_and_a_thumb_hits_it(office: Scheduling) -> None:
    page = await office.window(office.zhou)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{office.home}/complaints?state=registered")
    box, number = page.locator(".pick .check").first, page.locator("tbody th a").first
    target, beside = await box.bounding_box(), await number.bounding_box()
    assert target is not None
    assert beside is not None
    assert min(target["width"], target["height"], beside["height"]) >= 44
    assert abs(target["y"] + target["height"] / 2 - beside["y"] - beside["height"] / 2) < 8
    assert target["x"] + target["width"] <= beside["x"] + 1
    await box.click()
    await expect(page.locator("#selection [value=accept]")).to_be_in_viewport(ratio=1)
    await axe.settle(page)
    assert [*await axe.violations(page), *await axe.sideways(page)] == []
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "list-390-zh.png")
