"""What one's own browser does to picture and sound before they are sent: the share of a core that it takes.

A drawn person at 360p is sent from one connection of a page to another, once as the camera gives it and once with what
is behind the person blurred. Whatever Chromium's processes use more then is what blurring costs. Chromium is given no
graphics card: canvases are drawn by the processor, so a phone or PC that has one does less.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import wave
from pathlib import Path
from statistics import median

import numpy as np
import psutil  # type: ignore[import-untyped]
from aiohttp import web
from playwright.async_api import Page, Playwright, async_playwright

from server.app.rehearsal.peer import RATE
from tests import ROOT
from tests.browser import portraits
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.tools.figures import Figures

ROUNDS, ROUNDS_QUICK = 5, 2
SECONDS = 8.0
MOST_FRAMES = 24  # a second, of `PICTURE` in web/frontend/src/media/devices.ts
SETTLES = 3.0  # until the encoder is where it stays, and the model is there
STATIC = ROOT / "web" / "static"

SEND = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 360, frameRate: 20}});
  window.camera = stream.getVideoTracks()[0];
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  from.onicecandidate = ({candidate}) => to.addIceCandidate(candidate);
  to.onicecandidate = ({candidate}) => from.addIceCandidate(candidate);
  window.sender = from.addTransceiver(camera, {sendEncodings: [{maxBitrate: 600000}]}).sender;
  await from.setLocalDescription(await from.createOffer());
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription(await to.createAnswer());
  await from.setRemoteDescription(to.localDescription);
}"""
BLUR = """async (address) => {
  window.worker = new Worker(address);
  const {readable} = new MediaStreamTrackProcessor({track: camera, maxBufferSize: 1});
  window.made = new MediaStreamTrackGenerator({kind: "video"});
  const {writable} = made;
  worker.postMessage({kind: "look", look: "blurred", office: ""});
  worker.postMessage({kind: "streams", readable, writable}, [readable, writable]);
  await sender.replaceTrack(made);
}"""
PLAIN = """async () => {
  await sender.replaceTrack(camera);
  made.stop();
  worker.terminate();
}"""
FRAMES = """async () => {
  const reports = [...(await sender.getStats()).values()];
  return reports.find(({type}) => type === "outbound-rtp").framesEncoded;
}"""

# The microphone beside what RNNoise makes of it, as `Noise` of noise.ts does: two channels.
LISTEN = """async ([address, seconds]) => {
  const mic = (await navigator.mediaDevices.getUserMedia({audio: {noiseSuppression: false}})).getAudioTracks()[0];
  const worker = new Worker(address);
  await new Promise((next) => { worker.onmessage = next; });
  const {readable} = new MediaStreamTrackProcessor({track: mic});
  const clean = new MediaStreamTrackGenerator({kind: "audio"});
  const {writable} = clean;
  worker.postMessage({readable, writable}, [readable, writable]);
  const ear = new AudioContext({sampleRate: 48000});
  const both = ear.createChannelMerger(2);
  ear.createMediaStreamSource(new MediaStream([mic])).connect(both, 0, 0);
  ear.createMediaStreamSource(new MediaStream([clean])).connect(both, 0, 1);
  const recorder = ear.createScriptProcessor(4096, 2, 1);
  const kept = [];
  recorder.onaudioprocess = ({inputBuffer}) => kept.push([0, 1].map((n) => inputBuffer.getChannelData(n).slice()));
  both.connect(recorder).connect(ear.destination);
  await new Promise((next) => setTimeout(next, (seconds + 1) * 1000));
  window.hush = async () => { await ear.close(); };
  return [0, 1].map((n) => kept.slice(4).flatMap((pair) => [...pair[n]].map((x) => Math.round(x * 32767))));
}"""


def measure(quick: bool) -> dict[str, object]:
    figures = Figures()
    asyncio.run(_measure(figures, ROUNDS_QUICK if quick else ROUNDS))
    figures.at_most("blur_core_share", 0.3)
    figures.at_most("noise_delay_ms", 20.0)
    figures.at_most("noise_core_share", 0.1)
    figures.at_least("blurred_frames_to_plain_ratio", 0.9)
    return figures.json()


