"""Fewer years of keeping by two persons in two windows, both languages: read, reached, within its width."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright, expect

from server.app.demo import ADMINISTRATOR, SUPERVISOR
from tests.browser.office.test_access import sound, window
from tests.machine import browser
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from web.http import cookies

pytestmark = [pytest.mark.browser]


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_an_administrator_asks_for_fewer_years_and_a_supervisor_sees_what_comes_of_it(
    place: Place, language: str
) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    home = str(place.nobody.client.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        first = await window(chromium, home, admin.cookies[cookies.OFFICER], language)
        second = await window(chromium, home, supervisor.cookies[cookies.OFFICER], language)
        await first.goto(f"{home}/retention")
        await sound(first, f"retention-{language}")
        await first.select_option("#settled", "2")
        await first.locator("form .btn-act").click()
        await sound(first, f"retention-sure-{language}")
        await first.fill("#reason", "库房有限")
        await first.locator("form .btn-act").click()
        await first.wait_for_url("**/approvals/*")
        await second.goto(f"{home}/kept")
        await second.locator("a[href='/retention']").last.click()
        await sound(second, f"retention-read-{language}")
        await second.goto(first.url)
        await sound(second, f"retention-approval-{language}")
        await second.locator("#yes").click()
        await expect(second.locator("#yes")).to_have_count(0)
        await first.goto(f"{home}/retention")
        await expect(first.locator("#change-2")).to_contain_text("3 → 2")
        await first.locator("#change-2 button").click()  # asked for back: more years, so one is enough
        await first.fill("#reason", "改回")
        await first.locator("form .btn-act").click()
        await expect(first.locator("#change-3")).to_contain_text("2 → 3")
        await sound(first, f"retention-changed-{language}")
        await chromium.close()
