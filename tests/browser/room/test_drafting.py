"""The drafting place: three clauses in a few presses while the pictures stay, undone and confirmed, signed with a
stored drawing, sealed. At every step one primary button, and words for what is waited for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import axe
from tests.browser.play import Play
from tests.browser.room.settling import (
    agree,
    ask_for_code,
    at_the_door,
    clause,
    read_to_the_end,
    record_authority,
    write_by_hand,
    write_words,
)
from tests.browser.test_story import played

pytestmark = [pytest.mark.browser, pytest.mark.media]

CODE = "730914"
PRIMARY = ".panel:not([hidden]) .btn-act, .panel:not([hidden]) .course .btn-seal"


class Presses:
    """Counts clicks and keys that do as much; typing is left out."""

    def __init__(self, page: Page) -> None:
        self.page, self.n = page, 0

    async def click(self, on: Locator) -> None:
        self.n += 1
        await on.click()

    async def key(self, key: str) -> None:
        self.n += 1
        await self.page.keyboard.press(key)


async def save_a_signature(play: Play) -> None:
    """Drawn once on the account's page."""
    tab = await play.page("mediator").context.new_page()
    await tab.goto(f"{play.venue.url}/account")
    await tab.click("#signature a")
    await write_by_hand(tab)
    await tab.check("[name=agree]")
    for name, value in (("code", CODE), ("again", CODE), ("password", play.venue.password)):
        await tab.fill(f"[name={name}]", value)
    await tab.screenshot(path=play.pictures / f"account-signature-1280-{play.language}.png", full_page=True)
    await tab.set_viewport_size({"width": 390, "height": 844})
    await tab.screenshot(path=play.pictures / f"account-signature-390-{play.language}.png", full_page=True)
    assert await axe.sideways(tab) == []
    await tab.click("#sign .btn-act")
    await expect(tab.locator(".banner[data-tone=ok]")).to_be_visible()
    assert await axe.violations(tab) == []
    await tab.close()


async def one_primary(page: Page) -> None:
    await expect(page.locator(PRIMARY)).to_have_count(1)
    assert (await page.locator(".course-waits").inner_text()).strip()


async def tabs_are_on_one_line(page: Page) -> None:
    places = await page.eval_on_selector_all(".cp-right [role=tab]", "all => all.map(e => e.offsetTop)")
    assert len(places) == 8
    assert len(set(places)) == 1
    assert await page.eval_on_selector(".cp-right .tabs", "e => e.scrollWidth <= e.clientWidth + 1")


async def beginning(page: Page, n: int) -> Locator:
    return page.locator(".beginnings .chips .btn").nth(n)


@pytest.mark.parametrize(
    ("width", "language"),
    [(1920, "zh"), *(pytest.param(1280, language, marks=pytest.mark.long) for language in ("zh", "en"))],
)
async def test_three_clauses_are_drafted_while_the_talk_goes_on_and_signed_with_a_stored_drawing(
    tmp_path: Path, artifacts: Path, width: int, language: str
) -> None:
    pictures = artifacts / "drafting"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, language) as play:
        desk, consumer, business = (play.page(role) for role in ("mediator", "consumer", "business"))
        await at_the_door(play)
        await desk.set_viewport_size({"width": width, "height": 800 if width == 1280 else 1080})
        await play.picture("mediator", "drafting-door")
        await desk.locator(".knock-all .btn").click()
        await expect(desk.locator(".knock")).to_have_count(0)
        await consumer.wait_for_selector(".room .controls")
        await tabs_are_on_one_line(desk)
        await _head_is_one_line_and_leads_to_the_whole_title(desk)
        await _bell_and_number_are_at_hand(desk)
        await save_a_signature(play)
        await record_authority(desk)

        # Wide, and so again after the page is loaded anew; the pictures stay.
        await _is_wide(desk, width)
        await desk.reload()
        await expect(desk.locator("#tab-agreement")).to_be_visible()
        await desk.click("#tab-agreement")
        await _is_wide(desk, width, again=True)
        await one_primary(desk)
        await play.picture("mediator", "drafting-begin")

        presses = Presses(desk)
        await _three_clauses(play, presses)
        assert presses.n <= 8, "a draft of three clauses"
        await _undone(desk)
        await _one_more_is_taken_out(desk)

        # Both are asked about all three at once.
        await desk.locator("#tab-agreement").focus()
        await presses.key("Alt+r")
        assert presses.n <= 9
        for page in (consumer, business):
            await expect(page.locator(".reading .clause")).to_have_count(3)
        await one_primary(desk)
        await play.picture("mediator", "drafting-waits")
        for page in (consumer, business):
            for number in (1, 2, 3):
                await agree(page, number)
        await one_primary(desk)
        await expect(desk.locator(".course-steps .now")).to_have_count(1)
        assert await axe.violations(desk) == []
        await _signed_and_sealed(play)
        for role, shown in play.windows.items():
            # The wrong code is a failed resource to the console.
            troubles = [one for one in shown.troubles if not one.startswith("Failed to load resource")]
            assert troubles == [], f"{role}'s page complained"


