"""What people can do in the room, each in a Chromium window of their own: one office, one room, three people."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, async_playwright, expect

from server.rehearsal.peer import Pattern
from server.rehearsal.venue import throw_away
from tests.browser.desk import Desk, Sitting
from tests.browser.people import DESKTOP, PHONE, Window, window

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

PATTERNS = {
    "mediator": Pattern((40, 120, 60), 330.0),
    "consumer": Pattern((200, 90, 40), 440.0),
    "business": Pattern((50, 70, 200), 560.0),
}
SCREENS = {"mediator": DESKTOP, "consumer": PHONE, "business": PHONE}
FAKE_SCREEN = (26, 178, 7)  # what Chromium shows as a screen where there is none
SILENCE = -60.0  # dB; a person's tone comes at about -20


@dataclass
class Room:
    """A session in progress: its people's windows, and the desk it was arranged at."""

    desk: Desk
    sitting: Sitting
    windows: dict[str, Window]

    def page(self, role: str) -> Page:
        return self.windows[role].page

    def seat(self, role: str) -> str:
        return self.sitting.seats[role]

    def press(self, role: str, name: str) -> Awaitable[None]:
        return self.page(role).get_by_role("button", name=name).click()

    async def more(self, role: str, name: str) -> None:
        """Something in the phone's "More"."""
        await self.press(role, "More")
        await self.page(role).locator("dialog[open] .row", has_text=name).click()

    async def hears(self, role: str, other: str) -> bool:
        heard = await self.windows[role].hears(self.seat(other), 1500)
        return heard is not None and float(heard["db"]) > SILENCE

    async def silence(self, role: str, other: str) -> None:
        """Until nothing is heard of the other any more; what was on its way may still arrive."""

        async def unheard() -> bool:
            return not await self.hears(role, other)

        await eventually(unheard, f"the {role} hears the {other} no more")

    async def sees(self, role: str, other: str) -> bool:
        """A picture that moves and has the other's colour."""
        colour = PATTERNS[other].colour
        return await moving(self.windows[role], self.seat(other), "camera", colour)


async def moving(shown: Window, seat: str, source: str, colour: tuple[int, int, int]) -> bool:
    first = await shown.sees(seat, source)
    await shown.page.wait_for_timeout(250)  # the picture must move on between two looks
    second = await shown.sees(seat, source)
    if not first or not second or second["frames"] <= first["frames"]:
        return False
    return bool(max(abs(a - b) for a, b in zip(second["colour"], colour, strict=True)) < 60)


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, seconds: float = 15) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - a browser answers, and only when asked
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain: {what}") from None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    folder: Path = tmp_path_factory.mktemp("room")
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(Desk(await stack.enter_async_context(throw_away(folder))))
        playwright = await stack.enter_async_context(async_playwright())
        windows = {
            role: await stack.enter_async_context(window(playwright, folder / role, pattern, "en", SCREENS[role]))
            for role, pattern in PATTERNS.items()
        }
        await desk.sign_in(windows["mediator"].page.context)
        yield await convene(desk, windows)


async def convene(desk: Desk, windows: dict[str, Window]) -> Room:
    """A new session with all three in the room."""
    room = Room(desk, await desk.arrange(), windows)
    await room.page("mediator").goto(f"{desk.venue.url}/sessions/{room.sitting.id}/room")
    await room.press("mediator", "Begin the mediation")
    room.sitting.seats["mediator"] = await own_seat(room.page("mediator"))
    for role in ("consumer", "business"):
        await desk.lead(room.page(role).context, room.sitting.links[role])
        await room.page(role).goto(f"{desk.venue.url}/room")
        await admit(room, room.page(role))
    for role in windows:
        for other in windows:
            if role != other:
                await eventually(lambda role=role, other=other: room.sees(role, other), f"{role} sees {other}")  # type: ignore[misc]
    return room


async def own_seat(page: Page) -> str:
    return str(await page.get_attribute("video.feed-mirror[data-source=camera]", "data-seat"))


