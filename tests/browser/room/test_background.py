"""What is behind somebody is blurred or drawn over in their own browser, and nobody is shown it in between."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from server.app.rehearsal.peer import Pattern
from tests.browser import axe, portraits
from tests.browser.building import Building, Room, building as built, eventually, heard
from tests.browser.people import FLAGS, PHONE, Window, another
from tests.conftest import ARTIFACTS
from tests.machine import browser

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

COUNT_OFFERS = """
window.offers = 0;
const describe = RTCPeerConnection.prototype.setLocalDescription;
RTCPeerConnection.prototype.setLocalDescription = function (wanted) {
  if (wanted && wanted.type === "offer") window.offers += 1;
  return describe.call(this, wanted);
};
"""
CORES = "Object.defineProperty(navigator, 'hardwareConcurrency', {get: () => %d});"
# A browser that plays a film has one camera and does not say which side it faces: here there is one at the back, too.
TWO_SIDED = """
const settings = MediaStreamTrack.prototype.getSettings;
const {enumerateDevices: list, getUserMedia: ask} = navigator.mediaDevices;
const back = new WeakSet();
MediaStreamTrack.prototype.getSettings = function () {
  const said = settings.call(this);
  return this.kind === "video" ? {...said, facingMode: back.has(this) ? "environment" : "user"} : said;
};
navigator.mediaDevices.enumerateDevices = async function () {
  return [...await list.call(this), {kind: "videoinput", deviceId: "back", label: "camera 1", groupId: ""}];
};
navigator.mediaDevices.getUserMedia = async function ({video, ...wanted}) {
  const {facingMode, ...plain} = video || {};
  const stream = await ask.call(this, video ? {...wanted, video: plain} : wanted);
  if (facingMode && facingMode.exact === "environment") stream.getVideoTracks().forEach((track) => back.add(track));
  return stream;
};
"""
OLDER = "delete window.MediaStreamTrackGenerator;"
# What is made of the camera's frames breaks off in the middle.
BREAKING = """
const Generator = window.MediaStreamTrackGenerator;
window.MediaStreamTrackGenerator = class extends Generator {
  get writable() {
    let left = 5;
    const write = () => { if (!left--) throw new Error("no more"); };
    return new WritableStream({write});
  }
};
"""
# How sharp the books on the shelf are, how sharp the glasses, and whether the wall is the drawn office's.
LOOK = """(which) => {
  const video = document.querySelector(which);
  if (!video || !video.videoWidth) return null;
  const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 360});
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 640, 360);
  const edges = (x, y, wide, high) => {
    const {data} = pen.getImageData(x, y, wide, high);
    let most = 0;
    for (let at = 0; at < data.length - 16; at += 4) {
      if ((at / 4) % wide < wide - 4) most = Math.max(most, Math.abs(data[at + 1] - data[at + 17]));
    }
    return most;
  };
  const [red, , blue] = pen.getImageData(20, 20, 1, 1).data;
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  return {shelf: edges(435, 25, 90, 25), glasses: edges(270, 145, 100, 25), cool: red > 180 && blue > red, frames};
}"""
# A page that hides nothing fetches nothing for it.
FETCHED = (
    "performance.getEntriesByType('resource').map(({name}) => name).filter((name) => /worker|wasm|tflite/.test(name))"
)
MIRROR = "matrix(-1, 0, 0, 1, 0, 0)"
SHARP = 40  # of 255, from one pixel to the fourth after it
SOFT = 14


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    async with built(tmp_path_factory.mktemp("building")) as made:
        yield made


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@contextlib.asynccontextmanager
async def somebody(room: Room, folder: Path, role: str, *scripts: str) -> AsyncIterator[Window]:
    """A further person in the room, whose camera shows a drawn person in front of a shelf with books."""
    # A track bears its film's name, and a name with "back" in it would be a back camera's.
    film, _ = portraits.write(folder, portraits.CONSUMER)
    kind = room.browsers["consumer"].browser_type
    launched = await kind.launch(executable_path=browser(), args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"])
    try:
        await room.desk.add(room.sitting, role, "Han", "consumer")
        async with another(launched, Pattern(), "en", PHONE, COUNT_OFFERS, *scripts) as guest:
            await room.desk.lead(guest.page.context, room.sitting.links[role])
            await guest.page.goto(f"{room.desk.venue.url}/room")
            await room.admit(guest.page)
            yield guest
            assert guest.troubles == []
    finally:
        await launched.close()


async def seen(room: Room, role: str, **wanted: bool) -> bool:
    """Whether the business sees a picture that is so: `shelf`, `glasses` sharp or not, the wall `cool` or not."""
    return await shown(room.page("business"), f'video[data-seat="{room.seat(role)}"][data-source="camera"]', **wanted)


async def shown(page: Page, which: str, **wanted: bool) -> bool:
    first = await page.evaluate(LOOK, which)
    await page.wait_for_timeout(100)
    found: dict[str, Any] | None = await page.evaluate(LOOK, which)
    if not first or not found or found["frames"] <= first["frames"]:
        return False
    facts = {
        "shelf": found["shelf"] > SHARP if wanted.get("shelf") else not found["shelf"] < SOFT,
        "glasses": found["glasses"] > SHARP,
        "cool": found["cool"],
    }
    return all(facts[name] is value for name, value in wanted.items())


async def devices(page: Page) -> Locator:
    await page.get_by_role("button", name="More").click()
    await page.locator("dialog[open] .row", has_text="Camera, microphone, loudspeaker").click()
    return page.locator("dialog[open]")


@pytest.mark.parametrize(("role", "scripts"), [("companion", ()), ("representative", (OLDER,))])
async def test_the_background_is_hidden_from_everybody_and_comes_back(
    room: Room, films: Path, role: str, scripts: tuple[str, ...]
) -> None:
    async with somebody(room, films, role, CORES % 8, *scripts) as guest:
        page = guest.page
        await eventually(partial(seen, room, role, shelf=True, glasses=True), "everything is sharp at first")
        offers = await page.evaluate("offers")
        sheet = await devices(page)
        choice = sheet.get_by_label("What is behind you")
        await expect(choice).to_have_value("none")
        assert not await page.evaluate(FETCHED)
        await choice.select_option("blurred")
        await eventually(
            partial(seen, room, role, shelf=False, glasses=True), "the shelf is blurred, the person is not"
        )
        line = room.cockpit.locator(".seats li", has_text="Han").last
        await expect(line).to_contain_text("background blurred")
        assert await axe.violations(page) == []
        assert await axe.small_targets(page) == []
        await page.screenshot(path=ARTIFACTS / "screens" / f"room-background-{role}-en.png")
        await choice.select_option("office")
        await eventually(partial(seen, room, role, cool=True, glasses=True), "an office stands behind the person")
        await expect(line).to_contain_text("background drawn")
        await sheet.get_by_role("button", name="Close").click()
        assert await page.evaluate("offers") == offers

        await page.get_by_role("button", name="Picture on").click()
        await expect(page.locator(".controls")).to_contain_text("Picture off")
        await page.get_by_role("button", name="Picture off").click()
        await eventually(partial(seen, room, role, cool=True, glasses=True), "the office is there again after a pause")
        await page.reload()
        await eventually(partial(seen, room, role, cool=True, glasses=True), "and after a reload")
        await room.leave(page)
        await expect(line).not_to_contain_text("background")
        await page.get_by_role("button", name="Back to the waiting room").click()
        await room.admit(page)
        await expect(line).to_contain_text("background drawn")

        await page.get_by_role("button", name="More").click()
        await page.locator("dialog[open] .row", has_text="Show everything sharp").click()
        await eventually(partial(seen, room, role, shelf=True, cool=False), "everything is sharp again")
        await expect(line).not_to_contain_text("background")


async def test_the_back_camera_shows_everything_and_the_front_camera_hides_it_again(room: Room, films: Path) -> None:
    async with somebody(room, films, "lawyer", CORES % 8, TWO_SIDED) as guest:
        page = guest.page
        sheet = await devices(page)
        await sheet.get_by_label("What is behind you").select_option("blurred")
        await sheet.get_by_role("button", name="Close").click()
        await eventually(partial(seen, room, "lawyer", shelf=False, glasses=True), "the shelf is blurred")
        for name, sharp in (("Turn the camera round", True), ("Turn the camera round", False)):
            await page.get_by_role("button", name="More").click()
            await page.locator("dialog[open] .row", has_text=name).click()
            if sharp:
                await expect(page.locator(".toast").first).to_contain_text("The back camera shows everything sharp")
            await eventually(partial(seen, room, "lawyer", shelf=sharp), f"sharp: {sharp}")


async def test_what_cannot_be_hidden_is_not_shown_instead(room: Room, films: Path) -> None:
    async with somebody(room, films, "interpreter", CORES % 8) as guest:
        page = guest.page
        await eventually(partial(seen, room, "interpreter", shelf=True), "everything is sharp at first")
        await page.route("**/*.tflite", lambda route: route.abort())
        sheet = await devices(page)
        await sheet.get_by_label("What is behind you").select_option("blurred")
        await expect(page.locator(".toast").first).to_contain_text("cannot be hidden here")
        await sheet.get_by_role("button", name="Close").click()
        await expect(page.locator(".controls")).to_contain_text("Picture off")
        await expect(room.page("business").locator(f'video[data-seat="{room.seat("interpreter")}"]')).to_have_count(0)
        guest.troubles.clear()  # the file that did not come
        await page.get_by_role("button", name="Picture off").click()
        await eventually(partial(seen, room, "interpreter", shelf=True), "seen as they are, by their own will")

        await page.unroute("**/*.tflite")
        await page.add_init_script(BREAKING)
        await page.reload()
        sheet = await devices(page)
        await sheet.get_by_label("What is behind you").select_option("blurred")
        await expect(page.locator(".toast").first).to_contain_text("cannot be hidden here")
        await sheet.get_by_role("button", name="Close").click()
        await expect(page.locator(".controls")).to_contain_text("Picture off")
        await page.reload()
        await eventually(lambda: heard(guest, room.seat("business")), "back in the room")
        await expect(page.locator(".controls")).to_contain_text("Picture off")
        await expect(room.page("business").locator(f'video[data-seat="{room.seat("interpreter")}"]')).to_have_count(0)


async def test_it_is_seen_before_coming_in_and_kept_for_the_room(room: Room) -> None:
    async with room.guest("companion", "Qin", "consumer", CORES % 8, until="/join/device") as guest:
        page = guest.page
        await page.get_by_label("What is behind you").select_option("blurred")
        await expect(page.locator("#preview")).to_have_css("transform", MIRROR)
        await page.get_by_label("What is behind you").select_option("office")
        await eventually(partial(shown, page, "#preview", cool=True), "the drawn office is seen in the device check")
        await expect(page.locator("#preview")).to_have_css("transform", "none")  # the office's sign is to be read
        assert await axe.violations(page) == []
        await page.screenshot(path=ARTIFACTS / "screens" / "device-background-en.png", full_page=True)
        await page.get_by_role("button", name="All right, to the waiting room").click()
        await room.admit(page)
        await eventually(partial(seen, room, "companion", cool=True), "and by the others in the room")
        own = page.locator(f'video[data-seat="{room.seat("companion")}"][data-source="camera"]').first
        await expect(own).to_have_css("transform", "none")


async def test_a_weak_phone_says_why_it_hides_nothing(room: Room) -> None:
    page = room.page("consumer")
    await page.add_init_script(CORES % 2)
    await page.reload()
    await page.locator(".room .controls").wait_for()
    sheet = await devices(page)
    await expect(sheet.get_by_label("What is behind you")).to_be_disabled()
    await expect(sheet).to_contain_text("This phone is too weak to hide what is behind you")
    assert not await page.evaluate(FETCHED)
    room.nobody_complained()
