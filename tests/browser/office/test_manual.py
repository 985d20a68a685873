"""Help over the page it belongs to, the manual on phone and paper, by real browsers: looked at, measured, printed."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from server.app.rehearsal.command import Venue
from tests.browser import axe
from tests.browser.people import FLAGS
from tests.machine import browser as chromium
from tests.server.app.application import demo_program

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
LANGUAGES = ("zh", "en")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with demo_program(tmp_path_factory.mktemp("manual")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield launched
        await launched.close()


async def page_of(chrome: Browser, language: str, width: int = 1280) -> Page:
    context = await chrome.new_context(viewport={"width": width, "height": 844}, locale=language)
    return await context.new_page()


async def signed_in(page: Page, venue: Venue, login: str, language: str) -> None:
    await page.goto(f"{venue.url}/sign-in?lang={language}")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", venue.password)
    await page.click("main form button.btn-act")
    await page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_key_and_the_button_lay_the_pages_help_over_what_is_being_typed(
    venue: Venue, chrome: Browser, artifacts: Path
) -> None:
    page = await page_of(chrome, "en")
    await signed_in(page, venue, "zhoumin", "en")
    await page.goto(f"{venue.url}/complaints/new")
    await page.fill("[name=title]", "A kettle?")
    await page.press("[name=title]", "?")  # a question mark, while somebody types
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.locator("[name=title]").blur()
    await page.keyboard.press("Alt+h")
    dialog = page.locator("dialog[open]")
    await expect(dialog.get_by_role("heading")).to_have_text("How do I register a complaint?")
    assert await axe.violations(page) == []
    await page.screenshot(path=artifacts / "help-over-a-form.png")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.help-part")).to_have_count(0)
    assert await page.input_value("[name=title]") == "A kettle??"
    await page.get_by_role("link", name="Help for this page").click()
    await expect(dialog).to_have_count(1)
    await dialog.get_by_role("button").click()
    await expect(dialog).to_have_count(0)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_question_mark_rests_where_single_keys_are_switched_off(venue: Venue, chrome: Browser) -> None:
    page = await page_of(chrome, "en")
    await page.goto(f"{venue.url}/help/keys?lang=en")
    await page.get_by_label("Use keys together with Alt").uncheck()
    await page.goto(f"{venue.url}/follow")
    await page.keyboard.press("Alt+h")
    await page.get_by_role("link", name="Help for this page").click()  # the button still does
    await expect(page.locator("dialog[open]")).to_have_count(1)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_the_manual_and_the_first_steps_are_read_on_any_screen(
    venue: Venue, chrome: Browser, artifacts: Path, language: str, width: int
) -> None:
    page = await page_of(chrome, language, width)
    for path in ("/help", "/help/consumer", "/help/keys"):
        await page.goto(f"{venue.url}{path}?lang={language}")
        assert await axe.violations(page) == [], path
        assert await axe.sideways(page) == [], path
        assert await axe.small_targets(page) == [], path
        await page.screenshot(path=artifacts / f"manual{path.replace('/', '-')}-{width}-{language}.png")
    for login in ("zhoumin", "luojianguo", "admin"):
        await page.context.clear_cookies()
        await signed_in(page, venue, login, language)
        await expect(page.locator(".first-steps li")).to_have_count(5)
        assert await axe.violations(page) == [], login
        assert await axe.sideways(page) == [], login
        box = await page.locator("[data-help]").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= axe.LEAST_TARGET
        await page.screenshot(path=artifacts / f"first-steps-{login}-{width}-{language}.png")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_chapter_prints_with_contents_and_numbered_sheets_and_without_what_a_screen_needs(
    venue: Venue, chrome: Browser, artifacts: Path, language: str
) -> None:
    page = await page_of(chrome, language)
    await page.goto(f"{venue.url}/help/mediator?print&lang={language}")
    assert not await page.locator(".help-head, .help-nav, [data-print]").filter(visible=True).count()
    path = artifacts / f"manual-mediator-{language}.pdf"
    await page.pdf(path=path, prefer_css_page_size=True)
    if shutil.which("pdftotext") is None:
        return
    reading = ["pdftotext", "-layout", str(path), "-"]
    sheets = (await asyncio.to_thread(subprocess.run, reading, capture_output=True, check=True)).stdout.decode()
    first, second, *_more = sheets.split("\f")
    contents, begins = ("本章内容", "从工作台开始一天") if language == "zh" else ("In this chapter", "How do I begin")
    assert contents in first
    assert begins in second  # the text begins on a sheet of its own
    assert re.search(r"\b2\s*/\s*(?:[5-9]|1[0-9])\s*$", second)  # which sheet of how many
    assert "English" not in first
