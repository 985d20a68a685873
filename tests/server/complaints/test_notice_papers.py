"""What a notice and its message say stands up: article and item, formal or official words, the officer's reason, the
issuing authority, the office as handling unit, and the office's own signature."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from complaints.notices import NoticeKind as K
from complaints.procedure import EndMediation
from complaints.views import NoticeWish
from journal.refusals import Refused
from law import grounds, library
from law.grounds import ENDING_20, ENDING_121, REFUSAL_20, REFUSAL_121
from law.library import ArticleText
from rooms.commands import Arrive, Close, ProposeOutcome, RecordHeld
from rooms.events import HeldElsewhere
from rooms.vocabulary import Outcome, OutcomeKind
from server.complaints.office_store import LawStore
from server.documents import sentence
from server.identity.account_store import SystemStore
from server.identity.codes import OneTime, SigningCodes, Tickets
from server.identity.link_store import LinkStore
from server.identity.sign_in_store import TicketStore
from server.rooms.service import ElsewhereService
from server.signing.copies import NoticeCopies
from tests.server.app.office import FIRST, IP, secret_of
from tests.server.complaints.test_complaint_desk import follow_up, scheduled
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)
from tests.server.documents.pdf import text_of

BUREAU = replace(
    FIRST, authority="东湖高新区市场监督管理局", address="武汉市东湖高新区演示大道1号", signature="东湖市监"
)
REASON = "经查，所购设备用于经营场所，不是为生活消费需要购买"
ARTICLE = (
    "投诉有下列情形之一的，不予受理：（一）甲事项的；（二）乙事项（含子项）的；"
    "（三）为核对而写的官方文字的；（四）丁事项的。"
)


async def of_the_bureau(desk: Desk) -> None:
    await desk.world.store.change_offices([BUREAU])
    desk.world.zhou = replace(desk.world.zhou, office=BUREAU)


async def refused(desk: Desk, ground: int = 3) -> str:
    complaint = await desk.world.register()
    await desk.world.desk.refuse(desk.world.zhou, complaint, ground, REASON)
    await desk.issue(complaint, K.REFUSAL)
    return complaint


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


async def test_a_refusal_cites_article_and_item_in_formal_words_and_gives_the_officers_reason(desk: Desk) -> None:
    said = flat(await desk.sheet(await refused(desk)))
    for part in (
        "《市场监督管理投诉举报处理办法》第十六条第三项",
        "并非为生活消费需要而购买、使用",
        "第十五条",
        f"具体理由：{REASON}",
        "《中华人民共和国消费者权益保护法》第三十九条",
    ):
        assert part in said, part
    assert "说明不了" not in said


async def test_the_message_of_a_refusal_cites_the_item_and_leads_to_where_the_reason_is_read(desk: Desk) -> None:
    complaint = await refused(desk)
    [(_, text)] = await desk.sent()
    for part in ("第十六条第三项", "并非为生活消费需要而购买", "具体理由见告知书", "https://tiaojie.example/follow"):
        assert part in text, part
    assert REASON not in text
    assert "说明不了" not in text
    row = (await desk.listed(complaint)).issued[0]
    read = await desk.notices.readable(complaint, row.id, "consumer")
    assert any(REASON in text for _, text in read.blocks)


@pytest.mark.parametrize("outside", [True, False], ids=["outside a session", "in a session"])
async def test_a_termination_gives_the_officers_reason(desk: Desk, outside: bool) -> None:
    why = "被投诉人两次未到，也没有说明理由"
    if outside:
        complaint = await desk.world.register()
        await desk.world.desk.accept(desk.world.zhou, complaint)
        await desk.world.complaints.submit(complaint, EndMediation(2, why), desk.world.zhou.actor)
    else:
        complaint, session = await scheduled(desk.world)
        for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=2, note=why)), Close()):
            await desk.world.rooms.submit(session, command, desk.world.zhou.actor)
        await follow_up(desk.world).catch_up()
    await desk.issue(complaint, K.TERMINATION)
    said = flat(await desk.sheet(complaint))
    for part in ("第二十三条第二项", "没有正当理由不参加调解", f"具体理由：{why}"):
        assert part in said, part
    assert all("第二十三条第二项" in text and why not in text for _, text in await desk.sent())


async def test_the_business_reads_the_reason_behind_its_messages_link_with_a_code_to_its_phone(desk: Desk) -> None:
    why, world = "被投诉人书面答复不接受调解", desk.world
    complaint = await world.register()
    await world.desk.accept(world.zhou, complaint)
    await world.complaints.submit(complaint, EndMediation(2, why), world.zhou.actor)
    await desk.issue(complaint, K.TERMINATION)
    text = next(text for to, text in await desk.sent() if to == "13900000812")
    [secret] = re.findall(r"https://tiaojie\.example/c/(\S+)", text)
    assert len(secret) == 24
    links, clock = LinkStore(world.database), world.clock.now
    codes = SigningCodes(OneTime(links, world.outbox, world.seal, clock), links, world.desk, world.seal, clock, "zh")
    copies = NoticeCopies(desk.notices, world.store, codes, Tickets(world.seal, clock, TicketStore(world.database)))
    told = await copies.told(secret)
    assert told is not None
    visit = await copies.visit(told)
    assert (visit.office.id, visit.phone) == (FIRST.id, "139 **** 0812")  # nothing of the case before the code
    await copies.send_code(told, secret, IP)
    with pytest.raises(Refused, match="bad_code"):
        await copies.open(told, secret, "000000", IP, clock())
    [row] = await copies.open(told, secret, await world.newest_code(), IP, clock())
    printed = await copies.by_ticket(row.ticket)
    assert printed is not None
    assert f"具体理由：{why}" in flat(text_of(printed.content))
    state = await desk.state(complaint)
    assert state.notices[0].read_by == ("business",)
    await desk.notices.withdraw(world.zhou, complaint, row.id, "发错了")
    with pytest.raises(Refused, match="link_expired"):
        await copies.visit(told)
    assert await copies.told(secret[:-3] + "AAA") is None


async def test_a_long_link_of_a_message_from_before_opens_the_same_notice(desk: Desk) -> None:
    world = desk.world
    complaint = await world.register()
    await world.desk.accept(world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    notice = (await desk.state(complaint)).notices[0].issued.notice
    tickets = Tickets(world.seal, world.clock.now, TicketStore(world.database))
    what = {"complaint": complaint, "notice": notice, "whom": "business"}
    long = tickets.write("notice", what, world.clock.now() + timedelta(days=60))
    links, clock = LinkStore(world.database), world.clock.now
    codes = SigningCodes(OneTime(links, world.outbox, world.seal, clock), links, world.desk, world.seal, clock, "zh")
    told = await NoticeCopies(desk.notices, world.store, codes, tickets).told(long)
    assert told is not None
    assert {name: told[name] for name in what} == what
    world.move(days=61)
    assert await tickets.read("notice", long) is None


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("未到场", "未到场。"),
        ("未到场。 ", "未到场。"),
        ("称“不来”", "称“不来”。"),
        ("称“不来。”", "称“不来。”"),
        ("Late", "Late."),
        (" ", ""),
    ],
)
def test_what_an_officer_typed_ends_as_a_sentence(typed: str, printed: str) -> None:
    assert sentence(typed) == printed


async def test_where_an_office_imported_the_order_its_own_words_are_quoted(desk: Desk) -> None:
    wording = ArticleText("order-121", "市场监督管理投诉举报处理办法", 16, 0, ARTICLE, date(2026, 4, 15))
    await LawStore(desk.world.database).replace([wording], desk.world.clock.now())
    said = flat(await desk.sheet(await refused(desk)))
    assert "第十六条第三项规定的情形：“为核对而写的官方文字的”。" in said
    assert "并非为生活消费需要而购买" not in said
    assert "“为核对而写的官方文字的”" in (await desk.sent())[0][1]


def test_an_item_is_found_in_an_article_whatever_its_last_sentence_says() -> None:
    assert library.citation_item(ARTICLE, 2) == "乙事项（含子项）的"
    assert library.citation_item(ARTICLE, 4) == "丁事项的"
    assert library.citation_item(ARTICLE, 5) == ""
    assert library.citation_item("（一）甲；\n（二）乙。\n终止的，应当告知。", 2) == "乙"


@pytest.mark.parametrize("grounds", [REFUSAL_121, REFUSAL_20, ENDING_121, ENDING_20])
def test_every_ground_has_a_formal_wording_that_is_not_the_plain_one(grounds: tuple[object, ...]) -> None:
    for one in grounds:
        assert one.formal("zh") != one.gist("zh")  # type: ignore[attr-defined]
        assert not re.search(r"不归|说明不了|谈不成|谈不拢|没有给|不来|去世|该给", one.formal("zh"))  # type: ignore[attr-defined]


async def test_the_bureau_issues_a_notice_and_the_office_handles_it(desk: Desk) -> None:
    await of_the_bureau(desk)
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    row = (await desk.listed(complaint)).issued[0]
    read = await desk.notices.readable(complaint, row.id, "consumer")
    assert read.office == "东湖高新区市场监督管理局"
    said = flat(await desk.sheet(complaint))
    for part in (
        "承办机构：东湖高新区市场监管一所",
        "承办人：周敏",
        f"联系电话：{FIRST.phone}",
        "机关地址：武汉市东湖高新区演示大道1号",
    ):
        assert part in said, part
    assert said.startswith("东湖高新区市场监督管理局")


async def test_messages_carry_the_signature_that_the_carrier_knows_and_no_product_name(desk: Desk) -> None:
    await of_the_bureau(desk)
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    [(_, text)] = await desk.sent()
    assert text.startswith("【东湖市监】东湖高新区市场监管一所：")
    link = await desk.world.invite(send=True)
    await desk.world.code_for(await desk.world.links.begin(secret_of(link)))
    assert {notice.text.partition("】")[0] for notice in desk.world.phones.received} == {"【东湖市监"}


async def test_the_message_of_an_acceptance_promises_no_result(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    [(_, text)] = await desk.sent()
    assert "经双方同意后组织调解，期限至2026年8月23日，鉴定、检测时间不计算在内" in text
    assert "《市场监督管理投诉举报处理办法》第十五条" in text
    assert "有结果" not in text


async def test_proof_of_identity_is_asked_for_in_writing_before_the_decision(desk: Desk) -> None:
    complaint = await desk.world.register()
    assert (await desk.listed(complaint)).owed == []  # nobody must
    number = await desk.issue(complaint, K.IDENTITY)
    assert number == "东高一投核〔2026〕0001号"
    said = flat(await desk.sheet(complaint))
    for part in ("提供身份证明材料通知书", "第十条第三款", "居民身份证", "请于2026年6月", "第十六条第五项、第六项"):
        assert part in said, part
    assert "第十条第三款" in (await desk.sent())[0][1]


async def test_the_notice_of_a_mediation_by_telephone_says_who_rings_whom(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.schedule(desk.world.zhou, complaint, desk.world.clock.now() + timedelta(days=3), [], "phone")
    await desk.issue(complaint, K.MEDIATION)
    said = flat(await desk.sheet(complaint))
    for part in ("方式：电话", "主持人将拨打本机关登记的您的联系电话", f"不便通话的，请提前致电{FIRST.phone}"):
        assert part in said, part
    assert "链接" not in said
    assert "到场" not in said


async def test_the_draft_record_of_a_mediation_on_site_says_where_it_was_and_who_else_was_there(desk: Desk) -> None:
    world, ended = desk.world, desk.world.clock.now()
    complaint = await world.register()
    held = HeldElsewhere(
        "on_site", ended - timedelta(minutes=30), ended, "东湖所二楼调解室", "丁小禾，本人", "陈立", "商户街管理员"
    )
    elsewhere = ElsewhereService(
        world.desk, world.complaints, world.rooms, SystemStore(world.database), world.clock.now
    )
    await elsewhere.record(world.zhou, complaint, RecordHeld(held, Outcome(OutcomeKind.NOT_SETTLED)))
    await follow_up(world).catch_up()
    draft = await desk.notices.preview(world.zhou, complaint, NoticeWish("record"))
    said = flat(text_of(draft.content))
    assert "其他参加人：商户街管理员" in said
    assert said.index("地点：东湖所二楼调解室") < said.index("投诉请求和事由")


def test_a_duty_that_is_a_paragraph_is_cited_with_it() -> None:
    assert grounds.cited_duty("121", grounds.IDENTITY, "zh").endswith("第十条第三款")
    assert grounds.cited_duty("121", grounds.END, "zh", 5).endswith("第二十三条第五项")
