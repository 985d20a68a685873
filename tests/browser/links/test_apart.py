"""Asynchronous mediation as its people see it: two phones that come on different days, and the mediator's page."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, update

from journal.clock import utc_now
from law.orders import APART
from rooms import commands as c
from rooms.apart.rules import NUDGE
from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Status
from server.app.topics import apart_service
from server.db.schema import codes
from server.rooms.agenda_store import AlertStore
from tests.browser import axe
from tests.browser.office.scheduling import ZONE, Scheduling, scheduling
from tests.server.rooms.exhibits.files import photo_with_place
from tests.web.client import told
from web.http import cookies

pytestmark = pytest.mark.browser

LOOK = os.environ.get("YUNTIAO_LOOK", "")  # a folder for pictures
STATEMENT, SECRET, OFFER = "装上第三天就漏水，要求退款", "其实修好也能接受", "退五百元，另送滤芯"


@dataclass
class Case:
    """A session without meeting, its mediator's page and two phones."""

    office: Scheduling
    session: str
    links: dict[str, str]
    desk: Page
    phones: dict[str, Page]
    troubles: list[str] = field(default_factory=list)

    async def state(self) -> Session:
        return await self.office.parts.rooms.state(self.session)

    async def steer(self) -> Page:
        await self.desk.goto(f"{self.office.home}/sessions/{self.session}/apart")
        return self.desk

    async def press(self, page: Page, where: str) -> None:
        """And wait for the page that comes of it."""
        async with page.expect_navigation():
            await page.locator(where).first.click()

    async def look(self, page: Page, name: str) -> None:
        assert await axe.violations(page) == []
        assert await axe.sideways(page) == []
        if LOOK:
            await page.screenshot(path=Path(LOOK) / f"apart-{name}.png", full_page=True)

    async def first_visit(self, seat: str) -> Page:
        """From the link in the message to the page: code, age, consent, rights."""
        page = self.phones[seat]
        await page.goto(self.links[seat])
        await expect(page.locator("form[action$='/start'] .btn")).to_have_count(2)  # no other time: there is none
        await self.press(page, "form[action$='/start'] .btn-act")
        await self.press(page, "button[form=send]")
        await page.fill("#code", await self.office.code())
        await self.press(page, "button[form=answer]")
        if page.url.endswith("/join/age"):
            await page.locator("input[name=age][value=adult]").check(force=True)
            await self.press(page, ".actions .btn-act")
        await page.locator("input[name=answer][value=yes]").check(force=True)
        await self.press(page, "button[form=answer]")
        assert page.url.endswith("/join/apart")
        await self.look(page, f"{seat}-rights")
        await self.press(page, "button[form=read]")
        return page

    async def a_day_passes(self) -> None:
        """For the limits of how many codes are sent."""
        async with self.office.parts.database.write() as connection:
            for row in (await connection.execute(select(codes.c.id, codes.c.sent_at))).all():
                earlier = update(codes).where(codes.c.id == row.id).values(sent_at=row.sent_at - timedelta(days=1))
                await connection.execute(earlier)

    async def next_day(self, seat: str) -> Page:
        """The visit is over, and codes were sent a day ago; the same link and a new code."""
        page = self.phones[seat]
        await self.a_day_passes()
        await page.context.clear_cookies(name=cookies.VISIT)
        await page.goto(self.links[seat])
        await self.press(page, "button[form=send]")
        await page.fill("#code", await self.office.code())
        await self.press(page, "button[form=answer]")
        return page


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    expect.set_options(timeout=30_000)  # a busy machine is no fault
    async with scheduling(tmp_path) as office:
        desk = await office.window(office.zhou)
        complaint = (await office.complaints())[0]
        await desk.goto(f"{office.home}/complaints/{complaint}/schedule")
        await desk.locator("input[name=mode][value=apart]").check(force=True)
        if await desk.locator("input[name=anyway]").count():
            await desk.locator("input[name=anyway]").check()
        async with desk.expect_navigation():
            await desk.locator("form.stack .btn-act").click()
        found = re.fullmatch(r".*/sessions/([^/]+)/apart", desk.url)
        assert found, desk.url
        links = await office.parts.links.current(office.zhou, found[1])
        phones = {seat: await office.phone() for seat in ("consumer", "business")}
        made = Case(office, found[1], {seat: link.url for seat, link in links.items()}, desk, phones)
        for page in (desk, *phones.values()):
            page.on("pageerror", lambda error: made.troubles.append(str(error)))
        yield made
        assert made.troubles == []