async def admit(room: Room, page: Page) -> None:
    """Let in whoever knocks; `page` is theirs."""
    await expect(page.locator(".hush h1")).to_have_text("You are here")
    await room.page("mediator").click(".knock .btn-act")
    await page.wait_for_selector(".room .controls")


def line_of(room: Room, role: str) -> Locator:
    """Somebody's line in the mediator's list of seats."""
    return room.page("mediator").locator(f".seats li:has(.mark[data-role={role}])")


# ---------------------------------------------------------------- chat


async def test_a_message_reaches_everybody_and_a_private_one_only_the_mediator(room: Room) -> None:
    await room.page("mediator").get_by_role("tab", name="Chat").click()
    for role, text, to in (("consumer", "Here is my receipt", ""), ("business", "Between us: 1,500", "only ")):
        await room.press(role, "Chat")
        sheet = room.page(role).locator("dialog[open]")
        if to:
            option = sheet.locator("option", has_text=to)
            await sheet.locator("[name=to]").select_option(value=str(await option.get_attribute("value")))
        await sheet.locator("[name=text]").fill(text)
        await sheet.get_by_role("button", name="Send").click()
    await room.page("mediator").fill("#file-chat-text", "Thank you both")
    await room.page("mediator").click("#file-chat-form button, .panel form button[type=submit]")
    log = room.page("mediator").locator(".chatlog")
    await expect(log).to_contain_text("Between us: 1,500")
    await expect(log).to_contain_text("Here is my receipt")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("dialog[open] .chatlog")).to_contain_text("Thank you both")
    await expect(room.page("business").locator("dialog[open] .chatlog")).to_contain_text("Here is my receipt")
    await expect(room.page("consumer").locator("dialog[open] .chatlog")).not_to_contain_text("Between us")
    for role in ("consumer", "business"):
        await room.press(role, "Close")


# ---------------------------------------------------------------- microphones, hands


async def test_who_mutes_themselves_is_not_heard_until_they_unmute(room: Room) -> None:
    assert await room.hears("business", "consumer")
    await room.press("consumer", "Sound on")
    await expect(room.page("consumer").locator(".tool-main")).to_contain_text("Muted")
    await expect(line_of(room, "consumer")).to_contain_text("muted themselves")
    await room.silence("business", "consumer")
    assert await room.hears("consumer", "business")
    await room.press("consumer", "Muted")
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")


async def test_the_mediator_mutes_and_asks_and_only_the_person_unmutes(room: Room) -> None:
    await line_of(room, "business").get_by_role("button", name="Mute").click()
    await expect(line_of(room, "business")).to_contain_text("muted by you")
    await expect(room.page("business").locator(".toast")).to_contain_text("The mediator has muted you")
    await room.silence("consumer", "business")
    await line_of(room, "business").get_by_role("button", name="to unmute").click()
    asked = room.page("business").locator("dialog[open]")
    await expect(asked).to_contain_text("asks you to turn your sound on")
    await room.silence("consumer", "business")
    await asked.get_by_role("button", name="Turn sound on").click()
    await eventually(lambda: room.hears("consumer", "business"), "the business is heard again")


async def test_a_raised_hand_is_seen_by_the_mediator(room: Room) -> None:
    await room.press("consumer", "I want to speak")
    await expect(line_of(room, "consumer")).to_contain_text("wants to speak")
    await room.press("consumer", "Hand is up")
    await expect(line_of(room, "consumer")).not_to_contain_text("wants to speak")


# ---------------------------------------------------------------- pictures


async def test_a_camera_goes_off_and_on_while_sound_goes_on(room: Room) -> None:
    await room.press("consumer", "Picture on")
    picture = room.page("business").locator(f'video[data-seat="{room.seat("consumer")}"]')
    await expect(picture).to_have_count(0)
    assert await room.hears("business", "consumer")
    await room.press("consumer", "Picture off")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")


