"""What happens to a device while somebody is in the room: ended by another app, unplugged, the page put aside."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.building import Building, Room, building as built, eventually
from tests.browser.people import until

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
