"""Phones as they come along a street: one office and one browser process, every phone with cookies of its own.

Owns what the joining tests share: bringing a phone as far as a test needs it, and what must hold where a link is
refused. Pictures of what people then see are kept in artifacts/screens.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from server.app.rehearsal import Visitor
from server.app.rehearsal.peer import Pattern
from tests.browser.desk import Desk, Sitting, hand_over
from tests.browser.people import DESKTOP, FLAGS, PHONE, Window, another
from tests.conftest import ARTIFACTS
from tests.machine import browser
from tests.server.app.application import demo_program

ANYBODY = Pattern()
OFFICE_PHONE = re.compile(r"\d{3,4}-?\d{7,8}")
PLAIN_HOST = "mediation.example"  # to the browser an address like any other, and not a secure one
USED_UP = (
    "devices",
    "codes",
    "links WHERE used_at IS NOT NULL",
    "events WHERE type IN ('LinkOpened', 'CodeSent', 'ConsentGiven', 'ConsentRefused', 'IdentityConfirmed', 'Arrived')",
)
"""Rows of these are what looking at a link could use up."""


@dataclass
class Street:
    desk: Desk
    browser: Browser

    @property
    def url(self) -> str:
        return self.desk.venue.url

    @property
    def plain_url(self) -> str:
        return self.url.replace("127.0.0.1", PLAIN_HOST)

    def phone(self, *before: str, **options: Any) -> contextlib.AbstractAsyncContextManager[Window]:
        """390 px wide and Chinese. `before`: scripts that run ahead of the page's own."""
        return another(self.browser, ANYBODY, "zh", PHONE, *before, **options)

    async def invited(self, role: str = "companion", name: str = "小韩") -> tuple[Sitting, str]:
        """A sitting with a seat of this role, and its link: everybody has a phone of their own for the code."""
        sitting = await self.desk.arrange()
        await self.desk.add(sitting, role, name, "consumer")
        return sitting, sitting.links[role]

    @contextlib.asynccontextmanager
    async def cockpit(self, sitting: Sitting) -> AsyncIterator[Page]:
        """The mediator has begun and sees who is at the door."""
        async with another(self.browser, ANYBODY, "zh", DESKTOP) as mediator:
            await self.desk.sign_in(mediator.page.context)
            await mediator.page.goto(f"{self.url}/sessions/{sitting.id}/room")
            await mediator.page.get_by_role("button", name="Begin the mediation").click()
            await mediator.page.wait_for_selector(".phases li.now")
            yield mediator.page

    async def at_the_check(self, phone: Window, link: str, plain: bool = False) -> Page:
        """This phone, with every question answered up to the device check; `plain`: at an address without https."""
        url = self.plain_url if plain else self.url
        async with Visitor(self.url) as guest:
            await self.desk.guide(guest, link, "/join/device")
            await hand_over(guest, phone.page.context, "zh", url)
        await phone.page.goto(f"{url}/join/device")
        return phone.page

    async def said(self, page: Page, where: str, chinese: str, english: str, name: str) -> None:
        """The same address says it in both languages; it is left in Chinese."""
        mark = "&" if "?" in page.url else "?"
        address = page.url
        for language, sentence in (("en", english), ("zh", chinese)):
            await page.goto(f"{address}{mark}lang={language}")
            await expect(page.locator(where)).to_contain_text(sentence)
            await self.picture(page, f"{name}-{language}")

    async def refused(self, link: str, chinese: str, english: str, name: str) -> None:
        """One sentence, whom to ring, no form to go on with; and nothing was used up by asking."""
        before = self.used_up()
        async with self.phone() as phone:
            await phone.page.goto(link)
            await self.said(phone.page, "h1", chinese, english, name)
            await expect(phone.page.locator("h1")).to_have_text(chinese)
            await expect(phone.page.locator("main")).to_contain_text(OFFICE_PHONE)
            assert await phone.page.locator("main form").count() == 0
        assert self.used_up() == before

    async def starts(self, link: str) -> None:
        """Somebody comes in by this link as far as the first question."""
        async with self.phone() as phone:
            await phone.page.goto(link)
            await phone.page.get_by_role("button", name="开始").click()
            await phone.page.wait_for_url("**/join/code")
            assert phone.troubles == []

    def used_up(self) -> dict[str, int]:
        with contextlib.closing(sqlite3.connect(self.desk.venue.data / "yuntiao.db")) as database:
            return {rows: database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0] for rows in USED_UP}

    def recorded(self, sitting: Sitting, kind: str) -> list[dict[str, Any]]:
        """What the session's journal says in entries of this kind, in order."""
        wanted = "SELECT data FROM events WHERE stream = ? AND type = ? ORDER BY version"
        with contextlib.closing(sqlite3.connect(self.desk.venue.data / "yuntiao.db")) as database:
            rows = database.execute(wanted, (f"session/{sitting.id}", kind)).fetchall()
        return [json.loads(data) for (data,) in rows]

    async def picture(self, page: Page, name: str) -> None:
        folder = ARTIFACTS / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=folder / f"joining-{name}.png")  # what a thumb sees without scrolling


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Street]:
    """An office with its phones, for as long as a module's tests last."""
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(Desk(await stack.enter_async_context(demo_program(folder))))
        playwright = await stack.enter_async_context(async_playwright())
        launched = await playwright.chromium.launch(
            executable_path=browser(), args=[*FLAGS, f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"]
        )
        stack.push_async_callback(launched.close)
        yield Street(desk, launched)
