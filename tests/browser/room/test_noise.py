"""Noise is taken out of somebody's sound where their browser does not, or where they want it, and voices are not."""

from __future__ import annotations

import contextlib
import wave
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from server.app.rehearsal.peer import RATE, Pattern
from tests.browser import axe
from tests.browser.building import Building, Room, building as built, eventually
from tests.browser.people import FLAGS, PHONE, Window, another
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
# A browser that does not say whether it takes noise out, as some made for phones.
SAYS_NOTHING = """
const settings = MediaStreamTrack.prototype.getSettings;
MediaStreamTrack.prototype.getSettings = function () {
  const {noiseSuppression, ...said} = settings.call(this);
  return said;
};
"""
# The level (dB) of somebody's sound over half a second.
LEVEL = """async (seat) => {
  const audio = document.querySelector(`audio[data-seat="${seat}"]`);
  if (!audio || !audio.srcObject) return null;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 16384});
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  await context.resume();
  await new Promise((next) => setTimeout(next, 500));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  return 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length + 1e-12);
}"""
FETCHED = "performance.getEntriesByType('resource').some(({name}) => /noise-worker/.test(name))"
LOUD = -48.0
QUIET = LOUD - 12


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    async with built(tmp_path_factory.mktemp("building")) as made:
        yield made


@pytest.fixture(scope="module")
def fan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a microphone beside a fan hears."""
    path = tmp_path_factory.mktemp("sounds") / "fan.wav"
    noise = np.random.default_rng(7).normal(0, 400, RATE * 4)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(noise.astype("<i2").tobytes())
    return path


@contextlib.asynccontextmanager
async def somebody(room: Room, sound: Path, role: str, *scripts: str, lacking: str = "") -> AsyncIterator[Window]:
    kind = room.browsers["consumer"].browser_type
    launched = await kind.launch(executable_path=browser(), args=[*FLAGS, f"--use-file-for-fake-audio-capture={sound}"])
    try:
        await room.desk.add(room.sitting, role, "Han", "consumer")
        async with another(launched, Pattern(), "en", PHONE, COUNT_OFFERS, *scripts) as guest:
            if lacking:
                await guest.page.route(lacking, lambda route: route.abort())
            await room.desk.lead(guest.page.context, room.sitting.links[role])
            await guest.page.goto(f"{room.desk.venue.url}/room")
            await room.admit(guest.page)
            yield guest
            if not lacking:
                assert guest.troubles == []
    finally:
        await launched.close()


async def level(room: Room, role: str) -> float:
    found = await room.page("business").evaluate(LEVEL, room.seat(role))
    return -120.0 if found is None else float(found)


async def louder(room: Room, role: str, than: float) -> bool:
    return await level(room, role) > than


async def softer(room: Room, role: str, than: float) -> bool:
    return await level(room, role) < than


async def choose(window: Window, choice: str) -> Locator:
    await window.page.get_by_role("button", name="More").click()
    await window.page.locator("dialog[open] .row", has_text="Camera, microphone, loudspeaker").click()
    sheet = window.page.locator("dialog[open]")
    await sheet.get_by_label("Noise suppression").select_option(choice)
    return sheet


async def test_noise_goes_when_it_is_to_and_stays_when_it_is_evidence(room: Room, fan: Path) -> None:
    # The others' unending tones would have the browser's echo canceller cut the fan to pieces.
    for other in ("consumer", "business"):
        await room.press(other, "Sound on")
    await room.cockpit.get_by_role("button", name="Sound on").click()
    async with somebody(room, fan, "companion") as guest:
        page = guest.page
        sheet = await choose(guest, "off")
        await expect(sheet).to_contain_text("Everything is heard, for example the noise that a machine makes.")
        await eventually(partial(louder, room, "companion", LOUD), "the fan is heard")
        assert not await page.evaluate(FETCHED)
        offers = await page.evaluate("offers")
        await sheet.get_by_label("Noise suppression").select_option("on")
        await eventually(partial(softer, room, "companion", QUIET), "the fan is hardly heard")
        assert await page.evaluate(FETCHED)
        assert await page.evaluate("offers") == offers
        assert await axe.violations(page) == []
        await sheet.get_by_role("button", name="Close").click()
        await page.reload()
        await eventually(partial(softer, room, "companion", QUIET), "and hardly after a reload")
        await choose(guest, "off")
        await eventually(partial(louder, room, "companion", LOUD), "the fan is heard again")


async def test_a_browser_that_does_not_say_gets_ours_by_itself(room: Room, fan: Path) -> None:
    async with somebody(room, fan, "lawyer", SAYS_NOTHING) as guest:

        async def fetched() -> bool:
            return bool(await guest.page.evaluate(FETCHED))

        await eventually(fetched, "the page takes the noise out")
        await eventually(partial(softer, room, "lawyer", QUIET), "the fan is hardly heard")


async def test_where_ours_does_not_come_the_sound_goes_on(room: Room, fan: Path) -> None:
    async with somebody(room, fan, "representative", lacking="**/rnnoise-*.wasm") as guest:
        await choose(guest, "on")
        await eventually(partial(louder, room, "representative", LOUD), "the fan is heard all the same")


# What has waited to be worked on, as the worker itself counts it.
WAITED = (
    "() => { const {dropped, longest, next} = self.waiting; return {dropped, longest, heard: next / 1000 - dropped}; }"
)
WORKS = "() => (self.waiting?.longest ?? 0) > 0"
STALL = "(ms) => { const until = performance.now() + ms; while (performance.now() < until); }"


async def works(window: Window) -> bool:
    return any(["noise" in one.url and await one.evaluate(WORKS) for one in window.page.workers])


async def test_sound_that_waited_for_a_stalled_worker_is_let_go_and_the_rest_is_not_late(room: Room, fan: Path) -> None:
    async with somebody(room, fan, "interpreter", SAYS_NOTHING) as guest:
        await eventually(partial(works, guest), "the page takes the noise out")
        (worker,) = [one for one in guest.page.workers if "noise" in one.url]
        before = (await worker.evaluate(WAITED))["dropped"]
        for _ in range(3):
            await worker.evaluate(STALL, 700)
        stalled = (await worker.evaluate(WAITED))["heard"]

        async def goes_on() -> bool:
            return bool((await worker.evaluate(WAITED))["heard"] > stalled + 1000)

        await eventually(goes_on, "a second of sound was worked on since")
        waited = await worker.evaluate(WAITED)
        assert waited["dropped"] - before > 3 * 500
        assert waited["longest"] <= 60
        assert guest.page.workers.count(worker) == 1, "it did not have to begin anew"
