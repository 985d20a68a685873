"""The procedure's pages: steps on a complaint, the table with its articles, the board, holidays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import procedure as p
from complaints.procedure.transitions import STEPS, TRANSITIONS
from complaints.views import OrdersInUse, ProcedureView
from journal.refusals import Refused
from law.orders import OrderRule
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from web.office.complaints.pages import STEP_NAMES
from web.office.complaints.procedure import EVENTS, READERS


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("zhou"))
    return visitor


async def colleague(world: World, zhou: Browser, login: str) -> Browser:
    visitor = await another(zhou)
    visitor.sign_in(world.identity.token(login))
    return visitor


def offer(world: World, *steps: str) -> None:
    page = world.complaints.pages["c0"]
    view = ProcedureView("accepted", steps, offices=[("o2", "二所")])
    world.complaints.keep(replace(page, procedure=view))


async def test_a_step_shows_the_articles_it_rests_on(world: World, zhou: Browser) -> None:
    offer(world, "begin_testing", "end")
    page = await zhou.get("/complaints/c0")
    assert "开始检测鉴定" in page.text
    assert "2026年4月15日起施行）第二十二条" in page.text
    assert "第二十三条第一款" in page.text


async def test_an_order_that_was_chosen_is_not_said_to_follow_from_the_day_of_receipt(
    world: World, zhou: Browser
) -> None:
    assert "按收到日期" in (await zhou.get("/complaints/c0")).text
    world.complaints.keep(replace(world.complaints.pages["c0"], order="20"))
    page = (await zhou.get("/complaints/c0")).text
    assert "由监督员决定" in page
    assert "按收到日期" not in page


@pytest.mark.parametrize(
    ("step", "typed", "command"),
    [
        ("begin_testing", {"body": "省质检院", "chosen": "agreed"}, p.BeginTesting("省质检院", "agreed")),
        ("end_testing", {"note": "合格"}, p.EndTesting("合格")),
        (
            "recusal",
            {"by": "consumer", "whom": "u-zhou", "reason": "亲戚"},
            p.RequestRecusal("consumer", "u-zhou", "亲戚"),
        ),
        (
            "delegate",
            {"body": "消协", "agreed_consumer": "yes", "agreed_business": "yes"},
            p.DelegateMediation("消协", ("consumer", "business")),
        ),
        ("end_delegation", {"reason": "收回"}, p.EndDelegation("收回")),
        ("dispute", {"body": "二所", "reason": "经营地"}, p.RaiseCompetence("二所", "经营地")),
        ("settle_dispute", {"ours": "yes"}, p.SettleCompetence("agreed", ours=True)),
        ("dispatch", {"to": "o2"}, p.Dispatch("o2")),
        ("return", {"reason": "不在辖区"}, p.ReturnToIntake("不在辖区")),
    ],
)
async def test_what_a_form_says_is_asked(
    world: World, zhou: Browser, step: str, typed: dict[str, str], command: p.ProcedureCommand
) -> None:
    offer(world, step)
    await zhou.get("/complaints/c0")
    answer = await zhou.post(f"/complaints/c0/procedure/{step}", typed)
    assert answer.status == 303
    assert world.procedure.asked == [("zhou", "c0", command)]


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        ("begin_testing", {"body": " ", "chosen": "agreed"}),
        ("begin_testing", {"body": "省质检院", "chosen": "drawn"}),
        ("recusal", {"by": "consumer", "whom": "u-other", "reason": "亲戚"}),
        ("dispute", {"body": "二所", "reason": "长" * 501}),
        ("dispatch", {"to": "o3"}),
    ],
)
async def test_what_cannot_be_asked_is_said_in_the_open_form(
    world: World, zhou: Browser, step: str, typed: dict[str, str]
) -> None:
    offer(world, step)
    await zhou.get("/complaints/c0")
    answer = await zhou.post(f"/complaints/c0/procedure/{step}", typed)
    assert answer.status == 422
    assert f'id="step-{step}" open' in answer.text
    assert 'class="error"' in answer.text
    assert world.procedure.asked == []


async def test_a_missing_consent_is_said_beside_the_consents(world: World, zhou: Browser) -> None:
    offer(world, "delegate")
    world.procedure.refusal = Refused("needs_consent", 400)
    await zhou.get("/complaints/c0")
    answer = await zhou.post("/complaints/c0/procedure/delegate", {"body": "消协"})
    assert answer.status == 422
    assert "须经双方同意。" in answer.text


async def test_a_step_nobody_knows_is_not_there(zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    assert (await zhou.post("/complaints/c0/procedure/jump")).status == 404


def test_every_step_has_its_name_and_its_form() -> None:
    assert STEP_NAMES.keys() == STEPS.keys()
    assert READERS.keys() == STEPS.keys() - {"split", "lead", "end"}  # these have a page of their own


def test_every_step_of_the_table_has_a_name() -> None:
    assert {row.event for row in TRANSITIONS} <= EVENTS.keys()


async def test_the_whole_table_is_a_page_in_both_languages(zhou: Browser) -> None:
    page = await zhou.get("/procedure")
    assert page.status == 200
    assert "第四十一条第二款" in page.text
    assert "暂行办法》（2020年1月1日起施行）</th>" in page.text, "each order's version heads its column"
    assert ">第二十条</td>" in page.text


async def test_the_board_says_why_each_date_is_that_date(world: World, zhou: Browser) -> None:
    for officer in (zhou, await colleague(world, zhou, "lin")):
        page = await officer.get("/due?clock=accept")
        assert page.status == 200
        assert "为什么是" in page.text
    assert (await zhou.get("/due?clock=nonsense")).status == 200


async def test_the_board_says_when_it_shows_the_first_only(world: World, zhou: Browser) -> None:
    assert "在投诉列表中看全部" not in (await zhou.get("/due")).text
    world.procedure.more = 2959
    assert 'href="/complaints?due=soon">在投诉列表中看全部' in (await zhou.get("/due")).text


async def test_a_notice_is_shown_before_dates_rest_on_it(world: World, zhou: Browser) -> None:
    admin = await colleague(world, zhou, "admin")
    await admin.get("/holidays")
    typed = {"year": "2027", "text": "二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月20日（周六）上班。"}
    shown = await admin.post("/holidays", typed)
    assert shown.status == 200
    assert "2027年2月5日" in shown.text
    assert world.holidays.known == {}
    assert (await admin.post("/holidays", {**typed, "confirmed": "yes"})).status == 303
    assert len(world.holidays.known[2027].notice.off) == 7
    assert (await admin.post("/holidays/2027/withdraw")).status == 303
    assert world.holidays.known == {}


@pytest.mark.parametrize(
    "typed",
    [
        {"year": "20x7", "text": "2027-02-05 春节"},
        {"year": "2027", "text": ""},
        {"year": "2027", "text": "春节：2月5日（周一）放假"},
        {"year": "2028", "text": "2027-02-05 春节"},
    ],
)
async def test_a_notice_that_cannot_be_read_is_refused_with_its_line(
    world: World, zhou: Browser, typed: dict[str, str]
) -> None:
    admin = await colleague(world, zhou, "admin")
    await admin.get("/holidays")
    answer = await admin.post("/holidays", {**typed, "confirmed": "yes"})
    assert answer.status == 422
    assert 'class="error"' in answer.text


async def test_both_readings_of_which_order_applies_are_explained_and_the_chosen_one_is_marked(
    world: World, zhou: Browser
) -> None:
    world.procedure.in_use = OrdersInUse(OrderRule.RECEIPT, older=2)
    text = (await zhou.get("/procedure")).text
    assert 'id="orders"' in text
    for rule in ("依收到之日", "实体从旧、程序从新"):
        assert rule in text
    assert text.index("依收到之日") < text.index("本系统采用") < text.index("实体从旧、程序从新")
    assert "目前有2件在办投诉适用暂行办法" in text
    luo = await colleague(world, zhou, "lin")
    assert "改为适用新办法" not in (await luo.get("/procedure")).text  # the other rule is in use
    world.procedure.in_use = OrdersInUse(OrderRule.PROCEDURE, older=2)
    assert "改为适用新办法" not in (await zhou.get("/procedure")).text  # a supervisor's
    assert "改为适用新办法" in (await luo.get("/procedure")).text
    assert (await luo.post("/procedure/order", {"reason": ""})).status == 422
    assert (await luo.post("/procedure/order", {"reason": "程序从新"})).location == "/procedure#orders"
    assert [reason for _, reason in world.procedure.applied] == ["程序从新"]
