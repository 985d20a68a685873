"""Takes the manual's pictures of the running program: `python -m tests.tools.pictures`, or with a language.

Starts a demo office, plays a mediation in this machine's Chromium and writes web/static/manual/<language>/<name>.webp,
which git does not keep and a package takes along where they are. Without a browser it says so and leaves them out; the
manual then has no pictures, and says nothing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests import ROOT

if TYPE_CHECKING:
    from tests.browser.play import Play

OUT: Final = ROOT / "web" / "static" / "manual"
LANGUAGES: Final = ("zh", "en")
WIDEST: Final = {"phone": 390, "desk": 1120}  # pixels
QUALITY: Final = 78

# Name -> which pages of which person; those without a path are taken while the mediation is played.
OF_THE_MEDIATOR: Final = {
    "complaints": "/complaints",
    "complaint-new": "/complaints/new",
    "complaint": "/complaints/demo-0917",
    "decide": "/complaints/demo-0918/decide/accept",
    "imports": "/imports",
    "calendar": "/calendar",
    "schedule": "/complaints/demo-0919/schedule",
    "desk": "/desk",
}
OF_THE_SUPERVISOR: Final = {"focus": "/focus", "supervision": "/supervision", "board": "/statistics/dashboard"}
OF_THE_ADMINISTRATOR: Final = {"officers": "/officers"}
OF_THE_PUBLIC: Final = {"window-file": "/file"}
PLAYED: Final = ("session", "join-device", "room", "cockpit", "answer", "record")
NAMES: Final = (*OF_THE_MEDIATOR, *OF_THE_SUPERVISOR, *OF_THE_ADMINISTRATOR, *OF_THE_PUBLIC, *PLAYED)


class Camera:
    def __init__(self, play: Play, folder: Path) -> None:
        self.play, self.folder = play, folder

    async def take(self, role: str, name: str, path: str = "") -> None:
        page = self.play.page(role)
        if path:
            await page.goto(f"{self.play.venue.url}{path}")
        taken = self.folder / f"{name}.png"
        await page.screenshot(path=taken)
        self.keep(taken, name)

    def keep(self, taken: Path, name: str) -> None:
        from PIL import Image

        with Image.open(taken) as image:
            widest = WIDEST["phone" if image.height > image.width else "desk"]
            size = (widest, round(image.height * widest / image.width))
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.save(self.folder / f"{name}.webp", quality=QUALITY, method=6)

    async def answer(self) -> None:
        """A business is asked to answer in writing, and opens what it is asked."""
        page = self.play.page("mediator")
        await page.goto(f"{self.play.venue.url}/complaints/demo-0920")
        await page.click("[data-open=answer]")
        await page.click("#answer button.btn-act")
        await page.wait_for_load_state()
        await page.goto(f"{self.play.venue.url}/outbox")
        link = re.search(r"/a/[\w-]+", await page.content())
        assert link is not None, "no invitation to answer was sent"
        await self.take("business", "answer", link[0])


async def sign_in(play: Play, login: str) -> None:
    page = play.page("mediator")
    await page.context.clear_cookies()
    await play.sign_in("mediator", login)


async def make(folder: Path, language: str) -> None:
    from playwright.async_api import async_playwright

    from tests.browser.pictures import window
    from tests.browser.play import ROLES, Play
    from tests.server.app.application import demo_program

    taken = folder / "taken"
    taken.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(demo_program(folder))
        playwright = await stack.enter_async_context(async_playwright())
        play = Play(
            venue, {role: await window(stack, playwright, folder, role, language) for role in ROLES}, taken, language
        )
        camera = Camera(play, folder)
        await camera.take("consumer", "window-file", f"/file?lang={language}")
        await sign_in(play, "zhoumin")
        for name, path in OF_THE_MEDIATOR.items():
            if name != "desk":
                await camera.take("mediator", name, path)
        await camera.answer()
        await play.schedule()
        await camera.take("mediator", "session")
        await camera.take("mediator", "desk", "/desk")
        for role in ROLES[1:]:
            await play.come_in(role)
        camera.keep(taken / f"join-device-390-{language}.png", "join-device")
        await play.open_room()
        await play.admit()
        await play.cover_opening()
        await play.page("mediator").wait_for_selector(".tiles[data-count='2'] video >> nth=2")
        await play.next_phase()
        await play.page("consumer").wait_for_selector(".pictures video >> nth=2")
        await play.page("consumer").wait_for_timeout(6_000)  # clocks and pictures of a room in use
        await camera.take("mediator", "cockpit")
        await camera.take("consumer", "room")
        for _ in range(4):
            await play.next_phase()
        await play.settle()
        await sign_in(play, "luojianguo")
        for name, path in OF_THE_SUPERVISOR.items():
            await camera.take("mediator", name, path)
        await camera.take("mediator", "record", f"/audit/{play.session}")
        await sign_in(play, "admin")
        for name, path in OF_THE_ADMINISTRATOR.items():
            await camera.take("mediator", name, path)
    out = OUT / language
    out.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        shutil.copy(folder / f"{name}.webp", out / f"{name}.webp")


def at_hand() -> bool:
    """Whether what it takes is here: the tests' packages and a browser."""
    try:
        import playwright.async_api  # noqa: F401 - asked whether it is there

        from tests.machine import browser
    except ImportError:
        return False
    return bool(browser())


def main() -> None:
    if not at_hand():
        print("no browser at hand: the manual goes without pictures")  # noqa: T201 - told to the person
        return
    for language in sys.argv[1:] or LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(make(Path(folder), language))
        print(f"{language}: {len(list((OUT / language).glob('*.webp')))} pictures")  # noqa: T201 - told to the person


if __name__ == "__main__":
    main()
