"""What happens to a device while somebody is in the room: ended by another app, unplugged, the page put aside."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from server.app.rehearsal.peer import Pattern
from tests.browser import axe
from tests.browser.building import Building, Room, building as built, eventually, heard, still
from tests.browser.desk import hand_over
from tests.browser.people import DESKTOP, FLAGS, PHONE, Window, another, until
from tests.conftest import ARTIFACTS
from tests.machine import browser

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

# Keeps what the page was given, so that a test can take it away as a system would.
KEEP_TRACKS = """
window.given = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.given.push(...stream.getTracks());
  return stream;
};
"""
END = """(kind) => {
  const track = window.given.filter((t) => t.kind === kind && t.readyState === "live").pop();
  track.stop();
  track.dispatchEvent(new Event("ended"));
}"""
UNPLUG = """() => {
  const devices = navigator.mediaDevices;
  const track = window.given.filter((t) => t.kind === "audio" && t.readyState === "live").pop();
  const gone = track.getSettings().deviceId;
  const list = devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = async () => (await list()).filter((device) => device.deviceId !== gone);
  devices.dispatchEvent(new Event("devicechange"));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    async with built(tmp_path_factory.mktemp("building"), scripts={"consumer": KEEP_TRACKS}) as made:
        yield made


async def test_a_device_that_another_app_ended_is_taken_again_and_said(room: Room) -> None:
    page = room.page("consumer")
    await page.evaluate(END, "video")
    await expect(page.locator(".toast")).to_contain_text("The camera is back")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")
    await page.evaluate(END, "audio")
    await expect(page.locator(".toast")).to_contain_text("The microphone is back")
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")
    room.nobody_complained()


async def test_an_unplugged_microphone_falls_over_to_another_one_and_says_so(room: Room) -> None:
    page = room.page("consumer")
    before = await page.evaluate("given.length")
    await page.evaluate(UNPLUG)
    await expect(page.locator(".toast")).to_contain_text("The microphone was unplugged")
    assert await page.evaluate("given.length") == before + 1
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")


def sealed(room: Room, role: str) -> list[dict[str, Any]]:
    """The finished recording files of somebody's camera and microphone, in order."""
    wanted = "SELECT data FROM events WHERE stream = ? AND type = 'SegmentSealed' ORDER BY version"
    with contextlib.closing(sqlite3.connect(room.desk.venue.data / "yuntiao.db")) as database:
        rows = [json.loads(data) for (data,) in database.execute(wanted, (f"session/{room.sitting.id}",))]
    return [row for row in rows if row["seat"] == room.seat(role) and row.get("source", "camera") == "camera"]


async def test_a_camera_that_is_off_stays_off_over_a_reload_and_a_turn_and_is_not_recorded(room: Room) -> None:
    consumer, page = room.windows["consumer"], room.page("consumer")
    await room.press("consumer", "Picture on")
    await room.press("consumer", "Sound on")
    await expect(page.locator(".controls")).to_contain_text("Muted")
    gone = datetime.now(UTC)
    await page.reload()
    await eventually(lambda: room.hears("consumer", "business"), "the consumer is back in the room")
    await expect(page.locator(".controls")).to_contain_text("Picture off")
    await expect(page.locator(".controls")).to_contain_text("Muted")
    await page.set_viewport_size({"width": 844, "height": 390})
    await page.context.set_offline(True)
    await expect(page.locator(".rec")).to_have_text("Your recording is paused")
    await page.context.set_offline(False)
    await expect(page.locator(".rec")).not_to_have_text("Your recording is paused")
    await page.set_viewport_size({"width": 390, "height": 844})
    await room.press("consumer", "Muted")
    await eventually(lambda: room.hears("business", "consumer"), "the consumer is heard again")
    assert await page.evaluate("given.map((track) => track.kind)") == ["audio"]
    assert await consumer.moved("outbound", "video") == 0
    await expect(room.page("business").locator(f'video[data-seat="{room.seat("consumer")}"]')).to_have_count(0)

    await room.cockpit.get_by_role("button", name="Recess").click()

    def since() -> list[dict[str, Any]]:
        return [file for file in sealed(room, "consumer") if datetime.fromisoformat(file["started"]) > gone]

    async def finished() -> bool:
        return bool(since())

    await eventually(finished, "what was recorded after the reload is finished")
    assert [file["width"] for file in since()] == [0]
    assert sealed(room, "consumer")[0]["width"] > 0
    await room.cockpit.get_by_role("toolbar").get_by_role("button", name="Go on").click()
    await eventually(lambda: room.hears("business", "consumer"), "the mediation goes on")
    await room.press("consumer", "Picture off")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")
    await page.reload()
    await eventually(lambda: room.sees("business", "consumer"), "and again after a reload")


async def the_sheet_without_its_script(room: Room, answer: Callable[[Route], Awaitable[None]]) -> Locator:
    """The sheet of devices, opened on a fresh page while one of its files is answered like this."""
    page = room.page("consumer")
    await page.reload()
    await eventually(lambda: room.hears("consumer", "business"), "the consumer is in the room")
    files = json.loads(await page.locator("#page-data").text_content() or "")["later"]
    await page.route(f"**{files[0]}", answer)
    await room.press("consumer", "More")
    await expect(page.locator("dialog[open]")).to_contain_text("Stop recording me")  # what cannot wait is there
    await page.locator("dialog[open] .row", has_text="Camera, microphone, loudspeaker").click()
    return page.locator("dialog[open]")


async def test_a_sheet_that_could_not_be_fetched_says_so_and_comes_when_it_is_pressed_again(room: Room) -> None:
    page = room.page("consumer")
    sheet = await the_sheet_without_its_script(room, lambda route: route.abort())
    await expect(sheet).to_contain_text("the network is weak")
    assert await axe.violations(page) == []
    await sheet.get_by_role("button", name="Try again").click()
    await expect(sheet).to_contain_text("the network is weak")
    await page.unroute_all()
    await sheet.get_by_role("button", name="Try again").click()
    await expect(sheet.get_by_label("Microphone")).to_be_visible()
    await sheet.get_by_role("button", name="Close").click()


async def test_a_page_older_than_the_program_is_loaded_again_for_what_it_has_not_fetched(room: Room) -> None:
    page = room.page("consumer")
    sheet = await the_sheet_without_its_script(room, lambda route: route.fulfill(status=404))
    await expect(sheet).to_contain_text("a newer edition of this page")
    await page.unroute_all()
    await sheet.get_by_role("button", name="Load the page again").click()
    await expect(sheet).to_have_count(0)
    await eventually(lambda: room.hears("consumer", "business"), "the consumer is in the room again")
    await room.more("consumer", "Camera, microphone, loudspeaker")
    await expect(sheet.get_by_label("Microphone")).to_be_visible()
    await sheet.get_by_role("button", name="Close").click()


async def test_sound_only_is_still_chosen_after_a_reload(room: Room) -> None:
    consumer, page = room.windows["consumer"], room.page("consumer")
    await room.more("consumer", "Sound only")
    await expect(page.locator(".voices")).to_be_visible()
    await page.reload()
    await eventually(lambda: room.hears("consumer", "business"), "the consumer is back in the room")
    await expect(page.locator(".voices")).to_be_visible()
    assert await page.evaluate("given.map((track) => track.kind)") == ["audio"]
    assert await still(consumer, "inbound", "video")
    await room.press("consumer", "Try the pictures again")
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is seen again")
    await eventually(lambda: room.sees("consumer", "business"), "the consumer sees again")


async def test_the_cockpit_says_in_words_and_a_picture_what_the_browser_will_ask(building: Building) -> None:
    sitting = await building.desk.arrange("旅行订单")
    for language, asks, picture in (("en", "Press “Allow”", "Picture: a small window"), ("zh", "请点“允许”", "示意图")):
        camera = another(building.browsers["mediator"], Pattern(), language, DESKTOP, permissions=None)
        async with camera as window:
            page = window.page
            await hand_over(building.desk.visitor, page.context, language)
            await page.goto(f"{building.desk.venue.url}/sessions/{sitting.id}/room")
            card = page.locator(".cp-mid .hush")
            await expect(card).to_contain_text(asks)
            await expect(card.get_by_role("img", name=picture)).to_be_visible()
            assert await axe.violations(page) == []
            for width, height in ((1280, 800), (390, 844)):
                await page.set_viewport_size({"width": width, "height": height})
                assert await axe.sideways(page) == []
                await page.screenshot(path=ARTIFACTS / "screens" / f"cockpit-prompt-{width}-{language}.png")
    async with another(building.browsers["mediator"], Pattern(), "en", DESKTOP) as window:  # who has allowed it
        await hand_over(building.desk.visitor, window.page.context, "en")
        await window.page.goto(f"{building.desk.venue.url}/sessions/{sitting.id}/room")
        await expect(window.page.locator(".cp-mid .hush .btn-big")).to_be_visible()
        await expect(window.page.locator(".cp-mid .hush .prompt")).to_have_count(0)


# A browser that asks, and a person who takes their time.
ASKS = """
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const answered = new Promise((allow) => { window.allow = allow; });
navigator.mediaDevices.getUserMedia = async (wanted) => { await answered; return give(wanted); };
"""


async def test_who_comes_back_by_a_reload_sees_what_the_browser_asks_until_it_is_answered(room: Room) -> None:
    titles = {"en": "Your browser asks you something now", "zh": "浏览器正在询问您"}
    for role, place in (("business", ".stage"), ("mediator", ".cp-mid")):
        page = room.page(role)
        await page.context.clear_permissions()
        await page.add_init_script(ASKS)
        for language, title in titles.items():
            await page.context.add_cookies([{"name": "yt_lang", "value": language, "url": room.desk.venue.url}])
            await page.reload()
            card = page.locator(f"{place} .hush", has=page.locator(".prompt"))
            await expect(card.locator("h2")).to_have_text(title)
            assert await axe.violations(page) == []
            assert await axe.sideways(page) == []
            await page.screenshot(path=ARTIFACTS / "screens" / f"{role}-asked-{language}.png")
        await page.context.add_cookies([{"name": "yt_lang", "value": "en", "url": room.desk.venue.url}])
        await page.reload()
        await expect(card).to_be_visible()
        await page.evaluate("allow()")
        await expect(card).to_have_count(0)
        await page.context.grant_permissions(["camera", "microphone"])
    await eventually(lambda: room.hears("business", "consumer"), "the business is back")


# The second of Chromium's cameras measures depth, and no browser sends what it gives.
CAMERAS = "--use-fake-device-for-media-stream=device-count=3"
COUNT_OFFERS = """
window.offers = 0;
const describe = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (wanted) {
  window.offers += 1;
  return describe.call(this, wanted);
};
"""
IN_USE = "given.filter((track) => track.readyState === 'live').map((track) => track.label).sort()"


async def test_a_phone_shows_its_other_side_and_keeps_what_was_chosen(room: Room) -> None:
    flags = [CAMERAS if CAMERAS.startswith(flag) else flag for flag in FLAGS]
    await room.desk.add(room.sitting, "companion", "Han", "consumer")
    launched = await room.browsers["consumer"].browser_type.launch(executable_path=browser(), args=flags)
    try:
        async with another(launched, Pattern(), "en", PHONE, KEEP_TRACKS, COUNT_OFFERS) as guest:
            page = guest.page
            await room.desk.lead(page.context, room.sitting.links["companion"])
            await page.goto(f"{room.desk.venue.url}/room")
            await room.admit(page)
            seen = partial(moves, room.windows["business"], room.seat("companion"))
            await eventually(seen, "the guest is seen")
            first = await page.evaluate(IN_USE)

            await page.get_by_role("button", name="More").click()
            await page.locator("dialog[open] .row", has_text="Camera, microphone, loudspeaker").click()
            sheet = page.locator("dialog[open]")
            assert await axe.violations(page) == []
            assert await axe.small_targets(page) == []
            for kind in ("Camera", "Microphone", "Loudspeaker"):
                choice = sheet.get_by_label(kind, exact=True)
                other = await choice.locator("option").last.inner_text()
                await choice.select_option(label=other)
                if kind != "Loudspeaker":
                    await until(page, f"(other) => {IN_USE}.includes(other)", other)
            await until(page, "() => [...document.querySelectorAll('#sound audio')].every(({sinkId}) => sinkId)")
            await page.screenshot(path=ARTIFACTS / "screens" / "room-devices-en.png")
            await eventually(seen, "the other camera is seen")
            await eventually(partial(heard, room.windows["business"], room.seat("companion")), "the guest is heard")
            assert first != await page.evaluate(IN_USE)

            await sheet.get_by_role("button", name="Close").click()
            chosen, offers = await page.evaluate(IN_USE), await page.evaluate("offers")
            await room.page("business").evaluate(f"() => {{ {COUNT_OFFERS} }}")
            await page.get_by_role("button", name="More").click()
            await page.locator("dialog[open] .row", has_text="Turn the camera round").click()
            turned = f"(before) => {{ const now = {IN_USE}; return now.length === 2 && now.join() !== before.join(); }}"
            await until(page, turned, chosen)
            assert await page.evaluate("offers") == offers
            await eventually(seen, "the first camera is seen again")
            assert await room.page("business").evaluate("offers") == 0
            chosen = await page.evaluate(IN_USE)

            await page.reload()
            await until(page, f"(chosen) => {IN_USE}.join() === chosen.join()", chosen)
            await until(page, "() => [...document.querySelectorAll('#sound audio')].every(({sinkId}) => sinkId)")
            assert guest.troubles == []
    finally:
        await launched.close()


async def moves(window: Window, seat: str) -> bool:
    """Whether somebody's picture goes on, whatever it shows."""
    first, second = await window.looks_twice(seat, "camera")
    return bool(first and second and second["frames"] > first["frames"])


# A turned phone's track changes its shape. The camera that plays a file has only one, so a drawn picture stands in.
DRAW = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 360});
  const pen = canvas.getContext("2d");
  let n = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${n++ % 360} 80% 50%)`;
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }, 60);
  const track = canvas.captureStream(15).getVideoTracks()[0];
  const sender = connections.filter((c) => c.connectionState === "connected").flatMap((c) => c.getSenders())
    .find((s) => s.track && s.track.kind === "video");
  await sender.replaceTrack(track);
  window.turn = (width, height) => Object.assign(canvas, {width, height});
}"""


async def test_a_phone_that_is_turned_is_shown_whole(room: Room) -> None:
    page, other, seat = room.page("consumer"), room.page("mediator"), room.seat("consumer")
    await page.evaluate(DRAW)
    seen = f"""() => {{
      const video = document.querySelector('video[data-seat="{seat}"][data-source=camera]');
      return %s;
    }}"""
    await page.evaluate("turn(360, 640)")
    await until(other, seen % "video.videoHeight > video.videoWidth && getComputedStyle(video).objectFit === 'contain'")
    await page.evaluate("turn(640, 360)")
    await until(other, seen % "video.videoHeight < video.videoWidth && getComputedStyle(video).objectFit === 'cover'")


async def test_the_mediator_reads_on_a_tap_how_somebodys_connection_is(room: Room) -> None:
    await room.line("business").get_by_role("button", name="network").click()
    dialog = room.cockpit.locator("dialog[open]")
    await expect(dialog.locator("h2")).to_contain_text("connection is")
    await expect(dialog.locator("dl")).to_contain_text("kbit/s")
    await expect(dialog.locator("li")).not_to_have_count(0)
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_have_count(0)
