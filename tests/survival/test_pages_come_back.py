"""Real pages through a dead media worker and a dead server: nobody touches anything, and everybody is back."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from server.rehearsal.story import PATTERNS
from tests.browser.people import DESKTOP, PHONE, another, until, window
from tests.browser.play import ROLES, Play
from tests.server.app.application import demo_program
from tests.survival.sitting import PARTIES
from tests.survival.test_killed_worker import media_workers

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media]

LOOKS = 8  # one after another at which a picture moved: more than a decoder can have in store
AGAIN_WITHIN = 30.0  # seconds, on a machine that draws three pages besides


class Unpictured(Play):
    """Every screen is pictured elsewhere."""

    async def picture(self, role: str, name: str) -> None:
        pass


async def test_pages_that_nobody_reloads_show_everybody_again(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(demo_program(tmp_path, "--workers", "1"))
        playwright = await stack.enter_async_context(async_playwright())
        mediator = await stack.enter_async_context(
            window(playwright, tmp_path / "camera", PATTERNS["mediator"], "zh", DESKTOP)
        )
        windows = {"mediator": mediator}
        for role in PARTIES:  # one browser is enough here: whose picture it is was tested elsewhere
            windows[role] = await stack.enter_async_context(another(mediator.browser, mediator.pattern, "zh", PHONE))
        play = Unpictured(venue, windows, tmp_path, "zh")
        await play.sign_in("mediator", "zhoumin")
        await play.schedule()
        for role in PARTIES:
            await play.come_in(role)
        await play.open_room()
        await play.admit()
        await everybody_moves(play)
        await play.cover_opening()
        await play.next_phase()
        for role in ROLES:
            await play.page(role).evaluate("window.untouched = true")

        (worker,) = media_workers(venue)
        worker.kill()
        await asyncio.to_thread(worker.wait, 10)
        await everybody_moves(play)

        await venue.kill()
        for role in PARTIES:
            await until(play.page(role), "() => !!document.querySelector('progress.thin')")
        await venue.start()
        await everybody_moves(play)

        assert await play.page("mediator").locator(".phases li.done").count() == 1
        for role in ROLES:
            assert await play.page(role).evaluate("window.untouched"), f"the {role}'s page was loaded anew"


async def everybody_moves(play: Play) -> None:
    """Everybody's picture moves on in everybody else's page, from now."""
    seats = {role: await play.seat(role) for role in ROLES}

    async def one(role: str, other: str) -> None:
        shown, before, moves = play.windows[role], None, 0
        while moves < LOOKS:
            now = await shown.sees(seats[other])
            moved = now and before and now["time"] > before["time"] and now["frames"] > before["frames"]
            moves, before = moves + 1 if moved else 0, now
            await shown.page.wait_for_timeout(200)  # it must move on between two looks

    async with asyncio.timeout(AGAIN_WITHIN):
        await asyncio.gather(*(one(role, other) for role in ROLES for other in ROLES if other != role))
