"""Answers on the way in: taking part, being recorded, another time; each asked alone, and what the mediator sees."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.joining.street import Street
from tests.browser.people import until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]


async def begin(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_role("button", name="开始").click()
    await page.wait_for_url("**/join/code")


async def confirm(street: Street, page: Page) -> None:
    await page.get_by_role("button", name="发送验证码").click()
    await page.fill("[name=code]", await street.desk.code())
    await page.get_by_role("button", name="确认").click()


async def answer(page: Page, value: str) -> None:
    await page.click(f"label:has(input[name=answer][value={value}])")
    await page.get_by_role("button", name="继续").click()


async def test_who_does_not_take_part_is_thanked_and_the_mediator_sees_it(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await begin(page, sitting.links["business"])
        await confirm(street, page)
        await answer(page, "no")
        await street.said(
            page, "h1", "周敏调解员已经知道您不参加", "We have told 周敏 that you do not take part", "refused"
        )
        await expect(cockpit.locator(".seats")).to_contain_text("does not want to take part")
        assert "不愿参加" in (await street.desk.session(sitting)).words
        (refusal,) = street.recorded(sitting, "ConsentRefused")
        assert (refusal["seat"], refusal["kind"]) == ("business", "participate")
        assert refusal["text"]
        await page.get_by_role("link", name="改主意了").click()
        await answer(page, "yes")
        await page.wait_for_url("**/join/recording")
        await expect(cockpit.locator(".seats")).not_to_contain_text("does not want to take part")
        assert phone.troubles == []


async def test_one_may_decline_on_the_invitation_itself_and_the_mediator_sees_it(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone:
        page = phone.page
        await page.goto(sitting.links["consumer"])
        await street.picture(page, "invitation-zh")
        await page.get_by_role("link", name="不参加").click()
        await street.picture(page, "decline-zh")
        await page.get_by_role("button", name="我不参加").click()
        await page.wait_for_url("**/join/code")
        assert street.recorded(sitting, "ConsentRefused") == []  # whoever found the link may have pressed it
        await confirm(street, page)
        await expect(page.locator("h1")).to_contain_text("已经知道您不参加")
        assert "不愿参加" in (await street.desk.session(sitting)).words
        assert len(street.recorded(sitting, "ConsentRefused")) == 1
        await page.get_by_role("link", name="改主意了").click()
        await page.wait_for_url("**/join/notice")


async def test_a_wish_for_another_time_reaches_the_mediator_in_the_person_s_words(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone:
        page = phone.page
        await page.goto(sitting.links["consumer"])
        await page.get_by_role("link", name="换个时间").click()
        await page.fill("[name=wish]", "星期六上午都可以")
        await page.get_by_role("button", name="告诉调解员").click()
        await page.wait_for_url("**/join/code")
        assert street.recorded(sitting, "OtherTimeAsked") == []
        await confirm(street, page)
        await street.said(
            page,
            "h1",
            "调解员收到了您想改的时间，会与您联系",
            "The mediator has your wish for another time and will get in touch",
            "asked",
        )
    assert "星期六上午都可以" in (await street.desk.session(sitting)).words


async def test_taking_part_and_being_recorded_are_asked_apart_and_nothing_is_preselected(street: Street) -> None:
    sitting = await street.desk.arrange()
    async with street.phone() as phone:
        page = phone.page
        await begin(page, sitting.links["consumer"])
        await street.picture(page, "code-zh")
        await confirm(street, page)
        for question, english, place in (
            ("参加前，请您知道", "Before you take part, please know", "notice"),
            ("可以把调解过程录下来吗？", "May we record the mediation?", "recording"),
        ):
            await street.said(page, "h1", question, english, place)
            assert await page.locator("input[name=answer]:checked").count() == 0
            await page.get_by_role("button", name="继续").click()  # without an answer nobody goes on
            assert page.url.partition("?")[0].endswith(f"/join/{place}")
            await answer(page, "yes" if place == "notice" else "no")
        await page.wait_for_url("**/join/device")
    (given,), (refused,) = (street.recorded(sitting, kind) for kind in ("ConsentGiven", "ConsentRefused"))
    assert (given["kind"], refused["kind"]) == ("participate", "record")
    assert given["text"] == refused["text"] != ""


async def test_who_does_not_want_to_be_recorded_comes_in_all_the_same(street: Street) -> None:
    sitting, link = await street.invited(name="小黎")
    async with street.phone() as phone, street.cockpit(sitting) as cockpit:
        page = phone.page
        await street.desk.lead(page.context, link, language="zh", recording="no")
        await page.goto(f"{street.url}/room")
        await expect(page.locator(".hush h1")).to_have_text("您已经到了")
        await street.picture(page, "waiting-zh")
        await expect(cockpit.locator(".knock")).to_contain_text("does not want to be recorded")
        await cockpit.get_by_role("button", name="Admit 小黎").click()
        await expect(page.locator(".rec")).to_have_text(re.compile("没有录您|没有录制"))
        await expect(cockpit.locator(".seats")).to_contain_text("not recorded")
        await until(page, "() => document.querySelector('video[data-source=camera]')?.videoWidth > 0")
    assert [entry["seat"] for entry in street.recorded(sitting, "RecordingStarted")].count("companion") == 0
