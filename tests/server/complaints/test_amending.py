"""Correcting what is on file: old and new values in the journal, the record as it should be, and all of it undone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from complaints.events import ComplaintRegistered, from_event
from complaints.record import ObjectRecord, PartyTyped, SourceNumber
from complaints.record.changes import RecordAmended
from complaints.service import Authorised
from complaints.views import NewComplaint
from journal.refusals import Refused
from tests.server.app.office import World, filing
from web.http.forms import Form
from web.office.complaints import entry


def whole(world: World) -> NewComplaint:
    return replace(
        filing(world.clock.now()),
        received=datetime(2026, 6, 20, 1, 2, 3, tzinfo=UTC),
        facts="第一行\n第二行",
        consumer=PartyTyped(
            "丁小禾", "13800005076", "湖北黄冈", detail="女，64岁", id_kind="resident", id_number="11010519491231002X"
        ),
        proxy=Authorised("丁父", "13900004444", "父亲", "退费", "代为和解", date(2026, 12, 31)),
        joint=(PartyTyped("陈一", "13900005555"), PartyTyped("李四")),
        representatives=("陈一",),
        sources=(SourceNumber("hotline", "HL-1"), SourceNumber("12315", "N-2")),
        object=ObjectRecord("service", "婚恋", paid=Decimal("3000.00")),
        requests=("damages", "refund"),
        division="420111",
        urgency=("elderly",),
        keywords=("积分", "退款"),
    )


async def typed(world: World, complaint: str, changes: Mapping[str, str]) -> NewComplaint:
    """The form as the page fills it, with these fields typed anew and sent as a browser sends it."""
    record = await on_file(world, complaint)
    values = entry.filled(record, world.zhou.office.zone) | dict(changes)
    form = Form.of({name: value.replace("\n", "\r\n") for name, value in values.items()})
    new = entry.read(form, world.zhou.office.zone, date(2026, 6, 24), record)
    assert form.good, form.errors
    return new


async def on_file(world: World, complaint: str) -> ComplaintRegistered:
    return (await world.complaints.state(complaint)).record


async def amend(world: World, complaint: str, seen: int = 0, **changes: str) -> None:
    await world.desk.amend(world.zhou, complaint, await typed(world, complaint, changes), seen, "登记时写错了")


async def test_the_form_as_it_is_filled_changes_nothing(world: World) -> None:
    for new in (whole(world), filing(world.clock.now())):
        complaint = await world.desk.register(world.zhou, new)
        with pytest.raises(Refused) as no:
            await amend(world, complaint)
        assert (no.value.code, no.value.status) == ("unchanged", 409)


async def test_a_correction_keeps_what_stood_there_and_can_be_taken_back(world: World) -> None:
    complaint = await world.desk.register(world.zhou, whole(world))
    before = await on_file(world, complaint)
    await amend(
        world,
        complaint,
        title="知遇桥积分退款",
        consumer_phone="13800005077",
        consumer_id_number="-",
        id_kind="",
        proxy_name="丁母",
        joint="陈一，139 **** 5555\n王五 13900006666",
        amount="2400",
        requests_apology="yes",
        received_day="2026-06-19",
    )
    after = await on_file(world, complaint)
    assert (after.title, after.amount, after.number) == ("知遇桥积分退款", Decimal("2400.00"), before.number)
    assert (after.consumer.phone_masked, after.consumer.id_masked) == ("138 **** 5077", "")
    assert after.consumer.detail == "女，64岁"
    assert after.proxy is not None
    assert (after.proxy.name, after.proxy.phone_masked) == ("丁母", "139 **** 4444")
    assert [(one.name, one.phone_masked) for one in after.joint] == [
        ("陈一", "139 **** 5555"),
        ("王五", "139 **** 6666"),
    ]
    assert after.requests == ("refund", "damages", "apology")
    entry_ = (await world.journal.read(f"complaint/{complaint}"))[-1]
    fact = from_event(entry_)
    assert isinstance(fact, RecordAmended)
    assert (entry_.actor.name, fact.reason) == ("周敏", "登记时写错了")
    assert {"title", "consumer.phone", "joint", "received"} <= {change.field for change in fact.changes}
    for number in ("13800005077", "13800005076", "11010519491231002X", "13900006666"):
        assert number not in json.dumps(dict(entry_.data))
    await world.desk.undo_amendment(world.zhou, complaint, 1, "原来是对的")
    assert await on_file(world, complaint) == before


async def test_a_correction_is_taken_back_once_and_only_while_it_stands(world: World) -> None:
    complaint = await world.desk.register(world.zhou, whole(world))
    await amend(world, complaint, title="甲")
    await amend(world, complaint, seen=1, title="乙")
    for attempt in (1, 3):
        with pytest.raises(Refused) as no:
            await world.desk.undo_amendment(world.zhou, complaint, attempt, "点错了")
        assert no.value.code == "wrong_state"
    await world.desk.undo_amendment(world.zhou, complaint, 2, "点错了")
    await world.desk.undo_amendment(world.zhou, complaint, 1, "点错了")
    assert (await on_file(world, complaint)).title == whole(world).title
    with pytest.raises(Refused):
        await world.desk.undo_amendment(world.zhou, complaint, 1, "再点一次")


async def test_of_two_who_correct_at_once_the_second_looks_again(world: World) -> None:
    complaint = await world.desk.register(world.zhou, whole(world))
    await amend(world, complaint, title="甲")
    with pytest.raises(Refused) as no:
        await amend(world, complaint, title="乙")
    assert no.value.code == "wrong_state"


async def test_a_corrected_day_of_receipt_moves_the_order_and_the_dates(world: World) -> None:
    complaint = await world.desk.register(world.zhou, whole(world))
    await amend(world, complaint, received_day="2026-04-10")
    assert (await on_file(world, complaint)).order == "20"


async def test_nobody_corrects_without_a_reason_nor_another_offices_record(world: World) -> None:
    complaint = await world.desk.register(world.zhou, whole(world))
    new = await typed(world, complaint, {"title": "甲"})
    with pytest.raises(Refused) as no:
        await world.desk.amend(world.zhou, complaint, new, 0, " ")
    assert no.value.code == "missing"
    with pytest.raises(Refused) as no:
        await world.desk.amend(world.other, complaint, new, 0, "写错了")
    assert no.value.status == 404
    with pytest.raises(Refused) as no:
        await world.desk.amend(world.zhou, complaint, replace(new, channel="fax"), 0, "写错了")
    assert no.value.code == "bad_choice"
