"""Every screen, in both languages, wide and narrow, in Chinese also light and dark: readable, reachable, within its
width.

Whatever is wrong anywhere is collected and told at the end, screen by screen, so one run shows all there is to mend.
Pictures of every screen are kept in artifacts/screens.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from server.app.rehearsal import Visitor
from server.app.rehearsal.peer import Pattern
from tests import ROOT
from tests.browser import axe
from tests.browser.desk import Desk, Sitting, hand_over
from tests.browser.people import FLAGS, Window, another, until
from tests.machine import browser
from tests.server.app.application import demo_program

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.media,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("language", ["zh", "en"]),
]

WIDE, NARROW, LEAST = (1280, 800), (390, 844), (360, 740)
# Not `is_mobile`: a phone hides what sticks out by zooming away from it.
SCREEN: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
# A phone gets one code a minute, so every visit is another complaint's people's.
WAY_IN = {"zh": "知遇桥", "en": "橙果"}
ROOM = {"zh": "云屿", "en": "乐途"}
NOBODY = Pattern((0, 0, 0), 0.0)
OLD_BROWSER = "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/107.0 Mobile MicroMessenger/8.0.42"


@dataclass
class Place:
    """One office and one browser for all the screens."""

    desk: Desk
    browser: Browser
    pictures: Path

    @property
    def url(self) -> str:
        return self.desk.venue.url


@dataclass
class Look:
    """Looks at screen after screen of one person's window and keeps what is wrong."""

    place: Place
    shown: Window
    language: str
    fingers: bool  # a party's page, used with a thumb; what staff press is measured by `office/test_targets.py`
    wrong: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.shown.page

    async def open(self, path: str, name: str) -> None:
        mark = "&" if "?" in path else "?"
        await self.page.goto(f"{self.place.url}{path}{mark}lang={self.language}")
        await self.at(name)

    async def at(self, name: str, *, widths: tuple[tuple[int, int], ...] = (WIDE, NARROW)) -> None:
        """Everything about the screen shown now."""
        for size in widths:
            await self._become(size)
            # Words have no colour: it is looked at in one language, which takes half of the time of all rules.
            coloured = self.language == "zh"
            self._note(name, size, await axe.violations(self.page, without=() if coloured else axe.COLOURS))
            await self.page.screenshot(
                path=self.place.pictures / f"{name}-{size[0]}-{self.language}.png", full_page=size is not WIDE
            )
            if coloured:
                await self.page.emulate_media(color_scheme="dark")
                await axe.settle(self.page)
                self._note(f"{name}, dark", size, await axe.violations(self.page, axe.COLOURS))
                await self.page.emulate_media(color_scheme="light")
            if self.fingers:
                self._note(f"{name}, for fingers", size, await axe.small_targets(self.page))
            await axe.text_size(self.page, 200)
            await axe.settle(self.page)
            self._note(f"{name}, text at 200 %", size, await axe.sideways(self.page))
            await axe.text_size(self.page, 100)
            await axe.browser_text_size(self.page, 200)
            await axe.settle(self.page)
            self._note(f"{name}, browser's text at 200 %", size, await axe.sideways(self.page))
            await axe.browser_text_size(self.page, 100)
        await self._become(LEAST)
        self._note(name, LEAST, await axe.sideways(self.page))
        await self._become(widths[0])

    async def _become(self, size: tuple[int, int]) -> None:
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await axe.settle(self.page)

    def _note(self, name: str, size: tuple[int, int], found: list[str]) -> None:
        self.wrong += [f"{name} ({self.language}, {size[0]} px): {what}" for what in found]

    def fine(self, *expected: str) -> None:
        """`expected`: parts of console errors that belong to what was shown (a page that answers 404 is one)."""
        troubles = [line for line in self.shown.troubles if not any(part in line for part in expected)]
        wrong = [*self.wrong, *(f"console: {line}" for line in troubles)]
        assert not wrong, "\n" + "\n".join(wrong)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    pictures = ROOT / "artifacts" / "screens"
    pictures.mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(
            Desk(await stack.enter_async_context(demo_program(tmp_path_factory.mktemp("office"))))
        )
        playwright = await stack.enter_async_context(async_playwright())
        launched = await playwright.chromium.launch(executable_path=browser(), args=[*FLAGS])
        try:
            yield Place(desk, launched, pictures)
        finally:
            await launched.close()


