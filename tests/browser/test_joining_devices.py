"""Phones as they are: no camera, a camera in use, no https, another app's browser, no calls at all."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import FLAGS, PHONE, another, until
from tests.browser.street import ANYBODY, OFFICE_PHONE, Street
from tests.machine import browser

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
ASKED = """
window.asked = 0;
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) => { window.asked += 1; return give(wanted); };
"""

CAMERA_REFUSED = ("没有允许使用摄像头。", "The camera is not allowed.")
CAMERA_MISSING = ("没有找到摄像头。", "No camera was found")
CAMERA_BUSY = ("别的应用正在用摄像头。", "Another app is using the camera.")
MIC_REFUSED = ("没有允许使用麦克风。", "The microphone is not allowed.")
MIC_BUSY = ("别的应用正在用麦克风。", "Another app is using the microphone.")
BOTH_MISSING = ("没有找到摄像头和麦克风。", "No camera and no microphone were found")
BOTH_REFUSED = ("没有允许使用摄像头和麦克风。", "Camera and microphone are not allowed.")
INSECURE = ("只在https开头的网址里允许", "only to addresses that begin with https")
GOES_ON = {
    "audio": ("只用声音，进等候室", "Go on with sound only"),
    "text": ("打字参加，进等候室", "Go on by typing"),
}


def devices(video: str, audio: str) -> str:
    """A script after which asking for a device fails by these names; "" is a device that works."""
    return f"""
    const [video, audio] = ["{video}", "{audio}"];
    const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {{
      const fault = (wanted.video && video) || (wanted.audio && audio);
      if (fault) throw new DOMException("", fault);
      return give(wanted);
    }};
    """


async def told(street: Street, page: Page, sentence: tuple[str, str], left: str, name: str) -> None:
    """What is wrong stands there once, in both languages, and the best that is left is the button to go on with."""
    for language, said, way in (("en", sentence[1], GOES_ON[left][1]), ("zh", sentence[0], GOES_ON[left][0])):
        await page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        await expect(page.locator("[data-trouble]:visible")).to_contain_text(said)
        await expect(page.locator("[data-trouble]:visible")).to_have_count(1)
        await expect(page.locator("button.btn-big:visible")).to_have_text(way, use_inner_text=True)
        await street.picture(page, f"{name}-{language}")
    assert await page.locator("button[name=mode][value=video]:visible, #preview:visible").count() == 0


async def goes_on(page: Page, left: str) -> None:
    """By the button that is offered, into the waiting room."""
    await page.get_by_role("button", name=GOES_ON[left][0]).click()
    await expect(page.locator(".hush h1")).to_have_text("您已经到了")


@pytest.mark.parametrize(
    ("video", "audio", "sentence", "left", "name"),
    [
        ("NotAllowedError", "", CAMERA_REFUSED, "audio", "camera-refused"),
        ("NotFoundError", "", CAMERA_MISSING, "audio", "camera-missing"),
        ("NotReadableError", "", CAMERA_BUSY, "audio", "camera-busy"),
        ("", "NotAllowedError", MIC_REFUSED, "text", "mic-refused"),
        ("", "NotReadableError", MIC_BUSY, "text", "mic-busy"),
        ("NotFoundError", "NotFoundError", BOTH_MISSING, "text", "both-missing"),
    ],
)
async def test_what_is_wrong_with_a_device_is_said_and_the_next_best_leads_to_the_waiting_room(
    street: Street, video: str, audio: str, sentence: tuple[str, str], left: str, name: str
) -> None:
    sitting, link = await street.invited()
    async with street.phone(devices(video, audio)) as phone:
        page = await street.at_the_check(phone, link)
        await told(street, page, sentence, left, name)
        await goes_on(page, left)
        assert phone.troubles == []
    record = street.recorded(sitting, "DeviceChecked")
    assert [entry["mode"] for entry in record] == [left]
    if video:
        assert any(finding.startswith("camera:") and finding != "camera:ok" for finding in record[0]["findings"])


async def test_a_device_that_works_again_is_offered_again(street: Street) -> None:
    _, link = await street.invited()
    async with street.phone(
        devices("NotReadableError", "").replace("if (fault", "if (!sessionStorage.free && fault")
    ) as phone:
        page = await street.at_the_check(phone, link)
        await expect(page.locator("[data-trouble]:visible")).to_contain_text(CAMERA_BUSY[0])
        await page.evaluate("() => { sessionStorage.free = 1 }")
        await page.locator("[data-trouble]:visible").get_by_role("link", name="再试一次").click()
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")
        await expect(page.locator("[data-trouble]:visible")).to_have_count(0)
        await expect(page.locator("button.btn-big:visible")).to_have_text("好了，进等候室", use_inner_text=True)
        await street.picture(page, "device-fine-zh")


async def test_a_permission_refused_in_the_browser_itself_is_said(street: Street) -> None:
    _, link = await street.invited()
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    strict = await street.browser.browser_type.launch(
        executable_path=browser(), args=[*flags, "--deny-permission-prompts"]
    )
    try:
        async with another(strict, ANYBODY, "zh", PHONE, permissions=[]) as phone:
            page = await street.at_the_check(phone, link)
            await told(street, page, BOTH_REFUSED, "text", "both-refused")
            await goes_on(page, "text")
    finally:
        await strict.close()


async def test_an_address_without_https_is_said_to_be_the_reason_and_whom_to_ring(street: Street) -> None:
    _, link = await street.invited()
    async with street.phone() as phone:
        page = await street.at_the_check(phone, link, plain=True)
        assert not await page.evaluate("() => window.isSecureContext || Boolean(navigator.mediaDevices)")
        await told(street, page, INSECURE, "text", "insecure")
        await expect(page.locator("[data-trouble]:visible")).to_contain_text(OFFICE_PHONE)
        await goes_on(page, "text")


async def test_who_loses_the_camera_after_the_check_still_comes_in_with_sound(street: Street) -> None:
    sitting, link = await street.invited(name="小方")
    async with street.phone(devices("NotReadableError", "")) as phone, street.cockpit(sitting) as cockpit:
        await street.desk.lead(phone.page.context, link, language="zh", mode="video")
        await phone.page.goto(f"{street.url}/room")
        await cockpit.get_by_role("button", name="Admit 小方").click()
        await expect(phone.page.locator(".toast")).to_contain_text("摄像头被别的应用占着")
        await until(cockpit, "() => document.querySelector('#sound audio')?.srcObject?.active")
        await expect(phone.page.locator(".controls")).to_contain_text("画面已关")
        await expect(phone.page.locator(".controls")).to_contain_text("声音开")


async def test_an_observer_is_asked_for_neither_camera_nor_microphone(street: Street) -> None:
    sitting, link = await street.invited("observer", "小吴")
    async with street.phone(ASKED) as phone, street.cockpit(sitting) as cockpit:
        page = await street.at_the_check(phone, link)
        await street.said(page, "h1:visible", "能听到吗？", "Can you hear?", "observer")
        await expect(page.locator("#network-word")).to_have_attribute("data-tone", "ok")
        assert await page.locator("#preview, #mic-meter").count() == 0
        assert await page.evaluate("() => window.asked") == 0
        await page.get_by_role("button", name="好了，进等候室").click()
        await cockpit.get_by_role("button", name="Admit 小吴").click()
        await until(page, "() => document.querySelector('video[data-source=camera]')?.videoWidth > 0")
        assert await page.evaluate("() => window.asked") == 0
        await street.picture(page, "observer-in-the-room-zh")
        assert phone.troubles == []
    assert [entry["mode"] for entry in street.recorded(sitting, "DeviceChecked")] == ["text"]


async def test_wechat_s_browser_is_told_how_to_go_on_elsewhere(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    before = street.used_up()
    async with street.phone(user_agent=WECHAT) as phone:
        page = phone.page
        await page.goto(link)
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
        await page.wait_for_url("**/join/notice")
    await street.starts(link)


async def test_other_apps_browsers_are_known_by_their_name(street: Street) -> None:
    sitting = await street.desk.arrange()
    for app, agent in OTHER_APPS.items():
        async with street.phone(user_agent=agent) as phone:
            await phone.page.goto(sitting.links["business"])
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
        await page.get_by_role("link", name="继续").click()
        await goes_on(page, "text")
        await cockpit.get_by_role("button", name="Admit 小胡").click()
        await page.wait_for_selector(".room .controls")
        await page.get_by_role("button", name="文字").click()
        await page.fill("dialog[open] [name=text]", "我只能打字")
        await page.locator("dialog[open]").get_by_role("button", name="发送").click()
        await cockpit.get_by_role("tab", name="Chat").click()
        await expect(cockpit.locator(".chatlog")).to_contain_text("我只能打字")
        assert phone.troubles == []
