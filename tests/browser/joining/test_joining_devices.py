"""Phones as they are: no camera, a camera in use, a permission refused, an address without https, a mere observer."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.joining.street import ANYBODY, OFFICE_PHONE, Street
from tests.browser.people import FLAGS, PHONE, another, until
from tests.machine import browser, whole_browser

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]

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
        await expect(page.locator("#before-go:visible, [data-trouble]:visible")).to_have_count(1)
        if await page.locator("#before-go").is_visible():
            await page.locator("#before-go").click()
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
        await expect(page.locator("button.btn-big:visible")).to_have_text("完成，进入等候室", use_inner_text=True)
        await street.picture(page, "device-fine-zh")


@pytest.mark.parametrize(
    ("without", "with_", "sentence", "name"),
    [
        ("--use-fake-ui-for-media-stream", ["--deny-permission-prompts"], BOTH_REFUSED, "both-refused"),
        ("--use-fake-device-for-media-stream", [], BOTH_MISSING, "both-missing"),
    ],
)
async def test_what_the_browser_itself_refuses_or_does_not_find_is_said(
    street: Street, without: str, with_: list[str], sentence: tuple[str, str], name: str
) -> None:
    _, link = await street.invited()
    flags = [flag for flag in FLAGS if flag != without]
    launched = await street.browser.browser_type.launch(executable_path=whole_browser(), args=[*flags, *with_])
    try:
        async with another(launched, ANYBODY, "zh", PHONE, permissions=[]) as phone:
            page = await street.at_the_check(phone, link)
            await told(street, page, sentence, "text", name)
            await goes_on(page, "text")
    finally:
        await launched.close()


ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)
HERE = ("怎样允许使用摄像头和麦克风", "How to allow camera and microphone here")


async def test_what_the_browser_will_ask_is_said_before_and_how_to_allow_what_was_refused_after(street: Street) -> None:
    _, link = await street.invited()
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    launched = await street.browser.browser_type.launch(
        executable_path=whole_browser(), args=[*flags, "--deny-permission-prompts"]
    )
    try:
        async with another(launched, ANYBODY, "zh", PHONE, ASKED, permissions=None, user_agent=ANDROID) as phone:
            page = await street.at_the_check(phone, link)
            for language, said, press in (
                ("en", "Your browser asks you something next", "Turn camera and microphone on"),
                ("zh", "接下来，浏览器会问您一句", "打开摄像头和麦克风"),
            ):
                await page.goto(f"{page.url.partition('?')[0]}?lang={language}")
                await expect(page.locator("h1:visible")).to_have_text(said)
                await expect(page.get_by_role("button", name=press)).to_be_visible()
                assert await page.locator("button[name=mode][value=video]:visible").count() == 0
                assert await page.evaluate("() => window.asked") == 0
                assert await axe.violations(page) == []
                assert await axe.small_targets(page) == []
                await street.picture(page, f"prompt-{language}")
            await page.locator("#before-go").click()
            await expect(page.locator("[data-trouble]:visible")).to_contain_text(BOTH_REFUSED[0])
            assert await page.evaluate("() => window.asked") > 0
            how = page.locator("#allowing")
            await expect(how).to_contain_text(HERE[0])
            await expect(how).to_contain_text("点网址左边的图标，再点“权限”。")
            assert await axe.violations(page) == []
            await how.scroll_into_view_if_needed()
            await street.picture(page, "refused-how-zh")
            await goes_on(page, "text")
            assert phone.troubles == []
    finally:
        await launched.close()


@pytest.mark.parametrize(
    ("agent", "step"),
    [
        ("MicroMessenger/8.0.49", ("找到微信", "look for “WeChat”")),
        ("HuaweiBrowser/15.0", ("找到华为浏览器", "look for “HUAWEI Browser”")),
        ("XiaoMi/MiuiBrowser/18.1", ("找到小米浏览器", "look for “Mi Browser”")),
        ("UCBrowser/16.5", ("找到UC浏览器", "look for “UC Browser”")),
        ("MQQBrowser/15.0", ("找到QQ或者QQ浏览器", "look for “QQ or QQ Browser”")),
    ],
)
async def test_each_browser_is_told_its_own_way_to_allow(street: Street, agent: str, step: tuple[str, str]) -> None:
    _, link = await street.invited()
    refused = devices("NotAllowedError", "NotAllowedError")
    async with street.phone(refused, user_agent=f"{ANDROID} {agent}") as phone:
        page = await street.at_the_check(phone, link)
        for language, heading, said in (("en", HERE[1], step[1]), ("zh", HERE[0], step[0])):
            await page.goto(f"{page.url.partition('?')[0]}?here&lang={language}")
            await expect(page.locator("#allowing")).to_contain_text(heading)
            await expect(page.locator("#allowing")).to_contain_text(said)


async def test_two_cameras_are_chosen_from_before_going_in_and_the_choice_is_kept(street: Street) -> None:
    _, link = await street.invited()
    fake = "--use-fake-device-for-media-stream"
    flags = [f"{fake}=device-count=2" if flag == fake else flag for flag in FLAGS]
    launched = await street.browser.browser_type.launch(executable_path=browser(), args=flags)
    try:
        async with another(launched, ANYBODY, "zh", PHONE) as phone:
            page = await street.at_the_check(phone, link)
            camera = page.get_by_label("摄像头", exact=True)
            other = await camera.locator("option").last.inner_text()
            await camera.select_option(label=other)
            shown = "(other) => document.querySelector('#preview').srcObject?.getVideoTracks()[0]?.label === other"
            await until(page, shown, other)
            assert await axe.violations(page) == []
            await page.reload()
            await until(page, shown, other)
            await page.locator("#choices").scroll_into_view_if_needed()
            await street.picture(page, "choices-zh")
            assert phone.troubles == []
    finally:
        await launched.close()


async def test_two_troubles_are_both_said(street: Street) -> None:
    _, link = await street.invited()
    async with street.phone(devices("NotReadableError", "NotAllowedError")) as phone:
        page = await street.at_the_check(phone, link)
        await expect(page.locator("[data-trouble]:visible")).to_have_count(2)
        for sentence in (CAMERA_BUSY, MIC_REFUSED):
            await expect(page.locator("main")).to_contain_text(sentence[0])
        await goes_on(page, "text")


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
        await page.get_by_role("button", name="完成，进入等候室").click()
        await cockpit.get_by_role("button", name="Admit 小吴").click()
        await until(page, "() => document.querySelector('video[data-source=camera]')?.videoWidth > 0")
        assert await page.evaluate("() => window.asked") == 0
        await street.picture(page, "observer-in-the-room-zh")
        assert phone.troubles == []
    assert [entry["mode"] for entry in street.recorded(sitting, "DeviceChecked")] == ["text"]