@contextlib.asynccontextmanager
async def looking(place: Place, language: str, *, fingers: bool, **options: Any) -> AsyncIterator[Look]:
    screen = PHONE if fingers else SCREEN
    async with another(place.browser, NOBODY, language, screen, reduced_motion="reduce", **options) as shown:
        yield Look(place, shown, language, fingers)


async def sign_in(look: Look, login: str) -> None:
    await look.page.context.clear_cookies()
    async with Visitor(look.place.url) as officer:
        page = await officer.get("/sign-in")
        await officer.submit(page, page.form("sign-in"), login=login, password=look.place.desk.venue.password)
        await hand_over(officer, look.page.context)


# ---------------------------------------------------------------- the office


async def test_the_desk(place: Place, language: str) -> None:
    sitting = await place.desk.arrange()
    complaint = await _complaint(place.desk, "知遇桥")
    async with looking(place, language, fingers=False) as look:
        await look.open("/sign-in", "sign-in")
        await look.page.fill("[name=login]", "nobody")
        await look.page.fill("[name=password]", "not the password")
        await look.page.click("main button.btn-act")
        await look.at("sign-in-refused")
        await sign_in(look, MEDIATOR)
        await look.open("/desk", "desk")
        await look.open("/complaints", "complaints")
        await look.open("/complaints/new", "complaint-new")
        await look.page.click("main button.btn-act")
        await look.at("complaint-new-refused")
        await look.open(f"/complaints/{complaint}", "complaint")
        await look.open(f"/complaints/{complaint}/schedule", "schedule")
        await look.open(f"/sessions/{sitting.id}", "session")
        await look.open("/outbox", "outbox")
        await look.open("/statistics?by=channel", "statistics")
        await look.open("/statistics/dashboard?by=problem", "dashboard")
        await look.open("/statistics/dashboard?by=month&from=2026-01-01&to=2027-12-31", "dashboard-months")
        await look.open("/statistics/mediation", "mediation")
        await look.open("/account", "account")
        await look.open("/audit", "records")
        await look.open("/nowhere", "error-nowhere")
        await look.open("/officers", "error-forbidden")
        await sign_in(look, ADMINISTRATOR)
        await look.open("/officers", "officers")
        await look.open("/kept", "kept-nothing")
        look.fine("404", "403", "401", "400", "422")


# ---------------------------------------------------------------- from the link to the door


async def test_the_way_in(place: Place, language: str) -> None:
    sitting = await place.desk.arrange(WAY_IN[language])
    link = _path(sitting.links["consumer"])
    async with looking(place, language, fingers=True) as look:
        await look.open(link, "join-1-invite")
        await look.open(f"{link}/other-time", "join-other-time")
        await look.open(f"{link}/decline", "join-decline")
        await look.open(link, "join-1-invite")
        await look.page.click("form[action$='/start'] button")
        await look.page.wait_for_url("**/join/code")
        await look.at("join-code-send")
        await look.open("/join/voice", "join-voice")
        await look.open("/join/code", "join-code-send")
        await look.page.click("form[action$='/join/code/send'] button.btn-act, main button.btn-act")
        await look.page.wait_for_selector("[name=code]")
        await look.page.fill("[name=code]", "000000")
        await look.page.click("main button.btn-act")
        await look.page.wait_for_selector("[role=alert]")
        await look.at("join-code-wrong")
        await look.page.fill("[name=code]", await place.desk.code())
        await look.page.click("main button.btn-act")
        await look.page.wait_for_url(re.compile(r"/join/(age|notice)$"))
        if look.page.url.endswith("/join/age"):  # of whom the file does not say how old they are
            await look.at("join-age")
            await look.page.click("label:has(input[name=age][value=adult])")
            await look.page.click("main button.btn-act, .actions button.btn-act")
        for step in ("notice", "recording"):
            await look.page.wait_for_url(f"**/join/{step}")
            await look.at(f"join-{step}")
            await look.open(f"/join/texts/{step}", f"join-text-{step}")
            await look.page.goto(f"{place.url}/join/{step}")
            await look.page.click("label:has(input[name=answer][value=yes])")
            await look.page.click("main button.btn-act")
        await look.page.wait_for_url("**/join/device")
        await until(look.page, "() => document.querySelector('#preview')?.videoWidth > 0")
        await look.at("join-device")
        await look.open("/join/name", "join-name")
        await look.open("/join/switch", "join-no-video")
        await look.open("/j/no-such-link", "join-bad-link")
        look.fine("404", "410", "403", "400", "422")


