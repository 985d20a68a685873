"""The README's pictures: `python -m tests.browser.pictures` plays the story with drawn people and writes docs/images.

Made by hand when screens change, not by the tests; needs Chromium. PNGs are reduced to 256 colours.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Playwright, async_playwright

from server.app.rehearsal.peer import Pattern
from tests import ROOT
from tests.browser import portraits
from tests.browser.people import DESKTOP, FLAGS, PHONE, Window, another, until
from tests.browser.play import ROLES, Play
from tests.machine import browser
from tests.server.app.application import demo_program

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000
FINE_DESKTOP = {**DESKTOP, "device_scale_factor": 1.5}
FINE_PHONE = {**PHONE, "device_scale_factor": 2}
PEOPLE = {"mediator": portraits.MEDIATOR, "consumer": portraits.CONSUMER, "business": portraits.BUSINESS}
PHONES = {
    "join": ("join-1-invite", "join-device", "join-waiting"),
    "phone": ("room", "room-outcome", "room-closed"),
}
GAP, GROUND = 24, (236, 232, 222)


async def window(
    stack: contextlib.AsyncExitStack, playwright: Playwright, folder: Path, role: str, lang: str
) -> Window:
    film, sound = portraits.write(folder / role, PEOPLE[role])
    launched = await playwright.chromium.launch(
        executable_path=browser(),
        args=[*FLAGS, f"--use-file-for-fake-video-capture={film}", f"--use-file-for-fake-audio-capture={sound}"],
    )
    stack.push_async_callback(launched.close)
    screen = FINE_DESKTOP if role == "mediator" else FINE_PHONE
    return await stack.enter_async_context(another(launched, Pattern((0, 0, 0), 0.0), lang, screen))


async def make(folder: Path, lang: str) -> None:
    taken = folder / "taken"
    taken.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(demo_program(folder))
        playwright = await stack.enter_async_context(async_playwright())
        windows = {role: await window(stack, playwright, folder, role, lang) for role in ROLES}
        play = Play(venue, windows, taken, lang)
        await play.sign_in("mediator", "zhoumin")
        await play.schedule()
        await play.come_in("consumer")
        await play.come_in("business")
        await play.open_room()
        await play.admit()
        await play.cover_opening()
        await play.page("mediator").wait_for_selector(".tiles[data-count='2'] video >> nth=2")
        await play.page("consumer").wait_for_timeout(20_000)  # clocks and pictures of a room in use
        await play.next_phase()
        await play.page("consumer").wait_for_selector(".pictures video >> nth=2")
        await play.page("consumer").wait_for_timeout(9_000)
        await play.picture("mediator", "cockpit")
        await play.picture("consumer", "room")
        for _ in range(4):
            await play.next_phase()
            await play.page("consumer").wait_for_timeout(2_000)
        await play.settle()
        await _record(play)
    for name, screens in PHONES.items():
        _keep(_beside([taken / f"{screen}-390-{lang}.png" for screen in screens]), f"{name}-{lang}")
    for name in ("cockpit", "audit"):
        _keep(Image.open(taken / f"{name}-1280-{lang}.png").convert("RGB"), f"{name}-{lang}")


async def _record(play: Play) -> None:
    page = play.page("mediator")
    await page.goto(f"{play.venue.url}/desk")
    await page.click("form[action$='/sign-out'] button")
    await play.sign_in("mediator", "luojianguo")
    await page.goto(f"{play.venue.url}/audit")  # the record's own page reloads itself when the film is ready
    ready = f"() => fetch('/audit/{play.session}/recording.json').then(r => r.json()).then(r => r.state === 'ready')"
    await until(page, ready, seconds=120)
    await page.goto(f"{play.venue.url}/audit/{play.session}")
    await page.wait_for_selector("video")
    await page.evaluate("document.querySelector('video').currentTime = 24")
    await until(
        page, "() => document.querySelector('video').readyState > 1 && !document.querySelector('video').seeking"
    )
    await page.set_viewport_size({"width": 1280, "height": 1100})
    await page.wait_for_timeout(2_000)  # until the player's own spinner is gone
    await play.picture("mediator", "audit")


def _beside(paths: list[Path]) -> Image.Image:
    """Phones side by side, each 390 points wide, at one and a half times the size."""
    phones = [Image.open(path).convert("RGB").resize((585, 1266), Image.Resampling.LANCZOS) for path in paths]
    image = Image.new("RGB", (len(phones) * (585 + GAP) + GAP, 1266 + 2 * GAP), GROUND)
    for at, phone in enumerate(phones):
        image.paste(phone, (GAP + at * (585 + GAP), GAP))
    return image


def _keep(image: Image.Image, name: str) -> None:
    """As a PNG of at most MOST_BYTES: fewer colours first, then fewer pixels."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"{name}.png"
    while True:
        for colours in (256, 128, 64):
            image.quantize(palette=_palette(image, colours), dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size <= MOST_BYTES:
                print(path.relative_to(IMAGES.parents[1]), path.stat().st_size, image.size)  # noqa: T201 - a tool run by hand
                return
        image = image.resize((image.width * 9 // 10, image.height * 9 // 10), Image.Resampling.LANCZOS)


def _palette(image: Image.Image, colours: int) -> Image.Image:
    """Three quarters of what there is most of, so that paper stays warm; the rest keeps what is rare, such as red."""
    rare = colours // 4
    common = image.quantize(colours - rare, Image.Quantize.MEDIANCUT).getpalette() or []
    spread = image.quantize(rare, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*common[: 3 * (colours - rare)], *spread[: 3 * rare]])
    return palette


async def main() -> None:
    for lang in sys.argv[1:] or ("zh", "en"):
        with tempfile.TemporaryDirectory() as folder:
            await make(Path(folder), lang)


if __name__ == "__main__":
    asyncio.run(main())
