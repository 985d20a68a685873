"""What is owed after a settlement stands on the complaint's page and the desk until it is noted; call-backs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rooms.views import LaterTerm
from rooms.vocabulary import Side, Term
from tests.web.client import Browser
from tests.web.fakes import World
from tests.web.fakes.people import NOW


@pytest.fixture
def owed(world: World) -> World:
    world.complaints.stand("c0", "performing", "kept")
    terms = [
        LaterTerm("m1", 1, Term(Side.BUSINESS, "退还款项", Decimal("500.00"), NOW - timedelta(days=2)), kept=False),
        LaterTerm("m1", 3, Term(Side.BUSINESS, "更换镜片", None, NOW + timedelta(days=9)), kept=False),
    ]
    world.complaints.keep(replace(world.complaints.pages["c0"], terms=terms))
    return world


async def test_each_promise_stands_with_its_day_until_it_is_noted(owed: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0")
    assert "2 days late" in page.text
    assert "9 days left" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/terms/kept", {"term": "m1.1", "note": "已到账"}))
    assert "2 days late" not in page.text
    assert [one.number for one in owed.complaints.pages["c0"].terms if one.kept] == [1]
    refused = await zhou.post("/complaints/c0/terms/open", {"term": "m1.1", "reason": ""})
    assert refused.status == 422
    assert "Say what was wrong" in refused.text
    page = await zhou.follow(await zhou.post("/complaints/c0/terms/open", {"term": "m1.1", "reason": "没有到账"}))
    assert "2 days late" in page.text
    assert (await zhou.post("/complaints/c0/terms/kept", {"term": "m1.9"})).status == 422


async def test_a_call_back_is_noted_with_what_was_said(owed: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    wrong = {"whom": "consumer", "reached": "no", "satisfied": "yes"}
    refused = await zhou.post("/complaints/c0/call-backs", wrong)
    assert refused.status == 422
    assert "not reached said nothing" in refused.text
    right = {"whom": "consumer", "reached": "yes", "satisfied": "partly", "note": "退款晚了两天"}
    page = await zhou.follow(await zhou.post("/complaints/c0/call-backs", right))
    assert 'partly satisfied · <span lang="zh-CN">退款晚了两天</span>' in page.text


async def test_nothing_is_called_back_before_it_is_decided(zhou: Browser) -> None:
    assert "call-back" not in (await zhou.get("/complaints/c0")).text
