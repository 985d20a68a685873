"""A party's request to watch the recording: granted by a supervisor, held at the office, both in the journal."""

from __future__ import annotations

from rooms import events as e
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.office.audit.records import (
    lin as lin,  # a fixture
    officer,
    world as world,  # a fixture
)

ASKED = {"seat": "seat-c", "request": "7月2日电话申请，核对了身份证号后四位"}


async def test_a_request_is_granted_by_a_supervisor_and_each_showing_is_noted(
    world: World, lin: Browser, aiohttp_client: AiohttpClient
) -> None:
    zhou = await officer(world, aiohttp_client, "zhou")
    await zhou.get("/audit/s1")
    assert (await zhou.post("/audit/s1/viewings/seat-c")).status == 409  # nothing was granted
    assert (await zhou.post("/audit/s1/viewings", ASKED)).status == 403
    page = await lin.get("/audit/s1")
    assert 'action="/audit/s1/viewings"' in page.text
    assert (await lin.post("/audit/s1/viewings", ASKED)).location == "/audit/s1#viewings"
    assert world.sessions.events("s1")[-1] == e.ViewingGranted("seat-c", ASKED["request"])
    assert (await zhou.post("/audit/s1/viewings/seat-c")).location == "/audit/s1#viewings"
    assert world.sessions.events("s1")[-1] == e.ViewingHeld("seat-c")
    assert "to watch the recording: 7月2日电话申请" in (await lin.get("/audit/s1/journal")).text


async def test_nobody_is_granted_what_they_took_no_part_in(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    for seat in ("seat-m", "unknown", ""):
        assert (await lin.post("/audit/s1/viewings", {**ASKED, "seat": seat})).status in (400, 409), seat
    assert (await lin.post("/audit/s1/viewings", {**ASKED, "request": ""})).status == 400


async def test_the_record_says_who_can_see_it(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    officers = "the mediator of the case and authorised supervisors"
    granted = "whoever took part, once a supervisor has granted their request"
    assert f"The recording can be watched only by {officers}, and {granted};" in page.text
    assert f"this record can be read, copied or exported only by {officers}." in page.text
