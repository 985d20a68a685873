"""The page on which a clerk corrects a record, and what the complaint's page says of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from complaints.events import to_draft
from complaints.record.changes import FieldChange, RecordAmended
from journal import sealed
from tests.web.client import Browser
from tests.web.fakes import LIN, ZHOU, World
from tests.web.fakes.people import NOW
from tests.web.office.complaints.test_complaints import WHOLE

CHANGES = (
    FieldChange("title", "积分退款", "婚恋积分退款"),
    FieldChange("consumer.phone", "sealed-a", "sealed-b"),
    FieldChange("consumer.phone_masked", "138 **** 1111", "138 **** 2222"),
    FieldChange("requests", ["refund"], ["refund", "damages"]),
    FieldChange("division", "", "420111"),
    FieldChange("secret", False, True),
    FieldChange("joint", [], [{"name": "陈一", "phone_masked": "139 **** 1235"}]),
)


@pytest.fixture
def corrected(world: World) -> World:
    drafts = [to_draft(RecordAmended(1, CHANGES, "听错了"), NOW, ZHOU.actor)]
    world.complaints.keep(
        replace(world.complaints.pages["c0"], record=WHOLE, history=sealed("complaint/c0", 0, "", drafts))
    )
    return world


async def test_a_correction_stands_on_the_page_with_both_values_and_no_sealed_text(
    corrected: World, zhou: Browser
) -> None:
    page = (await zhou.get("/complaints/c0")).text
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for said in (
        "积分退款 → 婚恋积分退款",
        "138 **** 1111 → 138 **** 2222",
        "Refund → Refund, Damages",
        "nothing → 湖北省武汉市洪山区",
        "no → yes",
        "nothing → 陈一 139 **** 1235",
        "Record corrected (In a few words, Complainant · Phone, Asked for",
    ):
        assert said in plain, said
    assert "sealed" not in page


async def test_the_form_is_filled_but_for_numbers_and_asks_for_a_reason(corrected: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0/amend")
    assert 'value="湖北省武汉市洪山区"' in page.text
    assert "On file: 138 **** 5678" in page.text
    assert 'name="consumer_phone" type="text" value=""' in page.text
    form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.text)) | {
        "channel": "hotline", "mode": "phone", "sex": "female", "age_band": "18_39", "id_kind": "resident",
        "kind": "service", "problem_class": "contract", "facts": "商家停业。", "request": "退还余款",
        "joint": "陈一，139 **** 1235",
    }  # fmt: skip
    form.pop("csrf")
    refused = await zhou.post("/complaints/c0/amend", form)
    assert refused.status == 422
    assert "Say what was wrong" in refused.text
    answer = await zhou.post("/complaints/c0/amend", form | {"reason": "听错了", "title": "健身房退费"})
    assert answer.location == "/complaints/c0#corrections"
    ((complaint, new, seen, reason),) = corrected.complaints.amendments
    assert (complaint, new.title, new.consumer.phone, seen, reason) == ("c0", "健身房退费", "", 1, "听错了")


async def test_taking_a_correction_back_needs_a_reason(corrected: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0")
    assert '<dialog id="undo-1"' in page.text
    refused = await zhou.post("/complaints/c0/amend/undo", {"ordinal": "1", "reason": ""})
    assert refused.status == 422
    assert '<dialog id="undo-1" aria-labelledby="undo-1-title" open' in refused.text
    await zhou.post("/complaints/c0/amend/undo", {"ordinal": "1", "reason": "原来是对的"})
    assert corrected.complaints.undone == [("c0", 1, "原来是对的")]


async def test_a_supervisor_sees_corrections_and_makes_none(corrected: World, zhou: Browser) -> None:
    zhou.sign_in(corrected.identity.token(LIN.login))
    page = await zhou.get("/complaints/c0")
    if page.status == 200:
        assert "Correct the record" not in page.text
    assert (await zhou.get("/complaints/c0/amend")).status == 403
