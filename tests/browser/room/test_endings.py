"""How a mediation ends, in real browsers: every test closes a room of its own."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser import axe
from tests.browser.building import Building, Room, eventually
from tests.browser.desk import Sitting
from tests.browser.room.test_ease import picture

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]


async def both_look(room: Room) -> None:
    for role in ("consumer", "business"):
        await room.page(role).locator("main:has(#not-right) .btn-act.btn-big").click()


async def test_a_mediation_ends_on_a_ground_of_the_order(building: Building) -> None:
    room = await building.convene()
    cockpit = room.cockpit
    await room.press("mediator", "End the mediation …")
    await cockpit.locator("#end-form input[value=ended]").check()
    ground = cockpit.locator("#ground option").nth(2)
    gist = str(await ground.inner_text()).split(")", 1)[-1].strip()
    await cockpit.locator("#ground").select_option(index=2)
    await cockpit.click("button[form=end-form]")
    consumer, business = room.page("consumer"), room.page("business")
    await expect(consumer.locator("main.reading")).to_contain_text(gist)
    # Read with the sound under the thumb; what is not right reaches the mediator, and nobody else.
    await consumer.locator(".controls .tool-main").click()
    await expect(consumer.locator(".controls .tool-main")).to_contain_text("Muted")
    await consumer.get_by_text("That is not right").click()
    await consumer.fill("#not-right", "We never said that")
    assert await axe.violations(consumer) == []
    await picture(consumer, "outcome-not-right")
    await consumer.get_by_role("button", name="Tell the mediator").click()
    await expect(consumer.locator("main.reading")).to_contain_text("You told the mediator that it is not right")
    await expect(cockpit.locator("dialog[open]")).to_contain_text("We never said that")
    await expect(cockpit.locator(".cp-mid .banner", has_text="We never said that")).to_have_count(1)
    await picture(consumer, "outcome-told")
    await picture(cockpit, "outcome-objected")
    assert "We never said that" not in await business.content()
    await both_look(room)
    await cockpit.click("dialog[open] .btn-stamp")
    for role in room.windows:
        await expect(room.page(role).locator("h1")).to_have_text("The mediation is terminated by law")
        await expect(room.page(role).locator("main")).to_contain_text(gist)
    room.nobody_complained()


async def test_a_mediation_is_adjourned_and_goes_on_by_new_links_at_the_new_time(building: Building) -> None:
    """The consumer only types: they are shown the result all the same."""
    room = await building.convene(consumer="text")
    cockpit, when = room.cockpit, "4 March 2031 at 15:30"
    await room.press("mediator", "End the mediation …")
    await cockpit.locator("#end-form input[value=adjourned]").check()
    await cockpit.fill("#adjourned_to", "2031-03-04T15:30")
    await cockpit.click("button[form=end-form]")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("main.reading")).to_contain_text(when)
    await both_look(room)
    await cockpit.click("dialog[open] .btn-stamp")
    for role in room.windows:
        await expect(room.page(role).locator("h1")).to_have_text("The mediation continues at another time")
        await expect(room.page(role).locator("main")).to_contain_text(when)
    room.nobody_complained()

    again = Sitting("")

    async def arranged_anew() -> bool:
        """On the desk, under its day; both sides with a link."""
        nonlocal again
        rows = (await room.desk.visitor.get("/desk")).text.partition('id="coming"')[2]
        found = re.search(r'href="/sessions/(\w+)"(?:(?!</li>).)*datetime="2031-03-04T', rows, re.DOTALL)
        again = await room.desk.known(found[1]) if found else again
        return bool(again.links) and all(again.links.values())

    await eventually(arranged_anew, "the desk shows what is arranged for the new day, with links")
    for role, link in again.links.items():
        assert link != room.sitting.links[role]
        page = room.page(role)
        await page.goto(f"{link}?lang=en")
        await expect(page.locator("main")).to_contain_text("4 March 2031")


@pytest.mark.long
async def test_of_two_windows_of_the_mediator_one_closes_and_the_other_is_told(building: Building) -> None:
    """The older window hears nothing from the room for a moment and taps at the same time as the newer one."""
    room = await building.convene()
    older = room.cockpit
    deaf = False
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append((socket, message)) if deaf else socket.send(message))

    await older.route_web_socket(re.compile("/socket.io/"), relay)
    await older.reload()
    await room.together()
    await room.press("mediator", "End the mediation …")
    await older.locator("#end-form input[value=not_settled]").check()
    await older.click("button[form=end-form]")
    await both_look(room)
    stamp = older.locator("dialog[open] .btn-stamp")
    await expect(stamp).to_be_visible()

    deaf = True
    newer = await older.context.new_page()
    await newer.goto(older.url)
    await newer.get_by_role("button", name="Who has looked?").click()
    await asyncio.gather(stamp.click(), newer.locator("dialog[open] .btn-stamp").click())
    await expect(newer.locator("h1")).to_have_text("No agreement was reached")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("h1")).to_have_text("No agreement was reached")

    deaf = False
    for socket, message in held:
        socket.send(message)
    await expect(older.locator("h1")).to_have_text("You went on with another device")
    await older.get_by_role("button", name="Go on here").click()
    await expect(older.locator("h1")).to_have_text("No agreement was reached")
    room.nobody_complained()