@pytest.mark.parametrize("role", ["mediator", "business"])
async def test_a_shared_screen_is_seen_by_the_others(room: Room, role: str) -> None:
    if role == "mediator":
        await room.press("mediator", "Share")
    else:
        await room.more("business", "Show my screen")
    others = [other for other in room.windows if other != role]
    for other in others:
        shown = room.windows[other]
        await eventually(
            lambda shown=shown: moving(shown, room.seat(role), "screen", FAKE_SCREEN),  # type: ignore[misc]
            f"the {other} sees the screen",
        )
    if role == "mediator":
        await room.press("mediator", "Stop sharing")
    else:
        await room.more("business", "Stop showing my screen")
    for other in others:
        await expect(room.page(other).locator("video[data-source=screen]")).to_have_count(0)
    await eventually(lambda: room.sees("consumer", role), "the camera is back")


async def test_sound_only_stops_every_picture_to_and_from_that_person(room: Room) -> None:
    consumer = room.windows["consumer"]
    await room.more("consumer", "Sound only")
    await expect(consumer.page.locator(".voices")).to_contain_text("Sound only")

    async def no_pictures() -> bool:
        before = await consumer.moved("inbound", "video")
        await consumer.page.wait_for_timeout(700)
        return await consumer.moved("inbound", "video") == before

    await eventually(no_pictures, "the forwarding plane sends the consumer no more pictures")
    assert await room.hears("consumer", "business")
    await expect(room.page("business").locator(f'video[data-seat="{room.seat("consumer")}"]')).to_have_count(0)
    await room.press("consumer", "Try the pictures again")
    await eventually(lambda: room.sees("consumer", "business"), "pictures come again")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")


async def test_opening_the_camera_ends_sound_only(room: Room) -> None:
    await room.more("consumer", "Sound only")
    await expect(room.page("consumer").locator(".voices")).to_be_visible()
    await room.press("consumer", "Picture off")
    await eventually(lambda: room.sees("consumer", "business"), "pictures come again")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")


# ---------------------------------------------------------------- procedure


async def test_in_a_recess_nobody_hears_anybody_and_nothing_is_recorded(room: Room) -> None:
    def recorded() -> int:
        return sum(file.stat().st_size for file in room.desk.venue.data.rglob("*.webm*"))

    running = recorded()
    await room.page("mediator").wait_for_timeout(1500)
    assert recorded() > running

    await room.press("mediator", "Recess")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("#main")).to_contain_text("Nobody hears or sees anybody")
        await expect(room.page(role).locator(".rec")).to_have_text("Not recording")
    for role, other in (("mediator", "consumer"), ("consumer", "business"), ("business", "mediator")):
        await room.silence(role, other)
    before = recorded()
    await room.page("mediator").wait_for_timeout(1500)
    assert recorded() == before
    await room.page("mediator").locator(".toolbar").get_by_role("button", name="Go on").click()
    await eventually(lambda: room.hears("consumer", "business"), "sound is back")
    await eventually(lambda: room.sees("business", "mediator"), "pictures are back")
    await expect(room.page("consumer").locator(".rec")).to_have_text("Recording")


async def test_a_phase_can_be_gone_back_to_and_everybody_is_told(room: Room) -> None:
    await room.press("mediator", "Next: Consumer's statement")
    await expect(room.page("consumer").locator(".turn h1")).to_have_text("It is your turn to say what happened")
    await room.page("mediator").get_by_role("button", name=re.compile("^Opening|Go back to: Opening")).click()
    await expect(room.page("mediator").locator(".phases li.now")).to_contain_text("Opening")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator(".turn")).to_contain_text("Step 1 of 6: Opening")


# ---------------------------------------------------------------- coming and going


async def test_who_leaves_comes_back_by_the_same_link_without_a_code(room: Room) -> None:
    page = room.page("consumer")
    await room.press("consumer", "Leave")
    await page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await expect(page.locator("h1")).to_have_text("You have left the room")
    await expect(line_of(room, "consumer")).to_contain_text("has left; the seat is kept")
    await page.goto(room.sitting.links["consumer"])
    assert page.url.endswith("/join/device"), (page.url, await page.inner_text("main"))
    await page.click("button[name=mode][value=video]")
    await admit(room, page)
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")
    await eventually(lambda: room.hears("consumer", "mediator"), "the consumer hears again")


