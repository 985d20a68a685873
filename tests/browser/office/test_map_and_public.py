"""In a browser, on a phone and at a desk, in both languages: the map an administrator takes in, what everybody reads,
and a business that may be two."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from complaints.insight.warnings import ApproveWarning, PublishWarning, WithdrawWarning, WriteWarning
from complaints.statistics.figures import month
from tests.browser.axe import sideways, violations
from tests.machine import browser
from tests.web.fakes import ADMIN, LIN, World
from tests.web.fakes.figures.respondents import KNOWN
from tests.web.office.statistics.test_maps import geojson
from web.http import cookies

pytestmark = pytest.mark.browser
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
LU = replace(LIN, id="u-lu", login="lu", name="陆平")
MAY = month(date(2026, 5, 1))
LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures of what was looked at


async def clean(page: Page, path: str, screen: ViewportSize, language: str) -> None:
    await page.goto(path)
    assert await violations(page) == [], path
    assert await sideways(page) == [], path
    if LOOK:
        name = "-".join(path.split("?")[0].strip("/").split("/")[3:])
        await page.screenshot(path=Path(LOOK) / f"{name}-{language}-{screen['width']}.png", full_page=True)


async def published(world: World) -> None:
    """A month's bulletin, a warning that stands, and one that was withdrawn."""
    await world.issued.issue(LIN, "month", MAY, date(2026, 6, 24), True)
    for spot in ("s1", "s3"):
        await world.warnings.ask(LIN, spot, WriteWarning("办卡先看清退卡条款", "先问能不能退，再付钱。", "zh", 0))
        await world.warnings.ask(LU, spot, ApproveWarning(1))
        await world.warnings.ask(LIN, spot, PublishWarning(1, LIN.office.id, LIN.office.name))
    await world.warnings.ask(LIN, "s1", WithdrawWarning("事情已经解决"))


@pytest.mark.parametrize(
    ("language", "none", "use", "same"),
    [
        ("zh", "还没有地图", "启用这张地图", "认定为同一家，合并统计"),
        ("en", "There is no map", "Use this map", "The same: count them as one"),
    ],
)
async def test_the_map_what_everybody_reads_and_a_business_that_may_be_two(
    language: str, none: str, use: str, same: str, tmp_path: Path
) -> None:
    world = World()
    world.focus.fill()
    world.respondents.alike = True
    await published(world)
    outline = tmp_path / "outline.geojson"
    outline.write_bytes(geojson("420111", "420115"))
    server = TestServer(world.app())
    await server.start_server()
    home = str(server.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for screen in (PHONE, DESK):
            stranger = await (await chromium.new_context(viewport=screen)).new_page()
            bulletin = f"/public/bulletins/month/{MAY.first}/{LIN.office.id}"
            for path in ("/public", "/public/warnings/s3", "/public/warnings/s1", bulletin):
                await clean(stranger, f"{home}{path}?lang={language}", screen, language)
            await stranger.goto(f"{home}/public?lang={language}")
            await stranger.locator(f'a[href^="{bulletin}"]').first.click()
            await expect(stranger.get_by_role("heading", level=1)).to_be_visible()

            for officer, path in ((ADMIN, "/map"), (LIN, f"/respondents/{KNOWN}")):
                context = await chromium.new_context(viewport=screen)
                token = world.identity.token(officer.login)
                await context.add_cookies([{"name": cookies.OFFICER, "value": token, "url": home}])
                page = await context.new_page()
                await clean(page, f"{home}{path}?lang={language}", screen, language)
                if officer is LIN:
                    await expect(page.get_by_role("button", name=same)).to_be_visible()
                    continue
                await expect(page.get_by_text(none).first).to_be_visible()
                await page.set_input_files("input[type=file]", outline)
                await page.locator("form[enctype] button").click()
                await expect(page.get_by_role("button", name=use)).to_be_visible()
                assert await violations(page) == []
                assert await sideways(page) == []
                await page.get_by_role("button", name=use).click()
                await expect(page.get_by_text(none)).to_have_count(0)
                await page.locator('form:has(input[name="do"][value="forget"]) button').click()
                await expect(page.get_by_text(none).first).to_be_visible()
        await chromium.close()
    await server.close()
