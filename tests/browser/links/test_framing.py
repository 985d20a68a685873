"""The public window and the way into a room in a frame of a site that a setting names; a staff page in none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Frame, Page, async_playwright, expect
from pydantic import SecretStr

from server.app.demo import MEDIATOR
from server.app.parts import PARTS, Parts
from server.serving.settings import Settings
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.oversight.test_approvals import Place
from tests.server.rooms.test_unreached import NUMBER, filed
from tests.web.client import Browser as Visitor

pytestmark = [pytest.mark.browser]

PAGE = """<!doctype html><title>office</title><iframe name="inner" src="{}" width="380" height="800"
allow="camera; microphone; display-capture; fullscreen"></iframe>"""


@dataclass
class Sites:
    """Ours on localhost, and two pages around it on 127.0.0.1, of which one is named: browsers take these for
    different sites."""

    ours: str
    named: str
    stranger: str
    parts: Parts


def around(ours: str) -> web.Application:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=PAGE.format(f"{ours}{request.query['path']}"), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    return app


@pytest.fixture
async def sites(tmp_path: Path) -> AsyncIterator[Sites]:
    port, outer = unused_port(), unused_port()
    ours = f"http://localhost:{port}"
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), port=port, behind_tls=True,
        frame_ancestors=(f"http://127.0.0.1:{outer}",),
    )  # fmt: skip
    app = demo_app(settings)
    async with (
        TestServer(app, host="localhost", port=port),
        TestServer(around(ours), port=outer) as named,
        TestServer(around(ours)) as stranger,
    ):
        yield Sites(ours, f"http://127.0.0.1:{named.port}", f"http://127.0.0.1:{stranger.port}", app[PARTS])


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as engine:
        started = await engine.chromium.launch(executable_path=browser(), args=FLAGS)
        yield await (await started.new_context(locale="zh-CN")).new_page()
        await started.close()


async def framed(page: Page, around: str, path: str) -> Frame:
    await page.goto(f"{around}/?path={path}")
    frame = page.frame(name="inner")
    assert frame is not None
    return frame


async def test_a_complaint_is_begun_within_the_offices_own_site(page: Page, sites: Sites) -> None:
    frame = await framed(page, sites.named, "/file")
    await frame.locator("button[form=begin]").click()
    await frame.wait_for_url("**/file/*")
    await expect(frame.locator("form#answer, form#step, main form").first).to_be_visible()
    kept = await page.context.cookies()
    assert kept
    assert {one["sameSite"] for one in kept} == {"None"}
    assert all(one["secure"] and one.get("partitionKey") for one in kept), "the browser keeps them apart by site"


async def test_a_party_comes_in_within_the_offices_own_site(page: Page, sites: Sites) -> None:
    place = Place(sites.parts, cast(Visitor, None))
    zhou = await place.officer(MEDIATOR)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    session = await sites.parts.desk.schedule(zhou, await filed(place, NUMBER), tomorrow, [])
    link = (await sites.parts.links.issue(zhou, session, "business", True)).url
    frame = await framed(page, sites.named, urlsplit(link).path)
    await frame.locator("form[action$=start] button").first.click()
    await frame.wait_for_url("**/join/code")
    await frame.locator("button[form=send]").click()
    await expect(frame.locator("#code")).to_be_visible()


@pytest.mark.parametrize("path", ["/sign-in", "/desk", "/", "/systems/connections"])
async def test_a_staff_page_is_shown_in_no_frame(page: Page, sites: Sites, path: str) -> None:
    frame = await framed(page, sites.named, path)
    assert await frame.locator("h1, form").count() == 0


async def test_a_site_that_is_not_named_shows_nothing_of_ours(page: Page, sites: Sites) -> None:
    frame = await framed(page, sites.stranger, "/file")
    assert await frame.locator("h1, form").count() == 0
