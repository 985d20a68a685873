"""Pages of exchange: what each platform was told, files both ways, both sides' counts; and a settlement tried first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from web.http import cookies


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("zhou"))
    visitor.cookies[cookies.LANGUAGE] = "zh"
    return visitor


async def english(zhou: Browser) -> Browser:
    zhou.cookies[cookies.LANGUAGE] = "en"
    return zhou


async def test_the_list_says_of_each_platform_what_waits(zhou: Browser) -> None:
    page = await zhou.get("/exchange")
    for said in ("12345热线", "待接收3条，未接收1条", "平台未接收"):
        assert said in page.text


async def test_an_office_without_a_platform_is_told_who_enters_one(world: World, zhou: Browser) -> None:
    world.exchange.platforms.clear()
    assert "由系统运维人员设定" in (await zhou.get("/exchange")).text


async def test_a_platforms_page_shows_what_waits_what_was_refused_and_why(zhou: Browser) -> None:
    page = await zhou.get("/exchange/hotline")
    for said in (
        "GD2026062300001",
        "缺少反馈内容",
        "该网址无法连接。",
        "试了2次",
        "待回执2条",
        "已归档",
        "2件投诉不一致",
    ):
        assert said in page.text
    assert (await zhou.get("/exchange/other")).status == 404


async def test_what_was_refused_is_sent_again_and_what_waits_now(world: World, zhou: Browser) -> None:
    await zhou.get("/exchange/hotline")
    await zhou.post("/exchange/hotline/statements/s2/again", {})
    await zhou.post("/exchange/hotline/again", {})
    assert world.exchange.asked == [("again", "hotline", "s2"), ("again", "hotline", "")]


async def test_what_waits_is_downloaded_and_calculates_nothing(zhou: Browser) -> None:
    await zhou.get("/exchange/hotline")
    table = await zhou.post("/exchange/hotline/files", {"kind": "csv"})
    assert table.headers["Content-Disposition"].endswith('.csv"')
    assert table.text.splitlines()[1] == "GD2026062300001,'=1+1"
    book = await zhou.post("/exchange/hotline/files", {"kind": "xlsx"})
    assert book.headers["Content-Disposition"].endswith('.xlsx"')
    assert (await zhou.get("/exchange/hotline/files/f1?kind=csv")).text == table.text
    assert (await zhou.post("/exchange/hotline/files", {"kind": "exe"})).status == 422


async def test_a_file_of_receipts_says_what_came_of_it(zhou: Browser) -> None:
    await zhou.get("/exchange/hotline")
    page = await zhou.upload("/exchange/hotline/receipts", "r.csv", b"x")
    for said in ("平台已接收1条，未接收1条", "有1条回执的接收结果无法识别", "GD9"):
        assert said in page.text
    empty = await zhou.upload("/exchange/hotline/receipts", "r.csv", b"")
    assert empty.status == 422
    assert "文件是空的" in empty.text or "没有内容" in empty.text
    assert (await zhou.post("/exchange/hotline/receipts", {})).status == 422


async def test_that_the_platform_has_a_file_is_noted_with_how_it_was_seen(world: World, zhou: Browser) -> None:
    await zhou.get("/exchange/hotline")
    assert (await zhou.post("/exchange/hotline/files/f1/taken", {"receipt": ""})).status == 422
    await zhou.post("/exchange/hotline/files/f1/taken", {"receipt": "平台页面显示"})
    assert world.exchange.asked == [("taken", "hotline", "f1", "平台页面显示")]


async def test_a_comparison_asks_for_a_period(world: World, zhou: Browser) -> None:
    page = "/exchange/hotline/reconciliations"
    await zhou.get("/exchange/hotline")
    assert (await zhou.post(page, {"first": "2026-06-01", "last": "2026-06-30"})).status == 303
    wrong = await zhou.post(page, {"first": "2026-06-30", "last": "2026-06-01"})
    assert (wrong.status, "不超过400天" in wrong.text) == (422, True)
    away = await zhou.post(page, {"first": "2019-06-01", "last": "2019-06-30"})
    assert (away.status, "该网址无法连接。" in away.text) == (422, True)
    assert (await zhou.post(page, {"first": "x", "last": ""})).status == 422
    assert world.exchange.asked == [("reconcile", "hotline", "2026-06-01", "2026-06-30")]


async def test_the_differences_are_a_table(zhou: Browser) -> None:
    lines = (await (await english(zhou)).get("/exchange/hotline/differences.csv")).text.splitlines()
    assert lines[1:] == ["GD2026062300002,Acceptance decided,已归档", "GD2026062300003,has none,Acceptance decided"]


async def test_the_complaint_says_what_its_sender_was_told(world: World, zhou: Browser) -> None:
    world.complaints.keep(replace(world.complaints.pages["c0"], row=replace(world.complaints.pages["c0"].row, id="c0")))
    world.exchange.complaint = "c0"
    page = await zhou.get("/complaints/c0")
    for said in (
        "向来源渠道的反馈", "12345热线", "回执H00011", "缺少反馈内容", "平台未接收", "等待重试",
        "平台先后发来2个不同版本",
    ):  # fmt: skip
        assert said in page.text


async def test_a_settlement_is_tried_first_and_ends_with_what_came_of_it(world: World, zhou: Browser) -> None:
    row = replace(world.complaints.pages["c0"].row, state="registered")
    world.complaints.keep(replace(world.complaints.pages["c0"], row=row))
    assert "由经营者先行和解" in (await zhou.get("/complaints/c0")).text
    await zhou.post("/complaints/c0/prior", {"prior_due": "2026-07-01", "prior_note": "绿色通道"})
    late = await zhou.post("/complaints/c0/prior", {"prior_due": "2020-07-01"})
    assert (late.status, "请选择今天或者以后的日期" in late.text) == (422, True)
    world.complaints.keep(replace(world.complaints.pages["c0"], settling_first=True))
    assert "受理期限照常计算" in (await zhou.get("/complaints/c0")).text
    assert (await zhou.post("/complaints/c0/prior/end", {"settled": "yes"})).status == 422
    await zhou.post("/complaints/c0/prior/end", {"settled": "yes", "prior_note": "退款，电话确认"})
    assert world.exchange.asked == [("begin", "c0", "2026-07-01", "绿色通道"), ("end", "c0", "True", "退款，电话确认")]
