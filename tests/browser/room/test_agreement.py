"""Three browsers draft an agreement: two clauses edited and agreed anew, the outcome taken over."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.networks.wires import slowed
from tests.browser.play import Play
from tests.browser.room.settling import agree, clause, record_authority, seated, sum_of, write_promise, write_words
from tests.browser.test_story import played

pytestmark = [pytest.mark.browser, pytest.mark.media]

EVIL = "<img src=x onerror=alert(1)>{{7*7}}${7*7}"


@pytest.mark.long
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_agreement_grows_clause_by_clause_and_becomes_the_outcome(
    tmp_path: Path, artifacts: Path, language: str
) -> None:
    pictures = artifacts / "agreement"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, language) as play:
        await seated(play)
        desk, consumer, business = (play.page(role) for role in ("mediator", "consumer", "business"))
        await desk.click("#tab-agreement")
        await play.picture("mediator", "cockpit-agreement-empty")
        await record_authority(desk)
        await desk.locator("#tab-agreement").focus()
        await write_promise(desk, "退还剩余积分款", "2,360", "2030-07-10T17:00")
        await write_words(desk, f"以上履行完毕，双方再无其他争议。{EVIL}")
        await expect(desk.locator(".panel .clause")).to_have_count(2)

        # Both are asked: it lies open on the phones by itself.
        await desk.locator("#tab-agreement").focus()
        await desk.keyboard.press("Alt+r")
        await expect(consumer.locator(".reading .clause")).to_have_count(2)
        await expect(business.locator(".reading .clause")).to_have_count(2)
        await play.picture("consumer", "clauses")
        for page in (consumer, business):
            await agree(page, 1)
        await agree(consumer, 2)

        # The business objects, tells the mediator alone why, and loses nothing of it when its network goes.
        second = clause(business, 2)
        await second.locator(".clause-actions .btn-big").nth(1).click()
        await second.locator("textarea").fill("钱一次付清可以，但要写明不再发差评")
        await business.context.set_offline(True)
        await business.wait_for_selector(".veil, .room-top .rec-off")
        await business.context.set_offline(False)
        await expect(second.locator("textarea")).to_have_value("钱一次付清可以，但要写明不再发差评")
        await second.locator("input[value=mediator]").check()
        await play.picture("business", "clause-objection")
        await expect(business.locator(".room-top .rec")).not_to_have_class("rec rec-off")
        await second.locator("button[type=submit]").click()
        await expect(second.locator("form")).to_have_count(0)
        await expect(desk.locator(".clause-reason")).to_contain_text("不再发差评")
        await expect(consumer.locator(".clause-state .danger")).to_have_count(1)
        assert "不再发差评" not in await consumer.content()
        await clause(consumer, 2).locator(".clause-actions .btn-quiet").last.click()
        await expect(desk.locator(".badge[data-tone=warn]", has_text="丁小禾")).to_have_count(1)
        await play.picture("mediator", "cockpit-agreement-objection")

        # Two clauses are edited: only their answers go, old and new stand side by side.
        await desk.locator(".clause").first.focus()
        await desk.keyboard.press("Alt+e")
        # The editor takes the focus a moment later, and would take what is typed along.
        await expect(desk.locator("#clause-text:focus, #clause-action:focus")).to_have_count(1)
        await desk.fill("#clause-amount", "2,000")
        await expect(desk.locator("#clause-text")).to_have_value(sum_of("2,000"))
        await desk.press("#clause-amount", "Control+Enter")
        await expect(clause(consumer, 1).locator("del")).to_contain_text(["2,360.00", "贰仟叁佰陆拾"])
        await expect(clause(consumer, 1).locator("ins").first).to_contain_text("2,000.00")
        await expect(clause(consumer, 1)).to_have_class("clause clause-void")
        await play.picture("consumer", "clause-changed")
        await play.picture("mediator", "cockpit-agreement")
        await desk.locator(".panel .clause").nth(1).locator(".clause-tools .btn").first.click()
        await desk.fill("#clause-text", f"以上履行完毕，双方再无其他争议，消费者撤回差评。{EVIL}")
        await desk.press("#clause-text", "Control+Enter")
        await _facts(play)
        for page in (consumer, business):
            await agree(page, 1)
            await agree(page, 2)
        await expect(desk.locator(".panel .badge[data-tone=ok]").first).to_be_visible()
        await consumer.locator("#paper-title").scroll_into_view_if_needed()
        await play.picture("consumer", "clauses-agreed")
        for page in (desk, consumer):
            assert await page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
            assert "49" not in await page.locator(".clause-text").last.inner_text()
        for role in ("consumer", "mediator"):
            assert await axe.violations(play.page(role)) == []
            await _nothing_lies_beyond_the_edge(play.page(role))
        await _fits_a_small_phone_and_large_text(play)

        # The outcome is what was agreed: nothing is typed again.
        await desk.locator(".panel .course .btn", has_text="…").click()
        await expect(desk.locator("#end-form")).to_contain_text("2,000.00")
        await play.picture("mediator", "cockpit-agreed-end")
        await desk.click("button[form=end-form]")
        for page in (consumer, business):
            await page.click("main:has(#not-right) .btn-act.btn-big")
        await desk.click("dialog[open] .btn-stamp")
        await consumer.wait_for_selector(".flow main section.card")
        await play.picture("consumer", "agreed-closed")

        # The complaint has followed by itself and waits for the promise.
        await desk.goto(f"{play.venue.url}/complaints/{play.complaint}")
        await expect(desk.locator("main")).to_contain_text("2,000.00")
        await expect(desk.locator("main")).to_contain_text("2030")
        await play.picture("mediator", "complaint-after-agreement")
        for role, shown in play.windows.items():
            wrong = [line for line in shown.troubles if "ERR_INTERNET_DISCONNECTED" not in line]
            assert wrong == [], f"{role}'s page complained"


async def test_a_sum_saved_before_the_network_answers_takes_its_words_along(tmp_path: Path) -> None:
    async with played(tmp_path, tmp_path, "zh") as play:
        desk, consumer = play.page("mediator"), play.page("consumer")
        slow = await slowed(desk, "preview_clause")
        await seated(play)
        await record_authority(desk)
        await desk.locator("#tab-agreement").focus()
        await write_promise(desk, "退还剩余积分款", "2,360", "2030-07-10T17:00")
        slow.hold()
        await desk.locator(".panel .clause").first.focus()
        await desk.keyboard.press("Alt+e")
        # The editor takes the focus a moment later, and would take what is typed along.
        await expect(desk.locator("#clause-text:focus, #clause-action:focus")).to_have_count(1)
        await desk.fill("#clause-amount", "2,000")
        await desk.press("#clause-amount", "Control+Enter")
        await expect(desk.locator(".clause-form [type=submit][aria-busy=true]")).to_be_visible()
        await slow.let_go()
        await expect(desk.locator(".clause-form")).to_have_count(0)
        await expect(desk.locator(".panel .clause-text").first).to_have_text(sum_of("2,000"))
        await desk.keyboard.press("Alt+r")
        await expect(consumer.locator(".reading .clause").first).to_contain_text("2,000.00")


async def _facts(play: Play) -> None:
    desk = play.page("mediator")
    await desk.locator("section[aria-labelledby=facts-title] > .btn").click()
    await desk.fill("#fact-text", "3月2日付款3,000.00元，购买3,000积分")
    await desk.press("#fact-text", "Enter")
    for role in ("consumer", "business"):
        page = play.page(role)
        await page.locator(".reading nav .btn").nth(1).click()
        if role == "consumer":  # how it was then is theirs to say or not, and the mediator's to read
            await page.click(".reading .clause-actions .btn:not(.btn-act)")
            await page.fill(".objection textarea", "3月5日付的款")
            await play.picture(role, "fact-disputed")
            assert await axe.violations(page) == []
            await page.click(".objection [type=submit]")
            await expect(desk.locator("section[aria-labelledby=facts-title] .clause-reason")).to_contain_text(
                "3月5日付的款"
            )
            await play.picture("mediator", "fact-disputed")
        await page.click(".reading .clause-actions .btn-act")
        if role == "consumer":
            await expect(page.locator(".objection")).to_have_count(0)
            await play.picture(role, "facts")
        await page.locator(".reading nav .btn").nth(1).click()


async def _nothing_lies_beyond_the_edge(page: Page) -> None:
    beyond = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert beyond <= 0


async def _fits_a_small_phone_and_large_text(play: Play) -> None:
    page = play.page("consumer")
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await axe.sideways(page) == []
    assert await axe.small_targets(page) == []
    await axe.text_size(page, 200)
    assert await axe.sideways(page) == []
    await play.picture("consumer", "clauses-200-percent")
    await axe.text_size(page, 100)
    await page.set_viewport_size(before)
