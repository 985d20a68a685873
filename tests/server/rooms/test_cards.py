"""Script cards on the real application: rewritten on their page, taken by a session, beside the notes of experience."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from complaints.record import ObjectRecord
from rooms import commands as c
from rooms.floor.cards import cards_stream, kind_of, ours
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from server.rooms.service import dispute
from tests.rooms.scene import START
from tests.server.oversight.test_approvals import (
    COMPLAINT,
    Place,
    place as place,  # a fixture
)
from tests.web.client import Answer, Browser

OWN = {
    "invite_zh": "{consumer}，您先说。",
    "facts_zh": "卡是哪天办的\n用了几次",
    "facts_en": "When it was taken\nHow often it was used",
    "consumer_zh": "合同带了吗？",
    "business_zh": "系统能调出来吗？",
    "settle_zh": "按次数退",
    "law": "《消费者权益保护法》第五十三条\nconsumer-26",
}


async def put(person: Browser, kind: str, do: str, seen: int = 0, **typed: str) -> Answer:
    await person.get(f"/cards/{kind}")
    return await person.post(f"/cards/{kind}", {**OWN, **typed, "do": do, "seen": str(seen)})


async def scheduled(place: Place) -> str:
    zhou = await place.officer(MEDIATOR)
    return await place.parts.desk.schedule(zhou, COMPLAINT, datetime.now(UTC) + timedelta(minutes=1), [])


async def test_an_office_rewrites_a_card_after_a_preview_and_a_session_takes_it(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    shown = await put(admin, "prepaid", "preview")
    assert shown.status == 200
    assert "Preview: not saved yet" in shown.text
    assert "<li>When it was taken</li>" in shown.text
    assert "用了几次" in shown.text.partition('id="preview"')[0]  # what was typed is still there
    assert await place.kinds(cards_stream(OFFICE.id)) == []  # nothing of it is kept yet
    assert (await put(admin, "prepaid", "save")).status == 303
    assert await place.kinds(cards_stream(OFFICE.id)) == ["CardChanged"]
    listed = (await admin.get("/cards")).text
    assert listed.count(">your own<") == 1

    session, zhou = await scheduled(place), await place.officer(MEDIATOR)
    await place.parts.rooms.submit(session, c.Arrive(), zhou.actor)
    card = (await place.parts.rooms.state(session)).card
    assert card is not None
    assert (card.kind, card.edition) == ("prepaid", 1)
    assert card.facts == [
        {"zh": "卡是哪天办的", "en": "When it was taken"},
        {"zh": "用了几次", "en": "How often it was used"},
    ]
    assert [article["id"] for article in card.law] == ["consumer-53", "consumer-26"]

    await place.parts.rooms.submit(session, c.TakeCard("repair"), zhou.actor)
    assert (await place.parts.rooms.state(session)).card == ours()["repair"]

    assert (await put(admin, "prepaid", "reset", 1)).status == 303
    assert await place.kinds(cards_stream(OFFICE.id)) == ["CardChanged", "CardReset"]
    page = (await admin.get("/cards/prepaid")).text
    assert "The supplied card was put back" in page
    assert "Prepaid cards and memberships" in page
    again = (await admin.get("/cards/prepaid?back=1")).text
    assert "按次数退" in again.partition('id="preview"')[0]


async def test_what_cannot_be_a_card_is_said_at_its_field_and_nothing_typed_is_lost(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    refused = await put(admin, "food", "save", law="《没有的法》第一条", settle_zh="退钱")
    assert refused.status == 422
    assert 'id="law-error"' in refused.text
    assert "names no article" in refused.text
    assert "退钱" in refused.text
    assert 'id="facts_en-error"' in (await put(admin, "food", "save", facts_en="only one")).text
    assert 'id="business_zh-error"' in (await put(admin, "food", "preview", business_zh="")).text
    assert 'id="business_zh-error"' in (await put(admin, "food", "save", business_zh="问" * 81)).text
    assert await place.kinds(cards_stream(OFFICE.id)) == []


async def test_two_who_change_it_at_once_do_not_write_over_each_other(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    assert (await put(admin, "food", "save")).status == 303
    late = await put(supervisor, "food", "save", settle_zh="另一种办法")
    assert late.status == 422
    assert "Somebody else changed this card meanwhile" in late.text
    assert "另一种办法" in late.text
    assert 'name="seen" value="1"' in late.text  # having seen it, they may
    assert (await put(supervisor, "food", "save", 1, settle_zh="另一种办法")).status == 303


async def test_a_mediator_reads_the_cards_and_changes_none(place: Place) -> None:
    mediator = await place.sign_in(MEDIATOR)
    page = await mediator.get("/cards/food")
    assert page.status == 200
    assert '<form class="card' not in page.text
    assert (await mediator.post("/cards/food", {**OWN, "do": "save", "seen": "0"})).status == 403
    assert (await mediator.get("/cards/kettles")).status == 404


async def test_notes_of_experience_stand_beside_the_card_on_its_page_and_in_the_room(place: Place) -> None:
    supervisor, mediator = await place.sign_in(SUPERVISOR), await place.sign_in(MEDIATOR)
    await supervisor.get("/casebook/notes/safety-H62")
    told = {"text": "先看后厨监控，再谈钱。", "seen": "0"}
    assert (await supervisor.post("/casebook/notes/safety-H62", told)).status == 303
    for person in (supervisor, await place.sign_in(ADMINISTRATOR)):
        assert "先看后厨监控" in (await person.get("/cards/food")).text
        assert "先看后厨监控" not in (await person.get("/cards/cars")).text
    session = await scheduled(place)

    async def beside(kind: str) -> Any:
        return json.loads((await mediator.get(f"/api/sessions/{session}/experience?kind={kind}")).text)

    [note] = (await beside("food"))["notes"]
    assert (note["text"], note["path"]) == ("先看后厨监控，再谈钱。", "/casebook/notes/safety-H62")
    assert (await beside("cars"))["notes"] == []
    assert (await mediator.get(f"/api/sessions/{session}/experience?kind=kettles")).status == 400


async def test_a_kettle_that_broke_is_goods_whether_or_not_triage_was_confirmed(place: Place) -> None:
    state = await place.parts.complaints.state(COMPLAINT)
    assert dispute(state.record).problem
    kettle = replace(
        state.record,
        title="电热水壶用三天就坏",
        request="换货",
        facts="在超市买的电热水壶，烧水跳闸，修了一次还是坏。",
        industry="",
        problem="",
        problem_class="",
        industry_code="",
        object=ObjectRecord("goods", name="电热水壶", bought=START.date()),
    )
    assert kind_of(dispute(kettle)) == "goods"