async def _head_is_one_line_and_leads_to_the_whole_title(desk: Page) -> None:
    """Also of a complaint with a long title, with a phase's clock and a speaker's beside it."""
    await desk.evaluate("""() => {
      const title = document.querySelector(".cp-name span:last-child");
      title.textContent += "：充值会员卡后门店迁走，余额不退也不能在其他门店使用，要求全部退还".repeat(2);
    }""")
    middles = await desk.eval_on_selector_all(
        ".cp-top > :not(.logo)", "all => all.map(e => e.getBoundingClientRect()).map(r => (r.top + r.bottom) / 2)"
    )
    assert len(middles) >= 4
    assert max(middles) - min(middles) < 12
    assert await axe.sideways(desk) == []
    name = desk.locator(".cp-name")
    await expect(name).to_have_attribute("title", re.compile("丁小禾.+"))
    await desk.click("#tab-law")
    await name.click()
    await expect(desk.locator("#panel-case p").first).to_be_visible()
    whole = await desk.locator("#panel-case p").first.inner_text()
    assert (await name.get_attribute("title") or "").endswith(whole)


async def _bell_and_number_are_at_hand(desk: Page) -> None:
    """What the desk has, without leaving the room. A phone system's page stands beside it."""
    await desk.locator(".cp-top .bell summary").click()
    await expect(desk.locator(".bell-panel [data-history] a").first).to_have_attribute("target", "_blank")
    await desk.locator(".cp-top .bell summary").click()
    await desk.click("#tab-case")
    await desk.locator("#panel-case dd .btn", has=desk.locator(".icon")).first.click()
    await expect(desk.locator("#panel-case a.num").first).to_have_text(re.compile(r"1\d{10}"))
    await expect(desk.locator("#panel-case a.num").first).to_have_attribute("href", re.compile("^tel:"))
    await desk.route("**/number", _a_phone_system)
    await desk.locator("#panel-case dd .btn", has=desk.locator(".icon")).last.click()
    beside = desk.locator("#panel-case a.num").last
    await expect(beside).to_have_attribute("href", re.compile("^https:"))
    await expect(beside).to_have_attribute("target", "_blank")
    await desk.unroute("**/number")


async def _a_phone_system(route: Route) -> None:
    answer = await route.fetch()
    await route.fulfill(json={**await answer.json(), "call": "https://pbx.example/call?to=1"})


async def _is_wide(desk: Page, width: int, again: bool = False) -> None:
    if width == 1280 and not again:
        await desk.keyboard.press("Escape")
        await desk.locator("#tab-agreement").focus()
        await desk.keyboard.press("Alt+d")
    await expect(desk.locator("#room.cockpit-wide")).to_have_count(1)
    panel = await desk.locator(".cp-right").bounding_box()
    video = await desk.locator(".tiles .tile").first.bounding_box()
    assert panel is not None
    assert video is not None
    assert panel["width"] >= (720 if width == 1920 else 600)
    assert video["width"] >= 240
    assert video["height"] >= 100
    await tabs_are_on_one_line(desk)


async def _three_clauses(play: Play, presses: Presses) -> None:
    """A refund of another sum within half a month, one more promise, and the closing words."""
    desk = play.page("mediator")
    await presses.click(await beginning(desk, 0))
    await one_primary(desk)
    await expect(desk.locator("#clause-action")).not_to_have_value("")
    await desk.fill("#clause-amount", "0.2万")
    await presses.click(desk.locator(".clause-form .chips .chip", has_text="15"))
    await expect(desk.locator("#clause-text")).to_have_value(_holding("2,000.00元（大写：贰仟元整）"))
    await expect(desk.locator("#clause-text")).to_have_value(_holding("24时前"))
    await play.picture("mediator", "drafting-clause")
    await presses.key("Control+Enter")
    await expect(desk.locator(".panel .clause")).to_have_count(1)
    await presses.click(desk.locator(".beginnings .chips .btn").nth(2))
    await desk.fill("#clause-when", "下月底")
    await expect(desk.locator("#clause-due")).to_have_value(_holding("T23:59"))
    await expect(desk.locator("#clause-text")).not_to_have_value("")
    await presses.key("Control+Enter")
    await expect(desk.locator(".panel .clause")).to_have_count(2)
    await presses.click(desk.locator(".beginnings .chips .btn").last)
    await presses.key("Control+Enter")
    await expect(desk.locator(".panel .clause")).to_have_count(3)
    await one_primary(desk)


