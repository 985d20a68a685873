"""Coming, going and coming back: whoever knocks, is sent back, removed, cut off, or takes part with less."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.building import PATTERNS, Room, eventually, heard, moving, still

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]


async def test_who_leaves_comes_back_by_the_same_link_without_a_code(room: Room) -> None:
    page = room.page("consumer")
    await room.press("consumer", "Leave")
    await page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await expect(page.locator("h1")).to_have_text("You have left the room")
    await expect(room.line("consumer")).to_contain_text("has left; the seat is kept")
    await page.goto(room.sitting.links["consumer"])
    assert page.url.endswith("/join/device"), (page.url, await page.inner_text("main"))
    await page.click("button[name=mode][value=video]")
    await room.admit(page)
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")
    await eventually(lambda: room.hears("consumer", "mediator"), "the consumer hears again")


async def test_a_closed_tab_comes_back_into_its_seat(room: Room) -> None:
    shown = room.windows["business"]
    context = shown.page.context
    await shown.page.close()
    await expect(room.line("business")).to_contain_text("reconnecting")
    shown.page = await context.new_page()
    shown.listen(shown.page)
    await shown.page.goto(room.sitting.links["business"])
    await shown.page.wait_for_selector(".room .controls")
    await expect(room.line("business")).not_to_contain_text("reconnecting")
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


# ---------------------------------------------------------------- the door


async def test_a_late_lawyer_meets_a_locked_door_and_knocks_until_it_opens(room: Room) -> None:
    await room.press("mediator", "Lock the door")
    async with room.guest("lawyer", "Lawyer Wu", "consumer", until="/join/device") as lawyer:
        page = lawyer.page
        await page.click("button[name=mode][value=video]")
        await expect(page.locator("h1")).to_have_text("The door is locked just now")
        await expect(room.cockpit.locator(".knock")).to_have_count(0)
        await page.goto(room.sitting.links["lawyer"])
        await page.click("button[name=mode][value=video]")
        await expect(page.locator("h1")).to_have_text("The door is locked just now")
        await room.press("mediator", "Unlock the door")
        await page.get_by_role("button", name="Back to the waiting room").click()
        await expect(page.locator(".hush h1")).to_have_text("You are here")

        await room.press("mediator", "Send Lawyer Wu back")
        await expect(page.locator("h1")).to_have_text("Please wait outside once more")
        await expect(room.cockpit.locator(".knock")).to_have_count(0)
        await room.press("mediator", "Lock the door")
        await page.get_by_role("button", name="Back to the waiting room").click()
        await expect(page.locator("h1")).to_have_text("The door is locked just now")
        await room.press("mediator", "Unlock the door")
        await page.get_by_role("button", name="Back to the waiting room").click()
        await room.admit(page)
        colour = PATTERNS["business"].colour
        await eventually(lambda: moving(lawyer, room.seat("business"), "camera", colour), "the lawyer sees")
        await room.leave(page)


async def test_who_was_inside_comes_back_through_a_locked_door(room: Room) -> None:
    await room.press("mediator", "Lock the door")
    page = room.page("business")
    await page.reload()  # cut off for a moment: nobody need let them in
    await page.locator(".room .controls").wait_for()
    await room.leave(page)
    await page.goto(room.sitting.links["business"])
    await page.click("button[name=mode][value=video]")
    await expect(page.locator(".hush")).to_contain_text("sees that you are waiting")
    await room.admit(page)
    await room.press("mediator", "Unlock the door")
    await room.together()


async def test_who_is_sent_back_from_the_waiting_room_may_knock_again(room: Room) -> None:
    async with room.guest("companion", "Aunt Ding", "consumer") as companion:
        page = companion.page
        for _ in range(2):
            await expect(page.locator(".hush h1")).to_have_text("You are here")
            await room.press("mediator", "Send Aunt Ding back")
            await expect(page.locator("h1")).to_have_text("Please wait outside once more")
            await page.get_by_role("button", name="Back to the waiting room").click()
        await room.admit(page)
        await expect(room.line("companion")).to_contain_text("spoke")
        await room.leave(page)


async def test_who_is_asked_to_leave_reads_why_and_nobody_else_does(room: Room) -> None:
    why = "Speaks over everybody"
    async with room.guest("representative", "Chen Li", "business") as guest:
        await room.admit(guest.page)
        await room.press("mediator", "Ask Chen Li to leave, with a reason")
        await room.cockpit.fill("#reason", why)
        await room.cockpit.locator("dialog[open]").get_by_role("button", name="Ask to leave").click()
        await expect(guest.page.locator("h1")).to_have_text("You were asked to leave the room")
        await expect(guest.page.locator("main")).to_contain_text(why)
        await expect(room.line("representative")).to_contain_text("was asked to leave")
        assert await guest.page.evaluate("() => connections.every((c) => c.connectionState === 'closed')")
        await guest.page.reload()
        await expect(guest.page.locator("h1")).to_have_text("You were asked to leave the room")
        for role in ("consumer", "business"):
            assert why not in await room.page(role).inner_text("body")
        await guest.page.goto(room.sitting.links["representative"])
        await expect(guest.page.locator("h1")).to_have_text("You were asked to leave the room")


# ---------------------------------------------------------------- with less than everything


async def test_an_observer_sees_and_hears_sends_nothing_and_everybody_sees_them(room: Room) -> None:
    async with room.guest("observer", "Observer Xu", "") as observer:
        await room.admit(observer.page)
        for role in room.windows:
            colour = PATTERNS[role].colour
            seen = partial(moving, observer, room.seat(role), "camera", colour)
            await eventually(seen, f"the observer sees the {role}")
            await eventually(partial(heard, observer, room.seat(role)), "the sound is there")
        assert await observer.moved("outbound", "video") == await observer.moved("outbound", "audio") == 0
        for name in ("Picture off", "Muted", "Sound on"):
            await expect(observer.page.get_by_role("button", name=name)).to_have_count(0)
        for role in ("consumer", "business"):
            await expect(room.page(role).locator(".pictures .tile", has_text="Observer Xu")).to_be_visible()
        await expect(room.line("observer")).to_contain_text("sends nothing")
        # Whatever the columns hold, they scroll, the cockpit does not.
        assert await room.cockpit.evaluate("() => document.documentElement.scrollHeight <= window.innerHeight")
        await room.leave(observer.page)


async def test_who_only_types_hears_writes_and_gets_no_picture(room: Room) -> None:
    async with room.guest("interpreter", "Interpreter Ma", "", mode="text") as typing:
        page = typing.page
        await room.admit(page)
        await expect(page.locator(".voices")).to_contain_text("You are listening and can write")
        await expect(room.line("interpreter")).to_contain_text("listens and writes")
        await eventually(partial(heard, typing, room.seat("business")), "the sound is there")
        await eventually(lambda: still(typing, "inbound", "video"), "no picture comes")
        assert await typing.moved("outbound", "audio") == await typing.moved("outbound", "video") == 0
        await page.get_by_role("button", name="Chat").click()
        await page.fill("dialog[open] [name=text]", "I follow everything")
        await page.locator("dialog[open]").get_by_role("button", name="Send").click()
        await room.cockpit.get_by_role("tab", name="Chat").click()
        await expect(room.cockpit.locator(".chatlog")).to_contain_text("I follow everything")
        await page.locator("dialog[open]").get_by_role("button", name="Close").click()
        await room.leave(page)


async def test_a_browser_without_calls_is_told_once_and_takes_part_by_typing(room: Room) -> None:
    without = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"
    async with room.guest("companion", "Uncle Ding", "business", without, until="/join/device") as guest:
        page = guest.page
        shown: list[str] = []
        page.on("framenavigated", lambda frame: shown.append(frame.url.removeprefix(room.desk.venue.url)))
        await expect(page.locator("h1")).to_have_text("This browser cannot do video or sound calls")
        await page.get_by_role("link", name="Stay here and type").click()
        typing = page.locator("button.btn-act[name=mode]")
        await expect(typing).to_have_attribute("value", "text")
        await typing.click()
        await room.admit(page)
        await expect(page.locator(".voices")).to_contain_text("neither sound nor pictures")
        await expect(room.line("companion")).to_contain_text("hears nothing")
        await page.get_by_role("button", name="Muted").click()
        await expect(page.locator(".toast")).to_contain_text("open your link in another one")
        await page.reload()
        await page.locator(".room .controls").wait_for()
        assert shown[-3:] == ["/join/device?here=1", "/room", "/room"]
        assert len(shown) <= 4  # no going round and round
        await room.leave(page)
