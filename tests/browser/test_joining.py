"""Coming in on phones as they are: without a camera, in WeChat, on plain http, with a link that is no good."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from server.rehearsal.peer import Pattern
from server.rehearsal.venue import throw_away
from server.rehearsal.visitor import Visitor
from tests.browser.desk import Desk, Sitting
from tests.browser.people import DESKTOP, FLAGS, PHONE, Window, another, until
from tests.machine import browser

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

ANYBODY = Pattern()
OFFICE_PHONE = re.compile(r"\d{3,4}-?\d{7,8}")
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2185A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.47 NetType/WIFI Language/zh_CN"
)
PLAIN_HOST = "mediation.example"  # to the browser an address like any other, and not a secure one


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


NO_WEBRTC = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"


@dataclass
class Street:
    """One office, one browser process; every phone in it has cookies of its own."""

    desk: Desk
    browser: Browser

    def phone(self, *before: str, **options: Any) -> contextlib.AbstractAsyncContextManager[Window]:
        return another(self.browser, ANYBODY, "en", PHONE, *before, **options)

    @contextlib.asynccontextmanager
    async def cockpit(self, sitting: Sitting) -> AsyncIterator[Page]:
        async with another(self.browser, ANYBODY, "en", DESKTOP) as mediator:
            await self.desk.sign_in(mediator.page.context)
            await mediator.page.goto(f"{self.desk.venue.url}/sessions/{sitting.id}/room")
            await mediator.page.get_by_role("button", name="Begin the mediation").click()
            await mediator.page.wait_for_selector(".phases li.now")
            yield mediator.page

    async def at_the_check(self, phone: Window, link: str) -> Page:
        """This phone, with every question answered up to the device check."""
        await self.desk.lead(phone.page.context, link, "/join/device")
        await phone.page.goto(f"{self.desk.venue.url}/join/device")
        return phone.page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(throw_away(tmp_path_factory.mktemp("street")))
        desk = await stack.enter_async_context(Desk(venue))
        playwright = await stack.enter_async_context(async_playwright())
        launched = await playwright.chromium.launch(
            executable_path=browser(), args=[*FLAGS, f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"]
        )
        yield Street(desk, launched)
        await launched.close()


# ---------------------------------------------------------------- links


async def test_twenty_previews_by_a_messenger_use_nothing_up(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    async with Visitor(street.desk.venue.url, headers={"User-Agent": "Mozilla/5.0 TencentTraveler bot"}) as bot:
        for _ in range(20):
            assert (await bot.get(urlsplit(link).path)).status == 200
    assert "已打开链接" not in (await street.desk.session(sitting)).words
    async with street.phone() as phone:
        await phone.page.goto(link)
        await phone.page.get_by_role("button", name="Start").click()
        await phone.page.wait_for_url("**/join/notice")
    assert phone.troubles == []


async def refused(street: Street, link: str, sentence: str) -> None:
    """One sentence and the office's phone, and no form to go on with."""
    async with street.phone() as phone:
        await phone.page.goto(link)
        await expect(phone.page.locator("h1")).to_have_text(sentence)
        await expect(phone.page.locator("main")).to_contain_text(OFFICE_PHONE)
        assert await phone.page.locator("main form").count() == 0


