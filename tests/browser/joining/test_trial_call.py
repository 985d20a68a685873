"""The call that anybody tries the day before, in a real browser with a pretended camera and microphone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.joining.street import Street

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]

REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };"


async def sound(page: Page) -> None:
    assert [*await axe.violations(page), *await axe.sideways(page)] == []


async def test_a_stranger_hears_and_sees_themselves_and_is_told_what_it_is_good_for(street: Street) -> None:
    async with street.phone() as phone:
        page = phone.page
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        for language in ("zh", "en"):
            await page.goto(f"{street.url}/test-call?lang={language}")
            await expect(page.locator("#plain")).to_be_hidden()
            await sound(page)
            await street.picture(page, f"trial-call-{language}")
        await page.click("#begin")
        await expect(page.locator("[data-verdict=good]")).to_be_visible(timeout=15_000)
        await expect(page.locator("[data-verdict]:visible, [data-trouble]:visible")).to_have_count(1)
        await page.click("#record")
        await expect(page.locator("#said")).to_have_text("Speak now …")
        await expect(page.locator("#echo")).to_be_visible(timeout=15_000)
        await expect(page.locator("#said")).to_contain_text("If you heard yourself", timeout=15_000)
        assert await page.evaluate("document.querySelector('#echo').currentTime") > 1
        await sound(page)
        await street.picture(page, "trial-call-good-en")
        assert set(sent) == {"GET"}, "nothing is sent"


async def test_without_a_microphone_a_telephone_call_is_the_advice(street: Street) -> None:
    async with street.phone(REFUSED) as phone:
        page = phone.page
        await page.goto(f"{street.url}/test-call?lang=en")
        await page.click("#begin")
        await expect(page.locator("[data-verdict=call]")).to_be_visible(timeout=15_000)
        await expect(page.locator("[data-trouble=mic]")).to_be_visible()
        await expect(page.locator("#begin")).to_be_visible()
        await street.picture(page, "trial-call-none-en")
