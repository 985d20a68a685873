"""What people press on the way to an agreement: talking apart, drafting clause by clause, signing on a phone."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from tests.browser.desk import Desk, hand_over
from tests.browser.play import ROLES, Play


async def at_the_door(play: Play) -> None:
    """Everybody in front of an open room. How people come there with their fingers is what the story is about
    (`test_story.py`)."""
    async with Desk(play.venue) as desk:
        sitting = await desk.arrange()
        play.complaint, play.session = sitting.complaint, sitting.id
        await hand_over(desk.visitor, play.page("mediator").context, play.language)
        for role, link in sitting.links.items():
            await desk.lead(play.page(role).context, link, language=play.language)
    await asyncio.gather(*(play.page(role).goto(f"{play.venue.url}/room") for role in sitting.links))
    for role in sitting.links:
        await play.page(role).wait_for_selector(".hush")
    await play.open_room()


async def seated(play: Play) -> None:
    """Everybody in a room."""
    await at_the_door(play)
    await play.admit()


# ------------------------------------------------------------ apart


async def waits(play: Play, role: str) -> None:
    page = play.page(role)
    await page.wait_for_selector(".hush .pulse")
    assert await page.locator(".controls").count() == 0, "nothing to speak with"


async def silence_between(play: Play, waiting: str, seats: dict[str, str]) -> None:
    """No pictures of each other; and of anybody else not a byte of sound or picture arrives at whoever waits."""
    for role in ROLES:
        if role != waiting:
            assert await play.page(waiting).locator(f'video[data-seat="{seats[role]}"]').count() == 0
            assert await play.page(role).locator(f'video[data-seat="{seats[waiting]}"]').count() == 0
    await asyncio.gather(*(_stands_still(play, waiting, kind) for kind in ("audio", "video")))


async def _stands_still(play: Play, role: str, kind: str) -> None:
    before = await play.windows[role].moved("inbound", kind)
    await play.page(role).wait_for_timeout(1000)  # the length of a measurement
    assert await play.windows[role].moved("inbound", kind) == before


async def write_slip(business: Page, text: str, amount: str, told: str) -> None:
    """Into the open dialog of slips; `told`: "yes" when it may be passed on."""
    await business.fill("#slip-text", text)
    await business.fill("#slip-amount", amount)
    await business.check(f"dialog input[name=may_tell][value={told}]")


# ------------------------------------------------------------ clause by clause


async def record_authority(page: Page) -> None:
    """The business's person is in charge of the shop, as the mediator has seen."""
    await page.click("#tab-agreement")
    await page.locator("select[id^=authority-]").first.select_option("head")
    await page.locator("input[id$=-basis]").first.fill("营业执照")
    await page.click("section.paper form:has(select[id^=authority-]) button[type=submit]")
    await expect(page.locator("select[id^=authority-]:visible")).to_have_count(0)


async def write_promise(page: Page, action: str, amount: str, due: str) -> None:
    """From the key to the clause, without the mouse."""
    await page.keyboard.press("Alt+a")
    await expect(page.locator("#clause-action")).to_be_focused()
    await page.keyboard.type(action)
    await page.keyboard.press("Tab")
    await page.keyboard.type(amount)
    await page.fill("#clause-due", due)
    await page.fill("#clause-how", "按原支付方式退回")
    await expect(page.locator("#clause-text")).to_have_value(sum_of(amount))
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".clause-form")).to_have_count(0)


async def write_words(page: Page, text: str) -> None:
    """A clause that is no promise."""
    await page.keyboard.press("Alt+a")
    await page.check(".clause-form input[value=free]")
    await page.fill("#clause-text", text)
    await page.press("#clause-text", "Control+Enter")


def sum_of(amount: str) -> re.Pattern[str]:
    return re.compile(re.escape(f"{float(amount.replace(',', '')):,.2f}"))


def clause(page: Page, number: int) -> Locator:
    return page.locator(".clause").nth(number - 1)


async def agree(page: Page, number: int) -> None:
    await clause(page, number).locator(".clause-actions .btn-act").click()
    await expect(clause(page, number).locator(".clause-actions .btn-act")).to_have_count(0)


# ------------------------------------------------------------ signing


async def read_to_the_end(page: Page) -> None:
    await page.wait_for_selector(".signing .paper")
    await page.locator(".signing .hash").last.scroll_into_view_if_needed()
    await page.locator(".signing .actions .btn-act").click()
    await agree_to_sign_electronically(page)


async def agree_to_sign_electronically(page: Page) -> None:
    await page.locator(
        ".signing .actions .btn-act", has_text=re.compile("我同意用电子签名|I agree to sign electronically")
    ).click()
    await page.wait_for_selector(".signing .choices")


async def write_by_hand(page: Page) -> None:
    await page.locator(".pad canvas").scroll_into_view_if_needed()
    box = await page.locator(".pad canvas").bounding_box()
    assert box is not None
    for n in range(3):
        x, y = box["x"] + box["width"] * (0.2 + 0.22 * n), box["y"] + box["height"] * 0.3
        await page.mouse.move(x, y)
        await page.mouse.down()
        for step in range(12):
            await page.mouse.move(x + 6 * step * (1 if step % 2 else 0.4), y + 6 * step)
        await page.mouse.up()


async def ask_for_code(page: Page) -> None:
    """At once: the code to join, which has just gone to the same phone, is counted apart."""
    await page.locator(".signing .actions .btn-act").click()
    await page.wait_for_selector("#sign-code")
