"""Reports and consultations as people use them: registered, joined, tested, decided, told; in both languages, wide and
narrow.

Every screen is measured (axe-core, sideways scroll); pictures are kept in artifacts/screens.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright
from pydantic import SecretStr

from complaints.leads import DecideLead, DisputeCompetence, NewConsultation, NewReport
from offices import OfficerRole
from server.serving.settings import Settings
from tests.browser.office.desks import Desks, signed_in
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from web.office.leads import CONSULTATIONS, LEADS, REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROLES: tuple[OfficerRole, ...] = ("mediator", "inspector", "supervisor")


@dataclass
class Place(Desks):
    first: str  # the lead of a report with a later one beside it
    second: str
    older: str  # decided under Order 20
    asked: str


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    settings = Settings(data=tmp_path_factory.mktemp("reports"), demo=True, demo_password=SecretStr(PASSWORD))
    app = demo_app(settings)
    server = TestServer(app)
    await server.start_server()
    now, (people, tokens) = datetime.now(UTC), await signed_in(app, ROLES)

    async def report(key: str, received: datetime, title: str, content: str) -> str:
        new = NewReport(
            key, "12315", "internet", received, title, content, "云岭健身", "seller", "珞喻路1号", "", "丁小禾",
            "13800005076", real_name=True, source="JB-2026-0917",
        )  # fmt: skip
        return (await app[REPORTS].register(people["inspector"], new))[0]

    first = await report("k1", now - timedelta(days=6), "标注虚假原价", "标注的原价从未成交，附页面截图。")
    second = await report("k2", now - timedelta(days=1), "虚假原价，并伪造检验报告", "同一门店，并展示伪造的检验报告。")
    older = await report("k3", datetime(2026, 4, 1, 2, tzinfo=UTC), "销售过期食品", "货架上有过期牛奶。")
    today = date.today()
    decided = DecideLead("case", "", "陆平", "东市监立〔2026〕12号", ("result", "reward"), "27.2")
    await app[LEADS].ask(people["inspector"], older, decided)
    dispute = DisputeCompetence(today, "西湖区市场监管局", "实际经营地不在本辖区", today)
    await app[LEADS].ask(people["inspector"], first, dispute)
    new = NewConsultation(
        "k1",
        "disclosure",
        "hotline",
        "phone",
        now,
        "申请公开抽检结果",
        "申请公开6月食品抽检结果",
        "陈一",
        "13900005678",
    )
    asked = await app[CONSULTATIONS].register(people["mediator"], new)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        url = str(server.make_url("")).rstrip("/")
        yield Place(url, chromium, tokens, first, second, older, asked)
        await chromium.close()
    await server.close()


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_screen_of_reports_and_consultations_can_be_read_by_everybody(
    place: Place, language: str, width: int
) -> None:
    screens = {
        "report-new": ("mediator", "/reports/new"),
        "complaint-new-kinds": ("mediator", "/complaints/new"),
        "consultation-new": ("mediator", "/consultations/new"),
        "consultations": ("mediator", "/consultations"),
        "consultations-none": ("mediator", "/consultations?kind=review"),
        "consultation": ("mediator", f"/consultations/{place.asked}"),
        "reports": ("inspector", "/reports"),
        "reports-none": ("inspector", "/reports?first=2020-01-01&last=2020-12-31"),
        "report": ("inspector", f"/leads/{place.first}?ask=settle"),
        "report-later": ("inspector", f"/leads/{place.second}?ask=join"),
        "report-older": ("inspector", f"/leads/{place.older}?ask=tell"),
        "report-message": ("inspector", f"/leads/{place.older}?ask=message-decision"),
        "report-due": ("inspector", "/due"),
        "report-supervisor": ("supervisor", f"/leads/{place.first}"),
    }
    assert not await place.faults(screens, language, width)


async def test_a_window_clerk_registers_a_report_and_an_inspector_takes_it_through_its_steps(place: Place) -> None:
    clerk = await place.page("mediator", "zh", 390)
    await clerk.goto(f"{place.url}/complaints/new")
    await clerk.click("nav a[href$='/reports/new']")
    await clerk.check("#real_name")
    await clerk.fill("#about", "乙超市")
    await clerk.fill("#title", "销售过期牛奶")
    await clerk.fill("#content", "11月20日在货架上见到过期牛奶，有照片。")
    await clerk.click("form button.btn-act")
    assert "实名举报须填写姓名和电话。" in await clerk.inner_text("main")
    await clerk.fill("#informant", "赵一")
    await clerk.fill("#phone", "13700001111")
    await clerk.click("form button.btn-act")
    number = (await clerk.inner_text("main .num")).strip()
    assert "举〔" in number
    refused = await clerk.goto(f"{place.url}/reports")
    assert refused is not None
    assert refused.status == 403

    page = await place.page("inspector", "zh", 1280)
    await page.goto(f"{place.url}/reports")
    await page.click("text=销售过期牛奶")
    assert number in await page.inner_text("main")
    assert "赵一" not in await page.inner_text("main")
    await page.click("form[action*='/assign'] button")
    await page.click("summary:has-text('登记开始')")
    await page.fill("#testing-body", "省质检院")
    await page.click("form[action*='/testing'] button")
    assert "停止计算" in await page.inner_text("aside section")  # the dates due
    await page.click("summary:has-text('登记结束')")
    await page.click("form[action*='/testing/end'] button")
    assert "停止计算" not in await page.inner_text("aside section")
    await page.click("summary:has-text('登记移送')")
    await page.fill("#refer-name", "东湖公安分局")
    await page.click("form[action*='/refer'] button")
    assert "东湖公安分局" in await page.inner_text("main")
    await page.select_option("#outcome", "case")
    await page.click("form[action*='/decide'] button")
    assert await page.is_visible("#approver-error")
    assert await page.is_visible("#competence-error")
    await page.fill("#approver", "陆平")
    await page.select_option("#competence", "29")
    await page.check("input[name=owed_result]")
    await page.click("form[action*='/decide'] button")
    assert "尚需告知举报人处理结果" in await page.inner_text("main")
    await page.goto(f"{page.url.partition('?')[0]}?ask=tell")
    await page.select_option("#tell-what", "result")
    await page.click("form[action*='/told'] button")
    assert "没有待办事项" in await page.inner_text("main")
    await clerk.context.close()
    await page.context.close()


async def test_an_inspector_sends_who_reported_what_the_page_shows_and_it_counts_as_told(place: Place) -> None:
    page = await place.page("inspector", "zh", 390)
    await page.goto(f"{place.url}/leads/{place.older}")
    await page.click("summary:has-text('发送短信：是否立案')")
    text = await page.inner_text("form[action*='/message']:visible .said")
    assert "您2026年4月1日反映的事项已决定立案。" in text
    await page.click("form[action*='/message']:visible button")
    async with asyncio.timeout(20):
        while "正在发往" in await page.inner_text("main"):  # until the gateway has it
            await page.reload()
    assert re.search("是否立案 · .* · 短信", await page.inner_text("main"))
    await page.click("summary:has-text('发送短信：处理结果')")
    await page.fill("#message-result-said", "云岭健身已改正")
    await page.click("form[action*='/message']:visible button")
    assert "请不要写出被举报人或者举报人" in await page.inner_text("main")
    await page.fill("#message-result-said", "已责令改正")
    await page.click("form[action*='/message']:visible button")
    await page.context.close()
    clerk = await place.page("mediator", "zh", 1280)
    await clerk.goto(f"{place.url}/outbox")
    assert "反映的事项" not in await clerk.inner_text("main")
    await clerk.context.close()


async def test_an_older_report_says_under_its_own_order_who_sees_it(place: Place) -> None:
    page = await place.page("inspector", "zh", 1280)
    for lead, article in ((place.first, "处理办法》第三十七条"), (place.older, "处理暂行办法》第三十三条")):
        await page.goto(f"{place.url}/leads/{lead}")
        assert article in await page.inner_text("main")
    await page.context.close()


async def test_an_inspector_joins_a_later_report_and_the_period_of_the_earlier_one_begins_anew(place: Place) -> None:
    page = await place.page("inspector", "zh", 1280)
    await page.goto(f"{place.url}/leads/{place.first}")
    before = await page.inner_text("aside details summary")
    await page.goto(f"{place.url}/leads/{place.second}")
    assert "同一举报电话此前有" in await page.inner_text("main")
    await page.click("summary:has-text('并入在先举报')")
    await page.select_option("#join-how", "facts")
    await page.click("form[action*='/join'] button")
    assert "一并办理" in await page.inner_text("main")
    await page.goto(f"{place.url}/leads/{place.first}")
    assert await page.inner_text("aside details summary") != before
    await page.goto(f"{place.url}/leads/{place.second}")
    await page.click("summary:has-text('撤销并入')")
    await page.fill("#separate-reason", "不是同一违法事实")
    await page.click("form[action*='/separate'] button")
    await page.goto(f"{place.url}/leads/{place.first}")
    assert await page.inner_text("aside details summary") == before
    await page.context.close()


async def test_a_consultation_is_registered_answered_and_dealt_with_on_a_phone(place: Place) -> None:
    page = await place.page("mediator", "zh", 390)
    await page.goto(f"{place.url}/consultations/new")
    await page.select_option("#kind", "review")
    await page.fill("#title", "申请行政复议")
    await page.fill("#content", "不服处罚决定，申请复议。")
    await page.click("form button.btn-act")
    assert "第四十四条" in await page.inner_text("main")
    assert "《行政复议法》第二十条" in await page.input_value("#answer-text")
    await page.click("text=登记答复")
    await page.click("form[action*='/close'] button")
    assert "已办结" in await page.inner_text("main")
    await page.goto(f"{place.url}/statistics")
    assert "收到2件，已答复1件，均不计入以上各项" in await page.inner_text("main")
    await page.context.close()
