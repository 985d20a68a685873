"""A business answers from a phone: what it types is kept, and the page says so, whatever becomes of the tab."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect
from pydantic import SecretStr

from offices import Officer
from server.app.demo import MEDIATOR, OFFICE
from server.app.wiring import PARTS, Parts
from server.serving.settings import Settings
from tests.browser import axe
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from web import ANSWERS

pytestmark = [pytest.mark.browser]

COMPLAINT = "demo-0918"


async def newest(parts: Parts, kind: str) -> str:
    messages, _ = await parts.outbox._store.page([OFFICE.id])
    return parts.seal.open(next(one for one in messages if one.kind == kind).text_sealed, "message")


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match
    return match[0]


async def in_the_answer(page: Page, url: str, parts: Parts) -> None:
    await page.goto(f"{url}{found(r'/a/[A-Za-z0-9_-]+', await newest(parts, 'link'))}")
    await page.locator("button[form=begin]").click()
    await page.locator("button[form=send]").click()
    await expect(page.locator("input[name=code]")).to_be_visible()
    await page.locator("input[name=code]").fill(found(r"\d{6}", await newest(parts, "code")))
    await page.locator("button[form=answer]").click()
    await expect(page.locator("#reply")).to_be_visible()


async def kept(page: Page, does: Callable[[], Awaitable[None]]) -> None:
    """Whatever it does, the page has told the server of it."""
    async with page.expect_response(lambda one: one.url.endswith("/answer") and one.status == 204):
        await does()


async def test_an_answer_half_typed_is_there_again_when_the_tab_was_closed(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.test")
    app = demo_app(settings)
    server = TestServer(app)
    await server.start_server()
    url, parts = str(server.make_url("")).rstrip("/"), app[PARTS]
    user = await parts.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    await app[ANSWERS].invite(zhou, COMPLAINT, date.today() + timedelta(days=5), "")
    expect.set_options(timeout=30_000)  # a busy machine is no fault
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        context = await chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        page = await context.new_page()
        await in_the_answer(page, url, parts)
        assert await axe.violations(page) == []
        await expect(page.get_by_text("What you type is kept as you go")).to_be_visible()
        facts, willing = page.locator("textarea[name=facts]"), page.locator("input[name=willing][value=yes]")
        await facts.fill("屏幕是运输时压坏的，")
        await kept(page, facts.blur)
        await kept(page, partial(willing.check, force=True))
        await page.close()

        again = await context.new_page()
        await again.goto(f"{url}/answer")
        await expect(again.locator("textarea[name=facts]")).to_have_value("屏幕是运输时压坏的，")
        await expect(again.locator("input[name=willing][value=yes]")).to_be_checked()
        await again.locator("input[name=by]").fill("余波，店长")
        await again.locator("button[form=reply]").click()
        await expect(again.locator(".banner[data-tone=ok]")).to_be_visible()
        await chromium.close()
    await server.close()
