"""Complaints as a mediator uses them, without script: registering, deciding, noting, looking at a number."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from complaints.commands import Refuse
from complaints.record import PartyRecord, Proxy, SourceNumber
from complaints.service import Authorised
from tests.complaints.record.test_record import FULL as RECORD
from tests.web.client import AiohttpClient, Browser, browser, heading_of
from tests.web.fakes import ZHOU, World

WHOLE = replace(
    RECORD,
    office="o1",
    consumer=replace(RECORD.consumer, id_kind="resident", id_sealed="x", id_masked="**** 002X"),
    proxy=Proxy("丁父", "x", "139 **** 1234", "父亲", "退费", "代为和解", date(2026, 12, 31)),
    joint=(PartyRecord("陈一", "x", "139 **** 1235"),),
    business=replace(RECORD.business, credit_code="9142 0100 **** **** 3Y", code_sealed="x"),
)
NEW = {
    "channel": "window",
    "received_day": "2026-06-22",
    "title": "镜片不符",
    "request": "退款",
    "facts": "镜片度数和验光单不一样",
    "amount": "860",
    "consumer_name": "高明远",
    "consumer_phone": "138 0000 7731",
    "business_name": "澄光眼镜店",
}


async def test_notes_follow_one_another_and_the_last_one_can_be_taken_back(world: World, zhou: Browser) -> None:
    world.complaints.stand("c0", "performing", "kept")
    page = await zhou.get("/complaints/c0")
    assert "Promises are kept" in page.text
    assert "Take back" not in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/kept", {"note": "已退款到账"}))
    assert "Close the file" in page.text
    assert 'name="what" value="kept"' in page.text
    page = await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": ""})
    assert page.status == 422
    assert "Say what was wrong" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": "点错了"}))
    assert world.complaints.state_of("c0") == "performing"
    assert "Promises are kept" in page.text
    assert (await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": "再点一次"})).status == 409


async def test_both_sides_are_told_before_the_file_is_closed(world: World, zhou: Browser) -> None:
    world.complaints.stand("c0", "ended", "told")
    page = await zhou.get("/complaints/c0")
    assert "Close the file" not in page.text
    assert (await zhou.post("/complaints/c0/close")).status == 409
    told = {"how": "phone", "when_day": "2026-06-22", "when_time": "09:10", "to": "", "whom_consumer": "yes"}
    page = await zhou.post("/complaints/c0/told", told)
    assert (page.status, "Please fill this in" in page.text) == (422, True)
    whom = {"to": "本人", "whom_business": "yes", "by": "周敏"}
    page = await zhou.follow(await zhou.post("/complaints/c0/told", told | whom))
    (entry,) = world.complaints.told_of
    assert (entry.what, entry.whom, entry.how, entry.to) == ("termination", ("consumer", "business"), "phone", "本人")
    assert "Close the file" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/close"))
    assert page.text.count('class="done"') == 5  # every step of the way


async def test_a_mediation_without_any_record_keeps_its_file_open(world: World, zhou: Browser) -> None:
    """Order 121 Art 24: the agreement, or else the record, is kept on file."""
    world.complaints.stand("c0", "settled", "closed")
    world.complaints.unrecorded = True
    assert 'name="paper"' not in (await zhou.get("/complaints/c0")).text
    page = await zhou.post("/complaints/c0/close")
    assert (page.status, 'name="paper"' in page.text) == (409, True)
    assert "Make the record on the page of the mediation" in page.text
    assert (await zhou.post("/complaints/c0/close", {"paper": "一所档案柜"})).status == 303
    assert world.complaints.paper == "一所档案柜"


async def test_a_complaint_is_registered_and_found_again(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/new")
    answer = await zhou.post("/complaints/new", NEW)
    page = await zhou.follow(answer)
    assert "高明远 and 澄光眼镜店" in heading_of(page)
    assert "镜片度数" in page.text
    found = await zhou.get("/complaints?search=澄光")
    assert "One complaint with" in heading_of(found)
    assert answer.location in found.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "", "Please fill this in."),
        ("consumer_phone", "一三八", "does not look like a phone number"),
        ("business_phone", "12", "does not look like a phone number"),
        ("amount", "lots", "Write the amount in yuan"),
        ("amount", "1.999", "Write the amount in yuan"),
        ("amount", "NaN", "Write the amount in yuan"),
        ("received_day", "2099-01-01", "has not come yet"),
        ("received_day", "yesterday", "Choose a date"),
        ("channel", "smoke signals", "Choose one of these"),
        ("credit_code", "91420100MA0DEM013X", "cannot exist"),
        ("consumer_id_number", "11010519491231002X", "which document"),  # above its kind
        ("consumer_email", "gao at example", "not look like a mail address"),
        ("division", "朝阳区", "No such place"),
        ("industry_code", "Z99", "not a GB/T 4754 code"),
        ("joint", "138 0000 7731", "One person a line"),
        ("representative_1", "没有这个人", "Name somebody who complains"),
        ("proxy_phone", "13900001234", "Please fill this in"),
        ("bought", "昨天", "Choose a date"),
        ("facts", "长" * 20_001, "too long"),
    ],
)
async def test_a_mistake_is_said_above_its_field_and_the_rest_is_kept(
    world: World, zhou: Browser, field: str, typed: str, said: str
) -> None:
    await zhou.get("/complaints/new")
    page = await zhou.post("/complaints/new", NEW | {field: typed})
    assert page.status == 422
    shown_at = {"consumer_id_number": "id_kind", "proxy_phone": "proxy_name"}.get(field, field)
    assert re.search(f'id="{shown_at}-error".*?{said}', page.text)
    assert "高明远" in page.text
    assert len(world.complaints.pages) == 1


async def test_another_offices_complaint_does_not_exist(world: World, aiohttp_client: AiohttpClient) -> None:
    stranger = await browser(aiohttp_client, world.app())
    stranger.sign_in(world.identity.token("other"))
    for path in ("/complaints/c0", "/complaints/c0/schedule", "/sessions/m1", "/sessions/m1/seats/s-consumer/qr.svg"):
        assert (await stranger.get(path)).status == 404, path
    for path in ("/complaints/c0/decide/accept", "/sessions/m1/cancel", "/sessions/m1/seats/s-consumer/link"):
        assert (await stranger.post(path, {"reason": "x"})).status in (403, 404), path
    assert world.sessions.events("m1")[1:] == []


async def test_a_refusal_needs_its_ground(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.post("/complaints/c0/decide/refuse", {"note": "资料不全"})
    assert page.status == 422
    assert "Choose one of these." in page.text
    assert "资料不全" in page.text
    assert (await zhou.post("/complaints/c0/decide/refuse", {"ground": "5"})).status == 303
    assert world.complaints.pages["c0"].row.state == "refused"


async def test_accepting_moves_the_stepper_on(zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.follow(await zhou.post("/complaints/c0/decide/accept"))
    assert re.search(r'aria-current="step"><span class="dot">2', page.text)


async def test_the_full_number_is_shown_once_and_for_a_reason_only(world: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0?ask=look-consumer.phone")
    assert '<dialog id="look-consumer.phone"' in page.text
    assert "13800005076" not in page.text
    without = await zhou.post("/complaints/c0/look", {"which": "consumer.phone", "reason": " "})
    assert without.status == 422
    assert (await zhou.post("/complaints/c0/look", {"which": "proxy.phone", "reason": "联系"})).status == 422
    assert world.complaints.looks == []
    shown = await zhou.post("/complaints/c0/look", {"which": "consumer.phone", "reason": "打电话联系"})
    assert "13800005076" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert world.complaints.looks == [("c0", "consumer.phone", "打电话联系")]
    assert "13800005076" not in (await zhou.get("/complaints/c0")).text


FULL = NEW | {
    "channel": "hotline",
    "mode": "phone",
    "received_time": "14:05",
    "source_number": "HL-0071",
    "consumer_other_phone": "027-00001234",
    "sex": "female",
    "age_band": "60_over",
    "id_kind": "resident",
    "consumer_id_number": "11010519491231002x",
    "consumer_email": "gao@example.org",
    "proxy_name": "高小远",
    "proxy_phone": "13900001234",
    "proxy_relation": "儿子",
    "proxy_matters": "退款",
    "proxy_powers": "代为和解",
    "proxy_until": "2026-12-31",
    "joint": "陈一，13900001235\n李四\n",
    "representative_1": "高明远",
    "representative_2": "李四",
    "credit_code": "9142 0100 MA0D EM01 3Y",
    "division": "武汉洪山",
    "jurisdiction": "东湖高新区",
    "industry_code": "5250",
    "object_platform": "甲平台",
    "kind": "goods",
    "object_name": "渐进镜片",
    "paid": "860",
    "bought": "2026-06-01",
    "requests_refund": "yes",
    "requests_damages": "yes",
    "problem_class": "quality",
    "keywords": "眼镜，退款 眼镜",
    "urgency_elderly": "yes",
    "secret": "yes",
    "also_reports": "yes",
}


async def test_an_area_is_one_of_the_offices_own_and_the_form_lists_them(world: World, zhou: Browser) -> None:
    await world.jurisdictions.draw(ZHOU, "g1", "东湖高新区", "420111", "光谷")
    assert '<option value="东湖高新区">' in (await zhou.get("/complaints/new")).text
    wrong = await zhou.post("/complaints/new", FULL | {"jurisdiction": "月球"})
    assert (wrong.status, 'id="jurisdiction-error"' in wrong.text) == (422, True)


async def test_everything_that_can_be_typed_arrives_as_it_is_meant(world: World, zhou: Browser) -> None:
    await world.jurisdictions.draw(ZHOU, "g1", "东湖高新区", "420111", "光谷")
    await zhou.get("/complaints/new")
    assert (await zhou.post("/complaints/new", FULL)).status == 303
    (new,) = world.complaints.registered
    assert (new.channel, new.mode, new.sources) == ("hotline", "phone", (SourceNumber("hotline", "HL-0071"),))
    assert new.received == datetime(2026, 6, 22, 6, 5, tzinfo=UTC)
    consumer = new.consumer
    assert (consumer.sex, consumer.age_band, consumer.other_phone) == ("female", "60_over", "02700001234")
    assert (consumer.id_kind, consumer.id_number, consumer.email) == (
        "resident",
        "11010519491231002X",
        "gao@example.org",
    )
    assert new.proxy == Authorised("高小远", "13900001234", "儿子", "退款", "代为和解", date(2026, 12, 31))
    assert [(person.name, person.phone) for person in new.joint] == [("陈一", "13900001235"), ("李四", "")]
    assert new.representatives == ("高明远", "李四")
    assert new.jurisdiction == "g1"
    assert (new.business.credit_code, new.division, new.industry_code) == ("91420100MA0DEM013Y", "420111", "F5250")
    assert (new.object.name, new.object.paid, new.object.bought) == ("渐进镜片", Decimal("860.00"), date(2026, 6, 1))
    assert (new.requests, new.problem_class, new.keywords) == (("refund", "damages"), "quality", ("眼镜", "退款"))
    assert (new.urgency, new.secret, new.wants_reply, new.also_reports) == (("elderly",), True, False, True)


async def test_of_a_form_with_a_mistake_every_box_field_and_choice_is_kept(zhou: Browser) -> None:
    await zhou.get("/complaints/new")
    page = await zhou.post("/complaints/new", FULL | {"credit_code": "9142"})
    assert page.status == 422
    for name, typed in FULL.items():
        field = re.search(
            rf'<(input|select|textarea)[^>]* name="{name}"[^>]*>(.*?)(?=<input|<select|<textarea|$)', page.text, re.S
        )
        assert field, name
        if field[1] == "select":
            assert f'value="{typed}" selected' in field[0], name
        elif name != "credit_code":
            assert "checked" in field[0] if typed == "yes" else typed in field[0], name
    assert page.text.count('<details class="part" open>') == 2


async def test_the_form_starts_with_what_is_most_often_so_and_every_part_has_a_key(zhou: Browser) -> None:
    page = await zhou.get("/complaints/new")
    for name, value in (("channel", "window"), ("mode", "visit")):
        assert re.search(rf'name="{name}".*?value="{value}" selected', page.text, re.S)
    assert re.findall(r'accesskey="(.)"', page.text) == ["1", "2", "3", "4", "5", "6", "s"]
    assert re.search(r'name="consumer_name"[^>]*autofocus', page.text)


async def test_a_place_that_may_be_several_is_asked_for_with_their_names(zhou: Browser) -> None:
    await zhou.get("/complaints/new")
    page = await zhou.post("/complaints/new", NEW | {"division": "朝阳区"})
    assert "北京市朝阳区" in page.text
    assert "吉林省长春市朝阳区" in page.text
    listed = await zhou.get("/api/divisions?q=武汉洪")
    assert json.loads(listed.text) == [["420111", "湖北省武汉市洪山区"]]


async def test_the_page_shows_the_whole_record_and_no_full_number(world: World, zhou: Browser) -> None:
    page = world.complaints.pages["c0"]
    world.complaints.keep(replace(page, record=WHOLE))
    shown = (await zhou.get("/complaints/c0")).text
    for said in (
        "HL-1", "Phone", "Female", "18 to 39", "**** 002X", "丁父", "代为和解", "陈一", "Represented by", "甲平台",
        "Refund", "Contract", "R8930", "湖北省武汉市洪山区", "东湖高新区", "Concerns elderly people",
        "Do not name the complainant",
    ):  # fmt: skip
        assert said in shown, said
    for which in ("consumer.phone", "consumer.identity", "proxy.phone", "joint-1.phone", "business.credit_code"):
        assert f'<dialog id="look-{which}"' in shown, which
    assert "sealed" not in shown


async def test_a_date_is_counted_down_while_it_runs_and_named_with_its_year_when_it_is_far(
    world: World, zhou: Browser
) -> None:
    page = world.complaints.pages["c0"]
    far = replace(page.deadlines[0], due=date(2024, 7, 10), start=date(2024, 7, 1))
    world.complaints.keep(replace(page, deadlines=[far]))
    shown = (await zhou.get("/complaints/c0")).text
    assert "10 July 2024" in shown
    assert "days late" in shown
    world.complaints.keep(replace(page, deadlines=[replace(far, running=False)]))
    shown = (await zhou.get("/complaints/c0")).text
    assert "no longer runs" in shown
    assert "days late" not in shown


@pytest.mark.parametrize(("line", "shown"), [("\n\n是否公示：是\n备注：无", True), ("", False)])
async def test_whether_its_source_publishes_it_is_shown(world: World, zhou: Browser, line: str, shown: bool) -> None:
    page = world.complaints.pages["c0"]
    record = replace(page.record, facts=page.record.facts + line)
    world.complaints.keep(replace(page, record=record, facts=record.facts))
    text = (await zhou.get("/complaints/c0")).text
    assert ("Published by its source" in text) is shown


async def test_a_settled_joint_complaint_asks_how_those_represented_agreed_and_keeps_nothing_back(
    world: World, zhou: Browser
) -> None:
    page = world.complaints.pages["c0"]
    record = replace(page.record, joint=(replace(page.record.consumer, name="李四"),))
    row = replace(page.row, state="settled")
    world.complaints.keep(replace(page, record=record, row=row, notes=("closed",)))
    for order, article in (("121", "(Order 121), Art 12"), ("20", "(Order 20), Art 11")):
        world.complaints.keep(replace(world.complaints.pages["c0"], order=order))
        text = (await zhou.get("/complaints/c0")).text
        assert f"{article})</label>" in text
        assert 'name="represented"' in text
    answer = await zhou.post("/complaints/c0/close", {"represented": " "})
    assert answer.status == 422
    assert 'id="represented"' in answer.text
    assert (await zhou.post("/complaints/c0/close", {"represented": "书面同意，已附卷"})).status == 303
    assert world.complaints.represented == "书面同意，已附卷"


async def test_accepting_and_telling_is_one_press_with_notice_and_message_shown_first(
    world: World, zhou: Browser
) -> None:
    page = await zhou.get("/complaints/c0")
    assert "/complaints/c0/decide/accept" in page.text
    page = await zhou.get("/complaints/c0/decide/accept")
    for part in ("您的投诉已受理。", "决定受理。", "投诉受理通知书"):
        assert part in page.text, part
    assert world.complaints.state_of("c0") == "registered"
    answer = await zhou.post("/complaints/c0/decide/accept", {"tell": "message"})
    assert answer.location == "/complaints/c0"
    assert world.complaints.state_of("c0") == "accepted"
    assert [wish.kind for wish in world.notices.wishes] == ["acceptance"]
    assert (await zhou.post("/complaints/c0/decide/accept", {"tell": "message"})).status == 409


async def test_a_refusal_shows_what_is_told_before_it_is_decided_and_needs_its_ground(
    world: World, zhou: Browser
) -> None:
    page = await zhou.get("/complaints/c0/decide/refuse")
    assert "您的投诉已受理。" not in page.text
    assert (await zhou.post("/complaints/c0/decide/refuse", {"look": "yes"})).status == 422
    look = {"ground": "3", "note": "购买三百件同款商品", "look": "yes"}
    page = await zhou.post("/complaints/c0/decide/refuse", look)
    assert "Issue the notice and send the message now" in page.text
    assert world.notices.decisions == [Refuse(3, "购买三百件同款商品")]
    assert world.complaints.state_of("c0") == "registered"
    del look["look"]
    await zhou.post("/complaints/c0/decide/refuse", look | {"tell": "message"})
    assert world.complaints.state_of("c0") == "refused"
    assert (await zhou.get("/complaints/c0/decide/nothing")).status == 404


async def test_who_has_no_mobile_number_is_told_otherwise_and_it_is_noted_in_the_same_press(
    world: World, zhou: Browser
) -> None:
    world.notices.message = ""
    page = await zhou.get("/complaints/c0/decide/accept")
    assert "No mobile number on file" in page.text
    world.complaints.stand("c0", "registered", "told")
    told = {"tell": "otherwise", "how": "handed", "when_day": "2026-06-22", "when_time": "09:10", "to": "丁小禾"}
    answer = await zhou.post("/complaints/c0/decide/accept", told)
    assert answer.location == "/complaints/c0"
    (entry,) = world.complaints.told_of
    assert (entry.what, entry.whom, entry.how, entry.by) == ("acceptance", ("consumer",), "handed", "周敏")
    assert world.notices.wishes == []
