"""A long chat, on a phone and in the cockpit: read backwards by page, through a lost connection, past the allowance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Locator, Page, async_playwright, expect
from pydantic import SecretStr

from journal import Actor
from rooms import events as e
from rooms.events import event_draft, stream
from rooms.floor.state import MOST_IN_PAGE, MOST_SIGNS
from server.app.rehearsal.command import Venue, free_port
from server.app.wiring import PARTS, Parts, create_app
from server.serving.settings import Settings
from tests.browser.building import PATTERNS, Building, Room, eventually
from tests.browser.desk import Desk, Sitting
from tests.browser.people import launched
from tests.server.app.office import NoMedia

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "of-an-hour-on-loopback"
LINES = 300
TEXTS = "list => [...list.querySelectorAll('li > .said')].map((one) => one.textContent)"
SCROLL_UP = """list => {
  list.scrollTop = 20;
  const top = list.getBoundingClientRect().top;
  const seen = [...list.querySelectorAll("li > .said")].find((one) => one.getBoundingClientRect().bottom > top + 1);
  return [seen.textContent, Math.round(seen.getBoundingClientRect().top - top)];
}"""
WHERE = """(list, text) => {
  const line = [...list.querySelectorAll("li > .said")].find((one) => one.textContent === text);
  return Math.round(line.getBoundingClientRect().top - list.getBoundingClientRect().top);
}"""
LISTEN = """() => {
  window.announced = [];
  const place = document.getElementById("announcer");
  const hear = () => place.textContent && window.announced.push(place.textContent);
  new MutationObserver(hear).observe(place, {childList: true});
}"""


@dataclass
class WrittenBefore(Desk):
    """In each session that is arranged the business has written three hundred lines already."""

    venue: Venue
    parts: Parts

    def __post_init__(self) -> None:
        super().__init__(self.venue)

    async def arrange(self, about: str = "知遇桥") -> Sitting:
        sitting = await super().arrange(about)
        seat, at = sitting.seats["business"], datetime.now(UTC) - timedelta(hours=1)
        said = [
            event_draft(e.Said(seat, f"第{n}句", ""), at, Actor("party", seat, "赵经理")) for n in range(1, LINES + 1)
        ]
        journal, name = self.parts.journal, stream(sitting.id)
        await journal.append(name, len(await journal.read(name)), said)
        return sitting


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    """The real application in this process, without media: nobody needs to be seen here."""
    folder = tmp_path_factory.mktemp("chat")
    port = free_port()
    venue = Venue(f"http://127.0.0.1:{port}", folder, PASSWORD, folder / "no.log")
    app = create_app(
        Settings(data=folder, demo=True, demo_password=SecretStr(PASSWORD), public_url=venue.url), NoMedia()
    )
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    expect.set_options(timeout=30_000)  # a busy machine is no fault
    try:
        async with (
            WrittenBefore(venue, app[PARTS]) as desk,
            async_playwright() as playwright,
            launched(playwright, folder / "profile", PATTERNS["mediator"]) as browser,
        ):
            made = Building(desk, dict.fromkeys(PATTERNS, browser))
            await made.convene(**dict.fromkeys(("consumer", "business"), "text"))
            yield made
            await made.clear()
    finally:
        await runner.cleanup()


async def chat_of(room: Room, role: str) -> Locator:
    if role == "mediator":
        await room.page(role).click("#tab-chat")
        return room.page(role).locator("#panel-chat .chatlog")
    await room.press(role, "Chat")
    return room.page(role).locator("dialog[open] .chatlog")


async def send(page: Page, text: str) -> None:
    field = page.locator("dialog[open] [name=text]")
    await field.fill(text)
    await page.locator("dialog[open]").get_by_role("button", name="Send").click()


async def texts(log: Locator) -> list[str]:
    found: list[str] = await log.evaluate(TEXTS)
    return found


async def upwards(log: Locator, known: int) -> None:
    """Scroll to the top as a finger does; what was read stays under it."""
    uppermost, at = await log.evaluate(SCROLL_UP)

    async def more() -> bool:
        return len(await texts(log)) > known

    await eventually(more, f"lines before the {known} known ones")
    assert await log.evaluate(WHERE, uppermost) == pytest.approx(at, abs=1), "what was read has moved"


async def test_three_hundred_lines_are_read_backwards_by_page_and_a_lost_connection_loses_and_doubles_none(
    room: Room,
) -> None:
    for role in ("consumer", "mediator"):
        log = await chat_of(room, role)
        await expect(log).to_contain_text(f"第{LINES}句")
        assert len(await texts(log)) == MOST_IN_PAGE
        while (known := len(await texts(log))) < LINES:
            await upwards(log, known)
        assert await texts(log) == [f"第{n}句" for n in range(1, LINES + 1)]
        await expect(log.locator(".chatlog-older")).to_have_count(0)

    phone, log = room.page("consumer"), room.page("consumer").locator("dialog[open] .chatlog")
    await log.evaluate("list => { list.scrollTop = list.scrollHeight; }")
    await phone.evaluate(LISTEN)
    await phone.context.set_offline(True)
    await expect(room.line("consumer")).to_contain_text("reconnecting")
    for text in ("While you were away", "And this"):
        await room.cockpit.fill("#file-chat-text", text)
        await room.cockpit.click("#panel-chat form button[type=submit]")
        await expect(room.cockpit.locator("#panel-chat .chatlog")).to_contain_text(text)
    await phone.context.set_offline(False)
    await expect(log).to_contain_text("And this")
    await room.cockpit.fill("#file-chat-text", "Now you are back")
    await room.cockpit.click("#panel-chat form button[type=submit]")
    await expect(log).to_contain_text("Now you are back")
    everything = [f"第{n}句" for n in range(1, LINES + 1)] + ["While you were away", "And this", "Now you are back"]
    assert await texts(log) == everything

    async def all_said() -> bool:
        return any("Now you are back" in said for said in await phone.evaluate("() => window.announced"))

    await eventually(all_said, "the last line is announced")
    announced = [said for said in await phone.evaluate("() => window.announced") if "wrote:" in said]
    assert [said.partition("wrote: ")[2] for said in announced] == everything[-3:], "each of them, once"
    await room.press("consumer", "Close")


async def test_a_line_refused_by_the_allowance_keeps_what_was_typed(room: Room) -> None:
    await room.press("business", "Chat")
    page = room.page("business")
    field, log = page.locator("dialog[open] [name=text]"), page.locator("dialog[open] .chatlog")
    for n in range(MOST_SIGNS // 1000):
        await send(page, f"{n}{'x' * 999}")
        await expect(field).to_have_value("")
    matters = f"The one that matters {'y' * 900}"
    await send(page, matters)
    await expect(page.locator("dialog[open] [role=alert]")).to_contain_text("what you wrote is still there")
    await expect(field).to_have_value(matters)
    await expect(log).not_to_contain_text("The one that matters")

    async def sent() -> bool:
        await page.locator("dialog[open]").get_by_role("button", name="Send").click()
        await page.wait_for_timeout(1000)
        return await field.input_value() == ""

    await eventually(sent, "after a few seconds it is sent")
    await expect(log).to_contain_text("The one that matters")
