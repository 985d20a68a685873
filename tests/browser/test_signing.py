"""Both sides sign on phone profiles, then the mediator; the seal comes last, and what each downloads is sealed."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from playwright.async_api import Page, TimeoutError as PlaywrightTimeout, expect

from tests.browser import axe
from tests.browser.play import Play
from tests.browser.test_agreement import agree, record_authority, seated, write_promise
from tests.browser.test_story import played

pytestmark = [pytest.mark.browser, pytest.mark.media]


async def drafted(play: Play) -> None:
    desk = play.page("mediator")
    await record_authority(desk)
    await desk.locator("#tab-agreement").focus()
    await write_promise(desk, "退还剩余积分款", "2,000", "2030-07-10T17:00")
    await expect(desk.locator(".panel .clause")).to_have_count(1)
    await desk.locator("#tab-agreement").focus()
    await desk.keyboard.press("r")
    for role in ("consumer", "business"):
        await agree(play.page(role), 1)


async def write(page: Page) -> None:
    await page.locator(".pad canvas").scroll_into_view_if_needed()
    box = await page.locator(".pad canvas").bounding_box()
    assert box is not None
    for n in range(3):
        x, y = box["x"] + box["width"] * (0.2 + 0.22 * n), box["y"] + box["height"] * 0.3
        await page.mouse.move(x, y)
        await page.mouse.down()
        for step in range(12):
            await page.mouse.move(x + 6 * step * (1 if step % 2 else 0.4), y + 6 * step)
        await page.mouse.up()


async def ask_for_code(page: Page) -> None:
    """A phone gets one code a minute, and the one to join has just gone there: the page says so until it may."""
    for _ in range(20):
        await page.locator(".signing .actions .btn-act").click()
        with contextlib.suppress(PlaywrightTimeout):
            await page.wait_for_selector("#sign-code", timeout=5_000)
            return
        await expect(page.locator(".signing .error")).to_be_visible()
    raise AssertionError("no code was sent")


async def read_to_the_end(page: Page) -> None:
    await page.wait_for_selector(".signing .paper")
    await page.locator(".signing .hash").last.scroll_into_view_if_needed()
    await page.locator(".signing .actions .btn-act").click()
    await page.wait_for_selector(".signing .choices")


async def test_both_sign_on_their_phones_and_hold_a_sealed_file(tmp_path: Path, artifacts: Path) -> None:
    pictures = artifacts / "signing"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, "zh") as play:
        await seated(play)
        await drafted(play)
        desk, consumer, business = (play.page(role) for role in ("mediator", "consumer", "business"))
        await desk.locator("button", has_text="请双方签名").click()
        await consumer.wait_for_selector(".signing .paper")
        await play.picture("consumer", "sign-1-text")
        for page in (consumer, business):
            await read_to_the_end(page)
        await play.picture("consumer", "sign-2-how")
        assert await axe.violations(consumer) == []

        await consumer.locator(".signing .choice").first.click()
        await write(consumer)
        await play.picture("consumer", "sign-3-pad")
        # Half under the controls a button is no target; nobody has to tap it there.
        await consumer.locator(".signing .hash").last.scroll_into_view_if_needed()
        assert await axe.violations(consumer) == []
        await ask_for_code(consumer)
        await consumer.fill("#sign-code", await play._code())
        await consumer.locator(".signing form .btn-act").click()
        await expect(consumer.locator(".signing .rows .badge[data-tone=ok]")).to_have_count(1)
        await play.picture("consumer", "sign-4-signed")

        await business.locator(".signing .choice").nth(1).click()
        await business.fill("#sign-name", "陈立")
        await ask_for_code(business)
        await business.fill("#sign-code", await play._code())
        await business.locator(".signing form .btn-act").click()
        await expect(business.locator(".signing .rows .badge[data-tone=ok]")).to_have_count(2)

        await write(desk)
        await play.picture("mediator", "cockpit-signing")
        await desk.locator("button", has_text="以调解员身份签名").click()
        await desk.locator("button", has_text="盖章…").click()
        await play.picture("mediator", "cockpit-seal-question")
        await desk.locator("dialog[open] .btn-seal").click()
        await expect(consumer.locator(".signing a[download]")).to_have_count(1, timeout=30_000)
        await play.picture("consumer", "sign-5-in-effect")
        await play.picture("mediator", "cockpit-sealed")
        for page in (consumer, business):
            async with page.expect_download() as waiting:
                await page.locator(".signing a[download]").click()
            path = await (await waiting.value).path()
            content = await asyncio.to_thread(Path(path).read_bytes)
            assert content.startswith(b"%PDF-1.7")
            assert b"/ByteRange" in content
            beyond = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond <= 0