async def test_a_browser_inside_another_app(place: Place, language: str) -> None:
    sitting = await place.desk.arrange()
    async with looking(place, language, fingers=True, user_agent=OLD_BROWSER) as look:
        await look.open(_path(sitting.links["business"]), "join-in-app")
        look.fine()


# ---------------------------------------------------------------- the room, and its record


async def test_the_room(place: Place, language: str) -> None:
    sitting = await place.desk.arrange(ROOM[language])
    async with (
        looking(place, language, fingers=False) as cockpit,
        looking(place, language, fingers=True) as consumer,
        looking(place, language, fingers=True) as business,
    ):
        phones = {"consumer": consumer, "business": business}
        await place.desk.sign_in(cockpit.page.context)
        for role, look in phones.items():
            await _arrive(place, sitting, role, look)
        await consumer.at("waiting")
        await cockpit.page.goto(f"{place.url}/sessions/{sitting.id}/room?lang={language}")
        await cockpit.page.wait_for_selector(".knock")
        await cockpit.at("cockpit-before")
        await cockpit.page.click(".cp-mid .btn-act.btn-big")
        await cockpit.page.wait_for_selector(".phases li.now")
        for left in (1, 0):
            await cockpit.page.locator(".knock .btn-act").first.click()
            await expect(cockpit.page.locator(".knock")).to_have_count(left)
        for look in phones.values():
            await look.page.wait_for_selector(".room .controls")
        await cockpit.page.wait_for_selector(".tiles[data-count='2'] video >> nth=2")
        await consumer.page.wait_for_selector(".stage video")
        await cockpit.at("cockpit")
        for tab in ("law", "links", "chat"):
            await cockpit.page.click(f"#tab-{tab}")
            await cockpit.at(f"cockpit-{tab}")
        await consumer.at("room")
        await _large_type_grows(consumer)
        await _sheets_of_a_phone(consumer)
        await _phases(cockpit, consumer)
        await _recess(cockpit, consumer)
        await _end(cockpit, consumer, business)
        await _record(cockpit, sitting)
        cockpit.wrong += consumer.wrong + business.wrong
        cockpit.shown.troubles += consumer.shown.troubles + business.shown.troubles
        cockpit.fine()


async def _arrive(place: Place, sitting: Sitting, role: str, look: Look) -> None:
    await place.desk.lead(look.page.context, sitting.links[role])
    await look.page.goto(f"{place.url}/room?lang={look.language}")
    await look.page.wait_for_selector(".hush .pulse")


async def _large_type_grows(phone: Look) -> None:
    """大字, chosen on the way in, holds in the room too."""
    size = "() => parseFloat(getComputedStyle(document.querySelector('.controls .tool')).fontSize)"
    plain = await phone.page.evaluate(size)
    await phone.page.evaluate("() => { document.documentElement.dataset.type = 'large'; }")
    assert await phone.page.evaluate(size) == pytest.approx(plain * 1.25)
    await phone.at("room-large", widths=(NARROW,))
    await phone.page.evaluate("() => { delete document.documentElement.dataset.type; }")


async def _sheets_of_a_phone(phone: Look) -> None:
    tools = phone.page.locator(".controls .tool")
    close = phone.page.locator("dialog[open] .dialog-foot .btn").first
    await tools.nth(3).click()
    await phone.at("room-chat", widths=(NARROW,))
    await close.click()
    await tools.nth(4).click()
    await phone.at("room-more", widths=(NARROW,))
    await phone.page.locator("dialog[open] .row-press").last.click()
    await phone.at("room-connection", widths=(NARROW,))
    await close.click()
    await phone.page.locator(".room-top .btn").first.click()
    await phone.at("room-leave", widths=(NARROW,))
    await close.click()
    await tools.nth(4).click()
    await phone.page.get_by_role("button", name=re.compile("Sound only|只用声音")).click()
    await phone.page.wait_for_selector(".voices")
    await phone.at("room-sound-only", widths=(NARROW,))
    await phone.page.locator(".voices .banner .btn").click()
    await phone.page.wait_for_selector(".stage-main")


