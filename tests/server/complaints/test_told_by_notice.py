"""A party counts as told when the gateway has taken the notice's message, and what is owed shows until then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.commands import Refuse
from complaints.notices import NoticeKind as K
from complaints.notices.messages import NoteTold
from complaints.state import ComplaintState
from complaints.views import NoticeWish
from journal.refusals import Refused
from server.outbox.notifiers import NotDelivered
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)


async def test_the_complainant_counts_as_told_when_the_gateway_has_taken_the_message_and_not_before(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    page = await desk.reads.complaint(desk.world.zhou, complaint)
    assert (page.telling.untold, page.telling.waiting) == (("consumer",), ["consumer"])
    assert [one.code for one in page.deadlines if one.running] == ["accept", "mediate"]
    [row] = (await desk.reads.desk(desk.world.zhou, desk.world.clock.now())).untold
    assert (row.id, row.telling) == (complaint, "owed")
    await desk.sent()
    page = await desk.reads.complaint(desk.world.zhou, complaint)
    assert (page.telling.untold, page.telling.what) == ((), "")
    assert [one.code for one in page.deadlines if one.running] == ["mediate"]
    told = (await desk.state(complaint)).told
    assert [(one.what, one.whom, one.how) for one in told] == [("acceptance", "consumer", "message")]
    assert (await desk.reads.desk(desk.world.zhou, desk.world.clock.now())).untold == []


async def test_a_message_the_gateway_refuses_comes_back_to_the_desk_until_it_is_told_otherwise(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.refuse(desk.world.zhou, complaint, 3, "购买三百件同款商品")
    await desk.issue(complaint, K.REFUSAL)
    desk.world.phones.refuse = NotDelivered("gateway answered 403", final=True)
    await desk.world.outbox.deliver_due()
    page = await desk.reads.complaint(desk.world.zhou, complaint)
    assert [(one.whom, one.reason) for one in page.telling.failed] == [("consumer", "gateway answered 403")]
    [row] = (await desk.reads.desk(desk.world.zhou, desk.world.clock.now())).untold
    assert (row.telling, row.deadline.code if row.deadline else "") == ("failed", "accept")
    with pytest.raises(Refused) as no:
        await desk.world.desk.close_file(desk.world.zhou, complaint)
    assert (no.value.code, no.value.status) == ("untold", 409)
    now = desk.world.clock.now()
    entry = NoteTold("refusal", ("consumer",), "phone", now, "丁小禾", "周敏", "已说明理由和其他途径")
    await desk.world.desk.told(desk.world.zhou, complaint, entry)
    assert (await desk.reads.desk(desk.world.zhou, now)).untold == []
    await desk.world.desk.close_file(desk.world.zhou, complaint)


async def test_a_crash_between_gateway_and_journal_tells_once(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)

    async def dies(_message: object, _reason: str) -> None:
        raise OSError("killed")

    telling, desk.world.outbox.taken = desk.world.outbox.taken, dies
    with pytest.raises(OSError, match="killed"):
        await desk.world.outbox.deliver_due()
    desk.world.outbox.taken = telling
    desk.world.move(hours=1)
    await desk.sent()
    assert [one.how for one in (await desk.state(complaint)).told] == ["message"]


async def test_what_would_be_printed_and_sent_is_shown_before_anything_is_decided(desk: Desk) -> None:
    complaint = await desk.world.register()
    wish = NoticeWish(K.REFUSAL)
    foreseen = await desk.notices.foreseen(desk.world.zhou, complaint, Refuse(3, "购买三百件同款商品"), wish)
    assert foreseen.reachable
    [(whom, _, phone, text)] = foreseen.messages
    assert (whom, phone) == ("consumer", "138 **** 5076")
    assert "不予受理" in text
    assert any("购买三百件同款商品" in block for _, block in foreseen.sheet.blocks)
    assert (await desk.state(complaint)).state is ComplaintState.REGISTERED
    assert (await desk.listed(complaint)).issued == []


async def test_the_notice_of_a_mediation_on_site_tells_both_time_place_and_mediator_beforehand(desk: Desk) -> None:
    complaint = await desk.world.register()
    starts, place = desk.world.clock.now() + timedelta(days=3), "东湖所二楼调解室"
    await desk.world.desk.schedule(desk.world.zhou, complaint, starts, [], "on_site", place)
    await desk.issue(complaint, K.MEDIATION)
    said = await desk.sheet(complaint)
    for part in ("方式：现场", "地点：东湖所二楼调解室", "主持人：周敏", "请按时到场"):
        assert part in said, part
    assert "视频" not in said
    assert "链接" not in said
    sent = dict(await desk.sent())
    assert {place in text and "视频" not in text for text in sent.values()} == {True}
    told = [(one.what, one.whom, one.how) for one in (await desk.state(complaint)).told]
    assert sorted(told) == [("mediation", "business", "message"), ("mediation", "consumer", "message")]
