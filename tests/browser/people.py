"""People with browsers of their own: a window, a camera, a microphone, and what can be measured in a page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser, Page, Playwright, async_playwright

from server.app.rehearsal.peer import Pattern
from tests.browser import cameras
from tests.machine import browser as chromium

T = TypeVar("T")

FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}

SEEN = """([seat, source]) => {
  const video = document.querySelector(`video[data-seat="${seat}"][data-source="${source}"]`);
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8;
  const pen = canvas.getContext("2d");
  const {videoWidth: wide, videoHeight: high} = video;
  pen.drawImage(video, wide / 4, high / 4, wide / 2, high / 4, 0, 0, 8, 8);
  const [red, green, blue] = pen.getImageData(4, 4, 1, 1).data;
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  return {frames, time: video.currentTime, colour: [red, green, blue]};
}"""

KEEP_CONNECTIONS = """
if (window.RTCPeerConnection) {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      window.connections.push(this);
    }
  };
}
"""

MOVING = """async ([seat, source, most]) => {
  const see = SEEN;
  const until = performance.now() + most;
  const first = see([seat, source]);
  let second = first;
  while (first && second && second.frames <= first.frames && performance.now() < until) {
    await new Promise((next) => setTimeout(next, 20));
    second = see([seat, source]);
  }
  return [first, second];
}""".replace("SEEN", SEEN)

MOVED = """async ([direction, kind]) => {
  let bytes = 0;
  for (const connection of window.connections) {
    if (connection.connectionState === "closed") continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type === `${direction}-rtp` && report.kind === kind) {
        bytes += direction === "inbound" ? report.bytesReceived : report.bytesSent;
      }
    }
  }
  return bytes;
}"""

HEARD = """async ([seat, most]) => {
  const audio = document.querySelector(`audio[data-seat="${seat}"]`);
  if (!audio || !audio.srcObject) return null;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 8192, smoothingTimeConstant: 0});
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  await context.resume();
  const bins = new Float32Array(analyser.frequencyBinCount);
  const until = performance.now() + most;
  let best = {hz: 0, db: -200};
  while (performance.now() < until && best.db < -45) {
    await new Promise((next) => setTimeout(next, 50));
    analyser.getFloatFrequencyData(bins);
    const at = bins.indexOf(Math.max(...bins));
    if (bins[at] > best.db) best = {hz: at * context.sampleRate / analyser.fftSize, db: bins[at]};
  }
  await context.close();
  return best;
}"""


WATCH_OWN_CLAPS = """async (tone) => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: true});
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream(stream.getVideoTracks());
  await video.play();
  const pen = Object.assign(document.createElement("canvas"), {width: 4, height: 4}).getContext("2d");
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 2048, smoothingTimeConstant: 0});
  context.createMediaStreamSource(stream).connect(analyser);
  await context.resume();
  const bins = new Float32Array(analyser.frequencyBinCount);
  const bin = (hz) => Math.round(hz * analyser.fftSize / context.sampleRate);
  const seen = [], heard = [];
  let white = true, octave = true;
  const timer = setInterval(() => {
    const now = performance.now();
    pen.drawImage(video, 0, 0, 4, 4);
    const bright = Math.min(...pen.getImageData(1, 1, 1, 1).data.slice(0, 3)) > 200;
    analyser.getFloatFrequencyData(bins);
    const high = bins[bin(2 * tone)] > bins[bin(tone)];
    if (bright && !white) seen.push(now);
    if (high && !octave) heard.push(now);
    [white, octave] = [bright, high];
  }, 16);
  window.ownClaps = () => {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    const nearest = (w) => heard.reduce((best, o) => Math.abs(w - o) < Math.abs(best) ? w - o : best, Infinity);
    const claps = seen.map((w) => [(performance.timeOrigin + w) / 1000, nearest(w)]);
    return claps.filter(([, gap]) => Math.abs(gap) <= 1000);
  };
  window.clapsSeen = () => seen.length;
}"""


@dataclass
class Window:
    """One person's page; `troubles` are script errors and console errors seen in it."""

    page: Page
    browser: Browser
    pattern: Pattern
    troubles: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Note what goes wrong in a page of this person's."""
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda line: self.troubles.append(line.text) if line.type == "error" else None)

    async def sees(self, seat: str, source: str = "camera") -> dict[str, Any] | None:
        """Frames, seconds and colour of somebody's picture as this page shows it."""
        found: dict[str, Any] | None = await self.page.evaluate(SEEN, [seat, source])
        return found

    async def looks_twice(self, seat: str, source: str, most: int = 250) -> list[dict[str, Any] | None]:
        """As `sees`, and once more when the picture has moved on, or after `most` ms."""
        found: list[dict[str, Any] | None] = await self.page.evaluate(MOVING, [seat, source, most])
        return found

    async def moved(self, direction: str, kind: str) -> int:
        """Bytes of "video" or "audio" that came "inbound" or went "outbound" over the connections open now."""
        return int(await self.page.evaluate(MOVED, [direction, kind]))

    async def hears(self, seat: str, most: int = 3000) -> dict[str, Any] | None:
        """Strongest frequency (Hz) and its level (dB) of somebody's sound as this page plays it within `most` ms."""
        found: dict[str, Any] | None = await self.page.evaluate(HEARD, [seat, most])
        return found

    async def watch_own_claps(self) -> None:
        """From now on, note each clap of the camera and how far its picture comes after the microphone's sound.

        Chromium starts the two files on its own and plays the film slower than the sound, the busier the machine the
        more: from clap to clap the picture comes later, by some 50 ms. So only one and the same clap compares.
        """
        await self.page.evaluate(WATCH_OWN_CLAPS, self.pattern.tone)

    async def own_claps(self) -> list[tuple[float, float]]:
        """When the picture turned white (seconds since 1970) and by how many ms after the sound, of four at least.

        Stops watching.
        """
        await until(self.page, "() => window.clapsSeen() >= 4")
        return [(float(at), float(late)) for at, late in await self.page.evaluate("() => window.ownClaps()")]


