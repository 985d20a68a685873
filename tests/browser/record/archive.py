"""The page of a recorded mediation in a supervisor's browser: what its player shows, and ways to move it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from server.app.demo import SUPERVISOR
from server.app.rehearsal import Visitor
from server.app.rehearsal.peer import Pattern
from tests import ROOT
from tests.browser.building import eventually
from tests.browser.desk import Desk, hand_over
from tests.browser.people import DESKTOP, FLAGS, Window, another
from tests.browser.record.hearing import Hearing, held
from tests.machine import browser
from tests.server.app.application import demo_program

STATE = """() => {
  const film = document.getElementById("film");
  const pen = Object.assign(document.createElement("canvas"), {width: 4, height: 4}).getContext("2d");
  let colour = null;
  if (film.readyState >= 2) {
    pen.drawImage(film, 0, film.videoHeight / 2, film.videoWidth, film.videoHeight / 4, 0, 0, 4, 4);
    colour = [...pen.getImageData(1, 1, 1, 1).data.slice(0, 3)];
  }
  const card = document.getElementById("card");
  return {
    src: new URL(film.src).pathname, time: film.currentTime, paused: film.paused, speed: film.playbackRate, colour,
    at: Number(document.getElementById("scrub").value), card: card.hidden ? "" : card.innerText,
    said: document.getElementById("said").hidden ? "" : document.getElementById("said").innerText,
    seeking: film.seeking, ready: film.readyState,
  };
}"""


@dataclass
class Film:
    """What the player shows at one moment."""

    src: str
    time: float
    paused: bool
    speed: float
    colour: list[int] | None
    at: float
    card: str
    said: str
    seeking: bool
    ready: int

    def shows(self, colour: tuple[int, int, int]) -> bool:
        return self.colour is not None and max(abs(a - b) for a, b in zip(self.colour, colour, strict=True)) < 60


@dataclass
class Archive:
    url: str
    hearing: Hearing
    browser: Browser
    pictures: Path
    password: str
    officer: Visitor  # a supervisor who is signed in

    def journaled(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.hearing.data / "yuntiao.db")) as database:
            rows = database.execute(
                "SELECT json_extract(data, '$.part') FROM events WHERE stream = ? AND type = 'Viewed' ORDER BY version",
                (f"session/{self.hearing.session}",),
            )
            return [row[0] for row in rows]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def archive(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Archive]:
    pictures = ROOT / "artifacts" / "screens"
    pictures.mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(demo_program(tmp_path_factory.mktemp("archive")))
        desk = await stack.enter_async_context(Desk(venue))
        hearing = await held(desk, venue)
        playwright = await stack.enter_async_context(async_playwright())
        expect.set_options(timeout=30_000)
        launched = await playwright.chromium.launch(executable_path=browser(), args=[*FLAGS])
        stack.push_async_callback(launched.close)
        officer = await stack.enter_async_context(Visitor(venue.url))
        await sign_in(officer, venue.password)

        async def ready() -> bool:
            state = await officer.json(f"/audit/{hearing.session}/recording.json")
            return bool(state["state"] == "ready")

        await eventually(ready, "the composed recording", 90)
        yield Archive(venue.url, hearing, launched, pictures, venue.password, officer)


async def sign_in(officer: Visitor, password: str) -> None:
    page = await officer.get("/sign-in")
    await officer.submit(page, page.form("sign-in"), login=SUPERVISOR, password=password)


@contextlib.asynccontextmanager
async def looking(archive: Archive, path: str = "", language: str = "en", **options: object) -> AsyncIterator[Window]:
    async with another(archive.browser, Pattern(), language, DESKTOP, **options) as window:
        await hand_over(archive.officer, window.page.context, language)
        await window.page.goto(f"{archive.url}/audit/{archive.hearing.session}{path}")
        yield window
        # A note that is refused is a failed resource to the console.
        assert [trouble for trouble in window.troubles if "422" not in trouble] == []


async def state(page: Page) -> Film:
    return Film(**await page.evaluate(STATE))


async def settled(page: Page, at: float, near: float = 0.15) -> Film:
    """Until the player stands at this second with its picture there."""

    async def there() -> bool:
        now = await state(page)
        return abs(now.at - at) < near and not now.seeking and (bool(now.card) or now.ready >= 2)

    await eventually(there, f"the player at {at}")
    return await state(page)


async def shows(page: Page, colour: tuple[int, int, int]) -> None:
    """Until that is the picture: one that is there need not be painted yet."""

    async def painted() -> bool:
        return (await state(page)).shows(colour)

    await eventually(painted, f"a picture of {colour}")


async def seek(page: Page, at: float) -> Film:
    await page.evaluate(
        """(at) => {
          const scrub = document.getElementById("scrub");
          scrub.value = at;
          scrub.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        at,
    )
    return await settled(page, at)