async def test_a_truncated_link_is_said_to_be_incomplete_and_the_whole_one_still_works(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    await refused(street, link[:-4], "This link is not complete")
    async with street.phone() as phone:
        await street.at_the_check(phone, link)


async def test_a_link_of_another_office_s_installation_leads_nowhere(street: Street) -> None:
    await refused(street, f"{street.desk.venue.url}/j/{'Zx8-' * 8}", "This link is not complete")


async def test_a_replaced_link_is_no_longer_valid_and_the_newer_one_works(street: Street) -> None:
    sitting = await street.desk.arrange()
    old = sitting.links["consumer"]
    await street.desk.renew(sitting, "consumer")
    await refused(street, old, "This link is no longer valid")
    async with street.phone() as phone:
        await phone.page.goto(sitting.links["consumer"])
        await expect(phone.page.get_by_role("button", name="Start")).to_be_visible()


async def test_a_link_in_use_on_one_phone_is_refused_on_another(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    async with street.phone() as phone:
        page = await street.at_the_check(phone, link)
        await refused(street, link, "This link is already in use on another phone")
        await page.reload()
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")


async def test_an_expired_link_says_so(street: Street) -> None:
    sitting = await street.desk.arrange()
    with contextlib.closing(sqlite3.connect(street.desk.venue.data / "yuntiao.db")) as database, database:
        # A fortnight cannot be waited for.
        database.execute("UPDATE links SET expires = '2026-01-01 00:00:00.000000' WHERE session = ?", (sitting.id,))
    await refused(street, sitting.links["consumer"], "This link has expired")


# ---------------------------------------------------------------- answers


async def test_who_does_not_take_part_is_thanked_and_the_mediator_sees_it(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await page.goto(sitting.links["business"])
        await page.get_by_role("button", name="Start").click()
        await page.click("label:has(input[name=answer][value=no])")
        await page.get_by_role("button", name="Continue").click()
        await expect(page.locator("h1")).to_have_text(re.compile("We have told .+ that you do not take part"))
        await expect(cockpit.locator(".seats")).to_contain_text("does not want to take part")
        await page.get_by_role("link", name="I changed my mind").click()
        await page.click("label:has(input[name=answer][value=yes])")
        await page.get_by_role("button", name="Continue").click()
        await page.wait_for_url("**/join/recording")
        await expect(cockpit.locator(".seats")).not_to_contain_text("does not want to take part")


async def test_who_does_not_want_to_be_recorded_comes_in_all_the_same(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone, street.cockpit(sitting) as cockpit:
        await street.desk.lead(phone.page.context, sitting.links["consumer"], recording="no")
        await phone.page.goto(f"{street.desk.venue.url}/room")
        await expect(cockpit.locator(".knock")).to_contain_text("does not want to be recorded")
        await cockpit.click(".knock .btn-act")
        await expect(phone.page.locator(".rec")).to_have_text(re.compile("You are not recorded|Not recording"))
        await expect(cockpit.locator(".seats")).to_contain_text("not recorded")
        await until(phone.page, "() => document.querySelector('video[data-source=camera]')?.videoWidth > 0")


# ---------------------------------------------------------------- phones as they are


@pytest.mark.parametrize(
    ("video", "audio", "sentence", "offered"),
    [
        ("NotAllowedError", "", "are not allowed", "audio"),
        ("NotFoundError", "", "No camera or microphone was found", "audio"),
        ("NotReadableError", "", "Another app is using the camera", "audio"),
        ("", "NotAllowedError", "are not allowed", "text"),
        ("NotFoundError", "NotFoundError", "No camera or microphone was found", "text"),
    ],
)
async def test_what_is_wrong_with_a_device_is_said_and_the_next_best_offered(
    street: Street, video: str, audio: str, sentence: str, offered: str
) -> None:
    sitting = await street.desk.arrange()
    async with street.phone(devices(video, audio)) as phone:
        page = await street.at_the_check(phone, sitting.links["consumer"])
        await expect(page.locator("[data-trouble]:visible")).to_contain_text(sentence)
        await expect(page.locator("[data-trouble]:visible")).to_have_count(1)
        await expect(page.locator("button[name=mode].btn-big")).to_have_attribute("value", offered)
        await page.click("button[name=mode].btn-big")
        await expect(page.locator(".hush h1")).to_have_text("You are here")
        assert phone.troubles == []


async def test_who_lost_the_camera_after_the_check_still_comes_in_with_sound(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone(devices("NotReadableError", "")) as phone, street.cockpit(sitting) as cockpit:
        await street.desk.lead(phone.page.context, sitting.links["consumer"], mode="video")
        await phone.page.goto(f"{street.desk.venue.url}/room")
        await cockpit.click(".knock .btn-act")
        await expect(phone.page.locator(".toast")).to_contain_text("Another app is using the camera")
        await until(cockpit, "() => document.querySelector('#sound audio')?.srcObject?.active")
        await expect(phone.page.locator(".controls")).to_contain_text("Picture off")
        await expect(phone.page.locator(".controls")).to_contain_text("Sound on")


async def test_a_permission_refused_in_the_browser_itself_is_said(street: Street) -> None:
    sitting = await street.desk.arrange()
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    strict = await street.browser.browser_type.launch(
        executable_path=browser(), args=[*flags, "--deny-permission-prompts"]
    )
    try:
        async with another(strict, ANYBODY, "en", PHONE, permissions=[]) as phone:
            page = await street.at_the_check(phone, sitting.links["consumer"])
            await expect(page.locator("[data-trouble=refused]")).to_be_visible()
            await expect(page.locator("button[name=mode].btn-big")).to_have_attribute("value", "text")
    finally:
        await strict.close()


async def test_an_address_without_https_is_said_to_be_the_reason(street: Street) -> None:
    sitting = await street.desk.arrange()
    plain = street.desk.venue.url.replace("127.0.0.1", PLAIN_HOST)
    async with street.phone() as phone:
        async with Visitor(street.desk.venue.url) as guest:
            await street.desk.guide(guest, sitting.links["consumer"], "/join/device")
            pairs = [pair.partition("=") for pair in guest.cookies.split("; ")]
            await phone.page.context.add_cookies([{"name": n, "value": v, "url": plain} for n, _, v in pairs])
        page = phone.page
        await page.goto(f"{plain}/join/device?lang=en")
        assert not await page.evaluate("() => window.isSecureContext")
        await expect(page.locator("[data-trouble]:visible")).to_contain_text("addresses that begin with https")
        await expect(page.locator("button[name=mode].btn-big")).to_have_attribute("value", "text")


async def test_wechat_s_browser_is_told_how_to_go_on_elsewhere(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone(user_agent=WECHAT) as phone:
        page = phone.page
        await page.goto(f"{sitting.links['consumer']}?lang=en")
        await expect(page.locator("h1")).to_have_text("Please open this in your phone's browser")
        await expect(page.locator("main")).to_contain_text("WeChat")
        await expect(page.locator("main")).to_contain_text(OFFICE_PHONE)
        await until(page, "() => document.querySelector('img.qr')?.naturalWidth > 0")
        await page.get_by_role("button", name="Copy the link").click()
        assert sitting.links["consumer"] in await page.evaluate("() => navigator.clipboard.readText()")
        await page.get_by_role("link", name="Try it here all the same").click()
        await page.get_by_role("button", name="Start").click()
        await page.wait_for_url("**/join/notice")
    async with street.phone() as phone:  # looking used nothing up
        await phone.page.goto(sitting.links["consumer"])
        await expect(phone.page.get_by_role("button", name="Start")).to_be_visible()


async def test_a_browser_without_calls_is_told_and_may_still_take_part_by_typing(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone(NO_WEBRTC) as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await page.goto(sitting.links["consumer"])
        await page.wait_for_url("**nowebrtc=1")
        await expect(page.locator("main")).to_contain_text("too old for video calls")
        await until(page, "() => document.querySelector('img.qr')?.naturalWidth > 0")
        await street.at_the_check(phone, sitting.links["consumer"])
        await expect(page.locator("h1")).to_have_text("This browser cannot do video or sound calls")
        await page.get_by_role("link", name="Go on").click()
        await page.click("button[name=mode][value=text]")
        await expect(page.locator(".hush h1")).to_have_text("You are here")
        await cockpit.click(".knock .btn-act")
        await page.wait_for_selector(".room .controls")
        await page.get_by_role("button", name="Chat").click()
        await page.fill("dialog[open] [name=text]", "I can only type")
        await page.locator("dialog[open]").get_by_role("button", name="Send").click()
        await cockpit.get_by_role("tab", name="Chat").click()
        await expect(cockpit.locator(".chatlog")).to_contain_text("I can only type")
        assert phone.troubles == []
