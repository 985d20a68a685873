"""The mediator talks to each side alone, in three Chromium windows: who receives, reads and sees what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.play import ROLES, Play
from tests.browser.room.settling import seated, silence_between, waits, write_slip
from tests.browser.test_story import PATTERNS, _pattern_arrives, played

SECRET = "最多退到两千六"
pytestmark = [pytest.mark.browser, pytest.mark.media]


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_the_mediator_talks_to_each_side_alone(tmp_path: Path, artifacts: Path, language: str) -> None:
    pictures = artifacts / "caucus"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, language) as play:
        await seated(play)
        seats = {role: await play.seat(role) for role in ROLES}
        for role, other in (("consumer", "business"), ("business", "consumer"), ("mediator", "business")):
            await _pattern_arrives(play.windows[role], seats[other], PATTERNS[other], f"{role} of {other}")

        await play.aside("business")
        await waits(play, "consumer")
        await play.page("business").wait_for_selector(".private-strip")
        await silence_between(play, "consumer", seats)
        await _pattern_arrives(play.windows["business"], seats["mediator"], PATTERNS["mediator"], "in private")
        await _pattern_arrives(play.windows["mediator"], seats["business"], PATTERNS["business"], "in private")
        await _they_write(play)
        await _a_slip_and_a_figure(play)
        await play.picture("mediator", "cockpit-caucus")
        await play.picture("business", "room-caucus-inside")
        await play.picture("consumer", "room-caucus-waiting")
        for role in ROLES:
            await expect(play.page(role).locator(".toast")).to_have_count(0, timeout=10_000)
            assert await violations(play.page(role)) == [], role

        # Straight on with the other side, from the keyboard.
        await play.page("mediator").locator(".phases").click()
        await play.page("mediator").keyboard.press("Alt+c")
        await play.page("mediator").locator("dialog[open] .btn-act").click()
        await waits(play, "business")
        await play.page("consumer").wait_for_selector(".private-strip")
        await _pattern_arrives(play.windows["consumer"], seats["mediator"], PATTERNS["mediator"], "in private")

        await _the_other_figure(play)
        await play.page("mediator").click(".private-strip .btn-act")
        await _passed_on(play)
        for role, other in (("consumer", "business"), ("business", "consumer")):
            await play.page(role).wait_for_selector(".private-strip", state="detached")
            await _pattern_arrives(play.windows[role], seats[other], PATTERNS[other], f"{role} of {other} again")
        assert "我最低收两千" not in await play.page("consumer").content()
        for role, shown in play.windows.items():
            assert shown.troubles == [], f"{role}'s page complained"


async def _a_slip_and_a_figure(play: Play) -> None:
    """The business writes down two offers, one of which may be told, and enters the most it would give."""
    mediator, business, consumer = (play.page(role) for role in ("mediator", "business", "consumer"))
    await business.click(".private-strip .btn-dense")
    for text, amount, told in (("退一千五百元，另送三个月会员", "1,500", "yes"), (SECRET, "2600.50", "no")):
        await write_slip(business, text, amount, told)
        await play.picture("business", f"room-slips-{told}")
        await business.click("dialog form .btn-act[type=submit]")
        await expect(business.locator("dialog .slip", has_text=text)).to_be_visible()
    await business.locator("dialog .dialog-foot .btn").last.click()
    await mediator.click("#tab-slips")
    await expect(mediator.locator("#panel-slips .slip")).to_have_count(2)
    assert await mediator.locator("#panel-slips .slip .btn").count() == 0, "they know it; it is for the others"
    await mediator.locator("#panel-slips .line .btn").last.click()  # a gap that tells the middle
    for page in (consumer, business):
        await page.locator(".private-strip .btn-act, .hush .btn-act").last.click()
        await page.locator("dialog .btn-act.btn-big").click()
    await play.picture("consumer", "room-gap-agreed")
    await business.fill("#gap-figure", "2615.49")
    await business.locator("dialog form:has(#gap-figure) .btn-act").click()
    await expect(business.locator("dialog .money").first).to_contain_text("2,615.49")
    await play.picture("business", "room-gap-entered")
    for page in (consumer, business):
        await page.locator("dialog .dialog-foot .btn").last.click()
    await expect(mediator.locator("#panel-slips .facts")).to_be_visible()
    await play.picture("mediator", "cockpit-slips")


async def _the_other_figure(play: Play) -> None:
    """The consumer enters theirs in private with the mediator; both learn the middle at once, and nothing else."""
    consumer, business, mediator = (play.page(role) for role in ("consumer", "business", "mediator"))
    await consumer.locator(".private-strip .btn-act").click()
    await consumer.fill("#gap-figure", "1834.27")
    await consumer.locator("dialog form:has(#gap-figure) .btn-act").click()
    await expect(consumer.locator("dialog .banner").first).to_contain_text("2,224.88")
    await consumer.locator("dialog .dialog-foot .btn").last.click()
    await expect(mediator.locator("#panel-slips .banner").first).to_contain_text("2,224.88")
    await expect(mediator.locator("#panel-slips .slip .btn")).to_have_count(1)
    for page, own in ((consumer, "2,615.49"), (business, "1,834.27"), (mediator, "1,834.27"), (mediator, "2,615.49")):
        assert own not in (await page.content()).replace("slip", ""), "the other's figure"
    assert SECRET not in await consumer.content()


async def _passed_on(play: Play) -> None:
    mediator, consumer = play.page("mediator"), play.page("consumer")
    await mediator.locator("#panel-slips .slip .btn").click()
    await consumer.locator(".controls .tool").last.click()
    await consumer.locator("dialog .row-press", has_text=re.compile("传话条|Slips to pass on")).click()
    await expect(consumer.locator("dialog .slip-text")).to_have_text(["退一千五百元，另送三个月会员"])
    await play.picture("consumer", "room-slip-passed-on")
    await consumer.locator("dialog .dialog-foot .btn").last.click()
    assert SECRET not in await consumer.content()


async def _they_write(play: Play) -> None:
    consumer, business, mediator = (play.page(role) for role in ("consumer", "business", "mediator"))
    await consumer.fill("#note", "我最少要退1,800元")
    await consumer.click(".room-note button")
    await mediator.click("#tab-chat")
    await expect(mediator.locator(".chatlog")).to_contain_text("1,800")
    await mediator.fill("#file-chat-text", "我最低收两千")
    await mediator.click("#panel-chat form button")
    await business.locator(".controls .tool").nth(3).click()
    await expect(business.locator("dialog .chatlog")).to_contain_text("我最低收两千")
    assert "1,800" not in await business.content()
    assert "我最低收两千" not in await consumer.content()
    await business.locator("dialog .dialog-foot .btn").click()
