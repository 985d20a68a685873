"""Real pages through a dead media worker and a dead server: nobody touches anything, and everybody is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.people import until
from tests.browser.play import ROLES
from tests.server.app.application import demo_program
from tests.survival.pages import everybody_moves, three_pages
from tests.survival.sitting import PARTIES
from tests.survival.test_killed_worker import media_workers

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media]


async def test_pages_that_nobody_reloads_show_everybody_again(tmp_path: Path) -> None:
    async with demo_program(tmp_path, "--workers", "1") as venue, three_pages(venue, tmp_path) as play:
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
