"""What a carrier approved is sent and nothing else, and what it says later of a message counts once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from journal.refusals import Refused
from server.outbox import (
    InvitationText,
    cancelled_text,
    invitation_text,
    known_templates,
    unpacked,
    withdrawal_text,
)
from tests.server.app.office import FIRST, World
from tests.server.outbox.carriers import AliyunSimulator
from tests.server.outbox.routed import (
    SITE,
    Place,
    aliyun as aliyun,  # a fixture
    by_aliyun,
    gateway as gateway,  # a fixture
    place as place,  # a fixture
)

# ------------------------------------------------------------------ templates


async def test_what_no_template_was_approved_for_is_not_sent_and_says_why(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    box = await place.begin()
    said = invitation_text(InvitationText(FIRST, "周敏", "17号", world.clock.now(), f"{SITE}/j/{'x' * 24}"), "zh")
    first = await place.send(said)
    assert (first.state, first.trouble) == ("dead", "template_missing")
    await place.enter("aliyun", said, "waiting")
    await box.resend(world.zhou, first.id)
    await box.deliver_due()
    assert (await place.shown(first.id)).trouble == "template_waiting"
    await place.enter("aliyun", said)
    await box.resend(world.zhou, first.id)
    await box.deliver_due()
    assert (await place.shown(first.id)).state == "sent"
    (held,) = aliyun.held
    assert held.said["values"]["secret"] == "x" * 24  # no link among the values
    assert held.said["SignName"] == FIRST.signs_as
    assert (await place.send(unpacked("【一所】旧文"))).trouble == "template_missing"
    assert aliyun.ids() == [first.id]


async def test_an_approved_text_that_changed_since_is_not_sent(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    assert (await place.send(said)).state == "sent"
    await world.store.change_offices([replace(FIRST, phone="027-99999")])
    assert (await place.send(said)).trouble == "template_changed"
    place.admin = replace(place.admin, office=replace(FIRST, phone="027-99999"))
    assert (await place.book.one(place.admin, "aliyun", said.template, "zh")).state == "changed"
    await place.enter("aliyun", said)
    assert (await place.send(said)).state == "sent"


async def test_a_value_that_does_not_fit_is_told_and_one_cut_in_parts_fits(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    reason = "终止理由写错" * 10
    said = withdrawal_text(FIRST, "17号", reason, "zh")
    await place.enter("aliyun", said)
    assert (await place.send(said)).trouble == "value_too_long"
    assert aliyun.held == []
    by = place.admin
    await place.book.enter(
        by, "aliyun", said.template, "zh", "SMS_1", "number reason:1/2 reason:2/2", "approved"
    )  # fmt: skip
    assert (await place.send(said)).state == "sent"
    values = aliyun.held[0].said["values"]
    assert values["reason1"] + values["reason2"] == f"{reason}。"


async def test_parameters_name_every_value_wholly_and_none_that_is_not_there(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    for written in ("", "number", "number starts reason", "number starts:1/2", "number starts:2/2 starts:1/2", "{x}"):
        with pytest.raises(Refused) as no:
            await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "SMS_1", written, "approved")
        assert no.value.params["field"] == "parameters"
    for code in ("模板", "x" * 65):
        with pytest.raises(Refused, match="bad_choice"):
            await place.book.enter(place.admin, "aliyun", "cancelled", "zh", code, "number starts", "approved")
    for connection in ("city", "gateway"):
        with pytest.raises(Refused, match="not_found"):
            await place.book.enter(place.admin, connection, "cancelled", "zh", "SMS_1", "number starts", "approved")
    with pytest.raises(Refused):
        await place.book.listed(world.zhou, "aliyun", "zh")
    await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "SMS_1", "number starts", "approved")
    await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "", "", "approved")
    assert (await place.book.one(place.admin, "aliyun", "cancelled", "zh")).state == ""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_is_suggested_for_a_template_can_be_entered_as_it_is(
    world: World, aliyun: AliyunSimulator, place: Place, language: str
) -> None:
    place.say(by_aliyun(aliyun, "longest_value = 12"))
    await place.begin()
    listed = await place.book.listed(place.admin, "aliyun", language)
    assert [one.name for one in listed] == list(known_templates())
    for one in listed:
        await place.book.enter(place.admin, "aliyun", one.name, language, "SMS_1", one.parameters, "approved")
        assert FIRST.phone in one.text or "{phone}" not in known_templates()[one.name].text(language)
        assert "secret:1/2" in one.text if known_templates()[one.name].path.endswith("/") else "secret" not in one.text


# ------------------------------------------------------------------ receipts


async def test_a_receipt_that_is_posted_asked_for_or_posted_twice_counts_once(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun, "price = 0.045"))
    box = await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    first, second = await place.send(said), await place.send(said, to="13900000813")
    body = json.dumps(aliyun.report(aliyun.held[0], "DELIVERED")).encode()
    for _ in range(2):
        assert json.loads(await box.pushed("aliyun", "a-callback", {}, body))["code"] == 0
    shown = await place.shown(first.id)
    assert (shown.stands, shown.provider, shown.pieces) == ("arrived", "aliyun", 2)
    aliyun.arrived[aliyun.held[1].reference] = "MOBILE_NOT_ON_SERVICE"
    await box.ask()
    assert (await place.shown(second.id)).stands == "sent"  # it is not asked at once
    world.move(seconds=31)
    await box.ask()
    await box.ask()
    shown = await place.shown(second.id)
    assert (shown.stands, shown.trouble) == ("dead", "off")
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="arrived") == 1
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="off") == 1
    assert place.metric("yuntiao_message_pieces_total", provider="aliyun") == 4
    assert place.metric("yuntiao_message_cost_yuan_total", provider="aliyun") == pytest.approx(0.18)
    (sums,) = await box.sums(world.zhou)
    assert (sums.connection, sums.taken, sums.failed, sums.pieces, sums.cost) == ("aliyun", 2, 1, 4, 180)


async def test_receipts_of_strangers_of_others_messages_and_of_none_change_nothing(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun) + by_aliyun(aliyun, 'offices = ["two"]').replace("aliyun]", "other]"))
    box = await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    sent = await place.send(said)
    body = json.dumps(aliyun.report(aliyun.held[0], "DELIVERED")).encode()
    with pytest.raises(Refused, match="not_allowed"):
        await box.pushed("aliyun", "guessed", {}, body)
    with pytest.raises(Refused, match="not_found"):
        await box.pushed("nobody", "a-callback", {}, body)
    await box.pushed("other", "a-callback", {}, body)  # a connection tells of its own messages
    unknown = replace(aliyun.held[0], id="nobodys", reference="none")
    await box.pushed("aliyun", "a-callback", {}, json.dumps(aliyun.report(unknown, "DELIVERED")).encode())
    assert (await place.shown(sent.id)).stands == "sent"
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="unknown") == 1
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="forged") == 1
