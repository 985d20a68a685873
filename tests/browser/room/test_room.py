"""What people do in the room, each in a Chromium window of their own: words, sound, pictures, procedure."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.building import FAKE_SCREEN, PATTERNS, Room, eventually, heard, moving, still

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]


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


async def test_who_mutes_themselves_is_not_heard_until_they_unmute(room: Room) -> None:
    await eventually(partial(room.hears, "business", "consumer"), "the business hears the consumer")
    await room.press("consumer", "Sound on")
    await expect(room.page("consumer").locator(".tool-main")).to_contain_text("Muted")
    await expect(room.line("consumer")).to_contain_text("muted themselves")
    await room.silence("business", "consumer")
    # Their microphone's tone goes on, as somebody does who forgot.
    await expect(room.page("consumer").locator(".toast")).to_contain_text("You are muted: nobody hears what you say")
    await expect(room.page("business").locator(".toast", has_text="You are muted")).to_have_count(0)
    await room.silence("business", "consumer")
    await eventually(partial(room.hears, "consumer", "business"), "the consumer hears the business")
    await room.press("consumer", "Muted")
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")


async def test_the_mediator_mutes_and_asks_and_only_the_person_unmutes(room: Room) -> None:
    await room.line("business").get_by_role("button", name="Mute").click()
    await expect(room.line("business")).to_contain_text("muted by you")
    await expect(room.page("business").locator(".toast")).to_contain_text("The mediator has muted you")
    await room.silence("consumer", "business")
    await room.line("business").get_by_role("button", name="to unmute").click()
    asked = room.page("business").locator("dialog[open]")
    await expect(asked).to_contain_text("asks you to turn your sound on")
    await room.silence("consumer", "business")
    await asked.get_by_role("button", name="Turn sound on").click()
    await eventually(lambda: room.hears("consumer", "business"), "the business is heard again")


async def test_a_raised_hand_is_seen_by_the_mediator(room: Room) -> None:
    await room.press("consumer", "I want to speak")
    await expect(room.line("consumer")).to_contain_text("wants to speak")
    await room.press("consumer", "Hand is up")
    await expect(room.line("consumer")).not_to_contain_text("wants to speak")


async def test_a_camera_goes_off_and_on_while_sound_goes_on(room: Room) -> None:
    await room.press("consumer", "Picture on")
    picture = room.page("business").locator(f'video[data-seat="{room.seat("consumer")}"]')
    await expect(picture).to_have_count(0)
    await eventually(partial(room.hears, "business", "consumer"), "the business hears the consumer")
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
        await eventually(partial(moving, shown, room.seat(role), "screen", FAKE_SCREEN), f"the {other} sees the screen")
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
    await eventually(partial(room.hears, "consumer", "business"), "the consumer hears the business")
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


async def test_in_a_recess_nobody_hears_anybody_and_nothing_is_recorded(room: Room) -> None:
    def recorded() -> int:
        return sum(file.stat().st_size for file in room.desk.venue.data.rglob("*.webm*"))

    async def grown() -> bool:
        return recorded() > running

    running = recorded()
    await eventually(grown, "somebody is recorded")

    await room.press("mediator", "Recess")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("#main")).to_contain_text("Nobody hears or sees anybody")
        await expect(room.page(role).locator(".rec")).to_have_text("Not recording")
    pairs = (("mediator", "consumer"), ("consumer", "business"), ("business", "mediator"))
    await asyncio.gather(*(room.silence(role, other) for role, other in pairs))
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


async def test_who_takes_back_consent_is_recorded_no_more_and_everybody_is_told(room: Room) -> None:
    await expect(room.page("consumer").locator(".rec")).to_have_text("Recording")
    await room.more("consumer", "Stop recording me")
    await expect(room.page("consumer").locator(".rec")).to_have_text("You are not recorded", timeout=1500)
    await expect(room.page("business").locator(".toast")).to_contain_text("is no longer recorded")
    await expect(room.page("mediator").locator(".toast")).to_contain_text("is no longer recorded")
    await expect(room.page("mediator").locator(".cp-top .rec")).to_contain_text("Recording, but not")
    await room.more("consumer", "Allow recording me")
    await expect(room.page("consumer").locator(".rec")).to_have_text("Recording")


# ---------------------------------------------------------------- lines that change hands


@pytest.mark.long
async def test_a_screen_comes_over_the_line_of_a_declined_camera_when_it_is_asked_for(room: Room) -> None:
    consumer = room.windows["consumer"]
    async with room.guest("representative", "Chen Li", "business") as guest:
        await room.admit(guest.page)
        picture = consumer.page.locator(f'video[data-seat="{room.seat("representative")}"]')
        await expect(picture).to_have_count(1)
        await room.more("consumer", "Sound only")
        await eventually(lambda: still(consumer, "inbound", "video"), "no more pictures")
        await room.leave(guest.page)
    await room.press("mediator", "Share")
    voices = consumer.page.locator(".voices")
    await expect(voices).to_contain_text("is showing their screen")
    assert await still(consumer, "inbound", "video")
    await room.press("consumer", "View")
    await eventually(lambda: moving(consumer, room.seat("mediator"), "screen", FAKE_SCREEN), "the screen is seen")
    await eventually(partial(room.hears, "consumer", "business"), "the consumer hears the business")
    await room.press("consumer", "Put it away")
    await eventually(lambda: still(consumer, "inbound", "video"), "no more pictures")
    await room.press("mediator", "Stop sharing")
    await expect(voices).not_to_contain_text("is showing their screen")
    await room.press("consumer", "Try the pictures again")
    await room.together()


async def test_who_came_with_sound_only_shows_a_screen_and_then_their_camera(room: Room) -> None:
    async with room.guest("lawyer", "Lawyer Wu", "consumer", mode="audio") as lawyer:
        await room.admit(lawyer.page)
        await expect(room.line("lawyer")).to_contain_text("sound only")
        seat, cockpit = room.seat("lawyer"), room.windows["mediator"]
        await lawyer.page.get_by_role("button", name="More").click()
        await lawyer.page.locator("dialog[open] .row", has_text="Show my screen").click()
        await eventually(lambda: moving(cockpit, seat, "screen", FAKE_SCREEN), "the screen is seen")
        await lawyer.page.get_by_role("button", name="More").click()
        await lawyer.page.locator("dialog[open] .row", has_text="Stop showing my screen").click()
        await lawyer.page.get_by_role("button", name="Picture off").click()
        colour = PATTERNS["mediator"].colour  # the camera of the browser they share
        await eventually(lambda: moving(cockpit, seat, "camera", colour), "the camera is seen")
        await eventually(partial(heard, cockpit, seat), "the sound is there")
        await room.leave(lawyer.page)