async def test_a_closed_tab_comes_back_into_its_seat(room: Room) -> None:
    shown = room.windows["business"]
    context = shown.page.context
    await shown.page.close()
    await expect(line_of(room, "business")).to_contain_text("reconnecting")
    shown.page = await context.new_page()
    shown.listen(shown.page)
    await shown.page.goto(room.sitting.links["business"])
    await shown.page.wait_for_selector(".room .controls")
    await expect(line_of(room, "business")).not_to_contain_text("reconnecting")
    await eventually(lambda: room.sees("consumer", "business"), "the business is seen again")
    await eventually(lambda: room.hears("business", "consumer"), "the business hears again")


async def test_a_lost_network_is_said_and_comes_back_by_itself(room: Room) -> None:
    page = room.page("consumer")
    await page.context.set_offline(True)
    await expect(page.locator(".veil")).to_contain_text("The network is gone, reconnecting")
    await page.context.set_offline(False)
    await expect(page.locator(".veil")).to_have_count(0)
    await eventually(lambda: room.sees("consumer", "business"), "pictures are back")
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")
    await room.press("consumer", "I want to speak")
    await room.press("consumer", "Hand is up")


async def test_the_newer_tab_takes_the_seat(room: Room) -> None:
    shown = room.windows["consumer"]
    older = shown.page
    shown.page = await older.context.new_page()
    shown.listen(shown.page)
    await shown.page.goto(f"{room.desk.venue.url}/room")
    await shown.page.wait_for_selector(".room .controls")
    await expect(older.locator("h1")).to_have_text("You went on with another device")
    await eventually(lambda: room.sees("consumer", "business"), "the newer tab sees")
    await eventually(lambda: room.sees("business", "consumer"), "the newer tab is seen")
    assert await older.evaluate("() => connections.every((c) => c.connectionState === 'closed')")
    await older.close()


async def test_who_takes_back_consent_is_recorded_no_more_and_everybody_is_told(room: Room) -> None:
    await expect(room.page("consumer").locator(".rec")).to_have_text("Recording")
    await room.more("consumer", "Stop recording me")
    await expect(room.page("consumer").locator(".rec")).to_have_text("You are not recorded", timeout=1500)
    await expect(room.page("business").locator(".toast")).to_contain_text("is no longer recorded")
    await expect(room.page("mediator").locator(".toast")).to_contain_text("is no longer recorded")
    await expect(room.page("mediator").locator(".cp-top .rec")).to_contain_text("Recording, but not")
    await room.more("consumer", "Allow recording me")
    await expect(room.page("consumer").locator(".rec")).to_have_text("Recording")


# ---------------------------------------------------------------- endings


async def both_look(room: Room) -> None:
    for role in ("consumer", "business"):
        await room.page(role).locator("dialog[open] .btn-act.btn-big").click()
    await room.page("mediator").click("dialog[open] .btn-stamp")


async def test_a_mediation_ends_on_a_ground_of_the_order(room: Room) -> None:
    cockpit = room.page("mediator")
    await room.press("mediator", "End the mediation …")
    await cockpit.locator("#end-form input[value=ended]").check()
    ground = cockpit.locator("#ground option").nth(2)
    gist = str(await ground.inner_text()).split(")", 1)[-1].strip()
    await cockpit.locator("#ground").select_option(index=2)
    await cockpit.click("button[form=end-form]")
    await expect(room.page("consumer").locator("dialog[open]")).to_contain_text(gist)
    await both_look(room)
    for role in room.windows:
        await expect(room.page(role).locator("h1")).to_have_text("The mediation ends as the law provides")
        await expect(room.page(role).locator("main")).to_contain_text(gist)
