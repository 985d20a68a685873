"""After: a settled call on file in few presses, the next case by a key, and complaints assigned to a colleague."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from complaints.state import ComplaintState
from journal.clock import utc_now
from offices import Officer
from rooms.commands import Arrive, Close, ProposeOutcome
from rooms.vocabulary import Outcome, OutcomeKind, Side, Term
from server.app.demo import OFFICE
from server.db.schema import promises
from server.identity.store import User
from tests import ROOT
from tests.browser import axe
from tests.browser.building import eventually
from tests.browser.office.scheduling import Scheduling, scheduling

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
PRESSES = """() => {
  const more = (event) => {
    if (event.isTrusted) sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses") || 0) + 1);
  };
  for (const kind of ["click", "keydown"]) addEventListener(kind, more, true);
}"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path) as made:
        yield made


async def counted(office: Scheduling, language: str = "zh") -> Page:
    page = await office.window(office.zhou, language)
    await page.add_init_script(f"({PRESSES})()")
    return page


async def presses(page: Page) -> int:
    return int(await page.evaluate("sessionStorage.getItem('presses') || 0"))


async def colleague(office: Scheduling) -> Officer:
    account = User("chenqi", "chenqi", "陈琪", "mediator", OFFICE.id, "-", utc_now())
    await office.parts.store.add_user(account)
    return Officer(account.id, account.login, account.name, account.role, OFFICE, totp=False)


async def _becomes(office: Scheduling, complaint: str, wanted: ComplaintState) -> None:
    """A complaint follows its session a moment later."""

    async def holds() -> bool:
        return (await office.parts.complaints.state(complaint)).state is wanted

    await eventually(holds, f"the complaint is {wanted}")


async def test_a_settled_call_is_on_file_in_two_presses_and_its_record_is_one_more(office: Scheduling) -> None:
    page, began = await counted(office), time.monotonic()
    await page.goto(f"{office.home}/desk")
    link = page.locator("#waiting-card a", has_text="登记电话调解").first
    complaint = (await link.get_attribute("href") or "").split("/")[2]
    await link.click()
    await page.locator("#action").wait_for()
    if not await page.locator("#action").input_value():
        await page.keyboard.type("退还费用")  # typing is left out
    typed = await presses(page)
    await page.get_by_role("button", name="登记结果").or_(page.locator(".call .btn-act")).first.click()
    await page.wait_for_url("**/sessions/*")
    assert await presses(page) - typed + 1 == 2
    assert time.monotonic() - began < 60
    await _becomes(office, complaint, ComplaintState.PERFORMING)
    [session] = (await office.parts.complaints.state(complaint)).sessions
    kinds = [one.type for one in await office.parts.journal.read(f"session/{session}")]
    assert {"HeldElsewhere", "ClausePut"} < set(kinds)
    assert kinds[-1] == "SessionClosed"
    await page.locator("form[action$=documents] button").click()
    await expect(page.locator("#documents a[download]")).to_have_count(1, timeout=20_000)


async def test_a_failed_call_is_on_file_in_three_presses_and_the_next_case_comes_by_a_key(office: Scheduling) -> None:
    page = await counted(office)
    await page.goto(f"{office.home}/desk")
    link = page.locator("#waiting-card a", has_text="登记电话调解").first
    complaint = (await link.get_attribute("href") or "").split("/")[2]
    await link.click()
    await (
        page.locator("label.choice", has_text="没有达成协议")
        .or_(page.locator("input[value=not_settled]"))
        .first.click()
    )
    await page.locator(".call .btn-act").click()
    await page.wait_for_url("**/sessions/*")
    assert await presses(page) <= 4
    await _becomes(office, complaint, ComplaintState.ENDED)
    number = re.sub("^[^：]*：", "", (await page.locator("#next").inner_text()).replace("Alt N", "")).strip()
    await page.locator("main").click(position={"x": 2, "y": 2})
    await page.keyboard.press("Alt+n")
    await page.wait_for_url("**/complaints/*")
    assert number in await page.locator("main").inner_text()
    assert complaint not in page.url


async def test_a_day_said_in_words_is_taken_and_one_that_may_mean_several_is_asked_again(office: Scheduling) -> None:
    page = await office.window(office.zhou, "en")
    complaint = (await office.complaints())[0]
    await page.goto(f"{office.home}/complaints/{complaint}/call")
    await page.locator("#action").fill("退款")
    await page.locator("input[name=until][value=words]").check()
    await page.locator("#words").fill("7日")
    await page.locator(".call .btn-act").click()
    await expect(page.locator("#words-error")).to_be_visible()
    assert await page.locator("#action").input_value() == "退款"
    await page.locator("#words").fill("next Friday")
    await page.locator("input[name=agreement][value=waived]").check()
    await page.locator(".call .btn-act").click()
    await page.wait_for_url("**/sessions/*")
    [term] = (await office.parts.rooms.state(page.url.rsplit("/", 1)[1])).outcome.terms  # type: ignore[union-attr]
    assert term.due is not None
    assert term.due.astimezone().weekday() == 4


async def test_three_of_the_list_are_assigned_in_seven_presses_and_the_colleague_hears_of_it(
    office: Scheduling,
) -> None:
    chen, page = await colleague(office), await counted(office)
    hers = await office.window(chen)
    await hers.goto(f"{office.home}/complaints?whose=mine")
    await expect(hers.locator("tbody tr")).to_have_count(0)
    await page.goto(f"{office.home}/complaints")
    boxes = page.locator("tbody input[type=checkbox]")
    for n in range(3):
        await boxes.nth(n).check()
    await page.locator("button[value=assign]").click()
    await page.locator("#to").select_option(label="陈琪")
    before = await presses(page)
    await page.locator("main form .btn-act").click()
    await expect(page.locator("button[value=undo]")).to_be_visible()
    assert before + 1 <= 7
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "assign-report-1280-zh.png")
    await expect(hers.locator("[data-toasts], .toast").first).to_contain_text("指派给您", timeout=25_000)

    async def all_are_hers() -> bool:
        await hers.reload()
        return await hers.locator("tbody tr").count() == 3

    await eventually(all_are_hers, "one after another they are hers")
    await hers.screenshot(path=PICTURES / "mine-1280-zh.png")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_pages_of_after_are_sound_at_both_widths(office: Scheduling, language: str) -> None:
    page, complaints = await office.window(office.zhou, language), await office.complaints()
    parts, now = office.parts, utc_now()
    session = await parts.desk.schedule(office.zhou, complaints[0], now, [])
    due = now + timedelta(days=1)
    terms = (Term(Side.BUSINESS, "退还年卡余额", None, due),)
    for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.SETTLED, terms)), Close()):
        await parts.rooms.submit(session, command, office.zhou.actor)
    await parts.follow_up.follow(session)
    async with parts.database.write() as connection:
        await connection.execute(update(promises).values(due=now.date() - timedelta(days=6)))
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {
        "call": f"/complaints/{complaints[1]}/call",
        "after-desk": "/desk",
        "after-due": "/due",
        "after-complaint": f"/complaints/{complaints[0]}",
    }
    for name, path in pages.items():
        answer = await page.goto(f"{office.home}{path}")
        assert answer is not None
        assert answer.ok
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await axe.settle(page)
            assert [*await axe.violations(page), *await axe.sideways(page)] == []
            await page.screenshot(path=PICTURES / f"{name}-{width}-{language}.png", full_page=True)
