"""What a stranger typed goes out in no message of the office's; what looks like a link or a sender's mark is taken out
of the names that do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from complaints.notices import NoticeKind
from complaints.record import PartyTyped
from law import grounds
from offices import Office
from server import outbox as messages
from server.db.schema import messages as rows
from server.outbox import open_wording, plain
from tests.server.app.office import FIRST, World, filing

STRANGERS = "退款点 http://evil.example/x 【中国银行】账户异常evil.example"
"""A title as anybody may type it at the public window."""
BAIT = ("evil", "【中国银行】", "http://", "账户异常")


def bare(text: str) -> bool:
    return not [bait for bait in BAIT if bait in text]


async def sent(world: World) -> list[str]:
    async with world.database.read() as connection:
        kept = (await connection.execute(select(rows.c.text_sealed).order_by(rows.c.created))).scalars()
        return [open_wording(world.seal, text) for text in kept]


async def test_an_invitation_carries_nothing_of_what_a_stranger_typed(world: World) -> None:
    typed = replace(
        filing(world.clock.now()),
        title=STRANGERS,
        request=STRANGERS,
        facts=STRANGERS,
        consumer=PartyTyped("【中国银行】evil.example", "13800005076", "湖北黄冈"),
    )
    complaint = await world.desk.register(world.zhou, typed)
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=1), [])
    for seat in ("consumer", "business"):
        await world.links.issue(world.zhou, session, seat, send=True)
    told = await sent(world)
    assert len(told) == 2
    number = (await world.complaints.state(complaint)).record.number
    for text in told:
        assert bare(text), text
        assert number in text
        assert text.startswith("【一所】")
        assert text.count("http") == text.count("https://tiaojie.example/") <= 2
        assert "https://tiaojie.example/j/" in text


@pytest.mark.parametrize("kind", sorted(NoticeKind))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notices_message_carries_nothing_of_what_a_stranger_typed(kind: NoticeKind, language: str) -> None:
    facts = dict.fromkeys(
        ("title", "request", "facts", "consumer", "business", "consumer_line", "business_line"), STRANGERS
    )
    facts |= {f"cite_{duty}": grounds.cited_duty("121", duty, language) for duty in grounds.DUTIES["121"]}
    facts |= {
        "cite_ground": "第二十三条第三项", "cite_consent_recusal": "第十八条、第二十一条", "see_reason": "",
        "at_place": "",
        "signature": FIRST.signs_as, "mode": "电话", "office": FIRST.name, "office_phone": FIRST.phone,
        "file_number": "东高一投〔2026〕17号", "mediate_by": "明天", "ground": "不属于本机关职责", "starts": "明天",
        "mediator": "周敏", "receiver": "二所",
    }  # fmt: skip
    text = messages.notice_text(messages.MessageTo(kind, "东高一受〔2026〕1号", facts), language)
    assert bare(text), text
    assert "东高一投〔2026〕17号" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_message_has_a_link_or_a_mark_that_is_not_ours(language: str) -> None:
    """Every template there is, with each name in it as hostile as it can be."""
    office = replace(FIRST, name=f"一所{STRANGERS}")
    starts, url = datetime(2026, 6, 24, 1, tzinfo=UTC), "https://tiaojie.example/j/x"
    day, number = date(2026, 6, 24), "东高一投〔2026〕17号"
    told = [
        messages.invitation_text(messages.InvitationText(office, f"周敏{STRANGERS}", number, starts, url), language),
        *(messages.news_text(what, office, number, url, starts, language) for what in messages.NEWS),
        messages.answer_invitation_text(office, number, day, url, language),
        messages.questions_text(office, number, url, True, language),
        messages.term_due_text(office, number, 1, day, language),
        messages.term_escalated_text(office, number, 1, day, language),
        messages.cancelled_text(office, number, starts, language),
        messages.copy_text(office, number, url, 30, language),
        messages.withdrawal_text(office, number, STRANGERS, language),
    ]
    for text in told:
        assert not [bait for bait in ("evil", "【中国银行】", "http://") if bait in text], text
        assert text.startswith("【一所】"), text  # carriers ask for it in any language
        assert text.count("【") == 1, text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("周敏", "周敏"),
        ("武汉知遇桥信息技术有限公司", "武汉知遇桥信息技术有限公司"),
        ("A.B.咖啡（光谷店）No.3", "A.B.咖啡（光谷店）No.3"),
        ("周敏 https://evil.example/a?b=c", "周敏"),
        ("周敏www.evil.com/x", "周敏"),
        ("周敏 evil。cn", "周敏"),
        ("【中国银行】周敏", "中国银行周敏"),
        ("<a href=x>周敏</a>", "a href=x周敏/a"),
        ("周\u202e敏\u200b\x00\n\u2028行", "周敏 行"),
        ("长" * 60, "长" * 39 + "…"),
    ],
)
def test_a_name_stays_a_name(typed: str, told: str) -> None:
    assert plain(typed) == told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_message_leads_to_the_trial_call_where_that_makes_it_no_longer_to_pay_for(language: str) -> None:
    starts, trial = datetime(2026, 6, 24, 1, tzinfo=UTC), "/test-call"
    named = [replace(FIRST, name="东" * n) for n in range(1, 41)]

    def invited(office: Office, secret: str) -> str:
        url = f"https://tj.example/j/{secret}"
        return messages.invitation_text(messages.InvitationText(office, "周敏", "17号", starts, url), language)

    told = [invited(office, "x" * 24) for office in named]
    assert {trial in text for text in told} == ({True, False} if language == "zh" else {False})
    for text in told:
        without = re.sub(r"(?:可以先试通话：|Try it beforehand:) \S+/test-call (?:\. )?", "", text)
        assert trial not in without
        assert messages.parts(text) == messages.parts(without)


def test_of_two_reminders_the_one_of_the_day_before_leads_to_the_trial_call() -> None:
    starts, url = datetime(2026, 6, 24, 1, tzinfo=UTC), "https://tj.cn/j/" + "x" * 8

    def reminded(when: str, mode: str = "video") -> bool:
        told = messages.MediationText(replace(FIRST, name="一所"), "17号", starts, mode, "二楼", url)
        return "https://tj.cn/test-call" in messages.reminder_text(told, when, "zh")

    assert reminded("day")
    assert not reminded("hour")
    assert not reminded("day", "on_site")
    assert not reminded("day", "phone")