def _holding(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))


async def _undone(desk: Page) -> None:
    """A clause that was removed comes back where it stood, word for word."""
    before = await clause(desk, 2).locator(".clause-text").inner_text()
    await clause(desk, 2).locator(".clause-tools .btn").last.click()
    await expect(desk.locator(".panel .clause")).to_have_count(2)
    await desk.locator("#tab-agreement").focus()
    await desk.keyboard.press("Alt+u")
    await expect(desk.locator(".panel .clause")).to_have_count(3)
    assert await clause(desk, 2).locator(".clause-text").inner_text() == before
    await expect(desk.locator(".removed")).to_have_count(0)


async def _one_more_is_taken_out(desk: Page) -> None:
    """It stays among what U puts back."""
    await write_words(desk, "商家赠送消费者三个月会员。")
    await expect(desk.locator(".panel .clause")).to_have_count(4)
    await clause(desk, 4).locator(".clause-tools .btn").last.click()
    await expect(desk.locator(".panel .clause")).to_have_count(3)


async def _nothing_voids_what_was_signed_without_a_question(desk: Page) -> None:
    signed = desk.locator(".panel .rows .badge[data-tone=ok]")
    before = await signed.count()
    question = desk.locator("dialog[open]", has_text=re.compile("丁小禾.*陈立|Signed so far"))
    await desk.locator("#tab-agreement").focus()
    await desk.keyboard.press("Alt+u")
    await expect(question).to_be_visible()
    assert await axe.violations(desk) == []
    await desk.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await clause(desk, 2).locator(".clause-tools .btn-icon").first.click()
    await expect(question).to_be_visible()
    await desk.keyboard.press("Enter")  # what is in focus leaves everything as it is
    await expect(question).to_have_count(0)
    await clause(desk, 1).locator(".clause-tools .btn").first.click()
    await desk.fill("#clause-text", "改了")
    await desk.press("#clause-text", "Control+Enter")
    await expect(question).to_be_visible()
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#clause-text")).to_have_value("改了")
    await desk.press("#clause-text", "Escape")
    await expect(desk.locator(".panel .clause")).to_have_count(3)
    assert await signed.count() == before


async def _signed_and_sealed(play: Play) -> None:
    desk, consumer, business = (play.page(role) for role in ("mediator", "consumer", "business"))
    await desk.locator(".course .btn-act").click()
    for page, name in ((consumer, "丁小禾"), (business, "陈立")):
        await read_to_the_end(page)
        await page.locator(".signing .choice").nth(1).click()
        await page.fill("#sign-name", name)
        await ask_for_code(page)
        await expect(desk.locator(PRIMARY)).to_have_count(0)  # nothing but to wait for them
        await expect(desk.locator(".course-waits")).to_contain_text(name)
        await page.fill("#sign-code", await play.code())
        await page.locator(".signing form .btn-act").click()
        await expect(page.locator(".signing .rows .badge[data-tone=ok]").first).to_be_visible()
    await one_primary(desk)
    await _nothing_voids_what_was_signed_without_a_question(desk)
    await desk.fill("#saved-code", "111222")
    await desk.press("#saved-code", "Enter")
    await expect(desk.locator(".panel .error")).to_be_visible()
    await desk.fill("#saved-code", CODE)
    await play.picture("mediator", "drafting-sign")
    await desk.press("#saved-code", "Enter")
    await expect(desk.locator(".course .btn-seal")).to_be_visible()
    await one_primary(desk)
    await desk.locator(".course .btn-seal").click()
    await desk.locator("dialog[open] .btn-seal").click()
    await expect(consumer.locator(".signing a[download]")).to_have_count(1, timeout=30_000)
    await one_primary(desk)
    await play.picture("mediator", "drafting-sealed")
    await desk.set_viewport_size({"width": 390, "height": 844})
    await play.picture("mediator", "drafting-phone")
