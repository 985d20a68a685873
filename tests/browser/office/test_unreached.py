"""A business without a phone, on a phone's screen: its number found, the link handed over by mail, a link not replaced
unasked, and a party's link opened by an officer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from complaints.record import PartyTyped
from journal.clock import utc_now
from tests import ROOT
from tests.browser import axe
from tests.browser.office.scheduling import Scheduling, scheduling
from tests.server.app.office import filing

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path) as made:
        yield made


async def filed(office: Scheduling, phone: str = "", email: str = "") -> str:
    shop = PartyTyped("", phone, "湖北武汉", organisation="武汉青禾家具店", email=email)
    return await office.parts.desk.register(office.zhou, replace(filing(utc_now()), business=shop, division="420111"))


async def sound(page: Page, name: str) -> None:
    """Nothing is wrong with it at either width, in either language; kept as pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        await axe.settle(page)
        assert [*await axe.violations(page), *await axe.sideways(page)] == [], f"{name} {width}"
        await page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_business_without_a_phone_is_reached_in_two_presses_and_by_mail_in_four(
    office: Scheduling, language: str
) -> None:
    earlier = await filed(office, "13900004455")
    complaint = await filed(office)
    page = await office.window(office.zhou, language, width=390)
    await page.goto(f"{office.home}/complaints/{complaint}/schedule")
    await sound(page, f"unreached-schedule-{language}")
    await page.locator(f"label.choice:has(input[value^='{earlier}'])").click()
    await page.locator("form .btn-act").click()
    await page.wait_for_url("**/sessions/*")
    await expect(page.locator("#seat-business .sent li")).to_have_count(1)
    address = await page.locator("#link-business").input_value()

    await page.locator("#seat-business [data-open^=renew]").click()
    await expect(page.locator("#renew-business")).to_be_visible()
    await sound(page, f"unreached-replace-{language}")
    await page.locator("#renew-business [data-close]").click()
    await page.locator("#seat-business form[action$='/link'] button").first.click()
    await expect(page.locator("#seat-business .sent li")).to_have_count(2)
    assert await page.locator("#link-business").input_value() == address

    await page.goto(address)
    await expect(page.locator("h1")).to_contain_text("武汉青禾家具店")
    await sound(page, f"unreached-opened-{language}")
    await page.goto(f"{office.home}/join/code")
    await expect(page.locator(".office-nav")).to_have_count(1)
    await sound(page, f"unreached-refused-{language}")

    phone = await office.phone(language)
    await phone.goto(address)
    await expect(phone.locator(".masthead a[href^='tel:']")).to_be_visible()
    await sound(phone, f"unreached-party-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_link_is_written_by_mail_and_noted_as_handed_over(office: Scheduling, language: str) -> None:
    complaint = await filed(office)
    session = await office.parts.desk.schedule(office.zhou, complaint, utc_now(), [])
    page = await office.window(office.zhou, language, width=390)
    await page.goto(f"{office.home}/sessions/{session}")
    await sound(page, f"unreached-session-{language}")
    await page.locator("#seat-business form[action$='/link'] button").click()
    await page.fill("#contact_business", "qinghe@example.cn")
    await page.locator("#seat-business form[action$='/contact'] .btn-act").click()
    await expect(page.locator("#seat-business a[href^='mailto:qinghe@example.cn']")).to_have_count(1)
    await sound(page, f"unreached-mail-{language}")
    await page.locator("#seat-business form[action$='/handed'] button:not([type=button])").click()
    said = "链接已由工作人员交给对方" if language == "zh" else "link handed over by the officer"
    await expect(page.locator("#seat-business .dots")).to_contain_text(said)
