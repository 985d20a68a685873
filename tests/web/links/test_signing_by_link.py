"""`/g/<link>`: what is shown before the code, reading, signing by name, and not signing."""

from __future__ import annotations

import html
import json

import pytest

from rooms.views import AskedStatement, Handwriting
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from tests.web.fakes.records.signing import COPY_CODE, LINK, SIGNER


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def party(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_nothing_of_the_case_is_shown_before_the_code(party: Browser) -> None:
    page = await party.get(f"/g/{LINK}")
    assert "138****5076" in page.text
    assert "退还货款" not in page.text
    page = await party.post(f"/g/{LINK}", {"code": "000000"})
    assert page.status == 400
    assert "退还货款" not in page.text
    assert (await party.get("/g/another")).status == 410
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_it_is_read_to_its_end_and_signed_by_name(world: World, party: Browser) -> None:
    await party.get(f"/g/{LINK}")
    page = await party.post(f"/g/{LINK}", {"code": COPY_CODE})
    for part in ("消费争议调解书", "电话", "退还货款238.00元。", f"/g-sign/{SIGNER}"):
        assert part in page.text, part
    assert "Do you agree to sign electronically?" in page.text
    agreed = {"read": "yes", "electronic": "yes"}
    for typed in ({"name": "丁小禾"}, {"name": "丁小禾", "read": "yes"}, {"name": " ", **agreed}):
        assert (await party.post(f"/g-sign/{SIGNER}", typed)).status == 422
    assert world.by_link.signed == []
    page = await party.post(f"/g-sign/{SIGNER}", {"name": "丁小禾", **agreed})
    assert (page.status, world.by_link.signed) == (200, ["丁小禾"])
    assert "东高一调〔2026〕0312号" in page.text


async def test_it_is_signed_by_hand_and_what_was_written_outlasts_a_question(world: World, party: Browser) -> None:
    await party.get(f"/g/{LINK}")
    page = await party.post(f"/g/{LINK}", {"code": COPY_CODE})
    assert '<canvas id="pad"' in page.text
    drawn = json.dumps({"width": 400, "height": 240, "strokes": [[[10, 10, 500], [300, 200, 600]]]})
    given = {"name": "丁小禾", "read": "yes", "electronic": "yes", "drawn": drawn}
    page = await party.post(f"/g-sign/{SIGNER}", given)
    assert page.status == 422
    assert "Say that the office may keep your handwriting" in page.text
    given["handwriting"] = "yes"
    assert html.escape(drawn, quote=True) in page.text.replace("&#34;", "&quot;")
    for none in ("{}", "[[", '{"width": 1e9, "height": 2, "strokes": []}', "x" * 200_000):
        page = await party.post(f"/g-sign/{SIGNER}", {**given, "drawn": none})
        assert page.status == 422
        assert "write your name on the pad again" in page.text
    assert world.by_link.signed == []
    assert (await party.post(f"/g-sign/{SIGNER}", given)).status == 200
    assert world.by_link.drawn == [Handwriting(400, 240, [[[10, 10, 500], [300, 200, 600]]])]


async def test_who_does_not_sign_or_wants_paper_says_why(world: World, party: Browser) -> None:
    await party.get(f"/g/{LINK}")
    page = await party.post(f"/g/{LINK}", {"code": COPY_CODE})
    for wish in ("Something is not right", "I do not want to sign", "I want it on paper"):
        assert wish in page.text, wish
    assert (await party.post(f"/g-refuse/{SIGNER}", {"reason": " "})).status == 422
    page = await party.post(f"/g-refuse/{SIGNER}", {"reason": "金额少了"})
    assert (page.status, world.by_link.refused) == (200, ["金额少了"])


QUOTED = [
    AskedStatement("l1", "投诉人丁小禾：“我去年三月付了三千六”（录像03:12）"),
    AskedStatement("l2", "投诉人丁小禾：“我要求退款”（录像04:40）"),
]
SIGNED = {"name": "丁小禾", "read": "yes", "electronic": "yes"}


async def test_each_sentence_of_theirs_is_answered_before_a_record_is_signed(world: World, party: Browser) -> None:
    world.by_link.asked = QUOTED
    await party.get(f"/g/{LINK}")
    page = await party.post(f"/g/{LINK}", {"code": COPY_CODE})
    for part in ("Sign the record", "我去年三月付了三千六", "03:12", "That is right", "That is not right"):
        assert part in page.text, part
    page = await party.post(f"/g-sign/{SIGNER}", {**SIGNED, "line_1": "right"})
    assert page.status == 422
    assert "Mark each sentence as right or not right." in page.text
    assert world.by_link.answers == {"l1": (True, "")}  # what was answered is kept
    assert world.by_link.signed == []
    page = await party.post(f"/g-sign/{SIGNER}", {**SIGNED, "line_1": "right", "line_2": "right"})
    assert (page.status, world.by_link.signed) == (200, ["丁小禾"])


async def test_one_sentence_that_is_not_right_keeps_the_signature_back_and_says_how_it_was(
    world: World, party: Browser
) -> None:
    world.by_link.asked = QUOTED
    await party.get(f"/g/{LINK}")
    await party.post(f"/g/{LINK}", {"code": COPY_CODE})
    answers = {"line_1": "wrong", "words_1": "是三千八", "line_2": "right"}
    page = await party.post(f"/g-sign/{SIGNER}", {**SIGNED, **answers})
    assert page.status == 200
    assert "You have not signed" in page.text
    assert world.by_link.answers == {"l1": (False, "是三千八"), "l2": (True, "")}
    assert world.by_link.signed == []
    assert len(world.by_link.refused) == 1
