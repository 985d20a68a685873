"""The story as people play it with their fingers: what is tapped, and the pictures kept of every screen."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from server.app.rehearsal.command import Venue
from tests.browser.people import Window, until

ROLES = ("mediator", "consumer", "business")


class Play:
    """Three windows in one office. Selectors name structure, not words, so that it plays in both languages."""

    def __init__(self, venue: Venue, windows: dict[str, Window], pictures: Path, language: str) -> None:
        self.venue, self.windows, self.language = venue, windows, language
        self.pictures = pictures
        self.session = ""
        self.complaint = ""
        self.links: dict[str, str] = {}

    def page(self, role: str) -> Page:
        return self.windows[role].page

    async def picture(self, role: str, name: str) -> None:
        width = (self.page(role).viewport_size or {"width": 0})["width"]
        await self.page(role).screenshot(path=self.pictures / f"{name}-{width}-{self.language}.png")

    async def sign_in(self, role: str, login: str) -> None:
        page = self.page(role)
        await page.goto(f"{self.venue.url}/sign-in?lang={self.language}")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", self.venue.password)
        await self.picture(role, "sign-in")
        await page.click("main button[type=submit], main form button.btn-act")
        await page.wait_for_url(lambda url: "/sign-in" not in url)

    async def schedule(self) -> None:
        page = self.page("mediator")
        await page.goto(f"{self.venue.url}/desk")
        await self.picture("mediator", "desk")
        await page.goto(f"{self.venue.url}/complaints?search=知遇桥")
        await page.click("tbody a[href*='/complaints/']")
        await self.picture("mediator", "complaint")
        self.complaint = page.url.rpartition("/")[2]
        await page.click("a[href$='/schedule']")
        await self.picture("mediator", "schedule")
        await page.click("main form[action$='/schedule'] button.btn-act, main button.btn-act[type=submit]")
        await page.wait_for_url("**/sessions/*")
        self.session = page.url.rpartition("/")[2].partition("#")[0]
        await self.picture("mediator", "session")
        found = await page.eval_on_selector_all(
            "[data-copy]", "all => all.map(e => e.dataset.copy).filter(v => v.startsWith('http') && v.includes('/j/'))"
        )
        links = list(dict.fromkeys(found))
        self.links = {"consumer": links[0], "business": links[1]}

    async def come_in(self, role: str) -> None:
        """From the link to the waiting room."""
        page = self.page(role)
        await page.goto(f"{self.links[role]}?lang={self.language}")
        await self.picture(role, "join-1-invite")
        await page.click("form[action$='/start'] button")
        await page.wait_for_url("**/join/code")
        await self.picture(role, "join-code-send")
        await page.click("form[action$='/join/code/send'] button.btn-act, main button.btn-act")
        await page.wait_for_selector("[name=code]")
        await page.fill("[name=code]", await self.code())
        await self.picture(role, "join-code")
        await page.click("button[form=answer]")
        for step in ("notice", "recording"):
            await page.wait_for_url(f"**/join/{step}")
            await page.click("label:has(input[name=answer][value=yes])")
            await self.picture(role, f"join-{step}")
            await page.click("main button.btn-act")
        await page.wait_for_url("**/join/device")
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")
        await self.picture(role, "join-device")
        await page.click("button[name=mode][value=video]")
        await page.wait_for_url("**/room")
        await page.wait_for_selector(".hush")
        await self.picture(role, "join-waiting")

    async def code(self) -> str:
        """Read on the demo office's messages page, in a tab of the mediator's."""
        tab = await self.page("mediator").context.new_page()
        await tab.goto(f"{self.venue.url}/outbox")
        await tab.screenshot(path=self.pictures / f"outbox-1280-{self.language}.png")
        text = await tab.inner_text("main")
        await tab.close()
        return str(re.findall(r"(?<!\d)(\d{6})(?!\d)", text)[0])

    async def open_room(self) -> None:
        page = self.page("mediator")
        await page.goto(f"{self.venue.url}/sessions/{self.session}/room")
        await page.wait_for_selector(".knock")
        await self.picture("mediator", "cockpit-before")
        await page.click(".cp-mid .btn-act.btn-big")
        await page.wait_for_selector(".phases li.now")

    async def admit(self) -> None:
        page = self.page("mediator")
        for left in (1, 0):
            await page.click(".knock .btn-act >> nth=0")
            await expect(page.locator(".knock")).to_have_count(left)

    async def seat(self, role: str) -> str:
        """The seat id behind a role, from this person's own picture."""
        return str(await self.page(role).get_attribute("video.feed-mirror[data-source=camera]", "data-seat"))

    async def cover_opening(self) -> None:
        """Identity, rights, recusal, sham mediation."""
        for box in await self.page("mediator").locator(".script:not(.of-kind) input[type=checkbox]").all():
            await box.check()

    async def next_phase(self) -> None:
        page = self.page("mediator")
        passed = await page.locator(".phases li.done").count()
        await page.click(".cp-left > .btn-act")
        await expect(page.locator(".phases li.done")).to_have_count(passed + 1)

    async def aside(self, role: str) -> None:
        """The mediator talks to one side alone."""
        page = self.page("mediator")
        await page.click(f'[aria-keyshortcuts="Alt+{role[0].upper()}"]')
        await page.locator("dialog[open] .btn-act").click()  # it asks first
        await page.wait_for_selector(".private-strip")

    async def settle(self) -> None:
        page = self.page("mediator")
        await page.click(".cp-top .btn-seal")
        form = page.locator("#end-form")
        await form.locator("input[value=settled]").check()
        await form.locator("[name$=-action]").fill("退还剩余积分对应的部分款项")
        await form.locator("[name$=-amount]").fill("2,000")
        await form.locator("[name$=-due]").fill("2030-01-04T17:00")
        await form.locator("[name$=-how]").fill("原支付方式退回")
        await self.picture("mediator", "cockpit-end")
        await page.click("button[form=end-form]")
        for role in ("consumer", "business"):
            party = self.page(role)
            await party.wait_for_selector("main:has(#not-right) .btn-act.btn-big")
            await self.picture(role, "room-outcome")
            await party.click("main:has(#not-right) .btn-act.btn-big")
        await page.click("dialog[open] .btn-stamp")
        for role in ROLES:
            await self.page(role).wait_for_selector(".closed-page, .flow main section.card")
            await self.picture(role, "room-closed")