async def test_a_dispute_is_settled_over_days_by_people_who_never_meet(case: Case, tmp_path: Path) -> None:
    consumer = await case.first_visit("consumer")
    await consumer.fill("#statement-text", STATEMENT)
    await case.look(consumer, "consumer-statement")
    await case.press(consumer, "#statement .btn-act")
    await consumer.locator("#confided > details summary").click()
    await consumer.fill("#confided-text", SECRET)
    await case.press(consumer, "#confided > details .btn-big")
    await _bring_a_photo(case, consumer, tmp_path)

    business = await case.first_visit("business")
    await expect(business.locator("#said")).to_contain_text(STATEMENT)
    assert SECRET not in await business.content()
    await case.press(business, "#exhibits button[value=accept]")
    await business.locator("#slips > details summary").click()
    await business.fill("#slip-text", OFFER)
    await business.fill("#slip-amount", "500")
    await case.press(business, "#slips > details .btn-big")

    desk = await case.steer()
    await expect(desk.locator("#private")).to_contain_text(SECRET)
    await case.press(desk, "#offers form[action$='/offer'] .btn-dense")
    await case.press(desk, "#blind form .btn")
    await case.look(desk, "mediator")

    consumer = await case.next_day("consumer")
    await expect(consumer.locator("#offers")).to_contain_text(OFFER)
    await case.look(consumer, "consumer-asked")
    await consumer.locator("#offers details summary").click()
    await consumer.fill("#counter-1", "六百元就算了")
    await consumer.fill("#counter-amount-1", "六百")
    await case.press(consumer, "#offers button[value=counter]")
    await expect(consumer.locator("#offers [role=alert]")).to_be_visible()
    await expect(consumer.locator("#counter-1")).to_have_value("六百元就算了")  # nothing typed is lost
    await consumer.fill("#counter-amount-1", "600")
    await case.press(consumer, "#offers button[value=counter]")
    await case.press(consumer, "#blind .btn-act")

    business = await case.next_day("business")
    await case.press(business, "#blind .btn-act")
    await business.fill("#figure", "650")
    await case.press(business, "#blind .btn-act")
    consumer = await case.next_day("consumer")
    await consumer.fill("#figure", "600")
    await case.press(consumer, "#blind .btn-act")
    await expect(consumer.locator("#blind .banner[data-tone=ok]")).to_be_visible()
    assert "650" not in told(await consumer.content())

    await _agree_and_sign(case)
    await _end(case)
    state = await case.state()
    assert (state.status, state.mode) == (Status.CLOSED, APART)
    assert state.outcome is not None
    assert state.outcome.kind is OutcomeKind.SETTLED
    assert state.sealed
    assert state.segments == ()
    await consumer.goto(case.links["consumer"])
    await consumer.wait_for_url("**/room")  # where the result and the copies are, as after any mediation


async def _bring_a_photo(case: Case, page: Page, folder: Path) -> None:
    photo = folder / "IMG_0001.jpg"
    photo.write_bytes(photo_with_place())
    await page.locator("#exhibits > details summary").click()
    await page.fill("#exhibit-title", "漏水的照片")
    await page.set_input_files("#exhibit-file", photo)
    await case.press(page, "#exhibits > details .btn-big")
    await expect(page.locator("#exhibits img")).to_have_count(1)


