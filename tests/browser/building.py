"""One office with three browsers, and rooms in it: a session with a mediator, a consumer and a business inside.

A test that fails may leave its room in any state: `Building.room` gives the next one a new room, about another
complaint, because a phone is sent one code a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from playwright.async_api import Browser, Locator, Page, expect

from rooms.session import MOST_SEATS
from server.app.rehearsal.peer import Pattern
from tests.browser.desk import Desk, Sitting, hand_over
from tests.browser.people import DESKTOP, PHONE, Window, another, at_once, browsers
from tests.server.app.application import demo_program

PATTERNS = {
    "mediator": Pattern((40, 120, 60), 330.0, 320, 180, 5),
    "consumer": Pattern((200, 90, 40), 440.0, 320, 180, 5),
    "business": Pattern((50, 70, 200), 560.0, 320, 180, 5),
}
SCREENS = {"mediator": DESKTOP, "consumer": PHONE, "business": PHONE}
FAKE_SCREEN = (26, 178, 7)  # what Chromium shows as a screen where there is none
SILENCE = -60.0  # dB; a person's tone comes at about -20

_COMPLAINTS = ("知遇桥", "平板电脑", "民宿", "旅行订单")


@dataclass
class Room:
    """A session in progress: its people's windows, and the desk it was arranged at."""

    desk: Desk
    sitting: Sitting
    windows: dict[str, Window]
    browsers: Mapping[str, Browser]
    closing: contextlib.AsyncExitStack

    @property
    def cockpit(self) -> Page:
        return self.page("mediator")

    def page(self, role: str) -> Page:
        return self.windows[role].page

    def seat(self, role: str) -> str:
        return self.sitting.seats[role]

    def press(self, role: str, name: str) -> Awaitable[None]:
        return self.page(role).get_by_role("button", name=name).click()

    async def more(self, role: str, name: str) -> None:
        """Something in the phone's "More"."""
        await self.press(role, "More")
        await self.page(role).locator("dialog[open] .row", has_text=name).click()

    def line(self, role: str) -> Locator:
        """Somebody's line in the mediator's list of seats."""
        return self.cockpit.locator(f".seats li:has(.mark[data-role={role}])")

    async def admit(self, page: Page) -> None:
        """Let in whoever knocks; `page` is theirs."""
        await expect(page.locator(".hush h1")).to_have_text("You are here")
        await self.cockpit.locator(".knock .btn-act").click()
        await page.locator(".room .controls").wait_for()

    async def leave(self, page: Page) -> None:
        await page.get_by_role("button", name="Leave").click()
        await page.locator("dialog[open]").get_by_role("button", name="Leave").click()
        await expect(page.locator("h1")).to_have_text("You have left the room")

    @contextlib.asynccontextmanager
    async def guest(
        self, role: str, name: str, side: str, *scripts: str, until: str = "/room", language: str = "en", **answers: str
    ) -> AsyncIterator[Window]:
        """A further person with a seat and a phone of their own, brought as far as the page at `until`."""
        await self.desk.add(self.sitting, role, name, side)
        async with another(self.browsers["mediator"], PATTERNS["mediator"], language, PHONE, *scripts) as window:
            await self.desk.lead(window.page.context, self.sitting.links[role], until, language, **answers)
            await window.page.goto(f"{self.desk.venue.url}{until}")
            yield window
        # A page that refuses something is a failed resource to the console.
        troubles = [trouble for trouble in window.troubles if not trouble.startswith("Failed to load resource")]
        assert troubles == [], f"the {role}'s page complained"

    async def hears(self, role: str, other: str) -> bool:
        return await heard(self.windows[role], self.seat(other))

    async def silence(self, role: str, other: str) -> None:
        """Until nothing is heard of the other any more; what was on its way may still arrive."""

        async def unheard() -> bool:
            return not await self.hears(role, other)

        await eventually(unheard, f"the {role} hears the {other} no more")

    async def sees(self, role: str, other: str) -> bool:
        """A picture that moves and has the other's colour."""
        return await moving(self.windows[role], self.seat(other), "camera", PATTERNS[other].colour)

    async def together(self) -> None:
        """Until everybody sees everybody else."""

        async def all_others(role: str) -> None:
            for other in self.windows:
                if other != role:
                    await eventually(partial(self.sees, role, other), f"the {role} sees the {other}")

        await asyncio.gather(*(all_others(role) for role in self.windows))

    def nobody_complained(self) -> None:
        for role, shown in self.windows.items():
            assert shown.troubles == [], f"the {role}'s page complained"


