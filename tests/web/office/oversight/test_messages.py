"""The page of messages says what became of each and why, and the one of templates which a provider has approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from offices.systems import Message, MessageSums
from server.outbox.notifiers import TROUBLES
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from web.http import cookies
from web.office.administration.messages import TROUBLE_SAID

ONE = "/outbox/templates/aliyun/news_accepted?language=zh"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def admin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("admin"))
    visitor.cookies[cookies.LANGUAGE] = "en"
    return visitor


def test_each_reason_has_a_sentence() -> None:
    assert set(TROUBLE_SAID) == {one for one in TROUBLES if one}


async def test_it_says_when_a_phone_had_it_and_why_one_did_not(world: World, admin: Browser) -> None:
    now = world.clock.now
    sent = Message("a", "138 **** 5076", "一", "sent", now, 1, provider="aliyun", sent_at=now, pieces=2)
    world.outbox.kept = [
        sent,
        replace(sent, id="b", arrived_at=now + timedelta(seconds=5)),
        replace(sent, id="c", state="dead", error="MOBILE_NOT_ON_SERVICE", trouble="off"),
        Message("d", "138 **** 5076", "四", "dead", now, 1, "invitation", trouble="template_waiting"),
    ]
    world.outbox.counted = [MessageSums("aliyun", 3, 1, 6, 270), MessageSums("account", 1, 0, 0, 0)]
    page = await admin.get("/outbox")
    for said in (
        "Given to the provider", "Arrived", "The phone was switched off", "MOBILE_NOT_ON_SERVICE", "2 pieces",
        "has not approved the template", "Last 30 days, aliyun: 3 messages, 6 pieces, 0.27 yuan, 1 not delivered.",
    ):  # fmt: skip
        assert said in page.text, said
    assert page.text.count("Send again") == 2


async def test_it_can_be_narrowed_by_what_became_of_them_and_by_who_sent_them(world: World, admin: Browser) -> None:
    one = Message("a", "138 **** 5076", "第一条", "dead", world.clock.now, 1, provider="aliyun")
    world.outbox.kept = [one, replace(one, id="b", text="第二条", state="sent", provider="account")]
    world.outbox.counted = [MessageSums("aliyun", 1, 1, 1, 0), MessageSums("account", 1, 0, 0, 0)]
    page = await admin.get("/outbox?outcome=dead")
    assert ("第一条" in page.text, "第二条" in page.text) == (True, False)
    page = await admin.get("/outbox?provider=account")
    assert ("第一条" in page.text, "第二条" in page.text) == (False, True)
    page = await admin.get("/outbox?provider=account&outcome=dead")
    assert "No message fits these filters." in page.text
    assert "第一条" in (await admin.get("/outbox?provider=nobody&outcome=odd")).text


async def test_an_administrator_enters_a_providers_template(world: World, admin: Browser) -> None:
    page = await admin.get("/outbox/templates")
    assert "0 of 2 are approved." in page.text
    assert "您的投诉{number}已受理" in page.text
    await admin.get(ONE)
    typed = {"code": "SMS_1", "parameters": "number starts", "state": "approved"}
    wrong = await admin.post(ONE, typed)
    assert wrong.status == 422
    assert 'value="number starts"' in wrong.text
    assert "has to be named once" in wrong.text
    page = await admin.follow(await admin.post(ONE, typed | {"parameters": "number"}))
    assert "1 of 2 are approved." in page.text
    assert "SMS_1" in page.text
    assert (await admin.get("/outbox/templates/aliyun/nothing")).status == 404


async def test_a_mediator_sees_messages_and_no_templates(world: World, admin: Browser) -> None:
    zhou = await another(admin)
    zhou.sign_in(world.identity.token("zhou"))
    assert "/outbox/templates" not in (await zhou.get("/outbox")).text
    assert "/outbox/templates" in (await admin.get("/outbox")).text
    assert (await zhou.get("/outbox/templates")).status == 403