async def _agree_and_sign(case: Case) -> None:
    desk = await case.steer()
    await desk.locator("#sides details summary").click()  # the business's capacity, as the mediator has checked it
    await case.press(desk, "#sides details form .btn-dense")
    await desk.locator("#draft > details > summary").first.click()
    await desk.fill("#action", "退还货款")
    await desk.fill("#amount", "620")
    await desk.fill("#due", "2030-01-05")
    await case.press(desk, "#draft > details form .btn")
    for seat in case.phones:
        await case.press(await case.next_day(seat), "#draft button[value=agree]")
    await case.press(await case.steer(), "form[action$='ask-to-sign'] .btn-act")
    await _nothing_voids_what_is_being_signed_without_a_tick(case)
    for seat in case.phones:
        page = await case.next_day(seat)
        await case.press(page, "#sign .btn-act")
        await case.press(page, ".btn-act")
        await page.fill("#code", await case.office.code())
        await case.press(page, ".btn-act")
        # Whose a proxy or an address is.
        whose = ["投诉登记编号", "投诉人", "被投诉人", "承办机构"]
        await expect(page.locator("dl.facts > dt:first-child")).to_have_text(whose)
        await case.look(page, f"{seat}-sign")
        await page.check("[name=read]")
        await page.check("[name=electronic]")
        await page.fill("#name", "陈立")
        await case.press(page, "[form=sign]")
    desk = await case.steer()
    await case.press(desk, "form[action$='held/sign'] .btn-act")
    await case.look(desk, "mediator-sealed")


async def _nothing_voids_what_is_being_signed_without_a_tick(case: Case) -> None:
    desk = await case.steer()
    await desk.locator("#draft [id^=clause-] details summary").first.click()
    removal = desk.locator("#draft form[action$='clause_off']")
    await removal.locator("button").click()  # the browser asks for the tick
    await expect(removal.locator("[name=void]")).to_be_visible()
    await removal.locator("[name=void]").evaluate("e => e.removeAttribute('required')")
    await case.press(desk, "#draft form[action$='clause_off'] button")
    await expect(desk.locator("#draft [role=alert]")).to_contain_text("已有签名全部作废")
    signing = (await case.state()).signing
    assert signing is not None
    assert signing.open


async def _end(case: Case) -> None:
    await case.press(case.desk, "#outcome form .btn")
    for seat in case.phones:
        page = await case.next_day(seat)
        await case.look(page, f"{seat}-result")
        if seat == "consumer":  # what is not right is told where it is read, and the mediator alone reads it
            await page.locator("#outcome summary").click()
            await page.fill("#not-right", "说好的是月底前")
            await case.look(page, f"{seat}-not-right")
            await case.press(page, "#outcome form[action$='not_right'] .btn")
            await expect(page.locator("#outcome [role=status]")).to_contain_text("说好的是月底前")
            desk = await case.steer()
            await expect(desk.locator("#outcome .banner")).to_contain_text("说好的是月底前")
            await case.look(desk, "mediator-objected")
        await case.press(page, "#outcome .btn-act")
    await case.press(await case.steer(), "#outcome .btn-act")
    assert case.desk.url.endswith(f"/sessions/{case.session}")


async def test_a_statement_half_written_is_there_on_the_next_day(case: Case) -> None:
    page = await case.first_visit("consumer")
    async with page.expect_response(lambda one: one.url.endswith("/say") and one.status == 204):
        await page.fill("#statement-text", "写到一半")
        await page.locator("#statement-text").blur()
    page = await case.next_day("consumer")
    await expect(page.locator("#statement-text")).to_have_value("写到一半")
    # The visit ends while it is being written: the code is asked for, and what was written is there after it.
    await page.context.clear_cookies(name=cookies.VISIT)
    await page.fill("#statement-text", "写完了")
    await case.press(page, "#statement .btn-act")
    await case.a_day_passes()
    await case.press(page, "button[form=send]")
    await page.fill("#code", await case.office.code())
    await case.press(page, "button[form=answer]")
    await expect(page.locator("#statement-text")).to_have_value("写完了")


async def test_an_answer_to_words_that_were_changed_meanwhile_is_refused_with_a_sentence(case: Case) -> None:
    consumer, business = await case.first_visit("consumer"), await case.first_visit("business")
    desk = await case.steer()
    await desk.locator("#draft > details > summary").first.click()
    await desk.fill("#action", "退还货款")
    await desk.fill("#amount", "600")
    await desk.fill("#due", "2030-01-05")
    await case.press(desk, "#draft > details form .btn")
    for page in (consumer, business):
        await page.reload()
    await desk.locator("#draft [id^=clause-] details summary").first.click()
    await desk.locator("#draft [id^=clause-] input[name=amount]").fill("550")
    await case.press(desk, "#draft [id^=clause-] details form .btn")
    await case.press(consumer, "#draft button[value=agree]")
    await expect(consumer.locator("#draft [role=alert]")).to_be_visible()
    await expect(consumer.locator("#draft article")).to_contain_text("550.00")
    await case.press(consumer, "#draft button[value=agree]")
    assert len((await case.state()).draft.answers["c1"]) == 1


