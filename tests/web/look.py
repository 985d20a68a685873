"""Pictures of pages for a person to look at: `python -m tests.web.look [folder]`. Not a test.

Serves the in-memory office and walks the join flow on a phone-sized screen, in both languages.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp.test_utils import TestServer
from playwright.async_api import Page, ViewportSize, async_playwright

from tests.machine import browser
from tests.web.fakes import CODE, World

FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107 Mobile MicroMessenger/8.0.49"


async def look(folder: Path) -> None:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        for language in ("zh", "en"):
            world = World()
            server = TestServer(world.app())
            await server.start_server()
            home = str(server.make_url("")).rstrip("/")
            phone: ViewportSize = {"width": 390, "height": 844}
            context = await chromium.new_context(viewport=phone, permissions=["camera", "microphone"])
            page = await context.new_page()
            page.on("console", lambda said: print(said.text, file=sys.stderr))  # noqa: T201
            await page.goto(f"{home}/nope?lang={language}")
            await _walk(page, home, world, folder, language)
            strange = await chromium.new_context(viewport=phone, user_agent=WECHAT)
            wechat = await strange.new_page()
            await wechat.goto(f"{home}/j/{world.link('s-business')}?lang={language}")
            await wechat.screenshot(path=folder / f"switch-{language}.png", full_page=True)
            await server.close()
        await chromium.close()


async def _walk(page: Page, home: str, world: World, folder: Path, language: str) -> None:
    async def keep(name: str) -> None:
        await page.screenshot(path=folder / f"{name}-{language}.png", full_page=True)

    async def tap(text: str) -> None:
        await page.locator(text).first.click()
        await page.wait_for_load_state()

    await keep("error-404")
    await page.goto(f"{home}/j/{world.link()}x")
    await keep("error-link")
    secret = world.link()
    for part in ("decline", "other-time", ""):
        await page.goto(f"{home}/j/{secret}/{part}".rstrip("/"))
        await keep(f"invite-{part}" if part else "invite")
    await tap(".btn-act")
    await keep("code-before")
    await tap(".btn-act")
    await page.fill("#code", "111111")
    await keep("code")
    await tap(".btn-act")
    await keep("code-wrong")
    await page.fill("#code", CODE)
    await tap(".btn-act")
    await keep("notice")
    await page.goto(f"{home}/join/texts/notice")
    await keep("text")
    await page.goto(f"{home}/join/notice")
    await page.check("[value=no]")
    await tap(".btn-act")
    await keep("refused")
    await tap(".actions a")
    await page.check("[value=yes]")
    await tap(".btn-act")
    await page.check("[value=no]")
    await keep("recording")
    await tap(".btn-act")
    await keep("device-plain")
    await page.evaluate("document.getElementById('check').hidden = false")
    await keep("device")
    await page.goto(f"{home}/join/name")
    await keep("name")


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/look")
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(look(place))