async def until(page: Page, holds: str, argument: object = None, seconds: float = 60) -> None:
    """Until a JavaScript function answers true. Looked at from outside: our pages forbid the eval that Playwright's
    own waiting would need."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(holds, argument):
            await page.wait_for_timeout(50)


@contextlib.asynccontextmanager
async def launched(playwright: Playwright, folder: Path, pattern: Pattern) -> AsyncIterator[Browser]:
    """A browser process of its own, so that its camera shows its own picture."""
    film, sound = cameras.write(folder, pattern)
    browser = await playwright.chromium.launch(
        executable_path=chromium(),
        args=[*FLAGS, f"--use-file-for-fake-video-capture={film}", f"--use-file-for-fake-audio-capture={sound}"],
    )
    try:
        yield browser
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def window(
    playwright: Playwright, folder: Path, pattern: Pattern, language: str, screen: dict[str, Any]
) -> AsyncIterator[Window]:
    """One person alone in a browser of their own."""
    async with (
        launched(playwright, folder, pattern) as browser,
        another(browser, pattern, language, screen) as made,
    ):
        yield made


@contextlib.asynccontextmanager
async def browsers(folder: Path, patterns: Mapping[str, Pattern]) -> AsyncIterator[dict[str, Browser]]:
    """A browser of their own for everybody, by role."""
    async with async_playwright() as playwright, contextlib.AsyncExitStack() as stack:
        each = (launched(playwright, folder / role, pattern) for role, pattern in patterns.items())
        yield dict(zip(patterns, await at_once(stack, *each), strict=True))


async def at_once(stack: contextlib.AsyncExitStack, *contexts: contextlib.AbstractAsyncContextManager[T]) -> list[T]:
    """Enter all of them side by side: each waits for processes of its own. They end with the stack."""
    async with asyncio.TaskGroup() as group:
        entering = [group.create_task(stack.enter_async_context(context)) for context in contexts]
    return [one.result() for one in entering]


@contextlib.asynccontextmanager
async def another(
    browser: Browser, pattern: Pattern, language: str, screen: dict[str, Any], *before: str, **options: Any
) -> AsyncIterator[Window]:
    """A person with cookies of their own in a running browser. `before`: scripts that run ahead of the page's own."""
    context = await browser.new_context(
        **{
            "locale": "zh-CN" if language == "zh" else "en-GB",
            "timezone_id": "Asia/Shanghai",
            "permissions": ["camera", "microphone", "clipboard-read", "clipboard-write"],
            **screen,
            **options,
        }
    )
    context.set_default_timeout(30_000)
    for script in (*before, KEEP_CONNECTIONS):
        await context.add_init_script(script)
    made = Window(await context.new_page(), browser, pattern)
    made.listen(made.page)
    try:
        yield made
    finally:
        await context.close()
