"""Signing on by a stock Keycloak, in a real browser: there and back, what it ends and takes away, and without it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from server.app.rehearsal.command import Venue
from tests.browser import axe
from tests.browser.desk import Desk
from tests.browser.office import keycloak
from tests.browser.office.keycloak import PASSWORD, Keycloak
from tests.browser.people import DESKTOP, FLAGS, PHONE
from tests.machine import browser
from tests.server.app.application import demo_program

pytestmark = [
    pytest.mark.browser, pytest.mark.keycloak, pytest.mark.long, pytest.mark.asyncio(loop_scope="module")
]  # fmt: skip

LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures

SET = """
[sign_on.keycloak]
preset = "keycloak"
label = "市局统一身份认证"
label_en = "Bureau sign-on"
issuer = "ISSUER"
client_id = "yuntiao"
client_secret = { file = "SECRET" }
links_claim = "preferred_username"
timeout = 3

[[sign_on.keycloak.rules]]
claim = "groups"
pattern = "/(?P<office>[^/]+)/mediators"
role = "mediator"

[[sign_on.keycloak.rules]]
claim = "groups"
pattern = "/(?P<office>[^/]+)/supervisors"
role = "supervisor"
"""


@dataclass
class Bureau:
    venue: Venue
    keycloak: Keycloak
    chromium: Browser

    async def window(self, language: str = "zh", phone: bool = False) -> Page:
        context: BrowserContext = await self.chromium.new_context(**(PHONE if phone else DESKTOP))
        await context.add_cookies([{"name": "yt_lang", "value": language, "url": self.venue.url}])
        return await context.new_page()

    async def signs_on(self, page: Page, username: str, path: str = "/desk") -> None:
        await page.goto(f"{self.venue.url}{path}")
        await page.get_by_role("link", name="市局统一身份认证").click()
        await page.locator("#username").fill(username)
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#kc-login").click()
        await page.wait_for_url(f"{self.venue.url}/**", timeout=60_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bureau(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bureau]:
    folder = tmp_path_factory.mktemp("bureau")
    async with keycloak.running(folder) as provider:
        (secret := folder / "secret").write_text(f"{keycloak.SECRET}\n")
        secret.chmod(0o600)
        file = folder / "connections.toml"
        file.write_text(SET.replace("ISSUER", provider.issuer).replace("SECRET", str(secret)))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("YUNTIAO_CONNECTIONS", str(file))
            program = demo_program(folder)
            async with program as venue, async_playwright() as playwright:
                await provider.set_up(venue.url)
                chromium = await playwright.chromium.launch(executable_path=browser(), args=list(FLAGS))
                yield Bureau(venue, provider, chromium)
                await chromium.close()


async def looked_at(page: Page, name: str) -> None:
    assert await axe.violations(page) == []
    if LOOK:
        await page.screenshot(path=Path(LOOK) / f"{name}.png", full_page=True)


async def test_somebody_new_comes_in_by_the_bureaus_sign_on_and_is_where_they_wanted(bureau: Bureau) -> None:
    await bureau.keycloak.person("wangfang", "王芳", "/一所/mediators")
    page = await bureau.window()
    await bureau.signs_on(page, "wangfang", "/calendar")
    assert page.url == f"{bureau.venue.url}/calendar"
    await page.goto(f"{bureau.venue.url}/account")
    await expect(page.locator("main")).to_contain_text("通过统一登录进入")
    await expect(page.locator("input[type=password]")).to_have_count(0)
    await looked_at(page, "account-zh-1280")
    await page.get_by_role("button", name="退出").first.click()
    await page.get_by_role("link", name="市局统一身份认证").click()  # signed in there still: no password again
    await page.wait_for_url(f"{bureau.venue.url}/desk")


async def test_an_account_there_was_is_theirs_and_what_keycloak_ends_is_over_in_the_room_too(bureau: Bureau) -> None:
    zhou = await bureau.keycloak.person("zhoumin", "周敏", "/一所/mediators")
    page, other = await bureau.window(), await bureau.window()
    await bureau.signs_on(page, "zhoumin")
    async with Desk(bureau.venue) as desk:
        sitting = await desk.arrange()
    await page.goto(f"{bureau.venue.url}/sessions/{sitting.id}/room")
    await expect(page.locator(".cp-top")).to_be_visible()
    await bureau.signs_on(other, "zhoumin")
    await bureau.keycloak.signs_out(zhou)
    await expect(page.locator("h1")).to_have_text("您已退出登录", timeout=30_000)
    async with asyncio.timeout(30):  # it tells us of one session after the other
        while not other.url.startswith(f"{bureau.venue.url}/sign-in"):
            await other.goto(f"{bureau.venue.url}/desk")


async def test_who_is_taken_out_of_the_group_there_reads_that_they_have_no_role_here(bureau: Bureau) -> None:
    chen = await bureau.keycloak.person("chenlu", "陈璐", "/一所/mediators")
    page = await bureau.window()
    await bureau.signs_on(page, "chenlu")
    await expect(page.locator("h1")).to_be_visible()
    await bureau.keycloak.leaves(chen)
    again = await bureau.window()
    await bureau.signs_on(again, "chenlu")
    await expect(again.get_by_role("alert")).to_contain_text("尚未给您分配角色")
    await looked_at(again, "no-place-zh-1280")
    await page.goto(f"{bureau.venue.url}/desk")  # what was open is over as well
    await expect(page.get_by_role("link", name="市局统一身份认证")).to_be_visible()


async def test_another_group_is_another_role_and_another_page_to_start_from(bureau: Bureau) -> None:
    await bureau.keycloak.person("liqiang", "李强", "/一所/supervisors")
    page = await bureau.window()
    await bureau.signs_on(page, "liqiang", "/")
    await page.wait_for_url(f"{bureau.venue.url}/focus")


async def test_one_that_does_not_answer_is_said_so_and_a_password_kept_here_opens(bureau: Bureau) -> None:
    admin, page = await bureau.window(), await bureau.window()
    await admin.goto(f"{bureau.venue.url}/sign-in")
    await expect(admin.locator("#login")).to_be_hidden()
    await admin.locator("details.explain > summary").click()
    with bureau.keycloak.silent():
        await admin.locator("#login").fill("admin")
        await admin.locator("#password").fill(bureau.venue.password)
        await admin.get_by_role("button", name="登录").click()
        await admin.wait_for_url(f"{bureau.venue.url}/officers")
        await admin.goto(f"{bureau.venue.url}/systems/connections")
        await admin.locator("main form button").click()
        await expect(admin.get_by_role("status")).to_contain_text("连接不通", timeout=15_000)
        await page.goto(f"{bureau.venue.url}/desk")
        await page.get_by_role("link", name="市局统一身份认证").click()
        await expect(page.get_by_role("alert")).to_contain_text("暂时无法连接", timeout=15_000)
        await expect(page.locator("#login")).to_be_visible()
        await looked_at(page, "away-zh-1280")
    await admin.goto(f"{bureau.venue.url}/systems/connections")
    await admin.locator("main form button").click()
    await expect(admin.get_by_role("status")).to_contain_text("连接正常", timeout=15_000)
    await looked_at(admin, "connections-zh-1280")
    await admin.goto(f"{bureau.venue.url}/officers")
    await looked_at(admin, "officers-zh-1280")
    await admin.locator("main .rows a", has_text="周敏").click()
    await expect(admin.locator("main")).to_contain_text("登录方式")
    await looked_at(admin, "officer-zh-1280")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("phone", [False, True])
async def test_the_button_is_there_wide_and_on_a_phone_and_the_password_is_a_tap_away(
    bureau: Bureau, language: str, phone: bool
) -> None:
    page = await bureau.window(language, phone)
    await page.goto(f"{bureau.venue.url}/sign-in")
    name = {"zh": "使用市局统一身份认证登录", "en": "Sign in with Bureau sign-on"}[language]
    button = page.get_by_role("link", name=name)
    box = await button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    await looked_at(page, f"sign-in-{language}-{390 if phone else 1280}")
    await page.locator("details.explain > summary").click()
    await expect(page.locator("#login")).to_be_visible()
    await looked_at(page, f"sign-in-open-{language}-{390 if phone else 1280}")
