"""A device that has too much to do takes less of a picture from its camera, says so, and nobody negotiates anew."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.building import Building, Room, building as built, eventually
from tests.browser.people import until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

# The machine's own load is what it is; here the browser says what it is told to.
PRESSED = """
window.PressureObserver = class {
  constructor(found) { window.press = (state) => found([{state}]); }
  observe() { return Promise.resolve(); }
};
window.given = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.given.push(...stream.getVideoTracks());
  return stream;
};
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    async with built(tmp_path_factory.mktemp("building"), scripts={"consumer": PRESSED}) as made:
        yield made


async def test_a_busy_device_takes_less_from_its_camera_and_says_so(room: Room) -> None:
    page = room.page("consumer")
    await until(page, "() => typeof press === 'function'")
    await page.evaluate("press('critical')")
    await expect(page.locator(".toast").first).to_contain_text("This device has too much to do")
    spared = "() => given.at(-1).getConstraints().width === %d"
    await until(page, spared % 640 + " && given.at(-1).getConstraints().frameRate.max === 12")
    await until(page, spared % 320)
    await eventually(lambda: room.sees("business", "consumer"), "the consumer is still seen")
    room.nobody_complained()
