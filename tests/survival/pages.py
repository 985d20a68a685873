"""A mediation in three real pages, which nobody touches while servers come and go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import async_playwright

from server.app.rehearsal.command import Venue
from server.app.rehearsal.story import PATTERNS
from tests.browser.people import DESKTOP, PHONE, another, window
from tests.browser.play import ROLES, Play
from tests.survival.sitting import PARTIES

LOOKS = 8  # one after another at which a picture moved: more than a decoder can have in store
AGAIN_WITHIN = 30.0  # seconds, on a machine that draws three pages besides


class _Unpictured(Play):
    """Every screen is pictured elsewhere."""

    async def picture(self, role: str, name: str) -> None:
        pass


@contextlib.asynccontextmanager
async def three_pages(venue: Venue, folder: Path) -> AsyncIterator[Play]:
    """A mediator and both parties in one room. One browser is enough: whose picture it is was tested elsewhere."""
    async with contextlib.AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        mediator = await stack.enter_async_context(
            window(playwright, folder / "camera", PATTERNS["mediator"], "zh", DESKTOP)
        )
        windows = {"mediator": mediator}
        for role in PARTIES:
            windows[role] = await stack.enter_async_context(another(mediator.browser, mediator.pattern, "zh", PHONE))
        play = _Unpictured(venue, windows, folder, "zh")
        await play.sign_in("mediator", "zhoumin")
        await play.schedule()
        for role in PARTIES:
            await play.come_in(role)
        await play.open_room()
        await play.admit()
        yield play


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
