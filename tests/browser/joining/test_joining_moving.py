"""From inside WeChat into the phone's own browser, with the address that was copied there; and back by a code."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.joining.street import Street
from tests.browser.joining.test_joining_browsers import NO_WEBRTC, WECHAT

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]


async def copied_by(street: Street, page: Page) -> str:
    """As the copy button leaves it with the phone; the page says that it is done."""
    await page.get_by_role("button", name="复制链接").click()
    await expect(page.get_by_role("button", name="已复制")).to_be_visible()
    address = str(await page.evaluate("() => navigator.clipboard.readText()"))
    assert "#" in address
    assert page.url == address, "what “open in browser” takes along"
    return address


async def test_a_seat_goes_from_wechat_to_the_browser_by_one_tap_and_back_by_a_code(street: Street) -> None:
    sitting, link = await street.invited(name="小许")
    async with street.phone(user_agent=WECHAT) as wechat, street.phone() as own:
        inside, outside = wechat.page, own.page
        await street.at_the_check(wechat, link)
        await street.picture(inside, "moving-hint-zh")
        await inside.get_by_role("button", name="换手机浏览器继续").click()
        await expect(inside.locator("h1")).to_have_text("请换手机浏览器打开")
        await street.picture(inside, "moving-switch-zh")
        address = await copied_by(street, inside)

        asked: list[str] = []
        outside.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
        await outside.goto(address)
        token = address.partition("#")[2]
        await expect(outside.locator("h1")).to_have_text("在这里继续吗？")
        await expect(outside.get_by_role("button", name="用验证码转到这里")).to_be_hidden()
        assert token not in outside.url
        await street.picture(outside, "moving-here-zh")
        await outside.get_by_role("button", name="在这里继续").click()
        await outside.wait_for_url("**/join/device")
        assert not [line for line in asked if token in line], "neither in an address nor in a Referer"
        assert [one["way"] for one in street.recorded(sitting, "SeatMoved")] == ["token"]
        assert len(street.recorded(sitting, "IdentityConfirmed")) == 1

        await inside.goto(f"{street.url}/join/device")
        await expect(inside.locator("h1")).to_have_text("这个链接正在另一个浏览器或另一部手机上使用")
        await street.picture(inside, "moving-out-zh")
        await inside.get_by_role("link", name="在这里继续").click()
        await expect(inside.locator("h1")).to_have_text("在这里继续吗？")
        await street.picture(inside, "moving-back-zh")
        await inside.get_by_role("button", name="用验证码转到这里").click()
        await inside.wait_for_url("**/join/code")

    async with street.phone() as finder:
        await finder.page.goto(address)  # somebody else, with the same copied link
        await finder.page.get_by_role("button", name="在这里继续").click()
        await expect(finder.page.locator("main")).to_contain_text("复制的链接已经用过，或者已经过了10分钟")
        await expect(finder.page.get_by_role("button", name="用验证码转到这里")).to_be_visible()
    assert len(street.recorded(sitting, "SeatMoved")) == 1


async def test_without_script_a_copied_address_asks_for_the_code(street: Street) -> None:
    _, link = await street.invited()
    async with street.phone(user_agent=WECHAT) as wechat:
        await street.at_the_check(wechat, link)
        await wechat.page.get_by_role("button", name="换手机浏览器继续").click()
        address = await copied_by(street, wechat.page)
    async with street.phone(java_script_enabled=False) as plain:
        await plain.page.goto(address)
        await expect(plain.page.get_by_role("button", name="在这里继续")).to_be_hidden()
        await plain.page.get_by_role("button", name="用验证码转到这里").click()
        await plain.page.wait_for_url("**/join/code")


async def test_wechat_without_calls_says_at_once_how_to_leave(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone(NO_WEBRTC, user_agent=WECHAT) as phone:
        await phone.page.goto(sitting.links["consumer"])
        await phone.page.wait_for_url("**nowebrtc=1")
        await expect(phone.page.locator("h1")).to_have_text("请换手机浏览器打开")