async def _measure(figures: Figures, rounds: int) -> None:
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_static("/static", STATIC)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (worker,) = (STATIC / "dist").glob("background-worker-*.js")
    port = runner.addresses[0][1]
    with tempfile.TemporaryDirectory() as folder:
        film, _ = portraits.write(Path(folder), portraits.CONSUMER)
        async with async_playwright() as playwright:
            before = {child.pid for child in psutil.Process().children(recursive=True)}
            launched = await playwright.chromium.launch(
                executable_path=browser(), args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"]
            )
            page = await launched.new_page()
            await page.goto(f"http://127.0.0.1:{port}/")
            await page.evaluate(SEND)
            plain, blurred = [], []
            for _ in range(rounds):  # in turns: what else the machine does meets both
                plain.append(await _share(page, before))
                await page.evaluate(BLUR, f"/static/dist/{worker.name}")
                blurred.append(await _share(page, before))
                await page.evaluate(PLAIN)
            await launched.close()
            await _listen(figures, playwright, Path(folder), f"http://127.0.0.1:{port}/")
    await runner.cleanup()
    figures.values["rounds"] = rounds
    figures.values["plain_core_share"] = round(median(share for share, _ in plain), 3)
    # By the frame, because a busy machine makes fewer: what the most that a camera is asked for would take.
    each = median(b[0] / b[1] - p[0] / p[1] for p, b in zip(plain, blurred, strict=True))
    figures.values["blur_ms_per_frame"] = round(each * 1000, 2)
    figures.values["blur_core_share"] = round(each * MOST_FRAMES, 3)
    figures.values["plain_frames_per_second"] = round(median(rate for _, rate in plain), 1)
    figures.values["blurred_frames_per_second"] = round(median(rate for _, rate in blurred), 1)
    ratio = figures.values["blurred_frames_per_second"] / figures.values["plain_frames_per_second"]
    figures.values["blurred_frames_to_plain_ratio"] = round(ratio, 3)


async def _listen(figures: Figures, playwright: Playwright, folder: Path, address: str) -> None:
    """How much later a voice comes out of the noise suppression than it went in, and what that takes."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    launched = await playwright.chromium.launch(
        executable_path=browser(), args=[*FLAGS, f"--use-file-for-fake-audio-capture={_voice(folder)}"]
    )
    page = await launched.new_page()
    await page.goto(address)
    laid = STATIC / "dist"
    (worker,) = laid.glob("noise-worker-*.js")
    plain, clean = await page.evaluate(LISTEN, [f"/static/dist/{worker.name}", SECONDS])
    await page.evaluate("hush()")
    cpu, at = _cpu(before), time.monotonic()
    await asyncio.sleep(SECONDS)
    figures.values["noise_core_share"] = round((_cpu(before) - cpu) / (time.monotonic() - at), 3)
    await launched.close()
    size = min(len(plain), len(clean))
    left, right = np.array(plain[:size], float), np.array(clean[:size], float)
    spectrum = np.fft.rfft(right, 2 * size) * np.conj(np.fft.rfft(left, 2 * size))
    match = np.fft.irfft(spectrum)[: RATE // 5]
    figures.values["noise_delay_ms"] = round(float(np.argmax(match)) * 1000 / RATE, 1)


def _voice(folder: Path) -> Path:
    """Syllables of a voice whose pitch wanders: nothing in it comes twice, so that it fits itself in one place only."""
    rng, t = np.random.default_rng(3), np.arange(RATE * 10) / RATE
    pitch = 140 + 30 * np.interp(t, np.arange(0, 10.2, 0.2), rng.normal(0, 1, 51))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    loud = np.clip(np.interp(t, np.arange(0, 10.1, 0.1), rng.uniform(-0.4, 1, 101)), 0, 1)
    wave_form = loud * sum(np.sin(k * phase) / k for k in range(1, 16))
    path = folder / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave_form * 8000).astype("<i2").tobytes())
    return path


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="<!doctype html>", content_type="text/html")


async def _share(page: Page, before: set[int]) -> tuple[float, float]:
    """Of a core, and frames encoded a second."""
    await asyncio.sleep(SETTLES)
    cpu, frames, at = _cpu(before), await page.evaluate(FRAMES), time.monotonic()
    await asyncio.sleep(SECONDS)
    took = time.monotonic() - at
    return (_cpu(before) - cpu) / took, (await page.evaluate(FRAMES) - frames) / took


def _cpu(before: set[int]) -> float:
    """Seconds that the browser's processes have used."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        if process.pid not in before:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
    return total
