"""Who is in the room goes on in another browser, on this phone or a second one, and is in the room there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser import axe
from tests.browser.building import PATTERNS, Building, Room, eventually, heard, moving
from tests.browser.people import PHONE, Window, another

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

IN_THE_ROOM_ONCE = ("Arrived", "Admitted", "ConsentGiven", "IdentityConfirmed")


def rows(room: Room, wanted: str, *values: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(room.desk.venue.data / "yuntiao.db")) as database:
        return database.execute(wanted, values).fetchall()


def told(room: Room, role: str, *kinds: str) -> list[dict[str, Any]]:
    """What the journal says of this seat in entries of these kinds, in order."""
    wanted = "SELECT type, data FROM events WHERE stream = ? ORDER BY version"
    found = [(kind, json.loads(data)) for kind, data in rows(room, wanted, f"session/{room.sitting.id}")]
    return [data | {"type": kind} for kind, data in found if kind in kinds and data.get("seat") == room.seat(role)]


def holder(room: Room, role: str) -> str:
    """The browser that has the seat's link."""
    wanted = "SELECT used_by FROM links WHERE session = ? AND seat = ? AND revoked_at IS NULL"
    ((device,),) = rows(room, wanted, room.sitting.id, room.seat(role))
    return str(device)


async def copied(page: Page) -> str:
    """The address with which the seat can be taken along, as the page of the device check copies it."""
    await page.get_by_role("button", name="Copy the link").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(await page.evaluate("() => navigator.clipboard.readText()"))


@contextlib.asynccontextmanager
async def other_browser(room: Room, role: str, **options: Any) -> AsyncIterator[Window]:
    """With cookies of its own and this person's camera."""
    async with another(room.browsers[role], PATTERNS[role], "en", PHONE, **options) as window:
        yield window


async def take_along(room: Room, role: str) -> str:
    """The seat's address, copied in the tab that the room's "More" opens beside it."""
    async with room.page(role).context.expect_page() as opened:
        await room.more(role, "Go on in another browser")
    tab = await opened.value
    await expect(tab.locator("h1")).to_have_text("Go on in another browser or on another phone?")
    assert await axe.violations(tab) == []
    await tab.get_by_role("button", name="Go on in another browser").click()
    address = await copied(tab)
    assert await tab.get_by_role("link", name="Stay here: back to the room").get_attribute("href") == "/room"
    await tab.close()
    await room.page(role).locator("dialog[open]").get_by_role("button", name="Close").click()
    return address


async def goes_in(room: Room, role: str, window: Window) -> None:
    """Straight into the room, as they were in it; everybody sees everybody."""
    await window.page.wait_for_url("**/room")
    await window.page.locator(".room .controls").wait_for()
    for name, other in room.windows.items():
        if name != role:
            sees = partial(moving, other, room.seat(role), "camera", PATTERNS[role].colour)
            await eventually(sees, f"the {name} sees the {role} from the new browser")
            seen = partial(moving, window, room.seat(name), "camera", PATTERNS[name].colour)
            await eventually(seen, f"the {role} sees the {name} in the new browser")
    await eventually(partial(heard, window, room.seat("mediator")), "and hears in it")
    assert await window.moved("outbound", "video") > 0


async def is_out(page: Page) -> None:
    await expect(page.locator("h1")).to_have_text("Your link is in use in another browser or on another phone")
    await expect(page.get_by_role("link", name="Go on here")).to_be_visible()
    assert await axe.violations(page) == []


async def known_by_voice(room: Room, role: str, window: Window) -> None:
    """Somebody at the desk speaks with the person, who reads the number out from the new browser."""
    page = window.page
    await page.get_by_role("button", name="Move it here by a code").click()
    await page.wait_for_url("**/join/code")
    await page.get_by_role("button", name=re.compile("^No message")).click()
    await page.wait_for_url("**/join/voice*")
    number = await page.locator(".readout").inner_text()
    desk, seat = await room.desk.session(room.sitting), room.seat(role)
    said = {f"number-{seat}": number, f"recognised-{seat}": "电话里听得出，说得出订单号"}
    await room.desk.visitor.submit(desk, desk.form(f"/seats/{seat}/voice"), **said)
    await page.get_by_role("button", name="Continue").click()


async def test_an_open_room_goes_on_in_the_phones_other_browser_by_the_copied_address(room: Room) -> None:
    old, once = room.page("consumer"), told(room, "consumer", *IN_THE_ROOM_ONCE)
    address = await take_along(room, "consumer")
    async with other_browser(room, "consumer") as fresh:
        await fresh.page.goto(address)
        await fresh.page.get_by_role("button", name="Go on here", exact=True).click()
        await is_out(old)
        await goes_in(room, "consumer", fresh)
        assert [one["way"] for one in told(room, "consumer", "SeatMoved")] == ["token"]
        assert told(room, "consumer", *IN_THE_ROOM_ONCE) == once, "nobody had to let them in again"
        assert fresh.troubles == []
    room.nobody_complained()


async def test_an_open_room_goes_on_on_a_second_phone_by_voice(building: Building) -> None:
    room = await building.convene()
    old, once = room.page("business"), told(room, "business", *IN_THE_ROOM_ONCE)
    async with other_browser(room, "business") as fresh:
        await fresh.page.goto(room.sitting.links["business"])
        await known_by_voice(room, "business", fresh)
        await is_out(old)
        await goes_in(room, "business", fresh)
        assert [one["way"] for one in told(room, "business", "SeatMoved")] == ["voice"]
        assert told(room, "business", *IN_THE_ROOM_ONCE) == once


async def test_a_kill_between_the_move_and_its_answer_loses_nothing_and_doubles_nothing(building: Building) -> None:
    room = await building.convene()
    old, once = room.page("consumer"), told(room, "consumer", *IN_THE_ROOM_ONCE)
    first, address = holder(room, "consumer"), await take_along(room, "consumer")

    async def kill_once_it_is_done(route: Route) -> None:
        asked = asyncio.ensure_future(route.fetch())
        while holder(room, "consumer") == first:  # noqa: ASYNC110 - the database of another process
            await asyncio.sleep(0)
        await room.desk.venue.kill()
        await asyncio.gather(asked, return_exceptions=True)
        await route.abort()

    async with other_browser(room, "consumer") as fresh:
        await fresh.page.goto(address)
        await fresh.page.route("**/here", kill_once_it_is_done)
        await fresh.page.get_by_role("button", name="Go on here", exact=True).click()
        await fresh.page.unroute_all()
        await room.desk.venue.start()
        await is_out(old)  # the seat has gone over; whose browser never heard so asks for it once more
        await fresh.page.goto(address)
        await fresh.page.get_by_role("button", name="Go on here", exact=True).click()
        await expect(fresh.page.locator("main")).to_contain_text("was used already")
        await known_by_voice(room, "consumer", fresh)
        await goes_in(room, "consumer", fresh)
        moves = [one["device"] for one in told(room, "consumer", "SeatMoved")]
        assert moves[-1] == holder(room, "consumer")
        assert len(moves) == len(set(moves)) <= 2, "each browser at most once"
        assert told(room, "consumer", "Arrived", "Admitted", "ConsentGiven") == [
            one for one in once if one["type"] != "IdentityConfirmed"
        ]
