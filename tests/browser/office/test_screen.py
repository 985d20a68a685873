"""The big screen in a real browser: opened by a token that nothing keeps, live, and off when the token is withdrawn."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from journal.clock import utc_now
from offices import Officer
from server.app.demo import OFFICE
from server.statistics.store import Maps
from tests import ROOT
from tests.browser import axe
from tests.browser.building import eventually
from tests.browser.office.scheduling import Scheduling, scheduling
from tests.server.app.office import filing
from tests.web.office.statistics.test_maps import geojson

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
FILLS = "document.documentElement.scrollHeight <= document.documentElement.clientHeight"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path) as made:
        yield made


async def officer(office: Scheduling, login: str) -> Officer:
    account = await office.parts.store.user_by_login(login)
    assert account is not None
    return Officer(account.id, account.login, account.name, account.role, OFFICE, totp=False)


async def screen(office: Scheduling, language: str = "zh", dark: bool = False, clock: bool = False) -> tuple[Page, str]:
    """A screen that was opened by its address; and the address. `clock`: its time can be put on."""
    admin = await office.window(await officer(office, "admin"))
    await admin.goto(f"{office.home}/systems")
    await admin.get_by_label("安装位置").fill("大厅")
    await admin.get_by_role("button", name="生成网址").click()
    address = await admin.locator("#screen-address").inner_text()
    context = await office.chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme="dark" if dark else "light", locale=language
    )
    page = await context.new_page()
    if clock:
        await page.clock.install()
    await page.goto(address)
    await page.locator(".wall-page").wait_for()
    return page, address


async def busy(office: Scheduling) -> None:
    """A day with something in it: five channels, three places, also on the first of a month."""
    for n in range(36):
        new = filing(utc_now() + timedelta(days=4 if n % 2 else 4 - n % 9))
        where = ("420111", "420106", "420100")[n % 3]
        channel = ("12315", "hotline", "director", "window", "12315")[n % 5]
        await office.parts.desk.register(office.zhou, replace(new, channel=channel, division=where))


async def withdrawn(office: Scheduling) -> None:
    admin = await office.window(await officer(office, "admin"))
    await admin.goto(f"{office.home}/systems")
    await admin.locator("form[action$=revoke] button").first.click()
    await admin.wait_for_load_state()


async def test_the_token_is_in_no_address_and_its_cookie_goes_to_this_page_alone(office: Scheduling) -> None:
    page, address = await screen(office)
    secret = address.partition("#")[2]
    assert secret.startswith("yt_")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    async with page.expect_request("**/screen/figures"):
        await page.reload()
    assert page.url == f"{office.home}/screen"
    assert all(secret not in one for one in asked)
    [cookie] = [one for one in await page.context.cookies(f"{office.home}/screen") if one.get("path") != "/"]
    assert (cookie.get("path"), cookie.get("httpOnly")) == ("/screen", True)
    assert secret not in cookie.get("value", secret)
    assert cookie not in await page.context.cookies(f"{office.home}/desk")
    await page.goto(f"{office.home}/desk")
    assert "/sign-in" in page.url


async def test_a_complaint_that_is_registered_appears_without_a_reload(office: Scheduling) -> None:
    page, _ = await screen(office)
    await page.evaluate("window.still = true")
    before = int(await page.locator("[data-figure=received]").inner_text())
    new = filing(utc_now() + timedelta(days=4))  # received today
    await office.parts.desk.register(office.zhou, new)
    await expect(page.locator("[data-figure=received]")).to_have_text(str(before + 1), timeout=15_000)
    assert await page.evaluate("window.still")
    text = await page.locator("body").inner_text()
    assert not re.search("丁小禾|知遇桥|陈立", text)


async def test_a_withdrawn_token_turns_the_screen_off_within_seconds_and_it_stays_off(office: Scheduling) -> None:
    page, address = await screen(office)
    await withdrawn(office)
    await expect(page.get_by_role("alert")).to_contain_text("令牌已吊销", timeout=15_000)
    await expect(page.locator(".wall-figures")).to_have_count(0)
    await page.reload()
    await expect(page.locator("form[data-screen-enter]")).to_have_count(1)
    await page.goto("about:blank")
    await page.goto(address)
    await expect(page.get_by_text("这不是大屏的令牌")).to_be_visible()


async def test_old_figures_say_so_and_it_goes_on_by_itself(office: Scheduling) -> None:
    page, _ = await screen(office, clock=True)
    await page.context.set_offline(True)
    await page.clock.run_for(50_000)
    await expect(page.locator("[data-state=old]")).to_contain_text("连接已断开")
    await page.context.set_offline(False)

    async def fresh() -> bool:
        await page.clock.run_for(5_000)  # less than a look may take: the office's answer is real
        return await page.locator("[data-state=old]").count() == 0

    await eventually(fresh, "the figures are no longer called old")


async def test_hundreds_of_looks_leave_nothing_behind(office: Scheduling) -> None:
    page, _ = await screen(office)
    await page.clock.install()
    await page.reload()
    await page.locator(".wall-page canvas").first.wait_for()
    looks = 0

    def count(_: object) -> None:
        nonlocal looks
        looks += 1

    page.on("requestfinished", count)
    nodes = "document.getElementsByTagName('*').length"
    before = await page.evaluate(nodes)
    for _ in range(60):
        async with page.expect_response("**/screen/figures"):
            await page.clock.run_for(5_100)
    assert looks >= 50
    assert await page.evaluate(nodes) == before
    assert await page.locator("canvas").count() == 2


@pytest.mark.parametrize(("language", "dark"), [("zh", False), ("zh", True), ("en", False), ("en", True)])
async def test_it_fills_1920_by_1080_without_scrolling_and_reads_from_afar(
    office: Scheduling, language: str, dark: bool
) -> None:
    await busy(office)
    page, _ = await screen(office, language, dark)
    await page.locator(".wall-page canvas").first.wait_for()
    await expect(page.locator("[data-list=places] li")).to_have_count(3)
    assert await page.evaluate(FILLS)
    smallest = await page.evaluate(
        "Math.min(...[...document.querySelectorAll('.wall-page :is(p, dt, dd, h2)')]"
        ".filter((one) => one.offsetParent).map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 24  # 13 mm on a screen of 55 inches
    assert [*await axe.violations(page), *await axe.sideways(page)] == []
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"screen-1920-{language}{'-dark' if dark else ''}.png")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_supervisors_monday_page_shows_the_same_figures_live(office: Scheduling, language: str) -> None:
    page, _ = await screen(office)
    monday = await office.window(await officer(office, "luojianguo"), language)
    await monday.goto(f"{office.home}/supervision")
    for name in ("received", "rooms", "late", "settled"):
        wall = await page.locator(f"[data-figure={name}]").inner_text()
        await expect(monday.locator(f"[data-figure={name}]")).to_have_text(wall)
    await office.parts.desk.register(office.zhou, filing(utc_now() + timedelta(days=4)))
    for one in (page, monday):
        await expect(one.locator("[data-figure=received]")).not_to_have_text("0", timeout=15_000)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        await monday.set_viewport_size({"width": width, "height": 844})
        await axe.settle(monday)
        assert [*await axe.violations(monday), *await axe.sideways(monday)] == []
        await monday.screenshot(path=PICTURES / f"monday-{width}-{language}.png", full_page=True)


OVERLAPPING = """() => {
  const shown = [...document.querySelectorAll('[data-label]:not([visibility=hidden])')];
  const boxes = shown.map((one) => one.getBoundingClientRect());
  return boxes.flatMap((a, n) => boxes.slice(n + 1).filter((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
}"""


async def test_the_offices_own_map_is_read_from_afar_with_the_busiest_places_beside_it(
    office: Scheduling, tmp_path: Path
) -> None:
    maps = Maps(tmp_path / "maps")
    # Three side by side, and a city that lies upon all of them: its name has no room of its own.
    apart = json.loads(geojson("420111", "420106", "420115"))
    city = json.loads(geojson("420100", x=115.0))
    maps.offer(OFFICE.id, json.dumps(apart | {"features": apart["features"] + city["features"]}).encode())
    maps.use(OFFICE.id)
    await busy(office)
    page, _ = await screen(office)
    await expect(page.locator("[data-place='420111']")).to_have_class(re.compile("h-[1-3]"))
    assert await page.evaluate(OVERLAPPING) == 0
    hidden = await page.locator("[data-label][visibility=hidden]").count()
    assert hidden == 1
    places = page.locator(".wall-places .grid-map li")
    assert await places.count()
    for n in range(await places.count()):
        await expect(places.nth(n)).to_be_in_viewport(ratio=1)
    assert await page.evaluate(FILLS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "screen-map-1920-zh.png")
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await axe.sideways(page) == []
