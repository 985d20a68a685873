"""Alerts in a real browser: heard, seen and kept while the tab is in the background; pages that live by themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from journal import SYSTEM
from journal.clock import utc_now
from rooms.commands import AnswerConsent, Arrive, AskHelp, ConfirmIdentity, NoteConnection, WithdrawConsent
from rooms.vocabulary import Consent
from server.db.schema import complaints
from server.outbox.notifiers import NotDelivered
from tests import ROOT, machine
from tests.browser import axe
from tests.browser.office.scheduling import Scheduling, scheduling, today

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
# Only listens: the browser's own sound and notification are used, and noted when they are.
LISTEN = """
window.heard = {notes: 0, states: [], shown: []};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) {
  window.heard.notes += 1;
  document.documentElement.dataset.notes = window.heard.notes;
  window.heard.states.push(this.context.state);
  return start.apply(this, at);
};
const look = () => { document.documentElement.dataset.behind = String(document.hidden || !document.hasFocus()); };
document.addEventListener("visibilitychange", look);
addEventListener("blur", look);
addEventListener("focus", look);
const Real = window.Notification;
window.Notification = class extends Real {
  constructor(title, options) { super(title, options); window.heard.shown.push([title, Real.permission]); }
};
"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path, machine.whole_browser) as made:  # which tab is in front matters
        async with made.parts.database.write() as connection:
            await connection.execute(complaints.update().values(next_due=None))  # whatever day it is, nothing is due
        yield made


async def listening(office: Scheduling, path: str, language: str = "zh") -> Page:
    """The mediator's window, connected; notifications are allowed."""
    page = await office.window(office.zhou, language)
    await page.context.grant_permissions(["notifications"], origin=office.home)
    await page.add_init_script(LISTEN)
    await page.goto(office.home + path)
    await expect(page.locator("[data-socket][data-connected]")).to_be_attached()
    return page