async def heard(window: Window, seat: str) -> bool:
    found = await window.hears(seat, 1500)
    return found is not None and float(found["db"]) > SILENCE


async def moving(window: Window, seat: str, source: str, colour: tuple[int, int, int]) -> bool:
    first, second = await window.looks_twice(seat, source)
    if not first or not second or second["frames"] <= first["frames"]:
        return False
    return bool(max(abs(a - b) for a, b in zip(second["colour"], colour, strict=True)) < 60)


async def still(window: Window, direction: str, kind: str) -> bool:
    """Whether nothing of this kind moves over the window's connections for a while."""
    before = await window.moved(direction, kind)
    await window.page.wait_for_timeout(700)
    return await window.moved(direction, kind) == before


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - a browser answers, and only when asked
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain: {what}") from None


@dataclass
class Building:
    """Rooms are made when asked for; at most one is in use at a time."""

    desk: Desk
    browsers: Mapping[str, Browser]
    scripts: Mapping[str, str] = field(default_factory=dict)  # what runs ahead of the page's own, by role
    complaints: itertools.cycle[str] = field(default_factory=lambda: itertools.cycle(_COMPLAINTS))
    used: Room | None = None

    async def room(self) -> Room:
        """The room in use while it has a seat left for a guest, else a new one."""
        if self.used is not None and len(self.used.sitting.seats) < MOST_SEATS:
            return self.used
        return await self.convene()

    async def convene(self, language: str = "en", **modes: str) -> Room:
        """A new room with all three inside, in place of the one before. `modes`: who takes part with what, by role."""
        await self.clear()
        sitting = await self.desk.arrange(next(self.complaints))
        async with contextlib.AsyncExitStack() as opening:
            each = (
                another(self.browsers[role], pattern, language, SCREENS[role], self.scripts.get(role, ""))
                for role, pattern in PATTERNS.items()
            )
            windows = dict(zip(PATTERNS, await at_once(opening, *each), strict=True))
            room = Room(self.desk, sitting, windows, self.browsers, opening)
            await self._seat(room, language, modes)
            room.closing = opening.pop_all()
        self.used = room
        return room

    async def _seat(self, room: Room, language: str, modes: Mapping[str, str]) -> None:
        url, cockpit = self.desk.venue.url, room.cockpit
        await hand_over(self.desk.visitor, cockpit.context, language)
        await cockpit.goto(f"{url}/sessions/{room.sitting.id}/room")
        await cockpit.locator(".cp-mid .btn-act.btn-big").click()
        own = cockpit.locator("video.feed-mirror[data-source=camera]")
        room.sitting.seats["mediator"] = str(await own.get_attribute("data-seat"))
        parties = [role for role in room.windows if role != "mediator"]
        for role in parties:
            context, link = room.page(role).context, room.sitting.links[role]
            await self.desk.lead(context, link, language=language, mode=modes.get(role, "video"))
        await asyncio.gather(*(room.page(role).goto(f"{url}/room") for role in parties))
        for left in reversed(range(len(parties))):
            await cockpit.locator(".knock .btn-act").first.click()
            await expect(cockpit.locator(".knock")).to_have_count(left)
        await asyncio.gather(*(room.page(role).locator(".room .controls").wait_for() for role in parties))
        if not modes:
            await room.together()

    async def clear(self) -> None:
        room, self.used = self.used, None
        if room is not None:
            await room.closing.aclose()


@contextlib.asynccontextmanager
async def building(
    folder: Path, *options: str, scripts: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Building]:
    """`options` are the program's; `scripts` run ahead of the page's own, by role."""
    async with contextlib.AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as beginning:
            serving = beginning.create_task(stack.enter_async_context(demo_program(folder, *options)))
            launching = beginning.create_task(stack.enter_async_context(browsers(folder, PATTERNS)))
        desk = await stack.enter_async_context(Desk(serving.result()))
        expect.set_options(timeout=30_000)  # a busy machine is no fault
        built = Building(desk, launching.result(), scripts)
        stack.push_async_callback(built.clear)
        yield built
