"""Every form of the register of forms, printed into artifacts/forms to be looked at, and read again by poppler.

The texts of messages are written beside them.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from complaints.leads import DecideLead, TellInformant
from complaints.notices import NoticeKind as K
from complaints.procedure import EndMediation
from complaints.views import NoticeWish
from law import grounds, library
from rooms import commands as c
from rooms.vocabulary import Outcome, OutcomeKind
from server import outbox
from server.documents.facts import DocumentCase, Given, facts
from server.outbox import MessageTo, notice_text, withdrawal_text
from tests.server.complaints.test_complaint_desk import follow_up
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)
from tests.server.leads.test_lead_desk import colleague, desk as lead_desk
from tests.server.leads.test_report_desk import TODAY, YEAR, reported, reports
from tests.server.signing.sittings import (
    Room,
    room as room,  # a fixture
)
from tests.server.signing.test_parties_on_paper import (
    BUREAU,
    CODE,
    ID,
    PHONE,
    world as world,  # a fixture
)

pytestmark = pytest.mark.pdfsig
AUTHORITY, HANDLER = "东湖高新区市场监督管理局", "东湖高新区市场监管一所"
CONTACT = (f"承办机构：{HANDLER}", "承办人：周敏", f"联系电话：{BUREAU.phone}", f"机关地址：{BUREAU.address}")


@pytest.fixture
def forms(artifacts: Path) -> Path:
    folder = artifacts / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read(folder: Path, name: str, content: bytes) -> str:
    """What poppler reads of a form, without spaces; the file stays in the folder."""
    path = folder / f"{name}.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return re.sub(r"[\s\u200b]+", "", done.stdout.decode())


def holds(said: str, *fields: str) -> None:
    for field in fields:
        assert re.sub(r"\s", "", field) in said, field


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b[^s]", content))


async def issued(desk: Desk, complaint: str, kind: K, **more: object) -> bytes:
    await desk.issue(complaint, kind, **more)
    row = (await desk.listed(complaint)).issued[0]
    return (await desk.notices.file(desk.world.zhou, complaint, row.id)).content


async def test_the_complaint_register(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    made = await desk.notices.preview(desk.world.zhou, complaint, NoticeWish("register"))
    holds(
        read(forms, "01-complaint-register", made.content),
        AUTHORITY, "投诉登记表", "登记编号 东高一投〔2026〕0001号", "来源渠道 全国12315平台", "接收时间", "登记人 周敏",
        f"承办机构 {HANDLER}", "投诉人 丁小禾", "身份证件 居民身份证，**** 002X", "联系电话 138 **** 5076",
        "湖北黄冈黄州区东门路8号", "性别、年龄 未登记", "共同投诉人 无",
        "被投诉人 武汉知遇桥信息技术有限公司", f"统一社会信用代码 {CODE}", "联系人 陈立",
        "投诉请求 退还剩余积分", "争议金额 2360.00元", "事实和理由", "登记人（签字）", "审核人（签字）",
    )  # fmt: skip


async def test_the_report_register_and_its_form(desk: Desk, forms: Path) -> None:
    world, cha = desk.world, await colleague(desk.world, "cha", "inspector")
    cha = replace(cha, office=replace(cha.office, authority=AUTHORITY))
    lead, number = await reports(world).register(world.zhou, reported(world, credit_code=CODE))
    await reports(world).register(world.zhou, reported(world, "k2", informant="", phone="", real_name=False))
    await lead_desk(world).ask(cha, lead, DecideLead("unfounded", "查无实据", "陆平", competence="29"))
    await lead_desk(world).ask(cha, lead, TellInformant(TODAY, "decision", "phone", "", TODAY))
    form, book = await reports(world).form(cha, lead), await reports(world).book(cha, YEAR)
    assert (form.name, book.name) == (f"举报登记表 {number}.pdf", "举报登记簿 2026-01-01至2026-12-31.pdf")
    said = read(forms, "02-report-register-form", form.content)
    holds(
        said, AUTHORITY, "举报登记表", f"登记编号 {number}", "来源渠道 窗口登记", "接收时间 2026年6月24日09:00",
        "登记人 周敏",
        "举报人 丁某（实名）", "举报人联系电话 138 **** 5076", "被举报人 甲健身馆", CODE, "行为发生地 珞喻路1号",
        "违法行为线索 门店未办理营业执照", "证据材料 无", "处理情况 查无实据，2026-06-24，决定人陆平",
        "告知情况 2026-06-24 是否立案（电话）", "登记人（签字）", "审核人（签字）",
    )  # fmt: skip
    listed = read(forms, "02-report-register", book.content)
    holds(listed, AUTHORITY, "举报登记簿", "2026年1月1日至2026年12月31日。共2件。", "0001号", "丁某（实名）", "匿名")
    for text in (said, listed):
        assert "丁小禾" not in text
        assert "13800005076" not in text


async def test_dispatch(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    said = read(forms, "03-dispatch", await issued(desk, complaint, K.DISPATCH, receiver="江岸区市场监督管理局"))
    holds(
        said,
        AUTHORITY,
        "投诉分送告知书",
        "第四十一条",
        "分送有处理权限的江岸区市场监督管理局处理",
        "第十五条",
        *CONTACT,
    )


async def test_proof_of_identity(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    said = read(forms, "04-identity", await issued(desk, complaint, K.IDENTITY))
    holds(
        said, AUTHORITY, "提供身份证明材料通知书", "丁小禾：", "第十条第三款", "居民身份证", "第五项、第六项", *CONTACT
    )


async def test_acceptance(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    said = read(forms, "05-acceptance", await issued(desk, complaint, K.ACCEPTANCE))
    holds(
        said,
        AUTHORITY,
        "投诉受理通知书",
        "第十五条",
        "第十八条",
        "第二十二条",
        "第二十三条",
        "鉴定、检测所用的时间",
        *CONTACT,
    )


async def test_refusal(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.refuse(desk.world.zhou, complaint, 5, "经通知仍未提供交易凭证")
    said = read(forms, "06-refusal", await issued(desk, complaint, K.REFUSAL))
    holds(
        said, AUTHORITY, "投诉不予受理告知书", "第十六条第五项", "提交的材料虚假", "具体理由：经通知仍未提供交易凭证。",
        "第三十九条", "（五）向人民法院起诉", *CONTACT,
    )  # fmt: skip


async def test_notice_of_mediation(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.schedule(desk.world.zhou, complaint, desk.world.clock.now(), [])
    said = read(forms, "07-mediation", await issued(desk, complaint, K.MEDIATION, english=True))
    holds(
        said, AUTHORITY, "调解通知书", "丁小禾、武汉知遇桥信息技术有限公司：", "时间：2026年6月24日",
        "方式：网络视频、音频", "第二十条", "主持人：周敏", "第二十一条", "Notice of mediation", *CONTACT,
    )  # fmt: skip


async def test_termination(desk: Desk, forms: Path) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.world.complaints.submit(complaint, EndMediation(2, "被投诉人书面答复不接受调解"), desk.world.zhou.actor)
    content = await issued(desk, complaint, K.TERMINATION)
    said = read(forms, "08-termination", content)
    holds(
        said, AUTHORITY, "终止调解告知书", "第二十三条第二项", "明确表示不接受调解",
        "具体理由：被投诉人书面答复不接受调解。", "第二十五条", "第三十九条", *CONTACT,
    )  # fmt: skip
    assert "Notice" not in said  # nobody asked for English
    assert pages(content) <= 2


async def test_the_agreement_under_seal_its_copy_and_its_draft(room: Room, desk: Desk, forms: Path) -> None:
    content = await room.sealed()
    said = read(forms, "09-agreement", content)
    holds(
        said, AUTHORITY, "消费争议调解书", "东高一调〔2026〕0001号", "投诉人 丁小禾", ID, PHONE, "被投诉人 武汉知遇桥",
        CODE, "法定代表人或者负责人 陈立", f"承办机构 {HANDLER}", "调解方式 网络视频、音频", "第一条", "第二条",
        "经双方签字或者盖章，并加盖本机关印章后生效。", "第二十四条", "第三十九条", "手写签名", BUREAU.address,
    )  # fmt: skip
    assert "Mediation agreement" not in said
    document = (await room.state()).documents[0].sealed.document
    said = read(forms, "09-agreement-copy", room.papers.copy(room.session, document))
    holds(said, "（脱敏副本）", "138 **** 5076", CODE)
    assert ID not in said
    await room.ask(c.ProposeAgreed())
    await room.ask(c.Close("已宣读"))
    await follow_up(room.world).catch_up()
    draft = await desk.notices.preview(room.world.zhou, room.complaint, NoticeWish("agreement"))
    said = read(forms, "09-agreement-draft", draft.content)
    holds(said, "稿", "经双方签字或者盖章，并加盖本机关印章后生效。", "（签字或者盖章）", f"承办机构：{HANDLER}", CODE)


async def test_the_record_of_no_agreement_under_seal_and_its_draft(room: Room, desk: Desk, forms: Path) -> None:
    for clause in (await room.state()).draft.clauses:
        await room.ask(c.RemoveClause(clause.id, clause.edition))
    await room.ask(c.ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=3, note="双方对退款比例分歧较大")))
    await room.ask(c.Close("已宣读"))
    await room.signing.file(room.world.zhou, room.session)
    said = read(forms, "10-record", await room.pdf())
    holds(
        said, AUTHORITY, "消费争议调解记录", "开始时间", "结束时间", "调解方式 网络视频、音频", "主持人、记录人 周敏",
        "其他在场人 无", "第二十三条第三项", "不能达成调解协议", "具体理由：双方对退款比例分歧较大。", "调解经过",
        CODE, ID,
    )  # fmt: skip
    await follow_up(room.world).catch_up()
    draft = await desk.notices.preview(room.world.zhou, room.complaint, NoticeWish("record"))
    holds(read(forms, "10-record-draft", draft.content), "调解记录", "第二十三条第三项", "方式：网络视频、音频")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_texts_of_messages(desk: Desk, forms: Path, language: str) -> None:
    complaint = await desk.world.register()
    entries, state = await desk.notices._read(complaint)
    state = replace(state, accepted_at=state.record.received)
    office, number, url = BUREAU, state.record.number, "https://tiaojie.example/j/7f3a"
    starts, day = datetime(2026, 6, 24, 1, tzinfo=UTC), date(2026, 6, 24)
    told = {
        **facts("dispatch", DocumentCase(state, entries, office, "周敏", given=Given(receiver="江岸区局")), language)
    }
    told |= {
        "starts": "2026-06-24 09:00" if language == "en" else "2026年6月24日（星期三）09:00",
        "cite_ground": grounds.cited_duty("121", grounds.END, language, 3),
        "ground": library.citation_words("121", grounds.END, 3, None, day, language),
    }
    texts_of = [notice_text(MessageTo(kind, "东市监投受〔2026〕12号", told, url), language) for kind in K]
    texts_of += [
        outbox.invitation_text(outbox.InvitationText(office, "周敏", number, starts, url), language),
        *(outbox.news_text(what, office, number, url, starts, language) for what in outbox.NEWS),
        outbox.answer_invitation_text(office, number, day, url, language),
        *(outbox.questions_text(office, number, url, due, language) for due in (True, False)),
        outbox.term_due_text(office, number, 1, day, language),
        outbox.term_late_text(office, number, 1, day, language),
        outbox.term_escalated_text(office, number, 1, day, language),
        outbox.cancelled_text(office, number, starts, language),
        outbox.copy_text(office, number, url, 30, language),
        withdrawal_text(office, number, "终止理由选错", language),
    ]
    (forms / f"messages-{language}.txt").write_text("\n\n".join(texts_of), "utf-8")
    for text in texts_of:
        assert text.startswith("【东湖市监】"), text
        assert not re.search(r"云调|Yuntiao|有结果|None|\{|\}", text), text


async def test_an_office_that_is_its_own_authority_is_no_handling_unit(desk: Desk, forms: Path) -> None:
    desk.world.zhou = replace(desk.world.zhou, office=replace(BUREAU, authority=""))
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    said = read(forms, "11-own-authority", await issued(desk, complaint, K.ACCEPTANCE))
    assert said.startswith(HANDLER)
    assert "承办机构" not in said
