"""A mediator at a desktop, a consumer on a phone, a business: three Chromium windows in one mediation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import aiohttp
import pytest
from playwright.async_api import expect

from server.app.rehearsal.aftermath import inspect
from server.app.rehearsal.peer import CLAP_EVERY, Pattern
from tests.browser.people import DESKTOP, PHONE, Window, another, at_once, browsers, until
from tests.browser.play import ROLES, Play
from tests.server.app.application import demo_program

pytestmark = [pytest.mark.browser, pytest.mark.media]

PATTERNS = {
    "mediator": Pattern((40, 120, 60), 330.0, 320, 180),
    "consumer": Pattern((200, 90, 40), 440.0, 320, 180),
    "business": Pattern((50, 70, 200), 560.0, 320, 180),
}
Claps = list[tuple[float, float]]  # when the picture turns white, in seconds, and by how many ms after the sound
# When the film began, in seconds since 1970: by an entry of the record that says its time and its second of the film.
BEGAN = """() => {
  const time = document.querySelector("a[data-seek] > time");
  const at = Date.parse(time.dateTime) + Number(time.textContent.slice(-3));
  return at / 1000 - Number(time.parentElement.dataset.seek);
}"""
SCREENS = {"mediator": DESKTOP, "consumer": PHONE, "business": PHONE}


@contextlib.asynccontextmanager
async def played(folder: Path, pictures: Path, language: str, rate: int = 5) -> AsyncIterator[Play]:
    """`rate`: of everybody's camera, in frames a second."""
    async with contextlib.AsyncExitStack() as stack:
        patterns = {role: replace(PATTERNS[role], rate=rate) for role in ROLES}
        async with asyncio.TaskGroup() as beginning:
            serving = beginning.create_task(stack.enter_async_context(demo_program(folder)))
            launching = beginning.create_task(stack.enter_async_context(browsers(folder, patterns)))
        own = launching.result()
        each = (another(own[role], patterns[role], language, SCREENS[role]) for role in ROLES)
        windows = dict(zip(ROLES, await at_once(stack, *each), strict=True))
        yield Play(serving.result(), windows, pictures, language)


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_three_people_settle_a_dispute_in_their_browsers(tmp_path: Path, artifacts: Path, language: str) -> None:
    pictures = artifacts / "story"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, language, rate=20) as play:  # claps are measured
        await play.sign_in("mediator", "zhoumin")
        await play.schedule()
        await play.come_in("consumer")
        await play.come_in("business")
        await play.open_room()
        await play.admit()
        await asyncio.gather(*(play.windows[role].watch_own_claps() for role in ROLES))
        await _everybody_sees_and_hears_everybody(play)
        await play.cover_opening()
        for phase in ("consumer-statement", "business-statement", "discussion", "proposal", "closing"):
            await play.next_phase()
            await play.picture("mediator", f"cockpit-{phase}")
            await play.picture("consumer", f"room-{phase}")
        own = await asyncio.gather(*(play.windows[role].own_claps() for role in ROLES))
        await play.settle()
        await _supervisor_reviews(play, own)
        for role, shown in play.windows.items():
            assert shown.troubles == [], f"{role}'s page complained"


async def _everybody_sees_and_hears_everybody(play: Play) -> None:
    seats = {role: await play.seat(role) for role in ROLES}
    for role in ROLES:
        for other in ROLES:
            if other == role:
                continue
            await _pattern_arrives(play.windows[role], seats[other], PATTERNS[other], f"{role} of {other}")
    await play.picture("mediator", "cockpit")
    await play.picture("consumer", "room")


async def _pattern_arrives(shown: Window, seat: str, pattern: Pattern, what: str) -> None:
    await shown.page.wait_for_selector(f'video[data-seat="{seat}"][data-source="camera"]')
    async with asyncio.timeout(15):
        while True:
            first, second = await shown.looks_twice(seat, "camera")
            if first and second and second["frames"] > first["frames"] and second["time"] > first["time"]:
                far = max(abs(a - b) for a, b in zip(second["colour"], pattern.colour, strict=True))
                if far < 60:
                    break
    sound = await shown.hears(seat)
    assert sound is not None, f"{what}: no sound element"
    assert min(abs(sound["hz"] - pattern.tone), abs(sound["hz"] - 2 * pattern.tone)) < 25, f"{what}: {sound}"


async def _supervisor_reviews(play: Play, own: list[Claps]) -> None:
    page = play.page("mediator")
    await page.goto(f"{play.venue.url}/complaints/{play.complaint}")
    await expect(page.locator("main")).to_contain_text("2,000.00")
    await play.picture("mediator", "complaint-settled")
    await page.goto(f"{play.venue.url}/desk")
    await page.click("form[action$='/sign-out'] button")
    await play.sign_in("mediator", "luojianguo")
    await page.goto(f"{play.venue.url}/audit")
    await play.picture("mediator", "audit-list")
    # Asked from the list: the record's own page loads itself anew the moment its film is ready.
    ready = f"() => fetch('/audit/{play.session}/recording.json').then(r => r.json()).then(r => r.state === 'ready')"
    await until(page, ready, seconds=90)
    await page.goto(f"{play.venue.url}/audit/{play.session}")
    await page.wait_for_selector("video")
    await page.evaluate("document.querySelector('video').play()")
    await until(page, "() => document.querySelector('video').currentTime > 0.5")
    await page.screenshot(path=play.pictures / f"audit-full-1280-{play.language}.png", full_page=True)
    film = await _download(play)
    found = await asyncio.to_thread(inspect, film, list(PATTERNS.values()))
    assert found["streams"] == ["audio", "video"]
    assert found["people_seen"] == found["people_heard"] == 3
    began = await page.evaluate(BEGAN)
    for role, recorded, captured in zip(ROLES, found["claps"], own, strict=True):
        added = _added(recorded, [(at - began, late) for at, late in captured])
        assert len(added) >= 3, f"{role}: claps {recorded} in the film from {began}, {captured} at the camera"
        assert abs(median(added)) <= 150, f"{role}: {recorded} in the film from {began}, {captured} at the camera"


def _added(film: Claps, camera: Claps) -> list[float]:
    """By how many ms picture and sound of a clap lie further apart in the film than at the camera."""
    pairs = [(late, own) for at, late in film for there, own in camera if abs(at - there) < CLAP_EVERY / 2]
    loop = CLAP_EVERY * 1000  # the next sound is nearer where the picture comes later than half of it
    return [(late - own + loop / 2) % loop - loop / 2 for late, own in pairs]


async def _download(play: Play) -> bytes:
    cookies = {c["name"]: c["value"] for c in await play.page("mediator").context.cookies()}
    async with (
        aiohttp.ClientSession(cookies=cookies) as http,
        http.get(f"{play.venue.url}/audit/{play.session}/recording.mp4") as response,
    ):
        assert response.status == 200
        return await response.read()
