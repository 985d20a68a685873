"""Who may do what, in a real browser: the way to every page, wide, on a phone and with text twice as large."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from offices import Officer
from server.app.demo import ADMINISTRATOR, OFFICE, SUPERVISOR
from tests.browser import axe
from tests.machine import browser
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.fakes import ADMIN, LIN, ZHOU, World
from web.http import cookies

pytestmark = pytest.mark.browser

LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures
LINES = """() => new Set([...document.querySelectorAll(".office-nav nav > *")]
  .map((one) => Math.round(one.getBoundingClientRect().top))).size"""


async def picture(page: Page, name: str) -> None:
    if LOOK:
        await page.screenshot(path=Path(LOOK) / f"{name}.png")


async def window(chromium: Browser, home: str, token: str, language: str, script: bool = True) -> Page:
    context = await chromium.new_context(viewport={"width": 1280, "height": 844}, java_script_enabled=script)
    for name, value in ((cookies.OFFICER, token), (cookies.LANGUAGE, language)):
        await context.add_cookies([{"name": name, "value": value, "url": home}])
    return await context.new_page()


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_the_navigation_fits_and_opens_by_mouse_key_and_without_script(language: str) -> None:
    world = World()
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for officer in (ZHOU, LIN, ADMIN):
            await everywhere(chromium, home, world.identity.token(officer.login), officer, language)
        plain = await window(chromium, home, world.identity.token(LIN.login), language, script=False)
        await plain.goto(f"{home}/law")
        await plain.locator(".nav-group summary").first.click()
        await plain.locator(".nav-group a[href='/audit']").click()
        assert plain.url == f"{home}/audit"
        await chromium.close()
    await server.close()


async def everywhere(chromium: Browser, home: str, token: str, officer: Officer, language: str) -> None:
    page = await window(chromium, home, token, language)
    await page.goto(f"{home}/law")
    headings = page.locator("nav .nav-group summary")
    assert await page.evaluate(LINES) == 1, officer.role  # no second line on a desktop
    assert await page.evaluate("document.querySelector('.office-nav').offsetHeight") < 80, officer.role
    await headings.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".nav-group[open]")).to_have_count(1)
    assert await axe.violations(page) == []
    await picture(page, f"navigation-{officer.role}-{language}-1280")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.locator(".nav-group[open]")).to_have_count(0)
    await expect(headings.first).to_be_focused()
    for index in range(await headings.count()):  # one after the other: the one before closes
        await headings.nth(index).click()
        await expect(page.locator(".nav-group[open]")).to_have_count(1)
        await expect(page.locator(".nav-group[open] a").last).to_be_in_viewport(ratio=1)
    await page.locator("main h1").click()
    await expect(page.locator(".nav-group[open]")).to_have_count(0)
    for width, percent in ((390, 100), (1280, 200), (390, 200)):
        await page.set_viewport_size({"width": width, "height": 844})
        await axe.browser_text_size(page, percent)
        await headings.last.click()
        await page.locator(".nav-group[open] a").last.scroll_into_view_if_needed()
        await expect(page.locator(".nav-group[open] a").last).to_be_in_viewport(ratio=1)
        assert await axe.sideways(page) == [], (officer.role, width, percent)
        if percent == 100:
            assert await axe.violations(page) == [], (officer.role, width)
        await picture(page, f"navigation-{officer.role}-{language}-{width}-{percent}")
        await headings.last.click()
    await page.context.close()


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_two_persons_in_two_windows_change_who_may_do_what(place: Place, language: str) -> None:
    """The bureau's administrator withholds, sees it undone only with a supervisor's yes; signs out elsewhere."""
    await place.parts.store.set_intake(OFFICE.id, True)
    admin, elsewhere = await place.sign_in(ADMINISTRATOR), await place.sign_in(ADMINISTRATOR)
    supervisor = await place.sign_in(SUPERVISOR)
    home = str(place.nobody.client.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        first = await window(chromium, home, admin.cookies[cookies.OFFICER], language)
        second = await window(chromium, home, supervisor.cookies[cookies.OFFICER], language)
        await first.goto(f"{home}/account")
        await sound(first, f"account-{language}")
        await first.locator("#sessions form[action$='/others/end'] button").click()
        assert (await elsewhere.get("/account")).status == 303  # signed out there

        await first.goto(f"{home}/access?cell={OFFICE.id}/mediator#cell")
        await first.uncheck("input[name=may_imports]")
        await first.fill("#reason", "轮岗期间不办导入")
        await first.locator("#cell .btn-act").click()
        await expect(first.locator("#change-1")).to_contain_text("轮岗期间不办导入")
        await sound(first, f"access-{language}")
        await first.locator("#change-1 button").click()
        await first.wait_for_url("**/approvals/*")
        await second.goto(first.url)
        await sound(second, f"approval-{language}")
        await second.locator("#yes").click()
        await expect(second.locator("#yes")).to_have_count(0)
        await first.goto(f"{home}/access")
        await expect(first.locator("#change-2")).to_be_visible()
        await chromium.close()


async def sound(page: Page, name: str) -> None:
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await axe.violations(page) == [], (name, width)
        assert await axe.sideways(page) == [], (name, width)
        if LOOK:
            await page.screenshot(path=Path(LOOK) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 844})
