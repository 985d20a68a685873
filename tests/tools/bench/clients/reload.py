"""How long a person is away who loads the room anew or turns the camera round, in real Chromium on loopback.

Three people in three browsers. The consumer's page is loaded anew: until they see and hear the others again, and how
long their picture stands still for the others. Then its camera is turned round, to one that is made up (this machine
has one): how long its picture stands still, and whether anybody's page negotiates for it. Made-up cameras give five
frames a second, so nothing stands still for less than a fifth of one.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page

from tests.browser.building import Building, Room, building, eventually
from tests.tools.figures import Figures, quantile

ROUNDS, ROUNDS_QUICK = 10, 3
MOST_RELOAD = 1.5  # seconds
MOST_FLIP = 1.0

TWO_SIDES = """
const devices = navigator.mediaDevices;
const ask = devices.getUserMedia.bind(devices), list = devices.enumerateDevices.bind(devices);
window.labels = [];
devices.getUserMedia = async (wanted) => {
  const side = wanted.video && wanted.video.facingMode && wanted.video.facingMode.exact || "user";
  if (wanted.video) delete wanted.video.facingMode;
  const stream = await ask(wanted);
  for (const track of stream.getTracks()) {
    const said = track.getSettings.bind(track);
    track.getSettings = () => track.kind === "video" ? {...said(), facingMode: side} : said();
    window.labels.push(track.label);
  }
  return stream;
};
devices.enumerateDevices = async () => {
  const all = await list(), camera = all.find((one) => one.kind === "videoinput");
  return camera ? [...all, {kind: "videoinput", deviceId: "back", label: "back camera", groupId: ""}] : all;
};
"""
STEPS = """
window.steps = {};
const step = (name, holds) => {
  if (holds && !(name in window.steps)) window.steps[name] = performance.now() / 1000;
};
const look = () => {
  const moves = (video) => video && video.getVideoPlaybackQuality().totalVideoFrames > 1;
  const all = [...document.querySelectorAll(".room video[data-source=camera]")];
  const others = all.filter((video) => !video.closest(".tile-self"));
  const sounds = [...document.querySelectorAll("audio[data-seat]")];
  step("room", document.querySelector(".room .controls"));
  step("own", moves(document.querySelector(".tile-self video")));
  step("sees", others.length >= 2 && others.every(moves));
  step("hears", sounds.length >= 2 && sounds.every((one) => one.srcObject && !one.paused && one.currentTime > 0));
  setTimeout(look, 10);
};
look();
"""
COUNT_OFFERS = """
window.offers = 0;
for (const [of, name] of [["setRemoteDescription", "offer"], ["setLocalDescription", "offer"]]) {
  const plain = RTCPeerConnection.prototype[of];
  RTCPeerConnection.prototype[of] = function (description) {
    if (description && description.type === name) window.offers++;
    return plain.apply(this, arguments);
  };
}
"""
# When somebody's picture showed something new, on another's page.
WATCH = """(seat) => {
  let last = -1;
  clearInterval(window.watching);
  window.frames = [];
  window.watching = setInterval(() => {
    const video = document.querySelector(`video[data-seat="${seat}"][data-source=camera]`);
    const now = video ? video.getVideoPlaybackQuality().totalVideoFrames : -1;
    if (now > 0 && now !== last) window.frames.push(Date.now() / 1000);
    last = now;
  }, 10);
}"""
GAP = """(since) => {
  const after = window.frames.filter((at) => at > since - 0.5);
  return Math.max(...after.slice(1).map((at, n) => at - after[n]));
}"""


@dataclass
class Times:
    """Seconds of every round, by step."""

    steps: dict[str, list[float]] = field(default_factory=dict)
    flips: list[float] = field(default_factory=list)
    offers: int = 0
    changed: int = 0  # devices after a reload that were others before

    def note(self, name: str, seconds: float) -> None:
        self.steps.setdefault(name, []).append(seconds)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    times = asyncio.run(_measure(ROUNDS_QUICK if quick else ROUNDS))
    for name, seconds in times.steps.items():
        figures.values[f"reload_{name}_median_s"] = round(median(seconds), 2)
        figures.values[f"reload_{name}_p95_s"] = round(quantile(seconds, 0.95), 2)
    figures.values["reload_other_devices"] = times.changed
    figures.values["flip_stands_still_median_s"] = round(median(times.flips), 2)
    figures.values["flip_stands_still_p95_s"] = round(quantile(times.flips, 0.95), 2)
    figures.values["flip_offers"] = times.offers
    for name in ("sees", "hears", "own", "stands_still"):
        figures.at_most(f"reload_{name}_median_s", MOST_RELOAD)
    figures.at_most("reload_other_devices", 0)
    figures.at_most("flip_stands_still_median_s", MOST_FLIP)
    figures.at_most("flip_offers", 0)
    return figures.json()


async def _measure(rounds: int) -> Times:
    times = Times()
    scripts = {"consumer": TWO_SIDES + STEPS + COUNT_OFFERS, "business": COUNT_OFFERS, "mediator": COUNT_OFFERS}
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        async with building(Path(folder), scripts=scripts) as made:
            await _rounds(made, rounds, times)
    return times


async def _rounds(made: Building, rounds: int, times: Times) -> None:
    room = await made.convene()
    await asyncio.sleep(3)  # whatever a beginning room still negotiates
    for _ in range(rounds):
        await _reload(room, times)
        await _flip(room, times)


async def _reload(room: Room, times: Times) -> None:
    page, other = room.page("consumer"), room.page("business")
    before = set(await page.evaluate("window.labels"))
    await other.evaluate(WATCH, room.seat("consumer"))
    await asyncio.sleep(1)
    since = await other.evaluate("Date.now() / 1000")
    await page.reload(wait_until="commit")

    async def there() -> bool:
        return len(await page.evaluate("window.steps")) == 4

    await eventually(there, "everything is back")
    for name, at in (await page.evaluate("window.steps")).items():
        times.note(name, at)
    await asyncio.sleep(3)
    times.note("stands_still", await other.evaluate(GAP, since))
    times.changed += not set(await page.evaluate("window.labels")) <= before


async def _flip(room: Room, times: Times) -> None:
    page, other = room.page("consumer"), room.page("business")
    pages = [room.page(role) for role in room.windows]
    await other.evaluate(WATCH, room.seat("consumer"))
    before = await _offers(pages)
    await room.more("consumer", "Camera, microphone, loudspeaker")
    flip = page.locator("dialog[open] .row", has_text="Turn the camera round")
    await flip.wait_for()
    await asyncio.sleep(0.5)
    since = await other.evaluate("Date.now() / 1000")
    await flip.click()
    await asyncio.sleep(3)
    times.flips.append(await other.evaluate(GAP, since))
    times.offers += await _offers(pages) - before
    await page.keyboard.press("Escape")


async def _offers(pages: list[Page]) -> int:
    return sum([await page.evaluate("window.offers") for page in pages])
