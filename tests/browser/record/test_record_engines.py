"""The player of a record in a real Firefox and in Safari's engine: the film plays, tracks switch, a gap says why."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from server.app.demo import SUPERVISOR
from tests.browser import bidi, webkit
from tests.browser.building import eventually
from tests.browser.record.archive import STATE, Archive, Film, archive as archive
from tests.browser.record.hearing import BACK, BLUE, GREEN, RED

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser, pytest.mark.firefox, pytest.mark.webkit, pytest.mark.media,
    pytest.mark.asyncio(loop_scope="module"),
]  # fmt: skip

SIGN_IN = """new Promise((told) => {
  const form = document.querySelector("form[action*='sign-in'], main form");
  form.elements.login.value = %s;
  form.elements.password.value = %s;
  const body = new URLSearchParams(new FormData(form));
  fetch(form.action, {method: "POST", body}).then((answer) => told(answer.url));
})"""
SEEK = """(() => {
  const scrub = document.getElementById("scrub");
  scrub.value = %s;
  scrub.dispatchEvent(new Event("input", {bubbles: true}));
})()"""
CLICK = "document.querySelector(%s).click()"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[bidi.Firefox]:
    """The supervisor, signed in."""
    async with bidi.launched(tmp_path_factory.mktemp("firefox")) as firefox:
        await sign_in(firefox, archive)
        yield firefox


async def sign_in(firefox: bidi.Firefox, archive: Archive) -> None:
    await firefox.goto(f"{archive.url}/sign-in")
    where = await firefox.evaluate(SIGN_IN % (json.dumps(SUPERVISOR), json.dumps(archive.password)))
    assert "/sign-in" not in where


async def state(page: bidi.Firefox) -> Film:
    return Film(**await page.evaluate(f"({STATE})()"))


async def until(page: bidi.Firefox, expression: str) -> None:
    async def so() -> bool:
        return bool(await page.evaluate(expression))

    await eventually(so, expression)


async def shows(page: bidi.Firefox, colour: tuple[int, int, int], at: float) -> Film:
    seen: Any = None

    async def there() -> bool:
        nonlocal seen
        seen = await state(page)
        return abs(seen.at - at) < 0.15 and not seen.seeking and seen.shows(colour)

    try:
        await eventually(there, f"{colour} at {at}")
    except BaseException as fault:
        raise AssertionError(f"{seen}") from fault
    return await state(page)


@pytest.mark.h264
async def test_the_film_plays_and_the_cursor_goes_with_it(archive: Archive, page: bidi.Firefox) -> None:
    await page.goto(f"{archive.url}/audit/{archive.hearing.session}")
    moved = "Number(document.getElementById('cursor').getAttribute('transform').match(/[\\d.]+/)[0])"
    before = await page.evaluate(moved)
    await page.evaluate(CLICK % json.dumps("#play"))
    await until(page, "document.getElementById('film').currentTime > 1")
    await until(page, f"{moved} > {before}")
    assert (await state(page)).src.endswith("/recording.mp4")
    await page.evaluate(CLICK % json.dumps("#play"))
    assert (await state(page)).paused


async def test_tracks_switch_and_keep_the_moment(archive: Archive, page: bidi.Firefox) -> None:
    consumer = archive.hearing.consumer
    await page.goto(f"{archive.url}/audit/{archive.hearing.session}?who={consumer}&t=2")
    own = await shows(page, RED, 2.0)
    assert f"/tracks/{consumer}/" in own.src
    await page.evaluate(SEEK % 9)
    await shows(page, GREEN, 9.0)
    await page.evaluate(CLICK % json.dumps(f"[data-who='{archive.hearing.mediator}']"))
    await shows(page, BLUE, 9.0)


@pytest.mark.h264
async def test_from_a_track_back_to_the_film_it_is_the_same_moment(archive: Archive, page: bidi.Firefox) -> None:
    await page.goto(f"{archive.url}/audit/{archive.hearing.session}?who={archive.hearing.consumer}&t=3")
    await shows(page, RED, 3.0)
    await page.evaluate(CLICK % json.dumps("[data-who='']"))
    await until(page, "document.getElementById('film').src.endsWith('/recording.mp4')")
    await until(page, "!document.getElementById('film').seeking && document.getElementById('film').readyState >= 2")
    film = await state(page)
    assert film.at == pytest.approx(3.0, abs=0.2)
    assert film.time == pytest.approx(3.0, abs=0.3)


async def test_a_gap_says_why_and_the_next_piece_plays(archive: Archive, page: bidi.Firefox) -> None:
    await page.goto(f"{archive.url}/audit/{archive.hearing.session}?who={archive.hearing.consumer}&t=3")
    await shows(page, RED, 3.0)
    await page.evaluate(CLICK % json.dumps("#play"))
    await until(page, "!document.getElementById('card').hidden")
    await until(page, f"Number(document.getElementById('scrub').value) > {BACK + 1}")
    await page.evaluate(CLICK % json.dumps("#play"))
    now = await state(page)
    assert now.card == ""
    assert now.shows(GREEN)


async def test_without_h264_it_says_so_and_everybodys_own_recording_plays(archive: Archive, tmp_path: Path) -> None:
    async with bidi.launched(tmp_path / "profile", {"media.mp4.enabled": False}) as firefox:
        await sign_in(firefox, archive)
        await firefox.goto(f"{archive.url}/audit/{archive.hearing.session}")
        await firefox.evaluate(CLICK % json.dumps("#play"))
        await until(firefox, "document.getElementById('card').innerText.includes('H.264')")
        await firefox.evaluate(CLICK % json.dumps(f"[data-who='{archive.hearing.consumer}']"))
        await shows(firefox, RED, 0.0)


async def test_in_safaris_engine_the_film_and_everybodys_own_recording_play(archive: Archive) -> None:
    async with webkit.watched(archive.url) as url, webkit.launched() as phone:
        await phone.goto(f"{url}/sign-in")
        await phone.take_cookies(archive.officer.cookies)
        await phone.become(1280)
        await phone.goto(f"{url}/audit/{archive.hearing.session}")
        await phone.click("#play")
        await phone.until("document.getElementById('film').currentTime > 1")
        await phone.click("#play")
        await phone.click(f"[data-who='{archive.hearing.consumer}']")
        await phone.evaluate(SEEK % 2)

        async def red() -> bool:
            return Film(**await phone.evaluate(f"({STATE})()")).shows(RED)

        await eventually(red, "the consumer's own picture, in WebM")
        assert await phone.went_wrong() == []
