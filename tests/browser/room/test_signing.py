"""The story with everything in between: a talk apart, an offer passed on, an exhibit disputed, two clauses edited and
agreed anew, both signatures on phones; the seal comes last, and what each side downloads any reader finds valid."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.play import ROLES, Play
from tests.browser.room.settling import (
    agree,
    ask_for_code,
    clause,
    read_to_the_end,
    record_authority,
    seated,
    silence_between,
    waits,
    write_by_hand,
    write_promise,
    write_slip,
    write_words,
)
from tests.browser.test_story import played
from tests.server.rooms.exhibits.files import photo_with_place

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.pdfsig]

OFFER, LIMIT = "退一千五百元，另送三个月会员", "最多退到两千六"


async def test_a_dispute_is_settled_from_caucus_to_a_sealed_file_both_hold(tmp_path: Path, artifacts: Path) -> None:
    pictures = artifacts / "signing"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, "zh") as play:
        await seated(play)
        await _an_offer_is_made_apart_and_passed_on(play)
        await _an_exhibit_is_disputed(play, tmp_path)
        await _two_clauses_are_edited_and_agreed_anew(play)
        await _both_sign(play)
        await _the_seal_comes_last(play)
        for role in ("consumer", "business"):
            assert await axe.sideways(play.page(role)) == []
            await _any_reader_finds_it_valid(play.page(role), tmp_path / f"{role}.pdf")
        await _the_outcome_is_what_was_signed(play)
        for role, shown in play.windows.items():
            assert shown.troubles == [], f"{role}'s page complained"


async def test_where_no_code_comes_the_mediator_knows_the_signer_and_everybody_sees_that_there_was_none(
    tmp_path: Path, artifacts: Path
) -> None:
    pictures = artifacts / "signing-voice"
    pictures.mkdir(exist_ok=True)
    async with played(tmp_path, pictures, "zh") as play:
        await seated(play)
        desk, consumer, business = (play.page(role) for role in ROLES)
        await record_authority(desk)
        await desk.locator("#tab-agreement").focus()
        await write_promise(desk, "退还剩余积分款", "2,360", "2030-07-10T17:00")
        await desk.locator("#tab-agreement").focus()
        await desk.keyboard.press("Alt+r")
        for page in (consumer, business):
            await agree(page, 1)
        await desk.locator("button", has_text="请双方签名").click()
        await read_to_the_end(consumer)
        await consumer.locator(".signing .choice").nth(1).click()
        await consumer.fill("#sign-name", "丁小禾")
        await desk.locator("button", has_text="收不到验证码…").click()
        await desk.fill("#voice-recognised", "视频里看得见本人，说得出订单号")
        await play.picture("mediator", "voice-question")
        assert await axe.violations(desk) == []
        await desk.locator("dialog[open] .btn-act").click()
        await expect(consumer.locator("main.signing")).to_contain_text("不用验证码，文书上会写明这一点")
        await play.picture("consumer", "voice-known")
        await consumer.locator(".signing .actions .btn-act").click()
        for page in (consumer, desk):
            await expect(page.locator(".rows .badge[data-tone=ok]", has_text="语音核实，未用验证码")).to_have_count(1)
        await play.picture("mediator", "voice-signed")


async def _an_offer_is_made_apart_and_passed_on(play: Play) -> None:
    desk, consumer, business = (play.page(role) for role in ROLES)
    seats = {role: await play.seat(role) for role in ROLES}
    await play.aside("business")
    await waits(play, "consumer")
    await business.wait_for_selector(".private-strip")
    await silence_between(play, "consumer", seats)
    await business.click(".private-strip .btn-dense")
    for text, amount, told in ((OFFER, "1,500", "yes"), (LIMIT, "2600", "no")):
        await write_slip(business, text, amount, told)
        await business.click("dialog form .btn-act[type=submit]")
        await expect(business.locator("dialog .slip", has_text=text)).to_be_visible()
    await business.locator("dialog .dialog-foot .btn").last.click()
    await desk.click("#tab-slips")
    await expect(desk.locator("#panel-slips .slip")).to_have_count(2)
    await desk.click(".private-strip .btn-act")
    await consumer.wait_for_selector(".hush", state="detached")
    await desk.locator("#panel-slips .slip .btn").click()  # only one of them may be told
    await consumer.locator(".controls .tool").last.click()
    await consumer.locator("dialog .row-press", has_text="传话条").click()
    await expect(consumer.locator("dialog .slip-text")).to_have_text([OFFER])
    await consumer.locator("dialog .dialog-foot .btn").last.click()
    assert LIMIT not in await consumer.content()


async def _an_exhibit_is_disputed(play: Play, folder: Path) -> None:
    desk, consumer, business = (play.page(role) for role in ROLES)
    photo = folder / "IMG_0001.jpg"
    photo.write_bytes(photo_with_place())
    await consumer.locator(".controls .tool").last.click()
    await consumer.locator("dialog[open]").get_by_text("传照片").click()
    await consumer.locator("dialog[open] label[class*=picker] input[multiple]").set_input_files(photo)
    await consumer.fill("#exhibit-title", "付款记录")
    await consumer.locator("dialog[open]").get_by_role("button", name="上传", exact=True).click()
    await expect(consumer.locator("dialog[open] .exhibit-row", has_text="付款记录")).to_be_visible(timeout=60_000)
    await consumer.locator("dialog[open]").get_by_role("button", name="关上").click()
    await desk.click("#tab-exhibits")
    row = desk.locator("[data-exhibit]", has_text="付款记录")
    await row.get_by_role("button", name="给大家看").click()
    await expect(business.get_by_role("img", name="付款记录")).to_be_visible()
    here = business.get_by_role("region", name="您对“付款记录”的看法")  # under the picture itself
    await here.get_by_role("button", name="有异议").click()
    await here.locator("[name=reason]").fill("收款方不是我们")
    await here.get_by_role("button", name="写上理由").click()
    await expect(row).to_contain_text("收款方不是我们")
    await desk.get_by_role("button", name="收起", exact=True).click()


async def _two_clauses_are_edited_and_agreed_anew(play: Play) -> None:
    desk, consumer, business = (play.page(role) for role in ROLES)
    await record_authority(desk)
    await desk.locator("#tab-agreement").focus()
    await write_promise(desk, "退还剩余积分款", "2,360", "2030-07-10T17:00")
    await write_words(desk, "以上履行完毕，双方再无其他争议。")
    await expect(desk.locator(".panel .clause")).to_have_count(2)
    await desk.locator("#tab-agreement").focus()
    await desk.keyboard.press("Alt+r")
    for page in (consumer, business):
        await expect(page.locator(".reading .clause")).to_have_count(2)
        await agree(page, 1)
        await agree(page, 2)
    await desk.locator(".clause").first.focus()
    await desk.keyboard.press("Alt+e")
    await desk.fill("#clause-amount", "2,000")
    await desk.press("#clause-amount", "Control+Enter")
    await expect(clause(consumer, 1)).to_have_class("clause clause-void")
    await desk.locator(".panel .clause").nth(1).locator(".clause-tools .btn").first.click()
    await desk.fill("#clause-text", "以上履行完毕，双方再无其他争议，消费者撤回差评。")
    await desk.press("#clause-text", "Control+Enter")
    await expect(clause(consumer, 2)).to_have_class("clause clause-void")
    for page in (consumer, business):
        await agree(page, 1)
        await agree(page, 2)


async def _both_sign(play: Play) -> None:
    desk, consumer, business = (play.page(role) for role in ROLES)
    await desk.locator("button", has_text="请双方签名").click()
    await consumer.wait_for_selector(".signing .paper")
    await play.picture("consumer", "sign-1-text")
    for page in (consumer, business):
        await read_to_the_end(page)
    await play.picture("consumer", "sign-2-how")
    assert await axe.violations(consumer) == []

    await consumer.locator(".signing .choice").first.click()
    await write_by_hand(consumer)
    await play.picture("consumer", "sign-3-pad")
    # Half under the controls a button is no target; nobody has to tap it there.
    await consumer.locator(".signing .hash").last.scroll_into_view_if_needed()
    assert await axe.violations(consumer) == []
    await ask_for_code(consumer)
    await consumer.fill("#sign-code", await play.code())
    await consumer.locator(".signing form .btn-act").click()
    await expect(consumer.locator(".signing .rows .badge[data-tone=ok]")).to_have_count(1)
    await play.picture("consumer", "sign-4-signed")

    await business.locator(".signing .choice").nth(1).click()
    await business.fill("#sign-name", "陈立")
    await ask_for_code(business)
    await business.fill("#sign-code", await play.code())
    await business.locator(".signing form .btn-act").click()
    await expect(business.locator(".signing .rows .badge[data-tone=ok]")).to_have_count(2)


async def _the_seal_comes_last(play: Play) -> None:
    desk, consumer = play.page("mediator"), play.page("consumer")
    await write_by_hand(desk)
    await play.picture("mediator", "cockpit-signing")
    await desk.locator("button", has_text="以调解员身份签名").click()
    await desk.locator("button", has_text="盖章…").click()
    await play.picture("mediator", "cockpit-seal-question")
    await desk.locator("dialog[open] .btn-seal").click()
    await expect(consumer.locator(".signing a[download]")).to_have_count(1, timeout=30_000)
    await play.picture("consumer", "sign-5-in-effect")
    await play.picture("mediator", "cockpit-sealed")


async def _any_reader_finds_it_valid(page: Page, kept: Path) -> None:
    async with page.expect_download() as waiting:
        await page.locator(".signing a[download]").click()
    await (await waiting.value).save_as(kept)
    content = await asyncio.to_thread(kept.read_bytes)
    assert content.startswith(b"%PDF-1.7")
    said = await asyncio.to_thread(subprocess.run, ["pdfsig", str(kept)], capture_output=True, text=True, check=False)
    assert "Signature is Valid." in said.stdout
    assert "Total document signed" in said.stdout


async def _the_outcome_is_what_was_signed(play: Play) -> None:
    desk = play.page("mediator")
    await desk.click(".cp-top .btn-seal")
    await expect(desk.locator("#end-form")).to_contain_text("2,000.00")
    await desk.click("button[form=end-form]")
    for role in ("consumer", "business"):
        await play.page(role).click("main:has(#not-right) .btn-act.btn-big")
    await desk.click("dialog[open] .btn-stamp")
    await play.page("consumer").wait_for_selector(".flow main section.card")
    await desk.goto(f"{play.venue.url}/complaints/{play.complaint}")
    await expect(desk.locator("main")).to_contain_text("2,000.00")
    await expect(desk.locator("main")).to_contain_text("2030")
    for secret in (OFFER, LIMIT):
        assert secret not in await desk.content(), "what was said apart is in no file"