async def _phases(cockpit: Look, phone: Look) -> None:
    for done, phase in enumerate(("consumer-statement", "business-statement", "discussion", "proposal", "closing"), 1):
        await cockpit.page.click(".cp-left > .btn-act")
        await expect(phone.page.locator(".ticks li.done")).to_have_count(done)
        await cockpit.at(f"cockpit-{phase}", widths=(WIDE,) if done > 1 else (WIDE, NARROW))
        await phone.at(f"room-{phase}", widths=(NARROW,))


async def _recess(cockpit: Look, phone: Look) -> None:
    await cockpit.page.get_by_role("button", name=re.compile("^(Recess|休会)$")).click()
    await phone.page.wait_for_selector(".hush .pulse")
    await phone.at("room-recess", widths=(NARROW,))
    await cockpit.at("cockpit-recess")
    await cockpit.page.locator(".cp-mid .banner .btn-act").click()
    await phone.page.wait_for_selector(".stage-main")


async def _end(cockpit: Look, *phones: Look) -> None:
    page = cockpit.page
    close = page.locator("dialog[open] .dialog-foot .btn").first
    await page.locator(".seats .btn-icon").first.click()
    await cockpit.at("cockpit-network")
    await close.click()
    await page.locator(".seats .btn-icon:last-child").first.click()
    await cockpit.at("cockpit-remove")
    await close.click()
    await page.click(".cp-top .btn-seal")
    form = page.locator("#end-form")
    for kind in ("ended", "adjourned", "settled"):
        await form.locator(f"input[value={kind}]").check()
        await cockpit.at(f"cockpit-end-{kind}")
    await page.click("button[form=end-form]")
    await page.wait_for_selector("#end-form [role=alert]")
    await cockpit.at("cockpit-end-refused")
    await form.locator("[name$=-action]").fill("退还剩余积分对应的部分款项")
    await form.locator("[name$=-amount]").fill("2,000")
    await form.locator("[name$=-due]").fill("2030-01-04T17:00")
    await form.locator("[name$=-how]").fill("原支付方式退回")
    await page.click("button[form=end-form]")
    await page.wait_for_selector("#anyway-form")
    await cockpit.at("cockpit-end-shown")
    for phone in phones:
        await phone.page.wait_for_selector("main:has(#not-right) .btn-act.btn-big")
        if phone is phones[0]:
            # Half of it may lie under the controls at first, and to axe that is a small target.
            await phone.page.locator("main:has(#not-right) .btn-act.btn-big").scroll_into_view_if_needed()
            await phone.at("room-outcome", widths=(NARROW,))
        await phone.page.click("main:has(#not-right) .btn-act.btn-big")
    await page.click("dialog[open] .btn-stamp")
    await page.wait_for_selector(".closed-page")
    await cockpit.at("cockpit-closed")
    await phones[0].page.wait_for_selector(".flow main section.card")
    await phones[0].at("room-closed")


async def _record(look: Look, sitting: Sitting) -> None:
    await sign_in(look, SUPERVISOR)
    await look.open("/audit", "audit")
    # Asked from the list: the record's own page reloads itself when the film is ready.
    ready = f"() => fetch('/audit/{sitting.id}/recording.json').then(r => r.json()).then(r => r.state === 'ready')"
    await until(look.page, ready, seconds=60)
    await look.open(f"/audit/{sitting.id}", "audit-record")
    await expect(look.page.locator("tr.bad")).to_have_count(0)  # every gap of this whole session is explained
    await look.open(f"/audit/{sitting.id}/journal", "audit-journal")
    await look.open("/kept", "kept")
    await look.open(f"/kept/{sitting.id}", "keeping")
    await look.page.fill("#why", "…")
    await look.page.click(".btn-seal")
    await look.page.wait_for_selector("#number")
    await look.at("keeping-erase")


async def _complaint(desk: Desk, about: str) -> str:
    page = await desk.visitor.get(f"/complaints?search={about}")
    found = re.search(r'href="[^"]*?/complaints/(?!new)([\w-]+)"', page.text)
    assert found
    return found[1]


def _path(link: str) -> str:
    return "/" + link.split("/", 3)[3]
