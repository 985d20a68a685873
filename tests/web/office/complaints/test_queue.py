"""The queue's page: one press for a clear complaint, and why another one is not clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints.views import HeldAct, ProcedureView
from tests.web.client import Browser
from tests.web.fakes import World
from tests.web.fakes.desk.triage import triage_page

PRESS = "Confirm triage, accept and tell"


@pytest.fixture(autouse=True)
def clear(world: World) -> None:
    """The world's complaint, and nothing speaks against accepting it."""
    page = world.complaints.pages["c0"]
    world.complaints.pages["c0"] = replace(
        page,
        row=replace(page.row, state="registered"),
        triage=triage_page("充值的积分没有用完，要求退款。"),
    )


async def test_a_clear_complaint_shows_what_is_sent_and_is_accepted_by_one_press(world: World, zhou: Browser) -> None:
    page = (await zhou.get("/queue")).text
    assert PRESS in page
    assert "您的投诉已受理。" in page
    assert "投诉受理通知书" in page
    answer = await zhou.post("/queue/c0/accept", {"problem_class": "contract", "requests": "refund"})
    assert answer.location == "/queue"
    assert world.queue.held["c0"].problem_class == "contract"
    page = (await zhou.get("/queue")).text
    assert 'action="/queue/c0/undo"' in page
    assert "No complaint is waiting for a decision." in page
    assert (await zhou.post("/queue/c0/undo")).location == "/queue?at=c0"
    assert not world.queue.held
    assert (await zhou.post("/queue/c0/undo")).status == 409


async def test_it_goes_on_behind_what_was_skipped(world: World, zhou: Browser) -> None:
    await zhou.get("/queue")
    answer = await zhou.post("/queue/c0/accept", {"problem_class": "contract", "after": "2026-06-22.5"})
    assert answer.location == "/queue?after=2026-06-22.5"


async def test_a_place_that_names_several_is_asked_about_and_nothing_typed_is_lost(world: World, zhou: Browser) -> None:
    await zhou.get("/queue")
    answer = await zhou.post("/queue/c0/accept", {"industry_code": "P83", "division": "朝阳区"})
    assert answer.status == 422
    assert "write the city too" in answer.text
    assert 'value="朝阳区"' in answer.text
    assert not world.queue.held


async def test_what_is_not_clear_says_why_and_offers_what_is_to_be_done(world: World, zhou: Browser) -> None:
    page = world.complaints.pages["c0"]
    world.complaints.pages["c0"] = replace(page, triage=triage_page())  # it reports an offence too
    text = (await zhou.get("/queue")).text
    assert PRESS not in text
    assert "It also reports an offence" in text
    world.complaints.pages["c0"] = page
    world.notices.message = ""
    text = (await zhou.get("/queue")).text
    assert PRESS not in text
    assert 'href="/complaints/c0/decide/accept?from=queue"' in text


async def test_refusing_comes_back_to_the_queue(zhou: Browser) -> None:
    assert 'name="from" value="queue"' in (await zhou.get("/complaints/c0/decide/refuse?from=queue")).text
    answer = await zhou.post("/complaints/c0/decide/refuse", {"from": "queue", "ground": "3", "note": "三百件"})
    assert answer.location == "/queue"


async def test_sending_on_comes_back_to_the_queue(world: World, zhou: Browser) -> None:
    page = world.complaints.pages["c0"]
    offered = ProcedureView(state="registered", steps=("dispatch",), offices=(("o2", "二所"),))
    world.complaints.pages["c0"] = replace(page, procedure=offered)
    assert 'action="/complaints/c0/procedure/dispatch"' in (await zhou.get("/queue")).text
    answer = await zhou.post("/complaints/c0/procedure/dispatch", {"from": "queue", "to": "o2"})
    assert answer.location == "/queue"


async def test_what_was_not_done_stays_above_the_queue_until_it_was_seen(world: World, zhou: Browser) -> None:
    world.queue.failed = [HeldAct("c0", "东高一投〔2026〕0917号", world.clock.now, "wrong_state")]
    text = (await zhou.get("/queue")).text
    assert "东高一投〔2026〕0917号 was not accepted. That cannot be done any more" in text
    assert (await zhou.post("/queue/c0/seen")).location == "/queue"
    assert "was not accepted" not in (await zhou.get("/queue")).text
