"""Complaints as a mediator uses them, without script: registering, deciding, noting, looking at a number."""

from __future__ import annotations

import re

import pytest

from rooms.vocabulary import Side
from tests.web.client import AiohttpClient, Browser, browser, heading_of
from tests.web.fakes import World

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
    page = await zhou.follow(await zhou.post("/complaints/c0/told"))
    assert "Close the file" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/close"))
    assert page.text.count('class="done"') == 5  # every step of the way


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
        ("received_day", "2999-01-01", "has not come yet"),
        ("received_day", "yesterday", "Choose a date"),
        ("channel", "smoke signals", "Choose one of these"),
    ],
)
async def test_a_mistake_is_said_above_its_field_and_the_rest_is_kept(
    world: World, zhou: Browser, field: str, typed: str, said: str
) -> None:
    await zhou.get("/complaints/new")
    page = await zhou.post("/complaints/new", NEW | {field: typed})
    assert page.status == 422
    assert re.search(f'id="{field}-error"[^>]*>.*?{said}', page.text, re.S)
    assert "镜片度数和验光单不一样" in page.text
    assert len(world.complaints.pages) == 1


async def test_another_offices_complaint_does_not_exist(world: World, aiohttp_client: AiohttpClient) -> None:
    stranger = await browser(aiohttp_client, world.app())
    stranger.sign_in(world.identity.token("other"))
    for path in ("/complaints/c0", "/complaints/c0/schedule", "/sessions/m1", "/sessions/m1/seats/s-consumer/qr.svg"):
        assert (await stranger.get(path)).status == 404, path
    for path in ("/complaints/c0/accept", "/sessions/m1/cancel", "/sessions/m1/seats/s-consumer/link"):
        assert (await stranger.post(path, {"reason": "x"})).status in (403, 404), path
    assert world.sessions.events("m1")[1:] == []


async def test_a_refusal_needs_its_ground(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.post("/complaints/c0/refuse", {"note": "资料不全"})
    assert page.status == 422
    assert "Choose one of these." in page.text
    assert "资料不全" in page.text
    assert (await zhou.post("/complaints/c0/refuse", {"ground": "5"})).status == 303
    assert world.complaints.pages["c0"].row.state == "refused"


async def test_accepting_moves_the_stepper_on(zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.follow(await zhou.post("/complaints/c0/accept"))
    assert re.search(r'aria-current="step"><span class="dot">2', page.text)


async def test_the_full_number_is_shown_once_and_for_a_reason_only(world: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0?ask=phone-consumer")
    assert '<dialog id="phone-consumer"' in page.text
    assert "13800005076" not in page.text
    without = await zhou.post("/complaints/c0/phone", {"whose": "consumer", "reason": " "})
    assert without.status == 422
    assert world.complaints.looks == []
    shown = await zhou.post("/complaints/c0/phone", {"whose": "consumer", "reason": "打电话联系"})
    assert "13800005076" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert world.complaints.looks == [("c0", Side.CONSUMER, "打电话联系")]
    assert "13800005076" not in (await zhou.get("/complaints/c0")).text
