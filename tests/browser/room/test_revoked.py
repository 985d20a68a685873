"""Whoever is let in no longer, in real browsers: their page says why and stays as it is, the others go on."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.browser.building import Building

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

# To the mediator, and to the others.
SHOWN = {"en": ("link withdrawn", "no longer connected"), "zh": ("链接已作废", "已断开")}
WRITTEN = {"en": "Being written", "zh": "正在写入"}
WORDS = {
    "en": ("Your link is no longer valid", "You have been signed out", "Sign in again"),
    "zh": ("您的链接已经失效", "您已退出登录", "重新登录"),
}


def tries(page: Page) -> list[WebSocket]:
    """What a page opens from now on."""
    opened: list[WebSocket] = []
    page.on("websocket", lambda one: opened.append(one))
    return opened


async def kept(page: Page, name: str) -> None:
    """A picture of it, where somebody wants to look at them."""
    if folder := os.environ.get("YUNTIAO_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long), "zh"])
async def test_a_party_whose_link_is_withdrawn_reads_why_and_the_page_tries_nothing_more(
    building: Building, language: str
) -> None:
    room = await building.convene(language)
    page = room.page("consumer")
    opened = tries(page)
    await building.desk.withdraw(room.sitting, "consumer", "发错了人")
    await expect(page.locator("h1")).to_have_text(WORDS[language][0])
    cockpit, business, (to_mediator, to_others) = room.cockpit, room.page("business"), SHOWN[language]
    await expect(cockpit.locator(".seats .badge[data-tone=seal]")).to_have_text(to_mediator)
    await expect(cockpit.locator(".tiles .badge[data-tone=seal]")).to_have_text(to_mediator)
    await expect(business.locator(".badge[data-tone=seal]").first).to_have_text(to_others)
    await kept(cockpit, f"withdrawn-cockpit-wide-{language}")
    await kept(business, f"withdrawn-other-phone-{language}")
    assert await page.evaluate("window.connections.every((one) => one.connectionState === 'closed')")
    assert await page.locator("video").count() == 0
    await kept(page, f"revoked-phone-{language}")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await kept(page, f"revoked-wide-{language}")
    heard = await room.windows["business"].moved("inbound", "audio")
    while await room.windows["business"].moved("inbound", "audio") < heard + 100:  # two seconds of the mediator
        await page.wait_for_timeout(100)
    assert opened == []
    await page.reload()
    await expect(page.locator("h1")).not_to_have_text("")
    await kept(page, f"revoked-again-{language}")


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long), "zh"])
async def test_a_mediator_who_signs_out_in_another_window_reads_it_in_the_cockpit(
    building: Building, language: str
) -> None:
    room = await building.convene(language)
    cockpit, (_, signed_out, again) = room.cockpit, WORDS[language]
    opened = tries(cockpit)
    other = await cockpit.context.new_page()
    await other.goto(f"{building.desk.venue.url}/account")
    await other.evaluate("document.querySelector('form[action=\"/sign-out\"]').submit()")
    await expect(cockpit.locator("h1")).to_have_text(signed_out)
    await kept(cockpit, f"signed-out-wide-{language}")
    await cockpit.set_viewport_size({"width": 390, "height": 844})
    await kept(cockpit, f"signed-out-phone-{language}")
    assert opened == []
    await cockpit.get_by_role("link", name=again).click()
    back = cockpit.locator("input[name=next]")
    await expect(back).to_have_value(f"/sessions/{room.sitting.id}/room")
    await building.desk.__aenter__()  # its visitor had the same sign-in


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long), "zh"])
async def test_the_record_of_a_mediation_under_way_says_what_is_being_written_and_accuses_nobody(
    building: Building, language: str
) -> None:
    """Of what a real recorder has written and sealed by then."""
    room = await building.convene(language)
    record = await room.cockpit.context.new_page()
    await record.goto(f"{building.desk.venue.url}/audit/{room.sitting.id}")
    async with asyncio.timeout(20):
        # What takes less than a second is not drawn, and a record goes as far as the last that was noted in it.
        while not await record.locator("rect.c-writing").count():
            await room.cockpit.keyboard.press("Alt+l")
            await record.reload()
    await expect(record.locator("table.kept th", has_text=WRITTEN[language])).to_be_visible()
    assert await record.locator("tr.bad, b.danger").count() == 0
    for name, width in (("wide", 1280), ("phone", 390)):
        await record.set_viewport_size({"width": width, "height": 844})
        if folder := os.environ.get("YUNTIAO_TEST_PICTURES"):
            await record.screenshot(path=Path(folder) / f"live-record-{name}-{language}.png", full_page=True)
    await record.close()
