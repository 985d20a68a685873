"""A supervisor looks on at a mediation under way, in real browsers: the desk at 1280, a party's phone at 390.

Everybody is told; picture and sound go one way; of a private talk nothing comes.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from server.app.demo import SUPERVISOR
from server.app.rehearsal import Visitor
from tests.browser import axe
from tests.browser.building import PATTERNS, Room, eventually, heard, moving
from tests.browser.desk import hand_over
from tests.browser.people import Window, another, until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

KEEP_WHAT_IS_SAID = """() => {
  window.said = [];
  const place = document.getElementById("announcer");
  new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
}"""
"""The live region says a sentence for a second and a half: kept, to be looked for afterwards."""
LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures
NAME = "罗建国"


async def sound(page: Page, name: str, width: int) -> None:
    before = page.viewport_size
    await page.set_viewport_size({"width": width, "height": 844})
    await expect(page.locator(".toast")).to_have_count(0, timeout=10_000)  # what was said passes
    assert await axe.violations(page) == [], (name, width)
    assert await axe.sideways(page) == [], (name, width)
    if LOOK:
        await page.screenshot(path=Path(LOOK) / f"{name}-{width}.png")
    if before is not None:
        await page.set_viewport_size(before)


async def came(room: Room, window: Window, reason: str) -> Page:
    """Signed in, from the desk's list of what is live."""
    page = window.page
    async with Visitor(room.desk.venue.url) as officer:
        asked = await officer.get("/sign-in")
        await officer.submit(asked, asked.form("sign-in"), login=SUPERVISOR, password=room.desk.venue.password)
        await hand_over(officer, page.context)
    await page.goto(f"{room.desk.venue.url}/supervision")
    await page.locator(f"a[href='/supervision/live/{room.sitting.id}']").click()
    await sound(page, "looking-on-asked", 1280)
    await sound(page, "looking-on-asked", 390)
    await page.locator("#reason").fill(reason)
    await page.get_by_role("button", name="Come in, announced").click()
    await page.locator(".room .controls").wait_for()
    return page


@pytest.mark.long
async def test_a_supervisor_looks_on_and_nobody_is_left_in_doubt(room: Room) -> None:
    consumer = room.page("consumer")
    for role in room.windows:
        await room.page(role).evaluate(KEEP_WHAT_IS_SAID)
    desk = {"viewport": {"width": 1280, "height": 844}}
    async with another(room.browsers["mediator"], PATTERNS["mediator"], "en", desk) as window:
        page = await came(room, window, "例行检查")
        for role in ("consumer", "business"):
            shown = room.page(role)
            await expect(shown.locator(".overseen")).to_contain_text(NAME)
            await until(shown, "() => window.said.some((one) => one.includes('is looking on from now'))")
            await expect(shown.locator(".pictures .tile", has_text=NAME)).to_be_visible()
            assert "例行检查" not in await shown.inner_text("body")
        await expect(room.cockpit.locator(".overseen")).to_contain_text(NAME)
        await expect(room.line("supervisor")).to_contain_text("sends nothing")
        for name in ("leave", "Mute", "unmute"):
            await expect(room.line("supervisor").get_by_role("button", name=name)).to_have_count(0)
        for role in room.windows:
            sees = partial(moving, window, room.seat(role), "camera", PATTERNS[role].colour)
            await eventually(sees, f"the supervisor sees the {role}")
            await eventually(partial(heard, window, room.seat(role)), "the sound is there")
        assert await window.moved("outbound", "video") == await window.moved("outbound", "audio") == 0
        for name in ("Chat", "Hand up", "Muted", "Picture off", "More"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
        await sound(page, "looking-on", 1280)
        await sound(consumer, "looked-on-phone", 390)
        await sound(room.cockpit, "looked-on-cockpit", 1280)
        # A private talk is private, for them too.
        await room.press("mediator", "With the consumer")
        await room.press("mediator", "Talk alone")
        await expect(page.locator(".hush")).to_contain_text("in private")
        await expect(page.locator(".controls form, main textarea, main input")).to_have_count(0)
        await expect(room.page("consumer").locator(".overseen")).to_contain_text("Not in this private talk.")
        await room.cockpit.locator(".private-strip .btn-act").click()
        await expect(page.locator(".hush")).to_have_count(0)
        await page.get_by_role("button", name="Leave").click()
        await page.locator("dialog[open]").get_by_role("button", name="Leave").click()
        await expect(page.locator("h1")).to_have_text("You have left the room")
        for role in ("consumer", "business"):
            await expect(room.page(role).locator(".overseen")).to_have_count(0)
        assert window.troubles == []