async def behind(page: Page) -> None:
    """Another tab is before it, as far as the browser itself is concerned."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = await page.context.new_page()
    await other.goto("about:blank")
    await other.bring_to_front()
    await expect(page.locator("html")).to_have_attribute("data-behind", "true")


async def knock(office: Scheduling, session: str, link: str) -> None:
    """The consumer comes as far as the waiting room."""
    guest = await office.parts.links.look(urlsplit(link).path.rsplit("/", 1)[1])
    version = office.parts.site.consent_version
    for command in (
        ConfirmIdentity("code"),
        AnswerConsent(Consent.PARTICIPATE, True, version),
        AnswerConsent(Consent.RECORD, True, version),
        Arrive(),
    ):
        await office.parts.rooms.submit(session, command, guest.actor)


async def test_a_knock_is_heard_with_the_tab_in_the_background_and_the_bell_keeps_it(office: Scheduling) -> None:
    (*_, complaint) = await office.complaints()
    session, links = await office.arranged(complaint, today())
    page = await listening(office, "/desk")
    title = await page.title()
    await behind(page)
    await knock(office, session, links["consumer"])
    await expect(page.locator("html")).to_have_attribute("data-notes", "2")
    assert set(await page.evaluate("window.heard.states")) == {"running"}
    await expect(page).to_have_title(re.compile(r"^\(1\) .*等候"))
    ((shown, permission),) = await page.evaluate("window.heard.shown")
    assert permission == "granted"
    assert "有人在等候" in shown
    await page.bring_to_front()
    await page.reload()
    assert await page.title() == title
    await expect(page.locator("[data-count]")).to_have_text("1")
    await page.locator("[data-alerts] summary").click()
    await expect(page.locator("[data-history] li").first).to_contain_text("等候")
    await expect(page.locator("[data-count]")).to_be_hidden()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 844})
        await axe.settle(page)
        assert [*await axe.violations(page), *await axe.sideways(page)] == []
        await page.screenshot(path=PICTURES / f"bell-zh-{width}.png")
    await page.reload()
    await expect(page.locator("[data-history] li")).to_have_count(1)
    await expect(page.locator("[data-count]")).to_be_hidden()


async def test_it_is_quiet_when_switched_off_and_a_toast_moves_nothing(office: Scheduling) -> None:
    (*_, complaint) = await office.complaints()
    session, links = await office.arranged(complaint, today())
    page = await listening(office, "/complaints", "en")
    await page.locator("[data-alerts] summary").click()
    await page.locator("[data-sound]").click()
    await expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")
    await page.keyboard.press("Escape")
    before = await page.locator("main").bounding_box()
    await knock(office, session, links["consumer"])
    await expect(page.locator(".toast a")).to_contain_text("waits to be let in")
    assert await page.locator("main").bounding_box() == before
    assert await page.evaluate("window.heard.notes") == 0
    await page.reload()
    await page.locator("[data-alerts] summary").click()
    await expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")


async def test_the_page_of_the_session_lives_by_itself_and_every_kind_is_told(office: Scheduling) -> None:
    (*_, complaint) = await office.complaints()
    session, links = await office.arranged(complaint, today())
    page = await listening(office, f"/sessions/{session}")
    guest = await office.parts.links.look(urlsplit(links["consumer"]).path.rsplit("/", 1)[1])
    await office.parts.rooms.submit(session, AskHelp("no_code"), guest.actor)
    await expect(page.locator("#seat-consumer .banner")).to_contain_text("验证码")
    await knock(office, session, links["consumer"])
    await expect(page.locator("#seat-consumer .dots")).to_contain_text("在等候室")
    await office.parts.rooms.submit(session, NoteConnection("consumer", False), SYSTEM)
    await office.parts.rooms.submit(session, WithdrawConsent(Consent.RECORD), guest.actor)
    await expect(page.locator("[data-history] li")).to_have_count(4)
    told = " ".join(await page.locator("[data-history] li").all_text_contents())
    missing = [word for word in ("无法进入", "等候", "断线", "撤回") if word not in told]
    assert missing == [], told
    await page.goto(f"{office.home}/desk")
    await expect(page.locator("[data-socket][data-connected]")).to_be_attached()
    await expect(page.locator("#lists")).to_contain_text("还没点开链接")
    await office.parts.links.begin(urlsplit(links["business"]).path.rsplit("/", 1)[1])
    await expect(page.locator("#lists")).not_to_contain_text("还没点开链接")


async def test_whether_a_message_went_out_or_failed_is_seen_where_it_was_sent_as_it_happens(
    office: Scheduling, monkeypatch: pytest.MonkeyPatch
) -> None:
    (*_, complaint) = await office.complaints()
    session, _ = await office.arranged(complaint, today())
    page = await listening(office, f"/sessions/{session}")
    sent = page.locator("#seat-consumer .sent li")
    await expect(sent.first).to_contain_text("已发送")
    row = next(iter((await office.parts.outbox._store.page([office.zhou.office.id]))[0]))
    await office.parts.outbox._store.receipt(row.id, True, "", utc_now())

    async def refuse(_notice: object) -> None:
        raise NotDelivered("gateway answered 400", final=True)

    monkeypatch.setattr(office.parts.outbox._notifier, "deliver", refuse)
    await office.parts.links.issue(office.zhou, session, "consumer", send=True)
    await expect(sent.first).to_contain_text("未送达")


async def test_permission_is_asked_for_only_by_a_press(office: Scheduling) -> None:
    page = await office.window(office.zhou)
    await page.add_init_script(
        "window.asked = 0; const ask = Notification.requestPermission.bind(Notification);"
        "Notification.requestPermission = () => { window.asked += 1; return ask(); };"
    )
    await page.goto(f"{office.home}/desk")
    await expect(page.locator("[data-socket][data-connected]")).to_be_attached()
    assert await page.evaluate("window.asked") == 0
    if await page.evaluate("Notification.permission") == "default":
        await page.locator("[data-alerts] summary").click()
        await page.locator("[data-ask] button").click()
        assert await page.evaluate("window.asked") == 1


async def test_what_is_told_while_the_history_is_on_its_way_is_not_lost(office: Scheduling) -> None:
    (*_, complaint) = await office.complaints()
    session, links = await office.arranged(complaint, today())
    page, told = await office.window(office.zhou), asyncio.Event()

    async def late(route: Route) -> None:
        read = await route.fetch()
        await told.wait()
        await route.fulfill(response=read)

    await page.route("**/alerts", late)
    await page.goto(f"{office.home}/sessions/{session}")
    await expect(page.locator("[data-socket][data-connected]")).to_be_attached()
    guest = await office.parts.links.look(urlsplit(links["consumer"]).path.rsplit("/", 1)[1])
    await office.parts.rooms.submit(session, AskHelp("no_code"), guest.actor)
    await expect(page.locator("[data-history] li")).to_have_count(1)
    async with page.expect_response("**/alerts"):
        told.set()
    await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert await page.locator("[data-history] li").count() == 1
