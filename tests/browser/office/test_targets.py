"""Room for a finger on what staff press, on a phone and on a desk: 44 px each way (WCAG 2.5.5), on all pages."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from offices import Officer
from tests.browser import axe
from tests.machine import browser
from tests.web.fakes import ADMIN, LIN, ZHOU, World
from tests.web.fakes.accounts.officers import Account
from web.http import cookies

pytestmark = pytest.mark.browser

INSPECTOR = Officer("u-cha", "cha", "查问", "inspector", LIN.office, totp=False)
SCREENS = ((390, 844), (1280, 800))
NAMED = {  # of pages about one thing, one that is there
    "{complaint}": "c0", "{session}": "m1", "{spot}": "s1", "{respondent}": "abc", "{span}": "month",
    "{first}": "2026-05-01", "{case}": "k1", "{problem}": "contract", "{lead}": "l1", "{chapter}": "supervisor",
}  # fmt: skip
OTHERS = re.compile(
    r"\.[a-z]+$|^/(?:follow|file|join|j|answer|api|sign|lawyer|objection|questions|public)\b|/certificates"
)


def addresses(app: web.Application) -> list[str]:
    """All that a page may be asked for at, as far as the fakes have what it is about."""
    found = set()
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        for name, value in NAMED.items():
            path = path.replace(name, value)
        if route.method == "GET" and "{" not in path and not OTHERS.search(path):
            found.add(path)
    return sorted(found)


async def test_everything_that_staff_press_has_room_for_a_finger() -> None:
    world, wrong, seen = World(), list[str](), set[str]()
    world.focus.fill()
    world.identity.accounts[INSPECTOR.login] = Account(INSPECTOR, "")
    app = world.app()
    paths = addresses(app)
    server = TestServer(app)
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for officer in (ZHOU, LIN, ADMIN, INSPECTOR):
            context = await chromium.new_context(reduced_motion="reduce")
            token = world.identity.token(officer.login)
            for name, value in ((cookies.OFFICER, token), (cookies.LANGUAGE, "en")):
                await context.add_cookies([{"name": name, "value": value, "url": home}])
            page = await context.new_page()
            for path in paths:
                if path not in seen and await shown(page, f"{home}{path}"):
                    seen.add(path)
                    wrong += await narrow_targets(page, path)
            await context.close()
        await chromium.close()
    await server.close()
    assert {"/desk", "/complaints", "/focus", "/bulletins", "/officers", "/leads", "/casebook", "/statistics"} <= seen
    assert not wrong, "\n" + "\n".join(wrong)


async def shown(page: Page, address: str) -> bool:
    """Whether a page of the office's is there for who asks."""
    answer = await page.request.get(address, max_redirects=0)
    if not answer.ok or 'class="office-nav"' not in await answer.text():
        return False
    await page.goto(address)
    return True


async def narrow_targets(page: Page, path: str) -> list[str]:
    await page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = []
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        await axe.settle(page)
        found += [f"{path} at {width}: {one}" for one in await axe.small_targets(page)]
    return found
