"""Links that are no good: one sentence, whom to ring, and nothing used up."""

from __future__ import annotations

import contextlib
import sqlite3
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from server.app.rehearsal import Visitor
from tests.browser.joining.street import OFFICE_PHONE, Street
from tests.browser.people import until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]

WITHDRAWN = ("这个链接已经作废", "This link is no longer valid")
PUT_OUT = ("您被请出了调解室", "You were asked to leave the room")


async def test_twenty_previews_by_a_messenger_use_nothing_up(street: Street) -> None:
    sitting = await street.desk.arrange()
    before = street.used_up()
    async with Visitor(street.url, headers={"User-Agent": "Mozilla/5.0 TencentTraveler bot"}) as bot:
        for _ in range(20):
            assert (await bot.get(urlsplit(sitting.links["consumer"]).path)).status == 200
    assert street.used_up() == before
    await street.starts(sitting.links["consumer"])


async def test_a_truncated_link_is_said_to_be_incomplete_and_the_whole_one_still_works(street: Street) -> None:
    sitting = await street.desk.arrange()
    link = sitting.links["consumer"]
    await street.refused(link[:-4], "这个链接不完整", "This link is not complete", "link-truncated")
    await street.starts(link)


async def test_a_link_of_another_office_s_installation_is_not_known_here(street: Street) -> None:
    foreign = f"{street.url}/j/{'Zx8-' * 8}"
    await street.refused(foreign, "这个链接不是从这里发出的", "This link was not sent from here", "link-foreign")


async def test_an_expired_link_says_so_and_a_new_one_works(street: Street) -> None:
    sitting = await street.desk.arrange()
    with contextlib.closing(sqlite3.connect(street.desk.venue.data / "yuntiao.db")) as database, database:
        # A fortnight cannot be waited for.
        database.execute("UPDATE links SET expires = '2026-01-01 00:00:00.000000' WHERE session = ?", (sitting.id,))
    await street.refused(sitting.links["consumer"], "这个链接已经过期", "This link has expired", "link-expired")
    await street.desk.renew(sitting, "consumer")
    await street.starts(sitting.links["consumer"])


async def test_a_replaced_link_is_no_longer_valid_and_the_newer_one_works(street: Street) -> None:
    sitting = await street.desk.arrange()
    old = sitting.links["consumer"]
    await street.desk.renew(sitting, "consumer")
    await street.refused(old, *WITHDRAWN, "link-replaced")
    await street.starts(sitting.links["consumer"])


async def test_a_withdrawn_link_ends_also_where_it_is_already_open(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone:
        page = phone.page
        await page.goto(sitting.links["business"])
        await page.get_by_role("button", name="开始").click()
        await page.wait_for_url("**/join/code")
        await street.desk.withdraw(sitting, "business", "发错了人")
        await page.get_by_role("button", name="发送验证码").click()
        await expect(page.locator("h1")).to_have_text(WITHDRAWN[0])
        await expect(page.locator("main")).to_contain_text("027")
    await street.refused(sitting.links["business"], *WITHDRAWN, "link-withdrawn")


async def test_a_link_in_use_on_one_phone_asks_on_another_and_the_first_goes_on(street: Street) -> None:
    _, link = await street.invited()
    async with street.phone() as phone:
        page = await street.at_the_check(phone, link)
        async with street.phone() as other:
            await other.page.goto(link)
            await street.said(other.page, "h1", "在这里继续吗？", "Go on here?", "link-used")
            await expect(other.page.locator("main")).to_contain_text(OFFICE_PHONE)
        await page.reload()
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")
        await page.click("button[name=mode][value=video]")
        await expect(page.locator(".hush h1")).to_have_text("您已经到了")


async def test_a_called_off_mediation_is_said_to_have_ended(street: Street) -> None:
    sitting = await street.desk.arrange()
    page = await street.desk.session(sitting)
    await street.desk.visitor.submit(page, page.form("/cancel"), reason="双方已经和解")
    await street.refused(sitting.links["consumer"], "这次调解已经结束", "This mediation has ended", "link-over")


async def test_who_was_put_out_is_told_so_by_the_link_and_comes_back_by_a_new_one(street: Street) -> None:
    sitting, link = await street.invited(name="小秦")
    async with street.phone() as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await street.desk.lead(page.context, link, language="zh")
        await page.goto(f"{street.url}/room")
        await cockpit.get_by_role("button", name="Admit 小秦").click()
        await cockpit.get_by_role("button", name="Ask 小秦 to leave").click()
        await cockpit.fill("dialog[open] [name=reason]", "打断他人发言")
        await cockpit.get_by_role("button", name="Ask to leave", exact=True).click()
        await expect(page.locator("h1")).to_have_text(PUT_OUT[0])
        await page.reload()
        await expect(page.locator("h1")).to_have_text(PUT_OUT[0])
        await street.refused(link, *PUT_OUT, "link-removed")
        await street.desk.renew(sitting, "companion")
        await street.refused(link, *WITHDRAWN, "link-replaced")
        await page.goto(sitting.links["companion"])
        await page.get_by_role("button", name="开始").click()
        await page.wait_for_url("**/join/code")
