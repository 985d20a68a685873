"""Phones as they are: no camera, a camera in use, a permission refused, an address without https, a mere observer."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.joining.street import ANYBODY, OFFICE_PHONE, Street
from tests.browser.people import FLAGS, PHONE, another, until
from tests.machine import whole_browser

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