async def test_it_goes_into_the_room_and_back_and_recording_is_asked_only_for_the_room(case: Case) -> None:
    consumer = await case.first_visit("consumer")
    assert (await case.state()).seats["consumer"].record is None
    desk = await case.steer()
    await case.press(desk, "#head form[action$='/open'] .btn-act")
    await desk.wait_for_url("**/room")
    assert "进来" in (await case.office.texts("reminder"))[0]
    await consumer.goto(case.links["consumer"])
    await consumer.wait_for_url("**/join/recording")
    await desk.goto(f"{case.office.home}/sessions/{case.session}")
    await case.press(desk, "a[href$='/apart']")
    await case.look(desk, "mediator-back")
    await case.press(desk, "#until form .btn-act")
    await consumer.goto(case.links["consumer"])
    await consumer.wait_for_url("**/join/apart")
    apart = (await case.state()).apart
    assert apart is not None
    assert apart.on
    assert len(apart.done) == 1


async def test_a_side_is_reminded_and_the_page_says_what_became_of_it(case: Case) -> None:
    await case.first_visit("consumer")
    desk = await case.steer()
    await case.press(desk, "#sides form[action$='/nudge'] .btn")
    assert "在等您" in (await case.office.texts("reminder"))[0]
    await expect(desk.locator("#sides .sent li")).to_have_count(3)  # two links and the reminder
    await case.press(desk, "#sides form[action$='/nudge'] .btn")
    await expect(desk.locator("#sides [role=alert]")).to_be_visible()
    assert len(await case.office.texts("reminder")) == 1


async def test_a_reminder_that_was_noted_before_a_crash_goes_out_once(case: Case) -> None:
    parts = case.office.parts
    await parts.rooms.submit(case.session, c.SendWord("consumer", NUDGE, "f" * 32), case.office.zhou.actor)
    service = apart_service(parts)
    for _ in range(2):
        await service.remind()
    assert len(await case.office.texts("reminder")) == 1


async def test_before_the_end_whoever_is_asked_something_is_reminded_and_on_it_the_mediator_decides(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = await case.first_visit("consumer")
    await consumer.fill("#statement-text", STATEMENT)
    await case.press(consumer, "#statement .btn-act")
    apart = (await case.state()).apart
    assert apart is not None
    service, end = apart_service(case.office.parts), apart.until

    def day_before() -> datetime:
        return end - timedelta(hours=20)

    monkeypatch.setattr(service, "_now", day_before)
    for _ in range(2):
        await service.remind()
    [reminder] = await case.office.texts("reminder")  # to the business alone: nothing is asked of the consumer
    assert "截止" in reminder

    after = end + timedelta(hours=1)
    for module in ("web.join.apart", "web.office.sessions.apart"):
        monkeypatch.setattr(f"{module}.now", lambda _request: after)
    alerts = await AlertStore(case.office.parts.database).clocks(case.office.zhou, after.date(), after, ZONE)
    assert [(one.kind, one.about) for one in alerts if one.kind == "ends"] == [("ends", case.session)]
    desk = await case.steer()
    await expect(desk.locator("p.banner[data-tone=warn]")).to_be_visible()
    await case.look(desk, "mediator-late")
    await consumer.reload()
    await consumer.fill("#statement-text", "晚了一天，还想补一句")
    await case.press(consumer, "#statement .btn-act")
    await expect(consumer.locator("#said")).to_contain_text("还想补一句")
    assert (await case.state()).status is Status.LIVE
    assert utc_now() < end


async def test_who_withdraws_is_out_and_the_mediator_sees_it(case: Case) -> None:
    consumer = await case.first_visit("consumer")
    await consumer.locator("#withdraw summary").click()
    await consumer.check("#withdraw [name=sure]")
    await case.press(consumer, "#withdraw .btn-seal")
    assert consumer.url.endswith("/join/refused")
    desk = await case.steer()
    await expect(desk.locator("#sides .danger")).to_be_visible()
    await consumer.goto(f"{case.office.home}/join/notice")  # they may change their mind
    await expect(consumer.locator("input[name=answer]")).to_have_count(2)
