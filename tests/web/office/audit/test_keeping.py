"""How long a record is kept, as keepers see and decide it: held, lifted, erased after asking twice."""

from __future__ import annotations

import re

import pytest

from recordings.views import RecordingState
from rooms import events as e
from tests.web.client import AiohttpClient, Browser, another
from tests.web.fakes import World
from tests.web.office.audit.records import officer, world
from web.http import cookies

__all__ = ["world"]


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(world, aiohttp_client, "lin")


async def test_the_record_says_until_when_it_is_kept(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    assert "Kept until" in page.text
    assert 'href="/kept/s1"' in page.text
    assert "This record is kept until" in (await lin.get("/kept/s1")).text
    assert 'href="/kept/s1"' in (await lin.get("/kept")).text


async def test_the_pages_speak_chinese_throughout(lin: Browser) -> None:
    for path in ("/kept", "/kept/s1"):
        page = await lin.get(f"{path}?lang=zh")
        main = page.text.partition('<main id="main">')[2].partition("</main>")[0]
        words = re.sub(r"<[^>]*>", " ", main)
        assert not re.search(r"[A-Za-z]{3,}", words), words


async def test_a_hold_is_placed_and_lifted_with_a_reason(world: World, lin: Browser) -> None:
    await lin.get("/kept/s1")
    assert (await lin.post("/kept/s1/hold", {"reason": " "})).status == 422
    page = await lin.follow(await lin.post("/kept/s1/hold", {"reason": "A court asks for it"}))
    assert "This record is held" in page.text
    assert "A court asks for it" in page.text
    assert "Erase it before its time" not in page.text
    assert "A court asks for it" in (await lin.get("/audit/s1")).text
    assert (await lin.post("/kept/s1/erase", {"reason": "x", "number": "东高一投〔2026〕0917号"})).status == 409
    await lin.get("/kept/s1")
    asked = await lin.post("/kept/s1/hold/lift", {"reason": "Decided"})
    assert not any(isinstance(event, e.HoldLifted) for event in world.sessions.events("s1"))
    admin = await another(lin)
    admin.sign_in(world.identity.token("admin"))
    await admin.get(asked.location)
    await admin.follow(await admin.post(f"{asked.location}/yes"))
    assert [type(event) for event in world.sessions.events("s1") if isinstance(event, e.HoldPlaced | e.HoldLifted)] == [
        e.HoldPlaced,
        e.HoldLifted,
    ]


async def test_erasing_asks_twice_and_takes_the_complaints_number(world: World, lin: Browser) -> None:
    await lin.get("/kept/s1")
    assert (await lin.post("/kept/s1/erase", {"reason": ""})).status == 422
    asked = await lin.post("/kept/s1/erase", {"reason": "They have the right to"})
    assert asked.status == 200
    assert "Ask a second person to erase it permanently" in asked.text
    wrong = await lin.post("/kept/s1/erase", {"reason": "They have the right to", "number": "12"})
    assert wrong.status == 422
    assert "This is not the number of this complaint." in wrong.text
    assert not any(isinstance(event, e.ErasureOrdered) for event in world.sessions.events("s1"))
    number = (await world.sessions.state("s1")).number
    waits = await lin.post("/kept/s1/erase", {"reason": "They have the right to", "number": number})
    assert "Take it back" in (await lin.follow(waits)).text
    own = await lin.post(f"{waits.location}/yes")
    assert own.status == 409
    assert "You asked for this yourself" in own.text
    assert not any(isinstance(event, e.ErasureOrdered) for event in world.sessions.events("s1"))
    admin = await another(lin)
    admin.sign_in(world.identity.token("admin"))
    admin.cookies[cookies.LANGUAGE] = "en"
    assert "Yes, do it" in (await admin.get(waits.location)).text
    await admin.follow(await admin.post(f"{waits.location}/yes"))
    assert "This record has been erased" in (await lin.get("/kept/s1")).text
    (ordered,) = [event for event in world.sessions.streams["s1"] if event.type == "ErasureOrdered"]
    assert (ordered.data, ordered.actor.id) == (
        {"reason": "They have the right to", "due": False, "years": 0, "rule": 0},
        "u-lin",
    )


async def test_an_erased_record_says_so_and_its_recording_is_gone(world: World, lin: Browser) -> None:
    world.sessions.append("s1", e.ErasureOrdered("They have the right to"), e.RecordErased(7, 5000, 3))
    world.reads.recordings["s1"] = RecordingState("erased", 0.0, None)
    page = await lin.get("/audit/s1")
    assert "This recording has been erased." in page.text
    assert "the key, 7 files, 3 journal entries" in page.text
    assert (await lin.get("/audit/s1/recording.mp4")).status == 410


async def test_an_administrator_decides_too_and_a_mediator_does_not(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    admin = await officer(world, aiohttp_client, "admin")
    assert "This record is kept until" in (await admin.get("/kept/s1")).text
    await admin.follow(await admin.post("/kept/s1/hold", {"reason": "Audit"}))
    assert e.HoldPlaced("Audit") in world.sessions.events("s1")
    zhou = await officer(world, aiohttp_client, "zhou")
    assert "Kept until" in (await zhou.get("/audit/s1")).text
    assert (await zhou.get("/kept/s1")).status == 403
    for place in ("hold", "hold/lift", "erase"):
        assert (await zhou.post(f"/kept/s1/{place}", {"reason": "x"})).status == 403
