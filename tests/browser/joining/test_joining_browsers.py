"""Browsers as they are: inside another app, or too old for calls; told how to go on elsewhere, free to stay."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.joining.street import OFFICE_PHONE, Street
from tests.browser.people import until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]

WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2185A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.47 NetType/WIFI Language/zh_CN"
)
OTHER_APPS = {
    "企业微信": "Mozilla/5.0 (Linux; Android 13) Chrome/116.0 Mobile Safari/537.36 wxwork/4.1.10 MicroMessenger/7.0.1",
    "钉钉": "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) Mobile/15E148 AliApp(DingTalk/7.0.40)",
    "支付宝": "Mozilla/5.0 (Linux; U; Android 13; zh-CN) Chrome/100.0 Mobile Safari/537.36 AlipayClient/10.5.20",
    "QQ": "Mozilla/5.0 (Linux; Android 12) Chrome/98.0 Mobile Safari/537.36 V1_AND_SQ_8.9.68 QQ/8.9.68.11565",
    "抖音或今日头条": "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6) Mobile/15E148 aweme_26.3.0 BytedanceWebview",
}
NO_WEBRTC = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"


async def test_wechat_s_browser_goes_on_in_place_and_is_told_how_to_go_on_elsewhere(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    before = street.used_up()
    async with street.phone(user_agent=WECHAT) as phone:
        page = phone.page
        await page.goto(link)
        await expect(page.get_by_role("button", name="开始")).to_be_visible()
        await page.get_by_role("link", name="换手机浏览器继续").click()
        await street.said(page, "h1", "请换手机浏览器打开", "Please open this in your phone's browser", "wechat")
        await expect(page.locator("main")).to_contain_text("微信")
        await expect(page.locator("main")).to_contain_text(OFFICE_PHONE)
        await until(page, "() => document.querySelector('img.qr')?.naturalWidth > 0")
        await page.get_by_role("button", name="复制链接").click()
        await expect(page.get_by_role("button", name="已复制")).to_be_visible()
        assert await page.evaluate("() => navigator.clipboard.readText()") == link
        assert street.used_up() == before
        await page.get_by_role("link", name="仍在这里试试").click()
        await page.get_by_role("button", name="开始").click()
        await page.wait_for_url("**/join/code")
    await street.starts(link)


async def test_other_apps_browsers_are_known_by_their_name(street: Street) -> None:
    sitting = await street.desk.arrange()
    for app, agent in OTHER_APPS.items():
        async with street.phone(user_agent=agent) as phone:
            await phone.page.goto(f"{sitting.links['business']}?elsewhere=1")
            await expect(phone.page.locator("h1")).to_have_text("请换手机浏览器打开")
            await expect(phone.page.locator("main .lede")).to_contain_text(app)


async def test_a_browser_without_calls_is_told_once_and_may_still_take_part_by_typing(street: Street) -> None:
    sitting, link = await street.invited(name="小胡")
    async with street.phone(NO_WEBRTC) as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await page.goto(link)
        await page.wait_for_url("**nowebrtc=1")
        await street.said(page, "main .lede", "这个浏览器太旧，不能视频", "too old for video calls", "no-webrtc")
        await until(page, "() => document.querySelector('img.qr')?.naturalWidth > 0")
        await expect(page.locator("main")).to_contain_text(OFFICE_PHONE)
        await page.get_by_role("link", name="仍在这里试试").click()
        await expect(page.get_by_role("button", name="开始")).to_be_visible()
        await street.at_the_check(phone, link)
        await expect(page.locator("h1")).to_have_text("这个浏览器不能视频，也不能通话")
        await street.picture(page, "no-webrtc-at-the-check-zh")
        await page.get_by_role("link", name="留在这里打字参加").click()
        await page.get_by_role("button", name="打字参加，进等候室").click()
        await expect(page.locator(".hush h1")).to_have_text("您已经到了")
        await cockpit.get_by_role("button", name="Admit 小胡").click()
        await page.wait_for_selector(".room .controls")
        await page.get_by_role("button", name="文字").click()
        await page.fill("dialog[open] [name=text]", "我只能打字")
        await page.locator("dialog[open]").get_by_role("button", name="发送").click()
        await cockpit.get_by_role("tab", name="Chat").click()
        await expect(cockpit.locator(".chatlog")).to_contain_text("我只能打字")
        assert phone.troubles == []
