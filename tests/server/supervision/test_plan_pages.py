"""Monday's pages in the real application: what a supervisor finds, changes and gives out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rooms.supervision.drawing import BOUNDS, DEFAULT
from server.app.demo import OFFICE
from tests.server.supervision.house import House, house, this_week
from tests.server.supervision.recompute import drawn
from tests.web.client import AiohttpClient, heading_of

PLAN = f"/supervision/plans/{OFFICE.id}/{this_week()}"


@pytest.fixture
async def at(tmp_path: Path, aiohttp_client: AiohttpClient) -> House:
    found = await house(tmp_path, aiohttp_client)
    await found.supervisor.get("/supervision")  # whoever comes first has it drawn
    return found


async def test_a_supervisor_comes_in_and_finds_this_weeks_plan_and_how_it_was_drawn(at: House) -> None:
    page = await at.supervisor.get("/supervision")
    wanted = re.search(r"(\d+) mediations? to look at this week", heading_of(page))
    assert wanted
    published = json.loads((await at.supervisor.get(f"{PLAN}/draw.json")).text)
    assert len(published["drawn"]) == int(wanted[1])
    assert drawn(published) == published["drawn"]
    assert published["seed"] in page.text  # anybody who looks can note it down
    assert "By lot: 5% of the mediations that closed" in page.text
    assert all(f"/supervision/reviews/{one['session']}" in page.text for one in published["drawn"])


async def test_setting_one_aside_asks_for_a_reason_and_shows_it(at: House) -> None:
    published = json.loads((await at.supervisor.get(f"{PLAN}/draw.json")).text)
    session = published["drawn"][0]["session"]
    await at.supervisor.get("/supervision")
    without = await at.supervisor.post(PLAN, {"what": "aside", "session": session, "reason": " "})
    assert without.status == 422
    reason = '<script>alert("1")</script>与当事人相识'
    await at.supervisor.post(PLAN, {"what": "aside", "session": session, "reason": reason})
    page = await at.supervisor.get("/supervision")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;与当事人相识" in page.text


async def test_who_was_not_drawn_stands_there_with_a_reason_and_can_be_added(at: House) -> None:
    page = await at.supervisor.get(PLAN)
    assert "something speaks for it, but every place was taken" in page.text  # all of one business
    published = json.loads((await at.supervisor.get(f"{PLAN}/draw.json")).text)
    session = published["passed"][0]["session"]
    await at.supervisor.get(PLAN)
    await at.supervisor.post(PLAN, {"what": "add", "session": session, "reason": "消费者来信", "back": "plan"})
    assert "added by hand" in (await at.supervisor.get("/supervision")).text


async def test_the_rule_is_changed_with_a_reason_and_its_editions_stay(at: House) -> None:
    page = await at.supervisor.get("/supervision/rule")
    assert "comes with the program" in page.text
    numbers = {name: str(getattr(DEFAULT, name)) for name in BOUNDS}
    address = f"/supervision/rule/{OFFICE.id}"
    for wrong in ({"share": "1001"}, {"share": "x"}, {"share": "0", "least": "0", "each": "0"}, {"kept": "13"}):
        answer = await at.supervisor.post(address, {**numbers, "reason": "更严", **wrong})
        assert answer.status == 422
        assert 'aria-invalid="true"' in answer.text
    assert (await at.supervisor.post(address, {**numbers, "share": "100"})).status == 422  # why?
    done = await at.supervisor.post(address, {**numbers, "share": "100", "reason": "投诉多了"})
    page = await at.supervisor.follow(done)
    assert all(text in page.text for text in ("Rule no. 1", "投诉多了", "By lot: 10%"))


async def test_only_supervisors_see_plans_and_one_that_is_none_does_not_exist(at: House) -> None:
    for path in ("/supervision", PLAN, f"{PLAN}/draw.json", "/supervision/rule"):
        assert (await at.mediator.get(path)).status == 403
        assert (await at.nobody.get(path)).location.startswith("/sign-in")
    for path in (f"/supervision/plans/{OFFICE.id}/2020-W01", f"/supervision/plans/elsewhere/{this_week()}"):
        assert (await at.supervisor.get(path)).status == 404
